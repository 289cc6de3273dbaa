"""Turns at the chat model: first come, first served, the line has an end, and idle work gives way."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest

from rag.errors import BusyError
from rag.model.turn import Turn


def until(condition: Any) -> bool:
    deadline = time.monotonic() + 20
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.01)
    return bool(condition())


def test_the_turn_counts_who_waits() -> None:
    turn = Turn()
    with turn:
        waiting = threading.Thread(target=lambda: (turn.take(turn.line_up()), turn.give_back()))
        waiting.start()
        assert until(turn.waited_for) and not turn.take_if_free()
    waiting.join(10)
    assert not turn.busy and turn.take_if_free()
    assert not turn.busy  # work in idle time gives way


def test_the_line_is_first_come_first_served_and_has_an_end() -> None:
    turn = Turn()
    first, second, third = (turn.line_up() for _ in range(3))
    assert turn.take(first) and (turn.place(second), turn.place(third)) == (1, 2)
    with pytest.raises(BusyError, match="2 questions"):
        turn.line_up(limit=2)
    assert not turn.take(third, 0.01) and not turn.take_if_free()
    turn.leave(second)
    turn.give_back()
    assert turn.take(third, 1) and turn.busy and not turn.waited_for()
