"""Who has the chat model: it answers one question at a time."""

from __future__ import annotations

import threading
from collections import deque

from rag.errors import BusyError, ClosedError


class Turn:
    """The model's one turn at a time, first come, first served; work in idle time sees that others wait, and
    gives way.

    A turn may be given back by another thread than the one that took it, since a streamed answer changes
    threads.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._line: deque[object] = deque()
        self._in_use = False
        self._idle = False  # taken for work that gives way
        self._closed = False

    def waited_for(self) -> bool:
        """Whether somebody waits."""
        return bool(self._line)

    @property
    def waiting(self) -> int:
        """How many wait."""
        return len(self._line)

    @property
    def busy(self) -> bool:
        """Whether somebody has the turn or waits for it; work in idle time does not count."""
        return (self._in_use and not self._idle) or bool(self._line)

    def line_up(self, limit: int | None = None, *, first: bool = False) -> object:
        """Join the line, at its end or as the first, and return a ticket.

        Raises:
            BusyError: `limit` wait already. ClosedError: `close` was called.
        """
        with self._changed:
            if self._closed:
                raise ClosedError
            if limit is not None and len(self._line) >= limit:
                raise BusyError("queue-full", waiting=len(self._line))
            ticket = object()
            (self._line.appendleft if first else self._line.append)(ticket)
            return ticket

    def take(self, ticket: object, timeout_s: float | None = None) -> bool:
        """Wait until the turn is this ticket's; False when that takes longer than `timeout_s`, with the
        place in the line kept. Raises ClosedError.
        """
        with self._changed:
            mine = self._changed.wait_for(
                lambda: self._closed or (not self._in_use and self._line[0] is ticket), timeout_s
            )
            if self._closed:
                raise ClosedError
            if mine:
                self._line.popleft()
                self._in_use = True
            return mine

    def place(self, ticket: object) -> int:
        """Return how many are before this ticket, whoever has the turn now among them."""
        with self._changed:
            return self._line.index(ticket) + self._in_use

    def leave(self, ticket: object) -> None:
        """Leave the line."""
        with self._changed:
            if ticket in self._line:
                self._line.remove(ticket)
            self._changed.notify_all()

    def give_back(self) -> None:
        """End the turn."""
        with self._changed:
            self._in_use = self._idle = False
            self._changed.notify_all()

    def take_if_free(self) -> bool:
        """Take the turn for work in idle time, if nobody has it or waits for it."""
        with self._changed:
            if self._in_use or self._line or self._closed:
                return False
            self._in_use = self._idle = True
            return True

    def close(self) -> None:
        """Give nobody a turn any more: all who wait, and whoever comes later, get a ClosedError."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def __enter__(self) -> None:
        self.take(self.line_up())

    def __exit__(self, *error: object) -> None:
        self.give_back()
