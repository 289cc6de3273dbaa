"""Postings: BM25 against SQLite's FTS5, what words are found by, documents that come and go."""

from __future__ import annotations

import random
import sqlite3

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.library.bm25 import CONTEXT_WEIGHT, Postings, WordIndex

VOCABULARY = "예산 도서관 버스 노선 공원 나무 학교 병원 시장 계획 정책 gpt-4o 3.5 12 § 한국".split()
Texts = list[tuple[int, str, str]]  # window, text, what stands above


def texts(rng: random.Random) -> Texts:
    windows = sorted(rng.randrange(4) for _ in range(rng.randrange(1, 12)))
    ordinals = {window: i for i, window in enumerate(dict.fromkeys(windows))}
    return [
        (
            ordinals[window],
            " ".join(rng.choices(VOCABULARY, k=rng.randrange(1, 30))),
            " ".join(rng.choices(VOCABULARY, k=rng.randrange(4))),
        )
        for window in windows
    ]


def ids(document: int, rows: Texts) -> list[str]:
    return [f"{document:03}-{i:03}" for i in range(len(rows))]


def built(documents: dict[int, Texts]) -> list[tuple[int, list[str], Postings]]:
    return [
        (d, ids(d, rows), Postings.from_bytes(Postings.of(rows).to_bytes())) for d, rows in documents.items()
    ]


def of_fts5(documents: dict[int, Texts], words: list[str]) -> tuple[dict[str, float], dict[str, float]]:
    """Rank the chunks with FTS5's bm25, by themselves and by their windows."""
    db = sqlite3.connect(":memory:")
    for table in ("words", "windows"):
        db.execute(
            f'CREATE VIRTUAL TABLE {table} USING fts5 (id UNINDEXED, body, context, tokenize = "unicode61 remove_diacritics 0")'
        )
    members: dict[str, list[str]] = {}
    for document, rows in documents.items():
        windows: dict[int, tuple[list[str], dict[str, None]]] = {}
        for id, (window, body, above) in zip(ids(document, rows), rows, strict=True):
            db.execute("INSERT INTO words VALUES (?,?,?)", (id, body, above))
            members.setdefault(f"{document}/{window}", []).append(id)
            bodies, aboves = windows.setdefault(window, ([], {}))
            bodies.append(body)
            aboves.update(dict.fromkeys(above.split()))
        for window, (bodies, aboves) in windows.items():
            db.execute(
                "INSERT INTO windows VALUES (?,?,?)",
                (f"{document}/{window}", " ".join(bodies), " ".join(aboves)),
            )
    match = " OR ".join(f'"{word}"' for word in words)
    by_chunk, by_window = (
        dict(
            db.execute(
                f"SELECT id, -bm25({table}, 0, 1.0, {CONTEXT_WEIGHT}) FROM {table} WHERE {table} MATCH ?",
                (match,),
            )
        )
        for table in ("words", "windows")
    )
    return by_chunk, {id: score for window, score in by_window.items() for id in members[window]}


@pytest.mark.parametrize("seed", range(20))
def test_it_ranks_as_fts5_does(seed: int) -> None:
    rng = random.Random(seed)
    documents = {d: texts(rng) for d in range(1, rng.randrange(2, 30))}
    index = WordIndex(built(documents))
    gone = [d for d in documents if rng.random() < 0.3]
    documents = {d: rows for d, rows in documents.items() if d not in gone} | {
        d: texts(rng) for d in (100, 101, *gone[:1])
    }
    index.update(gone, built({d: documents[d] for d in (100, 101, *gone[:1])}))
    for size in (1, 2, 5):
        words = rng.sample([w for w in VOCABULARY if w != "§"], size)
        ranking = index.rank(words, 10_000)
        chunks, windows = of_fts5(documents, words)
        assert dict(ranking.chunks) == pytest.approx(chunks) and dict(ranking.windows) == pytest.approx(
            windows
        )
        assert ranking.chunks == sorted(ranking.chunks, key=lambda row: (-row[1], row[0]))
        for few in (1, 3):
            assert (
                index.rank(words, few).chunks == ranking.chunks[:few]
                and index.rank(words, few).windows == ranking.windows[:few]
            )
        some = [d for d in documents if rng.random() < 0.5]
        prefixes = tuple(f"{d:03}-" for d in some)
        assert index.rank(words, 10_000, some).chunks == [
            row for row in ranking.chunks if row[0].startswith(prefixes)
        ]


def test_words_are_found_by_their_parts_and_told_of_the_window() -> None:
    index = WordIndex(built({1: [(0, "gpt-4o 예산", "계획"), (0, "버스", "계획"), (1, "공원", "")]}))
    assert [id for id, _ in index.rank(["gpt"], 5).chunks] == ["001-000"]
    held = index.matching_words(
        ["gpt", "gpt-4o", "버스", "계획", "공원", "없는말"], ["001-000", "001-002", "unknown"]
    )
    assert held == {"001-000": {"gpt", "gpt-4o", "버스", "계획"}, "001-002": {"공원"}, "unknown": frozenset()}
    rarity = index.rarity(["계획", "공원", "없는말"])
    assert rarity["계획"] < rarity["공원"] < rarity["없는말"]


def test_an_empty_library_and_words_that_are_none() -> None:
    assert WordIndex([]).rank(["예산"], 5).chunks == [] and WordIndex([]).rarity(["예산"])["예산"] > 0
    index = WordIndex(built({1: [(0, "", "")], 2: [(0, "예산", "")]}))
    assert (
        index.rank([], 5).chunks == []
        and index.rank(["", '"'], 5).windows == []
        and len(index.rank(["예산"], 5).chunks) == 1
    )


def test_it_asks_to_be_put_together_anew_once_much_has_come() -> None:
    index = WordIndex([])
    row = [(0, "예산", "")] * 50
    assert index.update([], built({1: row})) and not index.update([], built({2: row, 3: row}))
    assert len(index.rank(["예산"], 1000).chunks) == 150


@given(st.lists(st.tuples(st.just(0), st.text(), st.text()), max_size=5))
def test_any_text_survives_the_bytes(rows: Texts) -> None:
    postings = Postings.of(rows)
    again = Postings.from_bytes(postings.to_bytes())
    assert again.to_bytes() == postings.to_bytes() and postings.counts.sum() == len(postings.chunks)
    WordIndex([(1, ids(1, rows), again)]).rank([word for _, body, _ in rows for word in body.split()], 5)
