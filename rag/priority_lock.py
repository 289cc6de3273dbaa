"""A lock that lets the urgent go first."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator

# a question asks a hundred small things in a row: work that is not urgent waits for the next of them so long
QUIET_S = 0.25


class PriorityLock:
    """A lock: one at a time, and whoever is urgent before all who are not, who wait until nothing urgent
    came for QUIET_S.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._in_use = False
        self._urgent = 0  # how many of these wait
        self._urgent_at = float("-inf")  # when the last of them was done

    @contextlib.contextmanager
    def turn(self, urgent: bool = True) -> Iterator[None]:
        """Hold it."""
        with self._changed:
            self._urgent += urgent
            try:
                while self._in_use or (not urgent and (self._urgent or self._rest() > 0)):
                    self._changed.wait(None if self._in_use or self._urgent else self._rest())
                self._in_use = True
            finally:
                self._urgent -= urgent
                self._changed.notify_all()
        try:
            yield
        finally:
            with self._changed:
                self._in_use = False
                if urgent:
                    self._urgent_at = time.monotonic()
                self._changed.notify_all()

    def _rest(self) -> float:
        """How long it is yet, in seconds, until nothing urgent came for QUIET_S."""
        return self._urgent_at + QUIET_S - time.monotonic()
