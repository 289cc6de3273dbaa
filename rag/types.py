"""The nouns of the program, all immutable, and what it calls to say how far it is.

A Chunk is a span of a document's text. Retrieval wraps chunks in Hits (a score lives on the hit, never on
the chunk), citing turns spans into Citations, and an Answer holds what a person sees. `ask` streams Events;
the last one carries the Answer.

Offsets count characters of the text that the loader produced for the file, so `text[start:end] == quote`
always holds.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from rag.messages import Message, Messages


class Status(StrEnum):
    """What an answer claims: that it answers; that it is near and may not answer; nothing."""

    ANSWERED = "answered"
    RELATED = "related"
    NONE = "none"


class DocumentStatus(StrEnum):
    """What became of a document: it answers; it could not be read; another with the same content answers for
    it.
    """

    READY = "ready"
    FAILED = "failed"
    DUPLICATE = "duplicate"

    @property
    def told(self) -> Message:
        """What a list says of it."""
        return _DOCUMENTS[self]


class FileChange(StrEnum):
    """What a sync did with a file. KEPT: its new edition could not be read, and it stays as it was."""

    ADDED = "added"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    REMOVED = "removed"
    FAILED = "failed"
    KEPT = "kept"

    @property
    def told(self) -> Message:
        """What a list says of it."""
        return _FILES[self]


_DOCUMENTS = {
    DocumentStatus.READY: Message("document-ready"),
    DocumentStatus.FAILED: Message("document-failed"),
    DocumentStatus.DUPLICATE: Message("document-duplicate"),
}
_FILES = {
    FileChange.ADDED: Message("change-added"),
    FileChange.UPDATED: Message("change-updated"),
    FileChange.UNCHANGED: Message("change-unchanged"),
    FileChange.REMOVED: Message("change-removed"),
    FileChange.FAILED: Message("change-failed"),
    FileChange.KEPT: Message("change-kept"),
}


@dataclass(frozen=True, slots=True)
class Chunk:
    """A passage of a document: the unit that is searched.

    `page` is 1-based, None where the format has no pages. `heading` is the path of headings, joined by " > ".
    `caption` names the table that the chunk's rows belong to, with its unit. `date` is ISO 8601 (YYYY-MM-DD)
    or "". `scanned`: its words were recognised on a picture, and may be read wrongly. `page_label`: what the
    file calls the page, "" where that is its number.
    """

    id: str
    document_id: int
    path: str
    title: str
    date: str
    page: int | None
    heading: str
    caption: str
    start: int
    end: int
    text: str
    scanned: bool = False
    page_label: str = ""

    @property
    def context(self) -> str:
        """What stands above the passage: title, date, headings and caption, one line."""
        parts = [self.title, self.date, self.heading, self.caption]
        return " | ".join(dict.fromkeys(part for part in parts if part))


@dataclass(frozen=True, slots=True)
class Hit:
    """A chunk found for a question. `score` is 0 to 1, higher is better; `bm25` and `dense` are its two
    parts, scaled alike.

    `cosine` is the plain similarity of the question's and the chunk's vectors (-1 to 1, None without
    vectors).
    """

    chunk: Chunk
    score: float
    bm25: float = 0.0
    dense: float = 0.0
    cosine: float | None = None


@dataclass(frozen=True, slots=True)
class Passage:
    """What the model reads: a chunk with its neighbours, a contiguous span of one document."""

    chunk: Chunk
    start: int
    end: int
    text: str
    hit: Hit


@dataclass(frozen=True, slots=True)
class Quote:
    """A sentence of a source, word for word.

    `score`: the higher, the better: 0 to 1 by its words, a logit where it was read (`rag.answer.reader`).
    `share`: of the question's words that it holds, 0 to 1, where it was read.
    """

    passage: Passage
    start: int
    end: int
    text: str
    score: float
    share: float = 0.0


@dataclass(frozen=True, slots=True)
class Citation:
    """The span of a source that supports a sentence. `number` is the 1-based [n] of the answer; `scanned` and
    `page_label`: see Chunk. `cells`: (start, end) in the document's text of the cells within the quote that
    the answer was computed from; none of an answer that was read.
    """

    number: int
    path: str
    title: str
    date: str
    page: int | None
    heading: str
    start: int
    end: int
    quote: str
    scanned: bool = False
    page_label: str = ""
    cells: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of an answer and the numbers of the citations that support it."""

    text: str
    supported: bool
    citations: tuple[int, ...] = ()
    why: str = ""


@dataclass(frozen=True, slots=True)
class Timings:
    """Seconds since the question was asked, and tokens. None: did not happen."""

    retrieve_s: float = 0.0
    first_quote_s: float | None = None
    first_token_s: float | None = None
    total_s: float = 0.0
    prompt_tokens: int = 0
    reused_tokens: int = 0
    generated_tokens: int = 0


def seconds_since(start: float) -> float:
    """Return the seconds since a reading of `time.perf_counter`, to a tenth of a millisecond."""
    return round(time.perf_counter() - start, 4)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a person sees.

    `understood` is the question as it was completed from the conversation, "" where it was asked whole.
    `unconfirmed` are sentences of the model that no source supports; they are not part of `text`. `nearest`
    are the best sentences that an answer can offer which claims
    nothing: with status "related" they are part of `text`.
    """

    question: str
    text: str
    status: Status
    sentences: tuple[Sentence, ...] = ()
    unconfirmed: tuple[Sentence, ...] = ()
    citations: tuple[Citation, ...] = ()
    hits: tuple[Hit, ...] = ()
    timings: Timings = field(default_factory=Timings)
    model: str = ""
    understood: str = ""
    nearest: tuple[Citation, ...] = ()

    @property
    def refused(self) -> bool:
        """True where nothing is claimed."""
        return self.status is not Status.ANSWERED

    @property
    def sources(self) -> tuple[Citation, ...]:
        """What the numbers in `text` stand for."""
        return self.nearest if self.status is Status.RELATED else self.citations


@dataclass(frozen=True, slots=True)
class QuotesFound:
    """The best sentences of the sources: the first event of a stream, by the question's words alone; again
    when passages were read.
    """

    quotes: tuple[Citation, ...]


@dataclass(frozen=True, slots=True)
class Waiting:
    """`place` others are before this question."""

    place: int


@dataclass(frozen=True, slots=True)
class Reading:
    """The model has read `done` of at most `total` passages."""

    done: int
    total: int


@dataclass(frozen=True, slots=True)
class Token:
    """The text of the answer so far, not yet checked."""

    text: str


@dataclass(frozen=True, slots=True)
class Done:
    """Last event of a stream."""

    answer: Answer


Event = QuotesFound | Waiting | Reading | Token | Done


@dataclass(frozen=True, slots=True)
class FileStatus:
    """What a sync did with one file, with a reason where it failed or was kept."""

    path: str
    status: FileChange
    chunks: int = 0
    reason: Messages = field(default_factory=Messages)


Report = Callable[[FileStatus], None]  # called for each file as soon as it is done


class Progress(Protocol):
    """Told how far a sync is: the stage ("read", "embed" or "scan"), how many files, chunks or pages are
    done, of how many, and the file in work.
    """

    def __call__(self, stage: str, done: int, total: int, name: str = "") -> None: ...
