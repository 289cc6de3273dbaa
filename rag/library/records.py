"""What the catalogue takes and gives: documents, their sections and new chunks."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from rag.messages import Message, Messages
from rag.types import DocumentStatus


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """A document as the library lists it. `chunks`, `embedded`, `scans` and `scans_read` count."""

    id: int
    path: str
    sha256: str
    size: int
    mtime_ns: int
    title: str
    date: str
    format: str
    pages: int
    status: DocumentStatus
    reason: Messages
    reader: str
    chunks: int = 0
    embedded: int = 0
    note: Messages = field(default_factory=Messages)  # what a person should know of a document that was read
    coverage: float | None = None  # share of its visible letters that were read, 0 to 1; None: not counted
    missing: dict[str, int] = field(default_factory=dict)  # things of a kind ("pictures") without text
    scans: int = 0  # pages that are pictures
    scans_read: int = 0  # of these, those that were read or given up

    @property
    def left_out(self) -> Messages:
        """What of the document no text was made of."""
        return Messages(_left_out(kind, count) for kind, count in self.missing.items() if count)

    @property
    def share(self) -> str:
        """`coverage` in percent with one decimal, "" for none; it is 100 only where nothing is missing."""
        return "" if self.coverage is None else f"{math.floor(self.coverage * 1000) / 10:g}"


@dataclass(frozen=True, slots=True)
class NewChunk:
    """A chunk to be stored; `words` and `context_words` are morphemes joined by blanks, `window` counts from
    0 in its document.
    """

    id: str
    section: int
    start: int
    end: int
    page: int | None
    heading: str
    caption: str
    text_key: str
    words: str
    context_words: str
    window: int


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a document's text, from `start` to `end`, that is all of one kind: "text", "table" or
    "heading".

    `page`, `heading` and `caption` are those of its chunks; `table`: rows of cells as the page shows them.
    """

    start: int
    end: int
    page: int | None
    heading: str
    kind: str
    caption: str
    table: list[list[str]] | None


def _left_out(kind: str, count: int) -> Message:
    """Say how many things of a kind no text was made of; a version to come may know other kinds."""
    match kind:
        case "pictures":
            return Message("left-pictures", count=count)
        case "charts":
            return Message("left-charts", count=count)
        case "menu_lines":
            return Message("left-menus", count=count)
    return Message("verbatim", text=f"{kind}: {count}")
