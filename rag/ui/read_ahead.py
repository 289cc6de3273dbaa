"""Read ahead in idle time: what a half-typed question will need first, then as much of the library as can be
kept.

What the evidence model makes of a passage before it knows the question is kept (`rag.model.evidence_model`),
so that a question about it need not wait for that. Work stops behind the passage that is being read when a
question comes.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from rag.assistant import Assistant
from rag.errors import RagError
from rag.types import Answer, Passage

log = logging.getLogger(__name__)
IDLE_S = 4.0  # without a question before the library is read ahead
TYPING_S = 0.4  # without a key before what is typed is searched
MIN_CHARS = 6  # of a question worth searching
ROOM = 128  # passages of which that is kept; reading more would only push out what was read


@dataclass(frozen=True, slots=True)
class Typed:
    """A question as far as it is typed, and what it would be asked in."""

    text: str
    documents: Sequence[str] | None
    history: Sequence[Answer]


class Warmer:
    """A thread that reads ahead. Args: assistant; usable: says whether questions can be asked yet."""

    def __init__(self, assistant: Assistant, usable: Callable[[], bool]) -> None:
        self.assistant, self.usable = assistant, usable
        self.done = self.total = 0  # passages of the library read so far
        self._library = 0  # tells libraries apart
        self._typed: Typed | None = None
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

    def typed(
        self, text: str, documents: Sequence[str] | None = None, history: Sequence[Answer] = ()
    ) -> None:
        """Hear what is being typed, and which documents and conversation it would be asked in; see
        `Assistant.ask`.
        """
        text = text.strip()
        self._typed, self._typed_at = (
            Typed(text, documents, history) if len(text) >= MIN_CHARS else None,
            time.monotonic(),
        )
        self._woken.set()

    def asked(self) -> None:
        """Hear that a question was asked or answered: idle time begins anew."""
        self._typed, self._asked_at = None, time.monotonic()

    def _run(self) -> None:
        while not self._stopped.is_set():
            self._woken.wait(1.0)
            self._woken.clear()
            try:
                if not (self.usable() and self.assistant.settings.read_ahead):
                    continue
                if self._typed:
                    self._ahead_of_typing()
                elif time.monotonic() - self._asked_at > IDLE_S:
                    self._ahead_of_all()
            except RagError as error:  # a question will say it where it is seen
                log.info("reading ahead stopped: %s", error)

    def _ahead_of_typing(self) -> None:
        while (rest := TYPING_S - (time.monotonic() - self._typed_at)) > 0:
            if self._stopped.wait(rest):
                return
        since = self._typed_at
        typed, self._typed = self._typed, None
        if typed:
            self._read(self.assistant.likely_passages(typed.text, typed.documents, typed.history), since)

    def _ahead_of_all(self) -> None:
        since = time.monotonic()
        self.assistant.models.tune()
        passages = list(self.assistant.passages())
        self.total = min(len(passages), ROOM)
        library = hash(tuple((p.chunk.id, p.start, p.end) for p in passages))
        if library != self._library:
            self.done, self._library = 0, library
        self._read(passages[self.done : self.total], since, count=True)

    def _read(self, passages: Iterable[Passage], since: float, *, count: bool = False) -> None:
        """Read passages until somebody types or asks, or has since."""
        turn = self.assistant.models.chat.turn()
        for passage in passages:
            called = max(self._typed_at, self._asked_at) > since or turn.busy
            if called or self._stopped.is_set() or not self.assistant.settings.read_ahead:
                return
            self.assistant.read_ahead(passage)
            self.done += count
