"""Which cells of a table a question means: the rows and columns that it names, by their words and by the value of
their periods, and whether nothing is left of it that the table does not speak of.

A row or column is named where the question holds all words of its label (or of the part before or in the label's
brackets), or its period. What a question says beyond what the table, its caption, headings and document and the
words of figures in general say is a condition that the table may not meet: then nothing is answered from it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rag.library import tables
from rag.library.tables import Table
from rag.text import korean
from rag.text.dates import Date
from rag.text.numbers import Number, numbers, same_number
from rag.text.vocabulary import vocabulary

_GENERAL = frozenset(vocabulary(__file__)["general"].words())
_BRACKETS = re.compile(r"\s*[(\[（]([^()\[\]（）]*)[)\]）]\s*")
HALF = 0.5
_NOUNS = ("NNG", "NNP", "SL", "XR", "SH", "NR")


@dataclass(frozen=True)
class Asked:
    """What a question names.

    Attributes:
        flat: its text, normalised, without blanks. words: its content morphemes. nouns: those of them that must be
            accounted for. dates, figures: its periods, and its other numbers.
    """

    text: str
    flat: str
    words: frozenset[str]
    nouns: tuple[str, ...]
    dates: tuple[Date, ...]
    figures: tuple[Number, ...]


@dataclass(frozen=True)
class Named:
    """What a question names of a table: row and column numbers in order.

    Attributes:
        together: the rows have been named by one label that they share.
    """

    table: Table
    rows: tuple[int, ...]
    columns: tuple[int, ...]
    together: bool


def asked(text: str, written: Date | None = None) -> Asked:
    """Take a question apart.

    Args:
        written: the date of the document that is to answer, for 올해 and 작년.
    """
    said = korean.normalise(text)
    found = numbers(said, written)
    dates = tuple(n.date for n in found if n.date is not None)
    figures = tuple(n for n in found if n.date is None)
    inside = [(n.start, n.end) for n in found]
    nouns = tuple(
        token.form
        for token in korean.tokens(said)
        if token.tag in _NOUNS
        and token.form not in _GENERAL
        and not any(a <= token.start < b for a, b in inside)
    )
    return Asked(said, _flat(said), frozenset(korean.content(korean.morphemes(said))), nouns, dates, figures)


def named(question: Asked, table: Table) -> Named:
    """Return the rows and columns of figures that a question names."""
    values = range(table.n_labels, len(table.columns))
    heads = _named(question, [table.columns[x] for x in values])
    own = [row.labels[-1] if row.labels else "" for row in table.rows]
    rows = _named(question, own)
    together = False
    if len(rows) > 1 and len({own[y] for y in rows}) == 1:
        outer = [" ".join(table.rows[y].labels[:-1]) for y in rows]
        rows = [rows[i] for i in _named(question, outer)] or rows
    rows = [y for y in rows if not table.rows[y].aside] or rows
    if not rows:
        for level in (0, 1):
            outer = [row.labels[level] if len(row.labels) > level + 1 else "" for row in table.rows]
            rows = _named(question, outer)
            if rows and len({outer[y] for y in rows}) == 1:
                together = True
                break
            rows = []
    return Named(table, tuple(rows), tuple(values[i] for i in heads), together)


def accounted(
    question: Asked, table: Table, labels: Iterable[str], around: str, prose: str, cells: str
) -> bool:
    """True where all that a question says is said by the labels that it names, the table or the words of figures.

    Args:
        around: what stands above the table: title, headings, caption. prose: the document's text outside its
            tables, and `cells`, that of all of them, both without blanks: what the document speaks of and no cell
            does holds for its tables, too.
    """
    held = " ".join([*labels, table.corner, around])
    flat, words = _flat(korean.normalise(held)), set(korean.morphemes(held))
    for noun in question.nouns:
        if noun not in words and noun not in flat and (noun in cells or noun not in prose):
            return False
    said = numbers(korean.normalise(held))
    if not all(n.bound or any(same_number(n, other) for other in said) for n in question.figures):
        return False
    stated = [n.date for n in numbers(korean.normalise(held)) if n.date is not None]
    stated += [date for label in labels if (date := tables.date_of(label)) is not None]
    return all(any(_within(date, other) for other in stated) for date in question.dates)


def letters_in(question: Asked, held: str) -> int:
    """Return how many letters those of a question's nouns have that a text holds."""
    flat, words = _flat(korean.normalise(held)), set(korean.morphemes(held))
    return sum(len(noun) for noun in question.nouns if noun in words or noun in flat)


def values_of(table: Table) -> list[int]:
    """Return the columns that hold figures."""
    return [x for x in range(table.n_labels, len(table.columns)) if _has_figures(table, x)]


def _has_figures(table: Table, column: int) -> bool:
    filled = [row.cells[column] for row in table.rows if row.cells[column].text]
    return sum(cell.value is not None for cell in filled) * 2 > len(filled)


def _named(question: Asked, labels: Sequence[str]) -> list[int]:
    """Return which of the labels a question names.

    A label is named by its period, or by at least half of its words. Of labels that share what names them that one
    counts which has more of it, or less beside it.
    """
    found: dict[int, tuple[frozenset[str], float]] = {}
    for i, label in enumerate(labels):
        if label and (named_by := _names(question, label)) and named_by[1] >= HALF:
            found[i] = named_by
    kept = []
    for i, (words, share) in found.items():
        rivals = [other for j, other in found.items() if j != i and labels[j] != labels[i]]
        if not any(words < more or (words == more and better > share) for more, better in rivals):
            kept.append(i)
    return kept


def _names(question: Asked, label: str) -> tuple[frozenset[str], float] | None:
    """Return the words with which a question names a label, and the share of the label's letters that they are."""
    date = tables.date_of(label)
    if date is not None:
        same = any(_same_period(date, other) for other in question.dates)
        return (frozenset({label}), 1.0) if same else None
    best: tuple[frozenset[str], float] | None = None
    for part in _parts(korean.normalise(label)):
        flat = _flat(part)
        words = frozenset(korean.content(korean.morphemes(part)))
        if len(flat) < 2 or flat.isascii():
            stands = flat and re.search(rf"(?<![a-z0-9.+]){re.escape(flat)}(?![a-z0-9.+])", question.text)
            named_by = (frozenset({flat}), 1.0) if stands else None
        elif flat in question.flat:
            named_by = words or frozenset({flat}), 1.0
        else:
            held = frozenset(w for w in words if w in question.words or (len(w) > 1 and w in question.flat))
            named_by = (held, _letters(held) / _letters(words)) if held - _GENERAL else None
        if named_by and (best is None or (_letters(named_by[0]), named_by[1]) > (_letters(best[0]), best[1])):
            best = named_by
    return best


def _letters(words: Iterable[str]) -> int:
    return sum(map(len, words))


def _parts(label: str) -> list[str]:
    """Return a label, what it is without its brackets, and what stands in them."""
    inside = [match[1] for match in _BRACKETS.finditer(label)]
    return list(dict.fromkeys(filter(None, [label, _BRACKETS.sub(" ", label).strip(), *inside])))


def _same_period(label: Date, asked_for: Date) -> bool:
    """True where a label's period is the one that is asked for; a label may leave the year to what stands above."""
    filled = label._replace(year=label.year or asked_for.year)
    return filled == asked_for._replace(year=asked_for.year or label.year)


def _within(asked_for: Date, stated: Date) -> bool:
    """True where every part of a period that is asked for is stated, or its year alone is."""
    pairs = list(zip(asked_for, stated, strict=True))
    return all(a is None or a == s for a, s in pairs) or (stated.year is None and stated[1:] == asked_for[1:])


def _flat(text: str) -> str:
    return "".join(text.split())
