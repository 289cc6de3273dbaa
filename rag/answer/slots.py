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
_PERIODS = frozenset(vocabulary(__file__)["periods"].words())
_BRACKETS = re.compile(r"\s*[(\[（]([^()\[\]（）]*)[)\]）]\s*")
HALF = 0.5
_DATED = re.compile(r"\d+(?:\s?(?:년도?|분기|월|일|[./]))*")
_NOUNS = ("NNG", "NNP", "SL", "XR", "SH", "NR")


@dataclass(frozen=True)
class Asked:
    """What a question names.

    Attributes:
        flat: its text, normalised, without blanks. words: its content morphemes. nouns: those of them that must be
            accounted for. dates, figures: its periods, and its other numbers. when: it speaks of periods as such.
    """

    text: str
    flat: str
    words: frozenset[str]
    nouns: tuple[str, ...]
    dates: tuple[Date, ...]
    figures: tuple[Number, ...]
    when: bool


@dataclass(frozen=True)
class Setting:
    """Where a table stands.

    Attributes:
        above: what stands above it: title, path, headings, caption. prose, cells: its document's text outside and
            inside tables, normalised, without blanks. written: the document's date.
    """

    above: str
    prose: str = ""
    cells: str = ""
    written: Date | None = None


@dataclass(frozen=True)
class Named:
    """What a question names of a table: row and column numbers in order.

    Attributes:
        together: the rows have been named by one label that they share. sure: by more than what names the document
            or the table, too.
    """

    table: Table
    rows: tuple[int, ...]
    columns: tuple[int, ...]
    together: bool
    sure: bool


def asked(text: str, written: Date | None = None) -> Asked:
    """Take a question apart.

    Args:
        written: the date of the document that is to answer, for 올해 and 작년.
    """
    said = korean.normalise(text)
    found = numbers(said, written)
    dates: list[Date] = []
    figures: list[Number] = []
    for n in found:
        if date := n.date or tables.date_of(said[n.start : n.end]):  # also 2024 alone
            dates.append(date)
        else:
            figures.append(n)
    outside = [t for t in korean.tokens(said) if not any(n.start <= t.start < n.end for n in found)]
    nouns = tuple(t.form for t in outside if t.tag in _NOUNS and t.form not in _GENERAL)
    when = any(t.form in _PERIODS and t.tag.startswith("N") for t in outside)
    words = frozenset(korean.content(korean.morphemes(said)))
    return Asked(said, _flat(said), words, nouns, tuple(dates), tuple(figures), when)


def named(question: Asked, table: Table, setting: Setting) -> Named:
    """Return the rows and columns of figures that a question names."""
    spent = _spent(question, setting.above)
    values = range(table.n_labels, len(table.columns))
    heads, sure = _named(question, [table.columns[x] for x in values], spent)
    own = [row.labels[-1] if row.labels else "" for row in table.rows]
    rows, sure_rows = _named(question, own, spent)
    together = False
    if len(rows) > 1 and len({own[y] for y in rows}) == 1:
        outer = [" ".join(table.rows[y].labels[:-1]) for y in rows]
        rows = [rows[i] for i in _named(question, outer, spent)[0]] or rows
    rows = [y for y in rows if not table.rows[y].aside] or rows
    if not rows:
        for level in (0, 1):
            outer = [row.labels[level] if len(row.labels) > level + 1 else "" for row in table.rows]
            rows, sure_rows = _named(question, outer, spent)
            if rows and len({outer[y] for y in rows}) == 1:
                together = True
                break
            rows = []
    return Named(table, tuple(rows), tuple(values[i] for i in heads), together, sure and sure_rows)


def accounted(question: Asked, table: Table, labels: Iterable[str], setting: Setting) -> bool:
    """True where all that a question says is said by the labels that it names, the table or the words of figures.

    What the document speaks of and no cell of its tables does holds for its tables, too.
    """
    held = " ".join([*labels, table.corner, setting.above])
    flat, words = _flat(korean.normalise(held)), set(korean.morphemes(held))
    for noun in question.nouns:
        if noun not in words and noun not in flat and (noun in setting.cells or noun not in setting.prose):
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


def _named(question: Asked, labels: Sequence[str], spent: frozenset[str]) -> tuple[list[int], bool]:
    """Return which of the labels a question names, and whether by more than words that are spent.

    The label that most of the question's letters speak of is named first, and takes its words; another one is named
    by what they leave.

    Args:
        spent: words with which the question names the document or the table.
    """
    found: dict[tuple[frozenset[str], float], list[int]] = {}
    for i, label in enumerate(labels):
        if label and (named_by := _names(question, label)) and named_by[1] >= HALF:
            found.setdefault(named_by, []).append(i)

    def fresh(words: frozenset[str]) -> int:
        return _letters(words - spent)

    kept: list[int] = []
    taken: frozenset[str] = frozenset()
    for named_by in sorted(found, key=lambda each: (-fresh(each[0]), -each[1])):
        words, share = named_by
        if words - taken - spent or (share == 1 and not kept):
            kept += found[named_by]
            taken = taken | words
    return sorted(kept), bool(taken - spent) or not kept


def _names(question: Asked, label: str) -> tuple[frozenset[str], float] | None:
    """Return the words with which a question names a label, and the share of the label's letters that they are.

    A period is a word of its own, and the label's first: without it nothing else names it.
    """
    date = tables.date_of(label)
    if date is not None:
        same = next((other for other in question.dates if _same_period(date, other)), None)
        if same is None:
            return None
        words = frozenset(korean.content(korean.morphemes(_DATED.sub(" ", korean.normalise(label)))))
        held = frozenset(w for w in words if w in question.words or (len(w) > 1 and w in question.flat))
        return frozenset({_spelled(same), *held}), 1.0
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


def _spelled(date: Date) -> str:
    """Return a period as a word that no text holds."""
    return f"@{date.year or ''}/{date.quarter or ''}/{date.month or ''}/{date.day or ''}"


def _spent(question: Asked, above: str) -> frozenset[str]:
    """Return the words and periods of a question that name the document or the table: those that stand above it."""
    above = korean.normalise(above)
    stated = [n.date for n in numbers(above) if n.date is not None]
    dates = {_spelled(date) for date in question.dates if date in stated}
    return frozenset(korean.content(korean.morphemes(above))) | dates


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
