"""Conversations are kept whole, belong to one person, and can be made to forget."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from rag.errors import LibraryError
from rag.library.history import Conversations, answer_of
from rag.types import Answer, Chunk, Citation, Hit, Sentence, Status, Timings

CITED = Citation(1, "비밀.md", "비밀 계획", "2025-01-02", 3, "1. 예산", 5, 9, "나무늘보")
HIT = Hit(
    Chunk("c1", 1, "비밀.md", "비밀 계획", "", None, "", "", 0, 9, "예산은 나무늘보"),
    0.7,
    0.5,
    0.9,
    None,
)
ANSWER = Answer(
    "예산은?",
    "나무늘보입니다. [1]",
    Status.ANSWERED,
    (Sentence("나무늘보입니다.", True, (1,)),),
    (),
    (CITED,),
    (HIT,),
    Timings(0.1, 0.2),
    "m",
)
OTHER = replace(ANSWER, question="다른 것은?", text="없습니다.", citations=(), hits=(), sentences=())


@pytest.fixture
def store(tmp_path: Path) -> Conversations:
    return Conversations(tmp_path / "c.sqlite3")


def test_an_answer_comes_back_as_it_went(store: Conversations) -> None:
    kept = store.add(None, 0, ANSWER)
    store.add(kept, 1, OTHER)
    assert store.answers(kept) == [ANSWER, OTHER]
    assert [(row.title, row.turns) for row in store.rows()] == [("예산은?", 2)]


def test_what_an_earlier_version_kept_comes_back() -> None:
    data = asdict(ANSWER)
    data["hits"][0]["coverage"] = 0.4  # until 0.20.0
    refused = {key: value for key, value in data.items() if key != "status"} | {"refused": False}
    assert answer_of(json.loads(json.dumps(data))) == answer_of(json.loads(json.dumps(refused))) == ANSWER


def test_where_the_cells_stand_comes_back_and_was_not_kept_until_0_22() -> None:
    at = replace(ANSWER, citations=(replace(CITED, cells=((5, 7), (8, 9))),))
    data = json.loads(json.dumps(asdict(at)))
    assert answer_of(data) == at
    del data["citations"][0]["cells"]
    assert answer_of(data) == ANSWER


def test_a_retry_drops_what_came_after(store: Conversations) -> None:
    kept = store.add(None, 0, ANSWER)
    store.add(kept, 1, OTHER)
    store.add(kept, 0, OTHER)
    assert store.answers(kept) == [OTHER]


def test_search_rename_and_delete(store: Conversations) -> None:
    first, second = store.add(None, 0, ANSWER), store.add(None, 0, OTHER)
    assert [row.id for row in store.rows("나무늘보")] == [first]
    assert [row.id for row in store.rows("%")] == []
    store.rename(second, " 새 이름 ")
    store.rename(second, "  ")
    assert {row.title for row in store.rows()} == {"예산은?", "새 이름"}
    store.delete(first)
    assert [row.id for row in store.rows()] == [second] and store.answers(first) == []


def test_nobody_reads_or_changes_the_conversation_of_another(store: Conversations) -> None:
    kept = store.add(None, 0, ANSWER, owner="가")
    assert store.answers(kept, "나") == [] and store.rows(owner="나") == []
    store.delete(kept, "나")
    store.rename(kept, "빼앗음", "나")
    store.judge(kept, 0, False, owner="나")
    assert store.add(kept, 0, OTHER, owner="나") != kept
    assert (
        store.answers(kept, "가") == [ANSWER]
        and store.rows(owner="가")[0].title == "예산은?"
        and not list(store.judged("가"))
    )


def test_feedback_becomes_evaluation_rows(store: Conversations) -> None:
    kept = store.add(None, 0, ANSWER)
    store.judge(kept, 0, False, "금액이 다름")
    (row,) = store.judged()
    assert set(re.findall(r"`(\w+)`", Conversations.judged.__doc__ or "")) <= row.keys()
    assert (
        row["question"] == "예산은?"
        and row["verdict"] == "wrong"
        and row["why"] == "금액이 다름"
        and row["paths"] == ["비밀.md"]
    )


def test_a_forgotten_document_leaves_no_byte(store: Conversations, tmp_path: Path) -> None:
    kept = store.add(None, 0, OTHER)
    store.add(kept, 1, ANSWER)
    assert store.forget(["비밀.md"]) == 1
    assert store.answers(kept) == [OTHER]
    assert not any("나무늘보".encode() in file.read_bytes() for file in tmp_path.iterdir())


def test_it_is_told_beforehand_how_many_conversations_would_forget(store: Conversations) -> None:
    mixed = store.add(None, 0, ANSWER)
    store.add(mixed, 1, replace(ANSWER, citations=()))  # found, not cited
    store.add(mixed, 2, OTHER)
    store.add(None, 0, ANSWER, "somebody else")
    store.add(None, 0, OTHER)
    assert [store.count_of(paths) for paths in (["비밀.md"], ["x.md", "비밀.md"], ["x.md"], [])] == [
        2,
        2,
        0,
        0,
    ]
    assert store.forget(["비밀.md"]) == 3 and store.count_of(["비밀.md"]) == 0


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "c.sqlite3").write_bytes(b"no database at all" * 100)
    with pytest.raises(LibraryError, match=r"c\.sqlite3"):
        Conversations(tmp_path / "c.sqlite3")
