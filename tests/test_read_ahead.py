"""Reading ahead: it gives way to a question at once, stops where the space ends, and is done with what was read."""

from __future__ import annotations

import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from rag.config import Settings
from rag.model.turn import Turn
from rag.ui import read_ahead
from rag.ui.chat import ChatTab
from rag.ui.read_ahead import Warmer


class Slow:
    """Stands for an assistant whose model needs a while for each passage."""

    def __init__(self, passages: int) -> None:
        self.turn = Turn()
        chat = SimpleNamespace(turn=lambda: self.turn)
        self.models = SimpleNamespace(chat=chat, tune=lambda: None)
        self.settings = Settings()
        self.read: list[int] = []
        self.sought: list[tuple[str, Any, Any]] = []
        self._passages = [
            SimpleNamespace(chunk=SimpleNamespace(id=str(n)), start=n, end=n + 1) for n in range(passages)
        ]

    def passages(self) -> list[Any]:
        return self._passages

    def likely_passages(self, question: str, documents: Any, history: Any) -> list[Any]:
        self.sought.append((question, documents, history))
        return self._passages[:-3:-1]

    def read_ahead(self, passage: Any) -> bool:
        if passage.start in self.read:
            return False
        time.sleep(0.05)
        self.read.append(passage.start)
        return True


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read_ahead, "IDLE_S", 0.1)
    monkeypatch.setattr(read_ahead, "TYPING_S", 0.05)


def started(assistant: Slow) -> Warmer:
    warmer = Warmer(assistant, lambda: True)  # type: ignore[arg-type]
    warmer.start()
    return warmer


def until(condition: Any) -> bool:
    deadline = time.monotonic() + 20
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.01)
    return bool(condition())


def test_it_reads_the_library_and_as_much_as_there_is_room_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read_ahead, "ROOM", 4)
    assistant = Slow(6)
    warmer = started(assistant)
    assert until(lambda: warmer.done == 4) and (warmer.done, warmer.total) == (4, 4)
    warmer.stop()
    assert assistant.read == [0, 1, 2, 3]


def test_a_question_ends_it_and_it_goes_on_from_there_afterwards() -> None:
    assistant = Slow(200)
    warmer = started(assistant)
    assert until(lambda: len(assistant.read) >= 2)
    warmer.asked()
    with assistant.turn:
        time.sleep(0.1)  # the passage that is being read is read to its end
        before = len(assistant.read)
        time.sleep(0.3)
        assert len(assistant.read) == before == warmer.done
    assert until(lambda: len(assistant.read) > before)
    assert warmer.done in (len(assistant.read), len(assistant.read) - 1)
    warmer.stop()


def test_another_library_is_read_from_its_beginning() -> None:
    assistant = Slow(3)
    warmer = started(assistant)
    assert until(lambda: warmer.done == 3)
    assistant._passages = Slow(5)._passages[1:]
    assert until(lambda: warmer.total == 4 and warmer.done == 4)
    warmer.stop()
    assert assistant.read == [0, 1, 2, 3, 4]


def test_what_is_typed_is_read_first() -> None:
    assistant = Slow(50)
    warmer = Warmer(assistant, lambda: True)  # type: ignore[arg-type]
    warmer.asked()
    warmer.typed("도서관은 몇 시까지", ["도서관.md"], ["앞의 답"])  # type: ignore[list-item]
    warmer.start()
    assert until(lambda: len(assistant.read) >= 2)
    warmer.stop()
    assert assistant.read[:2] == [49, 48] and assistant.sought == [
        ("도서관은 몇 시까지", ["도서관.md"], ["앞의 답"])
    ]


def test_the_page_tells_which_documents_and_conversation_a_question_is_typed_in() -> None:
    heard: list[tuple[Any, ...]] = []
    rows = [SimpleNamespace(path=path) for path in ("보고서/가.md", "보고서/나.md", "다.md")]
    assistant = SimpleNamespace(library=SimpleNamespace(catalogue=SimpleNamespace(documents=lambda: rows)))
    status = SimpleNamespace(usable=True)
    handlers = ChatTab(
        SimpleNamespace(
            status=status, assistant=assistant, warmer=SimpleNamespace(typed=lambda *told: heard.append(told))
        )
    )  # type: ignore[arg-type]
    said: list[Any] = ["앞의 답"]
    handlers.typing("민간은?", said, ["보고서/"])
    handlers.typing("민간은?", said, [])
    status.usable = False  # the library cannot be asked yet
    handlers.typing("민간은?", said, ["보고서/"])
    assert heard == [("민간은?", ["보고서/가.md", "보고서/나.md"], said), ("민간은?", None, said)]


def test_it_can_be_turned_off(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("RAG_READ_AHEAD", "0")
    assert Settings.load(data=tmp_path).read_ahead is False
