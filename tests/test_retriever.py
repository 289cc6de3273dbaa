"""Retrieval: blending, near-duplicates, filters, LangChain's contract."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from langchain_core.retrievers import BaseRetriever

from rag.config import Settings
from rag.ingest.library import Library
from rag.model.embedding import LocalEmbeddings
from rag.question.wording import Wording
from rag.search.retriever import HybridRetriever, blend, coordinate
from rag.types import Chunk, Hit

LINES = {
    "도서관": "도서관 12곳을 밤 10시까지 연다.",
    "버스": "심야버스 노선을 5개로 늘린다.",
    "공원": "공원에 나무 300그루를 심는다.",
}


@pytest.fixture
def retriever(library: Library) -> HybridRetriever:
    for name, line in LINES.items():
        (library.settings.documents / f"{name}.md").write_text(f"# {name} 계획\n\n{line}\n", encoding="utf-8")
    library.sync()
    return HybridRetriever.over(library, k=3)


@pytest.mark.parametrize("name", LINES)
def test_the_right_document_comes_first(retriever: HybridRetriever, name: str) -> None:
    hits = retriever.find(Wording(f"{name} 계획은 무엇인가요?")).hits
    assert hits[0].chunk.path == f"{name}.md"
    assert all(0 <= hit.score <= 1 for hit in hits) and list(hits) == sorted(hits, key=lambda hit: -hit.score)


def test_it_is_a_langchain_retriever(retriever: HybridRetriever) -> None:
    assert isinstance(retriever, BaseRetriever)
    document = retriever.invoke("심야버스")[0]
    assert document.metadata["path"] == "버스.md" and "심야버스" in document.page_content


def test_hostile_words_are_words(retriever: HybridRetriever) -> None:
    for question in ('" OR 1=1 --', "body:도서관 NEAR(", "*", "도서관' AND"):
        retriever.find(Wording(question))


def test_a_name_is_known_wherever_it_stands_in_the_library(
    library: Library, retriever: HybridRetriever
) -> None:
    (library.settings.documents / "장비.md").write_text("SKT와 GPT-4를 쓴다.\n", encoding="utf-8")
    library.sync()
    for name in ("도서관", "심야", "심야버스 노선", "심야 버스", "SKT", "gpt-4"):
        assert retriever.knows(name), name
    for name in ("삼성전자", "도서관 노선", "KT"):
        assert not retriever.knows(name), name


def test_copies_of_one_passage_are_shown_once(library: Library) -> None:
    for n in range(8):
        (library.settings.documents / f"{n}.txt").write_text(LINES["버스"] + "\n" * n + " ", encoding="utf-8")
    library.sync()
    assert (
        len({h.chunk.text for h in HybridRetriever.over(library, k=5).find(Wording("심야버스 노선")).hits})
        == 1
    )


def test_a_page_that_holds_both_things_asked_for_passes_one_that_holds_one_often() -> None:
    hits = [
        Hit(Chunk(id, 1, "a.md", "", "", None, "", "", 0, 1, "글"), score)
        for id, score in (("once", 0.9), ("both", 0.85), ("none", 0.8))
    ]
    held = {"once": frozenset({"예산"}), "both": frozenset({"예산", "일정"}), "none": frozenset[str]()}
    ranked = coordinate(hits, ["예산", "일정", "예산"], {"예산": 1.0, "일정": 1.0}, held, 0.35)
    assert [hit.chunk.id for hit in ranked] == ["both", "once", "none"] and all(
        0 <= hit.score <= 1 for hit in ranked
    )
    assert [hit.chunk.id for hit in coordinate(hits, [], {}, held, 0.35)] == ["once", "both", "none"]


def test_a_ranking_of_equal_scores_counts_fully() -> None:
    assert blend([({"a": 2.0, "b": 2.0}, 1.0)]) == {"a": 1.0, "b": 1.0}


def test_the_first_question_does_not_wait_for_a_model_without_vectors(settings: Settings) -> None:
    (settings.documents / "가.md").write_text("심야버스 노선은 7개이다.\n", encoding="utf-8")
    library = Library(settings, None)
    library.sync()
    library.close()
    library = Library(
        settings, LocalEmbeddings(settings.data / "nowhere", "real")
    )  # asked for a vector it would fail
    (hit,) = HybridRetriever.over(library).find(Wording("심야버스 노선은 몇 개인가요?")).hits
    assert hit.chunk.path == "가.md" and hit.cosine is None
    library.close()


def test_what_has_no_vector_yet_counts_by_its_words_alone(
    retriever: HybridRetriever, library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    by_words = retriever.find(Wording("심야버스 노선")).hits[0].chunk.id
    (embedded,) = (
        h.chunk.id for h in retriever.find(Wording("나무 300그루")).hits if h.chunk.path == "공원.md"
    )
    vector = np.array([1.0, 0.0], np.float32)
    monkeypatch.setattr(retriever, "embeddings", SimpleNamespace(name="some", query=lambda text: vector))
    monkeypatch.setattr(library.catalogue, "has_vectors", lambda model: True)
    monkeypatch.setattr(library.catalogue, "vectors", lambda model, ids: {embedded: vector})
    monkeypatch.setattr(library.vectors, "nearest", lambda vector, k, ids: [embedded])
    hits = [hit.chunk.id for hit in retriever.find(Wording("심야버스 노선")).hits]
    assert hits[0] == by_words and embedded in hits
