"""Read dates, periods and times: '24.9.13., 2024-09-13, 24.2Q = '24.2/4 = 24년 4~6월, 상반기 = 1~6월, 오후
2시 30분 = 14:30.

A date names some of its parts. Months that are a quarter or a half are read as that. "24년" alone
may be a year or a duration and is left to the amounts. Pure.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import NamedTuple

from rag.text.units import FOLLOWS, LARGE, SMALL, unit_at
from rag.text.vocabulary import alternatives, vocabulary

_HALF = {"상": 5, "하": 6, "1": 5, "2": 6}
_MONTHS = {(1, 3): 1, (4, 6): 2, (7, 9): 3, (10, 12): 4, (1, 6): 5, (7, 12): 6}
_QUARTERS = {(1, 2): 5, (3, 4): 6}

_MARK = "['’‘`]"
_TO = r"\s?[~∼～〜\-–—]\s?"
_QUARTER = r"[1-4]\s?(?:/\s?4(?:\s?분기)?(?!\d)|분기|q(?![a-z\d]))"
_DAYS = re.compile(
    rf"(?:(\d{{4}})|{_MARK}(\d\d))\s?(\.|-|/)\s?(\d{{1,2}})(?:\s?\3\s?(\d{{1,2}}))?(?!\d|%|[.\-/]\d|\s?/\s?4|q|분기|월|\s?호(?!\w))\.?",
    re.IGNORECASE,
)
_SHORT_DAYS = re.compile(
    rf"(\d\d)\.\s?(\d{{1,2}})(?:\.\s?(\d{{1,2}})\.?(?![\d%절장항조판]|\.\d)|(?={_TO}(?:\d\d\.)?\d{{1,2}}월))"
)  # 23.9.1, 23.4~8월
_MONTH_DAY = re.compile(r"(\d{1,2})\.\s?(\d{1,2})\.(?=\s?\(?[월화수목금토일]\)|\)|\s?[~∼]|\s?(?:까지|부터))")
_PERIOD_AHEAD = rf"(?=\s?(?:{_QUARTER}|[상하]반기|\d{{1,2}}(?:월|{_TO}\d{{1,2}}월)))"
_YEAR = re.compile(
    rf"(?:(\d{{4}})|{_MARK}?(\d\d))\s?\.\s?(?={_QUARTER}|[12]h(?![a-z])|[상하](?:반기|(?![가-힣]))|\d{{1,2}}월|\d{{1,2}}{_TO}\d{{1,2}}월)"
    rf"|(\d{{4}})[\s\-]?(?={_QUARTER}|[상하]반기)"
    rf"|(\d{{4}})\s?(?:학년도|회계연도|년도?)(?!\s?(?:간|동안|만에|대(?![비로한해])))"
    rf"|{_MARK}(\d\d)(?:\s?(?:학년도|년도?)(?!대)|(?![\d%'’A-Za-z가-힣]|[.,]\d|\s?[가-힣]{{1,2}}(?<=[명개원])(?![가-힣])))"
    r"|(\d\d)(?:학년도|년도)"
    rf"|(\d\d)\s?년{_PERIOD_AHEAD}",
    re.IGNORECASE,
)
_PERIOD = re.compile(
    rf"([1-4]){_TO}([1-4])\s?(?:/\s?4\s?)?분기|(\d{{1,2}})(?:월{_TO}|월부터\s|월에서\s|{_TO})(\d{{1,2}})월(?!\s?\d{{1,2}}일)"
    r"|([1-4])\s?(?:/\s?4\s?)?분기|([상하])반기|(\d{1,2})월(?:\s?(\d{1,2})일(?!간))?|([1-4])q(?![a-z\d])",
    re.IGNORECASE,
)
_IN_YEAR = re.compile(
    r"([1-4])\s?/\s?4(?!\d)|([상하])(?![가-힣])|([12])h(?![a-z\d])", re.IGNORECASE
)  # after a year only: '24.2/4, '24.상
_QUARTER_FIRST = re.compile(rf"([1-4])(q|h)\s?{_MARK}?(\d{{4}}|\d\d)(?![\d%가-힣]|\.\d)", re.IGNORECASE)
_YEARS = re.compile(
    rf"(?:(\d{{4}})|{_MARK}(\d\d))\s?년?{_TO}(?:(\d{{4}})|{_MARK}?(\d\d))(?:\s?(?:학년도|년도?)(?!대)|(?![\d%,A-Za-z가-힣]|\.\d))"
)
_JOINS = re.compile(rf"{_TO}|부터\s|에서\s")
_REST = re.compile(
    r"(\d{1,2})\.\s?(?:(\d{1,2})\.?)?(?![\d%])|(\d{1,2})일(?!간)"
)  # of a range's end: ~ 9.20., ~ 20일
_WORDS = vocabulary(__file__)
YEARS_AWAY = _WORDS["years away"].keys(int)
_RELATIVE = re.compile(
    rf"({alternatives(sorted(YEARS_AWAY, key=len, reverse=True))}|당해\s?연도)"
    r"(?:\s?(?:의\s)?(?:(동기|같은 기간)|(동월|같은 달)|([1-4])\s?분기|([상하])반기|(\d{1,2})월))?"
)
_CLOCK = re.compile(r"([01]?\d|2[0-4]):([0-5]\d)(?::[0-5]\d)?(?!\d|:\d)(?:\s?([ap])\.?m\b)?", re.IGNORECASE)
_HOURS = re.compile(r"(\d{1,2})\s?시(?!\s?간)(?:\s?(\d{1,2})분|\s?반(?![가-힣]))?")
_AFTER_NOON = _WORDS["after noon"].keys(lambda hours: tuple(map(int, hours.split("-"))))
_PARTS_OF_DAY = alternatives(_WORDS["parts of day"].words())
_PART_OF_DAY = re.compile(rf"(?:({_PARTS_OF_DAY})\s?)?(?=\d)")
_DAYTIME = re.compile(rf"({_PARTS_OF_DAY})\s?$")


class Date(NamedTuple):
    """The parts of a date that are named; `quarter` is 1 to 4, or 5 and 6 for the halves of a year."""

    year: int | None = None
    quarter: int | None = None
    month: int | None = None
    day: int | None = None


@dataclass(frozen=True, slots=True)
class Period:
    """A date and its span; `part` is "from" or "to" at the ends of a range."""

    date: Date
    start: int
    end: int
    part: str = ""


def dates_at(text: str, at: int) -> list[Period]:
    """Read the date, or both ends of the range of dates, that begins at a place; [] where none does.

    >>> dates_at("24년 4~6월", 0)[0].date
    Date(year=2024, quarter=2, month=None, day=None)
    >>> [p.date.month for p in dates_at("'23.9~10월", 0)]
    [9, 10]
    """
    if (match := _YEARS.match(text, at)) and (years := _two_years(match)):
        first_end = match.end(1) if match[1] else match.end(2)
        return [
            Period(Date(years[0]), at, first_end, "from"),
            Period(Date(years[1]), match.start(3 if match[3] else 4), match.end(), "to"),
        ]
    periods = _one(text, at)
    if len(periods) != 1:
        return periods
    first = periods[0]
    joins = _JOINS.match(text, first.end)
    if not joins:
        return periods
    second = _one(text, joins.end()) or _rest(text, joins.end(), first.date)
    if len(second) != 1 or (joins[0][0] in "부에" and not text.startswith("까지", second[0].end)):
        return periods
    last = second[0]
    if last.date.year is None:
        last = replace(last, date=last.date._replace(year=first.date.year))
    period = _months(first.date, last.date)
    if period is not None:
        return [Period(period, at, last.end)]
    if _order(first.date) > _order(last.date):
        return periods
    return [replace(first, part="from"), replace(last, part="to")]


def _one(text: str, at: int) -> list[Period]:
    """Read one date; two where months or quarters of a year are given as a range that is no quarter or
    half.
    """
    for pattern in (_DAYS, _SHORT_DAYS, _MONTH_DAY):
        if match := pattern.match(text, at):
            year, month, day = _day_parts(pattern, match)
            decimal = (
                pattern is _DAYS
                and day is None
                and match[3] == "."
                and match[0][-1] != "."
                and _counted(text, match.end())
            )
            if (
                1 <= month <= 12
                and 1 <= (day or 1) <= 31
                and (year is None or 1600 <= year < 2200)
                and not decimal
            ):
                return [Period(Date(year, None, month, day), at, match.end())]
    if (match := _QUARTER_FIRST.match(text, at)) and (match[2] in "qQ" or match[1] in "12"):
        number = int(match[1]) if match[2] in "qQ" else _HALF[match[1]]
        return [Period(Date(_full(match[3]), number), at, match.end())]
    year, end = None, at
    if match := _YEAR.match(text, at):
        year, end = _full(next(g for g in match.groups() if g)), match.end()
    begin = end + 1 if year and text[end : end + 1].isspace() else end
    periods = _period(text, begin, year, at)
    if not periods and year and (match := _IN_YEAR.match(text, begin)):
        number = int(match[1]) if match[1] else _HALF[match[2] or match[3]]
        periods = [Period(Date(year, number), at, match.end())]
    if periods or year is None:
        return periods
    return [Period(Date(year), at, len(text[:end].rstrip()))]


def _counted(text: str, at: int) -> bool:
    """True where a scale or unit follows at once: 2024.5포인트 is no date."""
    return text[at : at + 1] in {*SMALL, *LARGE} or (
        not text[at : at + 1].isspace() and unit_at(text, at) is not None
    )


def _day_parts(pattern: re.Pattern[str], match: re.Match[str]) -> tuple[int | None, int, int | None]:
    if pattern is _MONTH_DAY:
        return None, int(match[1]), int(match[2])
    if pattern is _SHORT_DAYS:
        return 2000 + int(match[1]), int(match[2]), int(match[3]) if match[3] else None
    return _full(match[1] or match[2]), int(match[4]), int(match[5]) if match[5] else None


def _period(text: str, begin: int, year: int | None, start: int) -> list[Period]:
    match = _PERIOD.match(text, begin)
    if not match:
        return []
    q1, q2, m1, m2, quarter, half, month, day, short = match.groups()
    if q1 or m1:
        ends = (int(q1), int(q2)) if q1 else (int(m1), int(m2))
        whole = _QUARTERS.get(ends) if q1 else _MONTHS.get(ends)
        if whole:
            return [Period(Date(year, whole), start, match.end())]
        if ends[0] < ends[1] <= 12:
            low, high = (Date(year, quarter=e) if q1 else Date(year, month=e) for e in ends)
            return [
                Period(low, start, match.end(1 if q1 else 3), "from"),
                Period(high, match.start(2 if q1 else 4), match.end(), "to"),
            ]
        return []
    if quarter or short:
        return [Period(Date(year, int(quarter or short)), start, match.end())]
    if half:
        return [Period(Date(year, _HALF[half]), start, match.end())]
    if not 1 <= int(month) <= 12 or not 1 <= int(day or 1) <= 31:
        return []
    return [Period(Date(year, None, int(month), int(day) if day else None), start, match.end())]


def _rest(text: str, at: int, first: Date) -> list[Period]:
    """Read a range's end that leaves out what its beginning names: '24.9.13.~9.20., 9월 13일~20일."""
    match = _REST.match(text, at)
    if not match or first.month is None:
        return []
    if match[3]:
        date = Date(first.year, None, first.month, int(match[3]))
        return [Period(date, at, match.end())] if first.day else []
    month, day = (
        (int(match[1]), int(match[2]) if match[2] else None)
        if first.day is None or match[2]
        else (first.month, int(match[1]))
    )
    if not 1 <= month <= 12 or not 1 <= (day or 1) <= 31:
        return []
    return [Period(Date(first.year, None, month, day), at, match.end())]


def _two_years(match: re.Match[str]) -> tuple[int, int] | None:
    first, last = _full(match[1] or match[2]), _full(match[3] or match[4])
    dashed = "~" not in match[0] and "∼" not in match[0]
    if (
        match[4]
        and dashed
        and int(match[4]) <= 12
        and "년" not in match[0]
        and not re.search(rf"{_MARK}\d\d$", match[0])
    ):
        return None  # 2023-12 is a month
    return (first, last) if 1600 <= first < last < 2200 else None


def _months(first: Date, last: Date) -> Date | None:
    """Return the quarter or half that goes from one month to another of the same year."""
    if (
        first.year != last.year
        or first.month is None
        or last.month is None
        or first.day
        or last.day
        or (first.month, last.month) not in _MONTHS
    ):
        return None
    return Date(first.year, _MONTHS[first.month, last.month])


def _order(date: Date) -> tuple[int, int, int]:
    return date.year or 0, date.month or (date.quarter or 0) * 3, date.day or 0


def _full(digits: str) -> int:
    return int(digits) if len(digits) == 4 else 2000 + int(digits)


def relative_at(text: str, at: int, document_date: Date, before: Date) -> Period | None:
    """Read 전년 동기, 작년, 올해 상반기 as of the document's date; `before` is the last date that the text
    names.

    >>> relative_at("전년 동기 대비", 0, Date(2024, None, 9, 13), Date(2024, 2))
    Period(date=Date(year=2023, quarter=2, month=None, day=None), start=0, end=5, part='')
    """
    match = _RELATIVE.match(text, at)
    base = before if match and (match[2] or match[3]) and before.year else document_date
    if not match or base.year is None:
        return None
    year = base.year + YEARS_AWAY.get(match[1].replace(" ", ""), 0)
    if match[2] or match[3]:
        quarter = base.quarter
        if not quarter and base.month is not None and not match[3] and base is not before:
            quarter = (base.month + 2) // 3
        return Period(Date(year, quarter, None if quarter else base.month), at, match.end())
    quarter = int(match[4]) if match[4] else _HALF.get(match[5] or "")
    return Period(Date(year, quarter, int(match[6]) if match[6] else None), at, match.end())


@dataclass(frozen=True, slots=True)
class Time:
    """A time of the day and its span.

    Attributes:
        hours: after midnight, 0 to 24.
        unit: "시각", or "시" where the half of the day is open ("2시").
    """

    hours: float
    unit: str
    start: int
    end: int


def time_at(text: str, at: int, daytime: str = "") -> Time | None:
    """Read a time of the day.

    Args:
        daytime: 오후 and the like where it was said before, as of a range's end.

    >>> time_at("오후 2시 30분", 3), time_at("2시에", 0)
    (Time(hours=14.5, unit='시각', start=0, end=9), Time(hours=2.0, unit='시', start=0, end=2))
    """
    part_of_day = _DAYTIME.search(text, max(0, at - 4), at)
    start = part_of_day.start() if part_of_day else at
    half = part_of_day[1] if part_of_day else daytime
    if clock := _CLOCK.match(text, at):
        half = half or {"a": "오전", "p": "오후"}.get((clock[3] or "").lower(), "")
        return Time(_hours(int(clock[1]), int(clock[2]), half), "시각", start, clock.end())
    match = _HOURS.match(text, at)
    if not match or int(match[1]) > 24 or not (FOLLOWS.match(text, match.end()) or half):
        return None
    minutes = int(match[2] or 0) + (30 if match[0].endswith("반") else 0)
    unit = "시각" if half or int(match[1]) > 12 else "시"
    return Time(_hours(int(match[1]), minutes, half), unit, start, match.end())


def _hours(hour: int, minutes: int, daytime: str) -> float:
    first, last = _AFTER_NOON.get(daytime, (1, 0))
    if first <= hour < last:
        hour += 12
    elif daytime in ("오전", "새벽") and hour == 12:
        hour = 0
    return (60 * (hour % 24) + minutes) / 60


def times_at(text: str, at: int) -> list[Time]:
    """Read a time, or both ends of a range of times: 오후 2시~4시."""
    first = time_at(text, at)
    if first is None:
        return []
    joins = _JOINS.match(text, first.end)
    begin = _PART_OF_DAY.match(text, joins.end()) if joins else None
    part_of_day = _PART_OF_DAY.match(text, first.start)
    last = (
        time_at(text, begin.end(), part_of_day[1] if part_of_day and part_of_day[1] else "")
        if begin
        else None
    )
    if last is None or (joins and joins[0][0] in "부에" and not text.startswith("까지", last.end)):
        return [first]
    return [first, last]
