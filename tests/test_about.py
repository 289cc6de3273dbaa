"""A question what a document is about is known by its meaning, in whatever words."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from rag.errors import ConfigError
from rag.model.embedding import LocalEmbeddings
from rag.model.weights import ModelStore
from rag.question import about
from rag.question.intents import Task, summary_in_sight

TITLES, PATHS = ["마을버스 개편안", "도서관 운영 규정"], ["a.md", "b.md"]


def test_a_question_points_at_the_document_that_it_names_or_that_is_there() -> None:
    def in_sight(question: str, count: int = 2, chosen: tuple[int, ...] = ()) -> Task | None:
        return summary_in_sight(question, TITLES[:count], PATHS[:count], chosen)

    assert in_sight("도서관 운영 규정은 뭐 하자는 거야?") == Task("summary", (1,), 3)
    assert in_sight("뭔 소리야 두 줄로", 1) == Task("summary", (0,), 2)
    assert in_sight("그 문서 뭔 소리야", chosen=(1, 0)) == Task("summary", (1,), 3)
    assert in_sight("개정안의 핵심이 뭐야", chosen=(1, 0)) is None, (
        "it may be of another than the last answer's"
    )
    assert in_sight("그 문서 뭔 소리야") is None, "no document is in sight"


def test_weights_that_cannot_be_read_are_told(tmp_path: Path) -> None:
    (tmp_path / "weights.json").write_text("{}", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"weights\.json"):
        about.asks(np.zeros(768, np.float32), tmp_path / "weights.json")


@pytest.mark.model
def test_plain_words_are_understood(models: ModelStore) -> None:
    embeddings = LocalEmbeddings(models.path("embedding"), "embeddinggemma-300m")
    try:
        asked = {
            question: about.asks(embeddings.query(question))
            for question in (
                "그래서 이게 다 무슨 얘기래?",
                "바쁘니까 제일 중요한 것만 짚어줘",
                "이 회의록 대충 어떤 이야기가 오갔는지 말해줘",
                "버스 요금은 언제부터 오르나요?",
                "이 계획은 누가 세웠어?",
                "위원장이 반대한 이유가 뭐야",
                # that a matter has the name of a document makes no question about the document of it
                "마을버스 개편안이 왜 필요하다고 해?",
                "마을버스 개편안은 언제부터 시작해?",
                "마을버스 개편안에 반대하는 의견은?",
                "마을버스 개편 때문에 뭐가 달라져?",
            )
        }
    finally:
        embeddings.close()
    assert list(asked.values()) == [True] * 3 + [False] * 7, asked
