"""Requests to a service: the urgent go first."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest

from rag import line as lines
from rag.line import Line


def until(condition: Callable[[], object], seconds: float = 60) -> bool:
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.02)
    return bool(condition())


def test_who_is_urgent_goes_first_and_again_until_it_is_quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "QUIET_S", 3600)
    line, order = Line(), []

    def work(name: str, urgent: bool) -> threading.Thread:
        def run() -> None:
            with line.turn(urgent):
                order.append(name)

        thread = threading.Thread(target=run)
        thread.start()
        return thread

    with line.turn(urgent=False):
        batches = [work("batch", False) for _ in range(20)]
        assert until(lambda: len(line._changed._waiters) == 20)  # type: ignore[attr-defined]
        question = work("question", True)
        assert until(lambda: line._urgent)
    question.join()
    work("its next", True).join()
    assert order == ["question", "its next"]
    monkeypatch.setattr(lines, "QUIET_S", 0)
    with line.turn():
        pass
    for batch in batches:
        batch.join()
    assert order[2:] == ["batch"] * 20
