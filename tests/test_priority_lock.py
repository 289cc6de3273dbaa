"""Requests to a service: the urgent go first."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest

from rag import priority_lock
from rag.priority_lock import PriorityLock


def until(condition: Callable[[], object], seconds: float = 60) -> bool:
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.02)
    return bool(condition())


def test_who_is_urgent_goes_first_and_again_until_it_is_quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(priority_lock, "QUIET_S", 3600)
    lock, order = PriorityLock(), []

    def work(name: str, urgent: bool) -> threading.Thread:
        def run() -> None:
            with lock.turn(urgent):
                order.append(name)

        thread = threading.Thread(target=run)
        thread.start()
        return thread

    with lock.turn(urgent=False):
        batches = [work("batch", False) for _ in range(20)]
        assert until(lambda: len(lock._changed._waiters) == 20)  # type: ignore[attr-defined]
        question = work("question", True)
        assert until(lambda: lock._urgent)
    question.join()
    work("its next", True).join()
    assert order == ["question", "its next"]
    monkeypatch.setattr(priority_lock, "QUIET_S", 0)
    with lock.turn():
        pass
    for batch in batches:
        batch.join()
    assert order[2:] == ["batch"] * 20
