"""Stop and close: nobody waits for a model that is being loaded, or behind others; after the end nothing is opened again."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from conftest import HashedEmbeddings

from rag.assistant import Assistant
from rag.config import Settings
from rag.errors import ClosedError, ModelError, RagError
from rag.ingest.library import Library
from rag.library.history import Conversations
from rag.model.chat import LlamaChat
from rag.model.engine import Cancelled
from rag.ui.chat import ChatTab
from rag.ui.startup import Startup, StartupStatus


def until(condition: Callable[[], object], seconds: float = 60) -> bool:
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.01)
    return bool(condition())


class SlowEngine:
    """Stands for a model whose loading ends when `loaded` is set, or nobody wants it any more."""

    made: list[SlowEngine]
    loaded: threading.Event

    def __init__(self, path: Path, cancelled: Callable[[], bool], **options: object) -> None:
        self.made.append(self)
        self.alive, self.layers, self.given_up = True, 0, False
        while not self.loaded.wait(0.01):
            if cancelled():
                self.given_up = True
                raise Cancelled

    def close(self) -> None:
        self.alive = False


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[SlowEngine]]:
    SlowEngine.made, SlowEngine.loaded = [], threading.Event()
    monkeypatch.setattr("rag.model.chat.EngineProcess", SlowEngine)
    yield SlowEngine
    SlowEngine.loaded.set()


def outcome(work: Callable[[], object]) -> tuple[threading.Thread, list[object]]:
    """Begin work in a thread; the list gets what it returns or raises."""
    got: list[object] = []

    def run() -> None:
        try:
            got.append(work())
        except (RagError, Cancelled) as error:
            got.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return thread, got


def test_stop_lets_go_of_who_waits_for_a_model_and_the_next_gets_it(slow: type[SlowEngine]) -> None:
    chat = LlamaChat(path=Path("a.gguf"))
    with pytest.raises(Cancelled):
        chat.engine(lambda: bool(slow.made))
    slow.loaded.set()
    assert chat.engine() is chat.engine() is slow.made[0] and len(slow.made) == 1


def test_a_model_that_cannot_be_loaded_is_tried_again_by_the_next(
    slow: type[SlowEngine], monkeypatch: pytest.MonkeyPatch
) -> None:
    def damaged(*arguments: Any, **options: Any) -> None:
        raise ModelError("chat-model-unloaded", file="a.gguf")

    chat = LlamaChat(path=Path("a.gguf"))
    with monkeypatch.context() as patch:
        patch.setattr("rag.model.chat.EngineProcess", damaged)
        with pytest.raises(ModelError, match="damaged"):
            chat.engine()
    slow.loaded.set()
    assert chat.engine() is slow.made[0]


def test_closing_a_model_goes_before_those_who_wait(slow: type[SlowEngine]) -> None:
    chat = LlamaChat(path=Path("a.gguf"))
    slow.loaded.set()
    chat.engine()
    turn = chat.turn()
    tickets = [turn.line_up() for _ in range(16)]
    turn.take(tickets[0])
    closing, got = outcome(chat.close)
    assert until(lambda: turn.waiting == 16) and not got  # who has the turn is left in peace
    turn.give_back()
    closing.join(60)
    assert got == [None] and not slow.made[0].alive and turn.take(tickets[1], 60)
    assert chat.engine() is slow.made[1]  # and the next loads it anew


def test_the_end_waits_for_nobody_and_is_final(slow: type[SlowEngine]) -> None:
    chat = LlamaChat(path=Path("a.gguf"))
    turn = chat.turn()
    first, second = turn.line_up(), turn.line_up()
    assert turn.take(first)
    waits = [outcome(chat.engine), outcome(lambda: turn.take(second))]
    assert until(lambda: slow.made)
    chat.end()
    for thread, got in waits:
        thread.join(60)
        assert [type(error) for error in got] == [ClosedError]
    assert until(lambda: slow.made[0].given_up)
    for late in (chat.engine, turn.line_up):
        with pytest.raises(ClosedError):
            late()
    assert not turn.take_if_free() and len(slow.made) == 1
    turn.give_back()
    chat.close()


def test_who_comes_after_the_end_hears_so_and_opens_nothing(settings: Settings) -> None:
    assistant = Assistant(settings, HashedEmbeddings())
    assistant.sync()
    assistant.close()
    late: list[Callable[[], object]] = [
        lambda: assistant.library,
        lambda: assistant.retriever,
        lambda: assistant.models.embeddings,
        lambda: assistant.models.chat,
        lambda: assistant.search("도서관"),
        lambda: assistant.ask("도서관"),
        assistant.sync,
        assistant.warm_up,
    ]
    for call in late:
        with pytest.raises(ClosedError):
            call()
    Library(settings, None).close()  # nobody holds the folder
    assistant.close()


def test_the_end_frees_who_waits_for_the_model(
    settings: Settings, slow: type[SlowEngine], monkeypatch: pytest.MonkeyPatch
) -> None:
    assistant = Assistant(settings, HashedEmbeddings())
    monkeypatch.setattr(assistant.models.store, "path", lambda name: Path("a.gguf"))
    warming, got = outcome(assistant.warm_up)
    assert until(lambda: slow.made)
    assistant.close()
    warming.join(60)
    assert [type(error) for error in got] == [ClosedError]


def test_closed_conversations_say_so(tmp_path: Path) -> None:
    store = Conversations(tmp_path / "c.sqlite3")
    store.close()
    for late in (
        store.rows,
        lambda: store.answers(1),
        lambda: list(store.judged()),
        lambda: store.rename(1, "가"),
        lambda: store.delete(1),
    ):
        with pytest.raises(ClosedError):
            late()


def test_the_end_is_said_in_korean() -> None:
    assert ClosedError().in_language("ko") == "일하던 중에 프로그램이 닫혔습니다. 다시 시작해 주세요."


def test_stop_is_answered_at_once_whatever_the_question_waits_for() -> None:
    stuck, begun = threading.Event(), threading.Event()

    def stream(*arguments: Any) -> Iterator[Any]:
        begun.set()
        stuck.wait(600)
        yield from ()

    status = StartupStatus("ready_status", {}, usable=True, busy=False)
    assistant = SimpleNamespace(stream=stream, library=SimpleNamespace(catalogue=None))
    handlers = ChatTab(
        SimpleNamespace(status=status, assistant=assistant, warmer=SimpleNamespace(asked=lambda *told: None))
    )  # type: ignore[arg-type]
    request: Any = SimpleNamespace(headers={"accept-language": "ko"}, session_hash="one", username=None)
    answer = handlers.answer([{"role": "user", "content": "몇 시까지?"}], [], False, [], None, request)
    next(answer)
    thread, got = outcome(lambda: list(answer))
    assert begun.wait(60)
    handlers.stop(request)
    thread.join(60)
    stuck.set()
    assert "멈췄습니다" in str(got) and not handlers._stops


def test_what_can_be_asked_is_looked_up_after_the_documents_were_read(tmp_path: Path) -> None:
    (tmp_path / "documents").mkdir()
    file = tmp_path / "documents" / "도서관.txt"
    file.write_text("가온시 도서관은 밤 10시까지 문을 연다.\n", encoding="utf-8")
    settings = Settings.load(
        documents=tmp_path / "documents",
        data=tmp_path / "data",
        chat_model="nowhere.gguf",
        embedding_model="nowhere",
        read_ahead=False,
    )
    assistant = Assistant(settings, HashedEmbeddings())
    startup = Startup(assistant)
    seen: list[StartupStatus] = []
    assistant.warm_up = lambda: (
        seen.append(startup.status) if threading.current_thread().name == "startup" else None
    )  # type: ignore[method-assign]

    def run() -> StartupStatus:
        startup.start()
        assert startup._thread
        startup._thread.join(120)
        return seen[-1]

    assert run().usable  # it was empty when the program started
    file.unlink()
    assert not run().usable  # it was not

    def broken(*arguments: Any, **options: Any) -> None:
        file.write_text("가온시 도서관은 밤 10시까지 문을 연다.\n", encoding="utf-8")
        assistant.library.sync()
        raise ModelError("chat-model-unloaded", file="a.gguf")

    assistant.sync = broken  # type: ignore[method-assign]
    run()
    assert startup.status.key == "error" and startup.status.usable
    startup.closing.append(lambda: seen.clear())
    startup.close()
    assert not startup.status.busy and not seen
    startup.start()  # a handler that comes late
    assert not startup._thread.is_alive()  # type: ignore[union-attr]
