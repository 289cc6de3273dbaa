"""Requests to child processes: each gets its own answer, whatever became of the one before it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest

from rag.errors import ClosedError, LoadError, ModelError
from rag.ingest.loaders import sandbox
from rag.ingest.loaders.sandbox import Sandbox
from rag.model.chat import LlamaChat
from rag.model.embedding import LocalEmbeddings
from rag.model.engine import Cancelled
from rag.model.weights import ModelStore
from rag.processes import Child, Ended, Service

OBLIGING = """
import os, pathlib, sys, time
from rag.serving import Cancelled, requests

for request in requests():
    what, value = request.content
    if what == "say":
        request.answer(value)
    elif what == "say when the file is there":  # deaf to what comes meanwhile
        pathlib.Path(value + ".begun").touch()
        while not pathlib.Path(value).exists():
            time.sleep(0.01)
        request.part("late")
        request.answer("late")
    elif what == "say when told to stop":
        while not request.cancelled():
            time.sleep(0.01)
        request.part("late")
        request.answer("late")
    elif what == "count until told":
        n = 0
        while not request.cancelled():
            request.part(n := n + 1)
        request.stopped()
    elif what == "ask":
        try:
            request.answer(request.ask("which?"))
        except Cancelled:
            request.stopped()
    elif what == "die in the middle of a word":
        os.write(2, b"no room left")
        request._channel._out.write('{"id": 1, "val')
        request._channel._out.flush()
        os._exit(3)
    elif what == "flood":
        while True:
            request._channel.say({"id": -1, "value": "of nobody"})
    elif what == "close its output":
        request._channel._out.close()
        time.sleep(600)
    elif what == "nonsense":
        request._channel._out.write(value + "\\n")
        request._channel._out.flush()
        time.sleep(600)
"""


@pytest.fixture
def obliging(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Child]:
    (tmp_path / "obliging.py").write_text(OBLIGING, encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    child = Child("obliging")
    yield child
    child.close()


def begun(file: Path) -> Callable[[], bool]:
    """Tell whether the child works on what waits for a file; then let it go on."""

    def look() -> bool:
        if found := Path(f"{file}.begun").exists():
            file.touch()
        return found

    return look


def test_the_late_answer_of_a_cancelled_request_is_dropped(obliging: Child, tmp_path: Path) -> None:
    with pytest.raises(Cancelled):
        obliging.ask(
            ["say when the file is there", str(tmp_path / "a")],
            cancelled=begun(tmp_path / "a"),
            patience_s=60,
        )
    pid = obliging.pid
    assert obliging.ask(["say", "own"]) == "own" and obliging.alive and obliging.pid == pid


def test_the_late_answer_of_a_request_whose_deadline_passed_is_dropped(obliging: Child) -> None:
    with pytest.raises(TimeoutError):
        obliging.ask(["say when told to stop", 0], deadline_s=0.1, patience_s=60)
    assert obliging.ask(["say", "own"]) == "own"


def test_a_child_that_does_not_stop_in_its_time_is_ended(obliging: Child, tmp_path: Path) -> None:
    with pytest.raises(Cancelled):
        obliging.ask(
            ["say when the file is there", str(tmp_path / "never")],
            cancelled=Path(f"{tmp_path}/never.begun").exists,
            patience_s=0.2,
        )
    assert not obliging.alive
    with pytest.raises(Ended, match=r"^(signal 9|exit 1)"):
        obliging.ask(["say", "own"])


def test_who_stops_listening_stops_the_work(obliging: Child) -> None:
    messages = obliging.messages(["count until told", 0])
    assert [next(messages)["part"] for _ in range(3)] == [1, 2, 3]
    messages.close()
    assert obliging.ask(["say", "own"]) == "own"
    whole = obliging.messages(["say", "one"])
    assert next(whole) == {"id": 2 + 1, "value": "one"}
    whole.close()  # it was whole: there is nothing to give up
    assert obliging._owed is None and obliging.ask(["say", "two"]) == "two"


def test_an_interrupted_request_costs_the_next_one_nothing(
    tmp_path: Path, obliging: Child, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = Service("obliging", patience_s=60)
    service.begin()
    child = service._child
    assert child
    receive = child._receive

    def interrupted(timeout_s: float) -> None:
        (tmp_path / "a").touch()
        monkeypatch.setattr(child, "_receive", receive)
        raise KeyboardInterrupt

    monkeypatch.setattr(child, "_receive", interrupted)
    with pytest.raises(KeyboardInterrupt):
        service.ask(["say when the file is there", str(tmp_path / "a")])
    assert service.ask(["say", "own"]) == "own" and service._child is child
    service.end()


def test_parts_come_one_by_one_and_who_closes_them_leaves_the_service_to_others(obliging: Child) -> None:
    service = Service("obliging", patience_s=60)
    parts = service.stream(["count until told", 0])
    assert [next(parts) for _ in range(3)] == [1, 2, 3]
    parts.close()
    assert service.ask(["say", "own"]) == "own"
    whole = service.stream(["say", {"last": 1}])
    with pytest.raises(StopIteration) as stopped:
        next(whole)
    assert stopped.value.value == {"last": 1}
    service.end()
    with pytest.raises(ClosedError):
        next(service.stream(["say", "own"]))


def test_what_a_child_asks_for_is_answered_in_the_request(obliging: Child) -> None:
    messages = obliging.messages(["ask", 0], deadline_s=60)
    assert next(messages)["part"] == "which?"
    obliging.reply({"this": "one"})
    assert next(messages)["value"] == {"this": "one"}
    unanswered = obliging.messages(["ask", 0])
    next(unanswered)
    unanswered.close()
    assert obliging.ask(["say", "own"]) == "own"


def test_the_time_of_who_listens_is_not_the_childs(obliging: Child) -> None:
    obliging.wait_ready(60)
    messages = obliging.messages(["ask", 0], deadline_s=2.0)
    next(messages)
    time.sleep(2.1)
    obliging.reply("in time")
    assert next(messages)["value"] == "in time"


@pytest.mark.parametrize("line", ['{"id": 1, "val', "[1]", "7", '{"id": 1}'])
def test_a_child_that_talks_nonsense_is_ended(obliging: Child, line: str) -> None:
    with pytest.raises(Ended):
        obliging.ask(["nonsense", line], deadline_s=60)
    assert not obliging.alive


def test_a_child_that_dies_in_the_middle_of_a_message_is_said_with_its_last_words(obliging: Child) -> None:
    with pytest.raises(Ended, match=r"^(exit 3|signal 9): no room left$"):
        obliging.ask(["die in the middle of a word", 0])


@pytest.mark.parametrize("what", ["flood", "close its output"])
def test_a_child_cannot_hold_who_asks(obliging: Child, what: str) -> None:
    with pytest.raises((TimeoutError, Ended)):
        obliging.ask([what, 0], deadline_s=0.5, patience_s=0.2)
    assert not obliging.alive


def test_a_service_says_that_its_patience_is_over_and_goes_on(tmp_path: Path, obliging: Child) -> None:
    service = Service("obliging", patience_s=0.0)
    with pytest.raises(Ended, match=r"^0 s$"):
        service.ask(["count until told", 0])
    service._patience_s = 60
    assert service.ask(["say", "own"]) == "own"
    service.end()
    with pytest.raises(ClosedError):
        service.ask(["say", "own"])


def test_the_analyser_gives_each_its_own_answer_after_a_cancel() -> None:
    child = Child("rag.text.morphology")
    child.wait_ready(60)
    asked = time.monotonic()
    with pytest.raises(Cancelled):
        child.ask(
            ["tokens", "도서관을 연다. " * 3000], cancelled=lambda: time.monotonic() > asked, patience_s=60
        )
    assert [form for form, *_ in child.ask(["tokens", "버스"])["value"]] == ["버스"] and child.alive
    child.close()


def test_a_parse_that_was_given_up_leaves_the_next_file_its_own_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.txt").write_text("시의회는 제2차 탄소중\n립기본계획을 심의했다.", encoding="utf-8")
    (tmp_path / "b.txt").write_text("도서관은 밤 10시까지 연다.", encoding="utf-8")

    def broken(pairs: Sequence[tuple[str, str]]) -> list[bool]:
        raise ModelError("analyser-ended", reason="signal 9")

    with Sandbox() as opened:
        with monkeypatch.context() as patch:
            patch.setattr("rag.ingest.loaders.sandbox.seams", broken)
            with pytest.raises(ModelError):
                opened.load(tmp_path / "a.txt", tmp_path)
        assert opened.load(tmp_path / "b.txt", tmp_path)[0].page_content == "도서관은 밤 10시까지 연다."


def test_a_parser_that_outgrows_its_memory_is_ended_where_the_system_does_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sandbox, "WATCHED", True)
    (tmp_path / "large.txt").write_text("가나다라 마바사.\n" * 2_000_000, encoding="utf-8")
    (tmp_path / "small.txt").write_text("도서관은 밤 10시까지 연다.", encoding="utf-8")
    with Sandbox(timeout_s=120) as opened:
        assert opened.load(tmp_path / "small.txt", tmp_path)
        opened.memory_mb = 10 - sandbox.OWN_MB  # of the parent's look: the child itself was allowed more
        with pytest.raises(LoadError, match=r"memory \((signal 9|exit 1)"):
            opened.load(tmp_path / "large.txt", tmp_path)


@pytest.mark.model
def test_the_embedding_model_gives_each_its_own_answer_after_a_deadline(models: ModelStore) -> None:
    embeddings = LocalEmbeddings(models.path("embedding"), "embedding")
    before = embeddings.query("예산")
    child = embeddings._service._child
    assert child
    with pytest.raises(TimeoutError):
        child.ask({"texts": ["심야버스는 12개 노선이다."] * 16}, deadline_s=0.01, patience_s=600)
    assert np.allclose(embeddings.query("예산"), before, atol=1e-2) and embeddings._service._child is child
    embeddings.end()


@pytest.mark.model
def test_the_chat_model_gives_each_its_own_answer_after_a_cancel(models: ModelStore) -> None:
    chat = LlamaChat(path=models.path("chat"), n_ctx=1024)
    engine = chat.engine()
    alone = engine.tokenize("도서관")
    tokens = engine.tokenize("시는 도서관 12곳을 밤 10시까지 연다. " * 20)
    begun = time.monotonic()
    with pytest.raises(Cancelled):
        engine.prefill(tokens, lambda: time.monotonic() - begun > 0.1)
    engine.prefill(tokens[:20])
    with pytest.raises(Cancelled):
        list(engine.generate(200, lambda: True))
    assert engine.tokenize("도서관") == alone and chat.engine() is engine
    chat.close()
