"""What may become of a sentence that the chat model wrote: pure values, made by `rag.answer.checker` and
`rag.answer.review` and turned into an answer by `rag.answer.compose` alone.
"""

from __future__ import annotations

from dataclasses import dataclass

Span = tuple[int, int]  # (start, end) in the text of the passage that was shown


@dataclass(frozen=True, slots=True)
class Confirmed:
    """A source says it.

    Attributes:
        spans: of the source's words that say it, in order; one or two.
        text: how it is said, "" for as it was written.
    """

    spans: tuple[Span, ...]
    text: str = ""


@dataclass(frozen=True, slots=True)
class Quoted:
    """The source's own words take its place. Attributes: span: of these words."""

    span: Span


@dataclass(frozen=True, slots=True)
class Rejected:
    """Nothing says it.

    Attributes:
        kind: what went wrong: number, name, word, denial, modality, limit, direction, tense, role or binding
            (`rag.answer.checker`); row, answer or form (`rag.answer.review`).
        word: the words that were not found, or what the source says instead.
    """

    kind: str
    word: str


Verdict = Confirmed | Quoted | Rejected


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A sentence that was written, and what becomes of it: a bare figure is confirmed and its sentence quoted
    behind it, so that there may be two verdicts.
    """

    sentence: str
    verdicts: tuple[Verdict, ...]

    @property
    def is_accepted(self) -> bool:
        """True where the answer says it, or quotes what says it."""
        return any(not isinstance(verdict, Rejected) for verdict in self.verdicts)
