"""Read ahead in idle time: what a half-typed question will need first, then the rest of the library.

The model's states of the passages read are kept (`rag.states`), so that a question about them begins to be answered in about a
second. Work stops within one piece of prefill when a question comes, and ends when the space for states is used up.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable

from rag.assistant import Assistant
from rag.engine import Cancelled
from rag.errors import RagError
from rag.types import Passage

log = logging.getLogger(__name__)
IDLE_S = 4.0  # without a question before the library is read ahead
TYPING_S = 0.6  # without a key before what is typed is searched
MIN_CHARS = 6  # of a question worth searching
STATE_MB = 13.0  # of one passage with the default model


class Warmer:
    """A thread that reads ahead. Args: assistant; usable: says whether questions can be asked yet."""

    def __init__(self, assistant: Assistant, usable: Callable[[], bool]) -> None:
        self.assistant, self.usable = assistant, usable
        self.done = self.total = 0  # passages of the library read so far
        self._library = 0  # tells libraries apart
        self._typed = ""
        self._typed_at = self._asked_at = 0.0
        self._woken = threading.Event()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="warmer", daemon=True)

    def start(self) -> None:
        """Begin, once."""
        if self._thread.ident is None:
            self._thread.start()

    def stop(self) -> None:
        """End within one piece of work."""
        self._stopped.set()
        self._woken.set()
        if self._thread.is_alive():
            self._thread.join(10)

    def typed(self, text: str) -> None:
        """Hear what is being typed."""
        self._typed, self._typed_at = text.strip(), time.monotonic()
        self._woken.set()

    def asked(self) -> None:
        """Hear that a question was asked or answered: idle time begins anew."""
        self._typed, self._asked_at = "", time.monotonic()

    def _run(self) -> None:
        while not self._stopped.is_set():
            self._woken.wait(1.0)
            self._woken.clear()
            try:
                if not (self.usable() and self.assistant.settings.read_ahead):
                    continue
                if len(self._typed) >= MIN_CHARS:
                    self._ahead_of_typing()
                elif time.monotonic() - self._asked_at > IDLE_S:
                    self._ahead_of_all()
            except Cancelled:
                continue
            except RagError as error:  # a question will say it where it is seen
                log.info("reading ahead stopped: %s", error)

    def _ahead_of_typing(self) -> None:
        while (rest := TYPING_S - (time.monotonic() - self._typed_at)) > 0:
            if self._stopped.wait(rest):
                return
        typed, self._typed = self._typed, ""
        if typed:
            since = self._typed_at
            self._read(self.assistant.likely(typed), lambda: self._typed_at > since)

    def _ahead_of_all(self) -> None:
        self.assistant.tune()
        passages = list(self.assistant.passages())
        room = int(self.assistant.settings.state_disk_mb / STATE_MB)  # reading more would only push out what was read
        self.total = min(len(passages), room)
        library = hash(tuple((p.chunk.id, p.start, p.end) for p in passages))
        if library != self._library:
            self.done, self._library = 0, library
        self._read(passages[self.done : self.total], lambda: bool(self._typed), count=True)

    def _read(self, passages: Iterable[Passage], given_up: Callable[[], bool], *, count: bool = False) -> None:
        turn = self.assistant.chat.turn()
        for passage in passages:
            if given_up() or self._stopped.is_set() or not turn.take_if_free():
                return
            try:
                self.assistant.read_ahead(passage, lambda: turn.waited_for() or given_up() or self._stopped.is_set() or not self.assistant.settings.read_ahead)
            finally:
                turn.give_back()
            self.done += count
