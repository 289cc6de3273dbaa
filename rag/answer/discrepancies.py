"""Sources that say different things of the same: the September release has one value, the March release
another.

Two sentences (or rows) of different documents are versions of each other when they are the same word for
word but for their numbers and small words, are about the same period, and differ in a number of the same
unit. Pure but for Kiwi (`rag.text.korean`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from rag.text import korean
from rag.text.grammar import ParsedSentence, parse
from rag.text.numbers import Date, Number, numbers
from rag.text.quantity import same_measure, same_number
from rag.text.vocabulary import alternatives, vocabulary
from rag.types import Passage

SIMILAR_SHARE = 0.8  # of the words of both, numbers left out
_STATE = re.compile(r"\((" + alternatives(vocabulary(__file__)["states"].words()) + r")\)")


@dataclass(frozen=True, slots=True)
class Version:
    """A sentence of a source that says the same thing with another number."""

    passage: Passage
    start: int
    end: int
    text: str


def other_versions(quote: str, source: Passage, passages: Iterable[Passage]) -> list[Version]:
    """Return the sentences of other documents that give other values for what a quote says, one of each
    document.

    Args:
        quote: the cited sentence or row. source: where it stands. passages: where to look.
    """
    parsed_quote = parse(_STATE.sub("", quote))
    versions: dict[str, Version] = {}
    for passage in passages:
        if passage.chunk.path == source.chunk.path or passage.chunk.path in versions:
            continue
        for start, end in korean.sentences(passage.text):
            text = passage.text[start:end]
            if differs(
                parsed_quote, parse(_STATE.sub("", text)), _context_numbers(source), _context_numbers(passage)
            ):
                versions[passage.chunk.path] = Version(
                    passage, passage.start + start, passage.start + end, text
                )
                break
    return list(versions.values())


def differs(
    a: ParsedSentence, b: ParsedSentence, context_a: Sequence[Number], context_b: Sequence[Number]
) -> bool:
    """Tell whether two sentences are versions of one statement.

    Args:
        context_a, context_b: numbers of what stands above each; a sentence without a year has that of its
            title or heading.
    """
    words_a, words_b = ([u.key for u in p.units if u.number is None] for p in (a, b))
    if not words_a or SequenceMatcher(None, words_a, words_b, autojunk=False).ratio() < SIMILAR_SHARE:
        return False
    dates_a, dates_b = ({n.date for n in p.numbers if n.date} for p in (a, b))
    if dates_a != dates_b or not (
        _years(dates_a) or _years(n.date for n in context_a) & _years(n.date for n in context_b)
    ):
        return False
    plain_a, plain_b = ([n for n in p.numbers if not n.date] for p in (a, b))
    if len(plain_a) != len(plain_b) or not all(
        same_measure(x, y) for x, y in zip(plain_a, plain_b, strict=True)
    ):
        return False
    return any(not same_number(x, y) for x, y in zip(plain_a, plain_b, strict=True))


def _context_numbers(passage: Passage) -> list[Number]:
    chunk = passage.chunk
    return numbers(f"{chunk.title} | {chunk.heading} | {chunk.caption}")


def _years(dates: Iterable[Date | None]) -> set[int]:
    return {date.year for date in dates if date and date.year}
