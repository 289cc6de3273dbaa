"""Which cells of a table a question means: the rows and columns that it names, by their words, the value of
their periods and their figures, and whether nothing is left of it that is not one of these.

Better nothing than a wrong cell: every noun, period and figure of a question must be said by the labels that
it names, by what stands above the table, or belong to what is asked for (`Operation`). Where two labels are
named by the same words, or something is excluded or ranked, nothing is answered.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from rag.library import tables
from rag.library.tables import Row, Table
from rag.question.operation import Operation
from rag.question.wording import Wording
from rag.text import korean
from rag.text.dates import Date
from rag.text.numbers import Number, numbers
from rag.text.vocabulary import vocabulary

HALF = 0.5  # of a label's letters, from which its words name it
_WORDS = vocabulary(__file__)
_GENERAL = frozenset(_WORDS["general"].words())
_FAMILIES = (
    (_WORDS["of extremes"], (Operation.LARGEST, Operation.SMALLEST)),
    (_WORDS["of sums"], (Operation.SUM, Operation.AVERAGE)),
    (_WORDS["of changes"], (Operation.DIFFERENCE, Operation.RATIO, Operation.DIRECTION)),
    (_WORDS["of counts"], (Operation.COUNT, Operation.LIST)),
    (_WORDS["of series"], (Operation.SERIES,)),
)
_OF_OPERATION = {
    operation: frozenset(section.words()) for section, operations in _FAMILIES for operation in operations
}
_PERIODS = frozenset(_WORDS["periods"].words())
_CHANGE = frozenset(_WORDS["change"].words())
_REFUSED = re.compile(_WORDS["refused"].pattern())
_RANGE = re.compile(_WORDS["range"].pattern())
_BRACKETS = re.compile(r"\s*[(\[（]([^()\[\]（）]*)[)\]）]\s*")
_DATED = re.compile(r"['’‘]?\d+(?:\s?(?:년도?|분기|월|일|[./]))*")
_NOUNS = ("NNG", "NNP", "SL", "XR", "SH", "NR")


@dataclass(frozen=True)
class Asked:
    """What a question names.

    Attributes:
        words: its content morphemes. forms: all of its morphemes outside numbers. nouns: those of them that
            must be accounted for. compounds: runs of nouns without a blank. dates, figures: its periods, and
            its other numbers. times: it asks how many times as much. when: it speaks of periods as such.
            ranged: of a range of them.
    """

    text: str
    words: frozenset[str]
    forms: frozenset[str]
    nouns: tuple[str, ...]
    compounds: tuple[str, ...]
    dates: tuple[Date, ...]
    figures: tuple[Number, ...]
    times: bool
    when: bool
    ranged: bool

    @property
    def refused(self) -> bool:
        """True where it excludes, ranks or denies something, which is not worked on."""
        return _REFUSED.search(self.text) is not None

    @property
    def of_change(self) -> bool:
        """True where it speaks of more and less over time, not of what there is."""
        return not self.forms.isdisjoint(_CHANGE)


@dataclass(frozen=True)
class Setting:
    """Where a table stands. `above`: title, file, headings, caption; `beginning`: of the document, where it
    says whose it is; `written`: the document's date.
    """

    above: str
    beginning: str = ""
    written: Date | None = None


@dataclass(frozen=True)
class Named:
    """What a question names of a table: row and column numbers in order.

    Attributes:
        together: the rows have been named by one label that they share. sure: by more than what names the
            document or the table, too. unclear: by words that name others as well.
    """

    table: Table
    rows: tuple[int, ...]
    columns: tuple[int, ...]
    together: bool = False
    sure: bool = True
    unclear: bool = False


@dataclass(frozen=True)
class _Label:
    """A label of a row or column. `year`: of its period, where it names none itself."""

    text: str
    year: int | None = None

    @property
    def date(self) -> Date | None:
        """The period that it names."""
        date = tables.date_of(self.text)
        return date._replace(year=self.year) if date and date.year is None else date


def asked(question: Wording, written: Date | None = None) -> Asked:
    """Take a question apart.

    Args:
        written: the date of the document that is to answer, for 올해 and 작년.
    """
    said = question.normalised
    found = numbers(said, written)
    dates: list[Date] = []
    figures: list[Number] = []
    for n in found:
        if date := n.date or tables.date_of(said[n.start : n.end]):  # also 2024 alone
            dates.append(date)
        else:
            figures.append(n)
    outside = [t for t in question.tokens if not any(n.start <= t.start < n.end for n in found)]
    prefixed = {b.form for a, b in pairwise(outside) if a.tag == "XPN" and a.end == b.start}  # 비수도권
    return Asked(
        said,
        frozenset(question.words) - prefixed,
        frozenset(t.form for t in outside),
        tuple(t.form for t in outside if t.tag in _NOUNS and t.form not in _GENERAL),
        _compounds(outside),
        tuple(dates),
        tuple(figures),
        any(t.form == "배" and t.tag.startswith("NN") for t in question.tokens),
        any(t.form in _PERIODS and t.tag.startswith("N") for t in outside),
        any(n.part for n in found) or _RANGE.search(said) is not None,
    )


def _compounds(found: Sequence[korean.Morpheme]) -> tuple[str, ...]:
    """Return the words that two nouns or more make, such as 복지국."""
    runs: list[str] = []
    end, run = -1, ""
    for token in found:
        if token.tag in _NOUNS or token.tag == "XSN":
            run = run + token.form if token.start == end else token.form
            runs.append(run)
            end = token.end
    return tuple(dict.fromkeys(run for run in runs if len(run) > 1))


def named(question: Asked, table: Table, setting: Setting, totals: bool) -> Named:
    """Return the rows and columns that a question names. `totals`: a row of a sum may be one of them."""
    spent, year = _spent(question, setting.above), _year(setting.above)
    columns = range(table.n_labels, len(table.columns))
    heads = _named(question, [_Label(table.columns[x], year) for x in columns], spent)
    eligible = [y for y, row in enumerate(table.rows) if not row.aside and (totals or not row.total)]
    found = _named(question, [_own(table.rows[y], year) for y in eligible], spent)
    rows = [eligible[i] for i in found.kept]
    outer = [" ".join(table.rows[y].labels[:-1]) for y in eligible]
    groups = _named(question, [_Label(label, year) for label in outer], spent)
    within = {eligible[i] for i in groups.kept}
    together = other = False
    if rows and within & set(rows):
        rows = [y for y in rows if y in within]
    elif not rows and within:
        rows, together = sorted(within), True
    else:
        other = bool(rows and within and groups.sure)  # rows of another part than the one that is named
    unclear = heads.unclear or found.unclear or (together and len({outer[i] for i in groups.kept}) > 1)
    sure = heads.sure and (groups.sure if together else found.sure)
    return Named(table, tuple(rows), tuple(columns[i] for i in heads.kept), together, sure, unclear or other)


def accounted(
    question: Asked, operation: Operation, table: Table, labels: Sequence[str], setting: Setting
) -> bool:
    """True where all that a question says is said by the labels that it names, stands above the table, or
    belongs to the operation.
    """
    own = _OF_OPERATION.get(operation, frozenset())
    held = " ".join([*labels, table.corner, setting.above, setting.beginning])
    if not own.issuperset(set(question.nouns) - _said(question, held)):
        return False
    keys = {n.key for label in labels for n in numbers(korean.normalise(label))}
    counted = operation in (Operation.COUNT, Operation.LIST)
    if any(n.key not in keys for n in question.figures if not (counted and n.bound)):
        return False
    year = _year(setting.above)
    stated = [n.date for n in numbers(korean.normalise(setting.above)) if n.date is not None]
    stated += [date for label in labels if (date := _Label(label, year).date) is not None]
    return all(any(same_period(other, date) for other in stated) for date in question.dates)


def letters_in(question: Asked, held: str) -> int:
    """Return how many letters those of a question's nouns have that a text holds."""
    return _letters(_said(question, held))


def _said(question: Asked, held: str) -> frozenset[str]:
    """Return those of a question's nouns that a text holds, as morphemes or in its compounds."""
    held = korean.normalise(held)
    flat, words = "".join(held.split()), set(korean.morphemes(held))

    def says(noun: str) -> bool:
        inside = any(noun in word and word in flat for word in question.compounds)
        return noun in words or inside or (len(noun) > 1 and noun in flat)

    return frozenset(filter(says, question.nouns))


def values_of(table: Table) -> list[int]:
    """Return the columns that hold figures."""
    return [x for x in range(table.n_labels, len(table.columns)) if _has_figures(table, x)]


def _has_figures(table: Table, column: int) -> bool:
    filled = [row.cells[column] for row in table.rows if not row.cells[column].missing]
    return sum(cell.value is not None for cell in filled) * 2 > len(filled)


def _own(row: Row, year: int | None) -> _Label:
    """Return a row's own label; its year may stand in those outside of it."""
    outer = [date.year for label in row.labels[:-1] if (date := tables.date_of(label)) and date.year]
    return _Label(row.labels[-1] if row.labels else "", outer[-1] if outer else year)


def _year(above: str) -> int | None:
    """Return the year that stands above a table, None for none or several."""
    years = {n.date.year for n in numbers(korean.normalise(above)) if n.date is not None and n.date.year}
    return years.pop() if len(years) == 1 else None


@dataclass(frozen=True)
class _Found:
    kept: list[int]
    sure: bool
    unclear: bool


def _named(question: Asked, labels: Sequence[_Label], spent: frozenset[str]) -> _Found:
    """Return which of the labels a question names, whether by more than words that are spent, and whether by
    words that name others as well.

    The label that most of the question's letters speak of is named first, and takes its words; another one
    is named by what they leave. Of labels that the same words name those count that they name whole.

    Args:
        spent: words with which the question names the document or the table.
    """
    found: dict[frozenset[str], list[tuple[int, float]]] = {}
    for i, label in enumerate(labels):
        if label.text and (named_by := _names(question, label)) and named_by[1] >= HALF:
            found.setdefault(named_by[0], []).append((i, named_by[1]))
    kept: list[int] = []
    taken: frozenset[str] = frozenset()
    unclear = False
    for words in sorted(found, key=lambda each: (-_letters(each - spent), -_letters(each))):
        whole = [i for i, share in found[words] if share == 1]
        if words - taken - spent or (whole and not kept):
            chosen = whole or [i for i, _ in found[words]]
            unclear = unclear or (not whole and len({labels[i].text for i in chosen}) > 1)
            kept += chosen
            taken = taken | words
    return _Found(sorted(kept), bool(taken - spent) or not kept, unclear)


def _names(question: Asked, label: _Label) -> tuple[frozenset[str], float] | None:
    """Return the words with which a question names a label, and the share of the label's letters that they
    are.

    A period, or a figure with its unit and bound, is a word of its own: without it nothing else names its
    label.
    """
    said = korean.normalise(label.text)
    if (date := label.date) is not None:
        same = next((other for other in question.dates if same_period(date, other)), None)
        return (
            (frozenset({f"@{tuple(same)}", *_held(question, _DATED.sub(" ", said))}), 1.0) if same else None
        )
    if figures := [n for n in numbers(said) if n.date is None]:
        keys = {n.key for n in question.figures}
        if any(n.key not in keys for n in figures):
            return None
        rest = said
        for n in reversed(figures):
            rest = rest[: n.start] + " " + rest[n.end :]
        return frozenset({*(f"#{n.key}" for n in figures), *_held(question, rest)}), 1.0
    best: tuple[frozenset[str], float] | None = None
    for part in parts_of(said):
        words = frozenset(korean.content(korean.morphemes(part)))
        if stands("".join(part.split()), question.text):
            named_by = words or frozenset({part}), 1.0
        else:
            held = _held(question, part)
            letters = max(_letters(words), sum(map(str.isalnum, part)))  # 비수도권 is more than its 수도권
            named_by = held, (_letters(held) / letters if held - _GENERAL else 0.0)
        if named_by[1] and (
            best is None or (_letters(named_by[0]), named_by[1]) > (_letters(best[0]), best[1])
        ):
            best = named_by
    return best


def _held(question: Asked, part: str) -> frozenset[str]:
    """Return the content morphemes of a label's part that a question has."""
    words = korean.content(korean.morphemes(part))
    return frozenset(w for w in words if w in question.words or (len(w) > 1 and stands(w, question.text)))


def stands(flat: str, text: str) -> bool:
    """True where a text holds a label's letters, blanks apart, from the beginning of a word on; Latin ones
    up to its end.

    >>> stands("수도권", "비수도권의 인구"), stands("합계출산율", "합계 출산율은"), stands("b+", "b+ 등급은")
    (False, True, True)
    """
    end = r"(?![a-z0-9+])" if flat.isascii() else ""
    letters = r"\s*".join(map(re.escape, flat))
    return bool(flat) and re.search(rf"(?<![가-힣a-z0-9.]){letters}{end}", text) is not None


def _spent(question: Asked, above: str) -> frozenset[str]:
    """Return the words and periods of a question that name the document or the table: those that stand
    above it.
    """
    above = korean.normalise(above)
    stated = [n.date for n in numbers(above) if n.date is not None]
    dates = {f"@{tuple(date)}" for date in question.dates if date in stated}
    return frozenset(korean.content(korean.morphemes(above))) | dates


def _letters(words: Iterable[str]) -> int:
    return sum(map(len, words))


def parts_of(label: str) -> list[str]:
    """Return a label, what it is without its brackets, and what stands in them."""
    inside = [match[1] for match in _BRACKETS.finditer(label)]
    return list(dict.fromkeys(filter(None, [label, _BRACKETS.sub(" ", label).strip(), *inside])))


def same_period(stated: Date, asked_for: Date) -> bool:
    """True where a period is the one that is asked for, which may leave its year away."""
    return stated == asked_for or (asked_for.year is None and stated[1:] == asked_for[1:])
