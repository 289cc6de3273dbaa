"""A number of a text, and when two of them say the same; `rag.text.numbers` reads them. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import isclose

from rag.text.articles import Article
from rag.text.dates import Date
from rag.text.units import MEASURES, same_dimension

DATE = "날짜"
ARTICLE = "조문"


@dataclass(frozen=True, slots=True)
class Number:
    """A number in a text.

    `unit` is "" where none follows; `bound` is one of >= <= > < or ""; `part` is "from" or "to" at the ends
    of a range, whose other end is `mate`; `date` is set for unit "날짜", `article` for unit "조문"; `about`
    where the text says 약, 여, 가량; `start`, `end` are its span, sign and unit in it.
    """

    value: float
    unit: str
    start: int
    end: int
    bound: str = ""
    part: str = ""
    date: Date | None = None
    mate: float | None = None
    article: Article | None = None
    about: bool = False

    @property
    def key(self) -> str:
        """What it says, in a spelling of its own: equal for the same number in two texts."""
        dimension, factor = MEASURES.get(self.unit, (self.unit, 1.0))
        date = tuple(self.date) if self.date else ""
        article = sorted(self.article) if self.article else ""
        return f"{self.value * factor:.15g}{dimension}{self.bound}{self.part}{date}{article}"


def missing_numbers(claim: Iterable[Number], source: Iterable[Number]) -> list[Number]:
    """Return the numbers of a claim that the source does not hold: value, sign, unit, bound, ends of a
    range, parts of a date.
    """
    available, claimed = list(source), list(claim)

    def holds(n: Number, s: Number) -> bool:
        is_whole = (
            s.mate is None or n.mate is not None or any(other.value == s.mate for other in claimed)
        )  # 30년 is not 30~40년
        return is_whole and same_number(n, s)

    return [n for n in claimed if not any(holds(n, s) for s in available)]


def same_number(claim: Number, source: Number) -> bool:
    """True when what a claim says is what the source says. A claim may leave a unit or "at least" away, it
    may not add or change them.

    >>> from rag.text.numbers import numbers
    >>> a, b = numbers("10만 대 이상")[0], numbers("10만 대")[0]
    >>> same_number(b, a), same_number(a, b), same_number(numbers("1.5배")[0], numbers("150%")[0])
    (True, False, True)
    """
    if claim.article or source.article:
        return bool(claim.article and source.article and claim.article <= source.article)
    if claim.date or source.date:
        return _same_date(claim, source)
    if not _same_value(claim, source):
        return False
    if claim.bound != source.bound and (claim.bound or (source.bound in "<>" and source.bound)):
        return False
    return not claim.part or not source.part or claim.part == source.part


def _same_value(claim: Number, source: Number) -> bool:
    if claim.unit == source.unit or not claim.unit or not source.unit:
        return claim.value == source.value
    if not same_dimension(claim.unit, source.unit):
        return False
    if claim.unit == "시" and claim.value + 12 == source.value:  # 2시 of 오후 2시
        return True
    return isclose(
        claim.value * MEASURES[claim.unit][1], source.value * MEASURES[source.unit][1], rel_tol=1e-9
    )


def same_measure(a: Number, b: Number) -> bool:
    """True for numbers that could be taken for each other: of one dimension, neither a date."""
    return same_dimension(a.unit, b.unit) and a.date is None and b.date is None


def _same_date(claim: Number, source: Number) -> bool:
    if claim.date and source.date:
        pairs = list(zip(claim.date, source.date, strict=True))
        if any(c is not None and c != s for c, s in pairs):
            return False
        if claim.part and source.part and claim.part != source.part:
            return False
        return not (
            claim.date.quarter is None and source.date.quarter is not None
        )  # a year is not its quarter
    date, bare = (claim.date, source) if claim.date else (source.date, claim)
    assert date is not None
    year, quarter, _month, day = date
    values = {"": year, "년": year % 100 if year else None, "일": day}  # 2024 in a table's head, 24년, 13일
    if bare.unit not in values or values[bare.unit] != bare.value or bare.bound:
        return False
    return (claim.date in (Date(year), None) and quarter is None) or (
        bare.unit == "일" and source.date is not None
    )
