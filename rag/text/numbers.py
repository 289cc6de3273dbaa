"""Numbers of Korean and English text, brought to one value and unit, so that spellings can be compared.

    6,710억 = 671,000,000,000      3만명 = 삼만 명 = 30,000명      1만2천명 = 12,000명      세 가지 = 3가지
       △0.7% = -0.7% 30% = 10분의 3 = 3할          1.5배 = 150%                    24.2Q = 2024년 4~6월
       오후 2시 30분 = 14:30
    제3조의2제1항 ≠ 3조           10만 대 이상 ≠ 10만 대 이하      14일 이내 = 14일 안에

A text is read from left to right; where a number may begin, these are tried in turn: what is no number
(telephone and registration numbers, addresses), articles of a law, dates (`rag.text.dates`), times, shares
(10분의 3), amounts (`rag.text.amounts`) with their sign, unit (`rag.text.units`), bound and range. Growth
(2배 증가, 0.7% 감소) is for others to read: a sign is one that is written. When two numbers say the same
tells `rag.text.quantity`. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from rag.text.amounts import LETTERS_ALONE, NATIVE_NUMERAL, PLAIN, amount_at, letters_at, plain
from rag.text.articles import article_at
from rag.text.dates import YEARS_AWAY, Date, dates_at, relative_at, times_at
from rag.text.marks import CURRENCY_BEFORE, bound_of, is_about, sign_at
from rag.text.quantity import ARTICLE, DATE, Number, same_measure
from rag.text.units import (
    CURRENCY,
    DIGITS,
    FOLLOWS,
    NATIVE,
    NATIVE_COUNTERS,
    ORDINAL,
    SPELLED_UNITS,
    UNITS,
    same_dimension,
    unit_at,
)
from rag.text.vocabulary import alternatives, vocabulary

__all__ = [
    "Date",
    "Number",
    "caption_units",
    "heap_numbers",
    "numbers",
    "same_measure",
]

_WORDS = vocabulary(__file__)
_COUNTED_BY_ONE = frozenset(_WORDS["counted by one numeral"].words())
_LETTERS = "일이삼사오육칠팔구십백천만"
_DIGIT = "일이삼사오육칠팔구"
_BEGIN = re.compile(
    rf"\d|['’‘`]\d\d|제\s?\d|https?://|www\.|(?<![가-힣])(?:[상하]반기|{alternatives(YEARS_AWAY)}|당해"
    rf"|[십백천만]\d[십백천]|(?:마이너스\s)?(?:[{_DIGIT}]?[십백천만][{_LETTERS}억조경\s여원명달분년개퍼%장대곳건톤가주회배]|[{_DIGIT}][억조]"
    rf"|[{_DIGIT}]\s?(?:년|개월|퍼센트)|[{_DIGIT}십]분의\s?[{_DIGIT}])"
    rf"|(?:{NATIVE_NUMERAL})\s?(?:{'|'.join(NATIVE_COUNTERS)}))"
)
_NOTHING = re.compile(
    r"(?:https?://|www\.)\S+|[\w.+-]+@[\w-]+\.[\w.]+"
    r"|0\d{1,2}(?:\)\s?-?|[.\-])\d{3,4}[.\-]\d{4}(?!\d)|010\s\d{4}\s\d{4}(?!\d)"  # telephones
    r"|1[568]\d\d[.\-]\d{4}(?!\d|\s?(?:[만억천]|[명개원건톤%㎡]))"
    # registration numbers of firms, people and corporations
    r"|\d{3}-\d{2}-\d{5}(?!\d)|\d{6}\s?-\s?[\d*]{7}(?!\d)"
    r"|\d+(?:-\d+){2,}(?!\d)"  # accounts, ISBN and the like; dates are read before
    r"|\d{5}(?=\)\s?[가-힣]{1,6}(?:시|도)(?![가-힣]))"
)
_CALLED = re.compile(
    "(?:" + _WORDS["called"].pattern() + r")\s?[:.)]?\s?(?:번호\s?:?\s?)?\(?$",
    re.IGNORECASE,
)
_CODE = re.compile(
    r"\d{2,4}[.)\-]\s?\d{3,4}(?:[.\-]\d{4})?(?![\d,%]|\.\d)|\d{5}(?![\d,%]|\.\d|\s?[명개원건통])"
)
_NAME = re.compile(r"\d[a-z\d]*(?:[.\-]\d+[a-z]*)*", re.IGNORECASE)
_SUFFIX = re.compile(r"(?:st|nd|rd|th|s)(?![a-z])", re.IGNORECASE)  # 3rd, 1990s
_MORE = re.compile(r"\s?여(?=\s?[가-힣%])")
_SPELLED = re.compile(rf"[{_LETTERS}억조]+")
_SHARE = re.compile(rf"\s?분의\s?({PLAIN})")
_ONE = re.compile(rf"([{_DIGIT}])\s?(년|개월|퍼센트(?!\s?포인트))")
_SPELLED_SHARE = re.compile(r"([이삼사오육칠팔구십])분의\s?([일이삼사오육칠팔구])")
_LASTS = re.compile(r"\s?(?:" + alternatives(_WORDS["lasts"].words()) + ")")
_TENTHS = re.compile(r"\s?(\d)푼")
_JOINS = re.compile(
    r"\s?(?:(~|∼|～|〜)|(-|–|—|−)|to\b|내지|(부터|에서))\s?(?=[△▲▼\-−$€£¥₩]?\d)", re.IGNORECASE
)
_NATIVE = re.compile(
    rf"({NATIVE_NUMERAL})\s?({alternatives(sorted(NATIVE_COUNTERS, key=len, reverse=True))})"
    r"(?=(?:은|는|이|가|을|를|의|씩|째|에|로|과|와|도|만|\b))"
)
_HEAP = re.compile(rf"[-△▲▼]?{PLAIN}(?:\s+[-△▲▼]?{PLAIN}){{3,}}")
_CAPTION_UNITS = re.compile(r"단위\s*[:：]?\s*([^)\]\n|]+)")


@dataclass(frozen=True, slots=True)
class _Reading:
    """An amount with what is written around it."""

    value: float
    unit: str
    start: int
    end: int
    figure: float
    scales: str
    about: bool


def numbers(text: str, document_date: Date | None = None) -> list[Number]:
    """Find the numbers of a text in order. Digits inside a name (H100, G3, MATH-500), telephone numbers and
    the like are none.

    Args:
        document_date: the document's date; with it 전년 동기, 작년, 올해 are dates, too.

    >>> [(n.value, n.unit) for n in numbers("예산은 4억 5천만 원, 이용자는 40.7만명이고 △0.7% 줄었다")]
    [(450000000.0, '원'), (407000.0, '명'), (-0.7, '%')]
    >>> [(n.value, n.unit, n.bound) for n in numbers("H100 삼만 장, 다섯 곳, 10분의 3, 최소 10만 대")]
    [(30000.0, '장', ''), (5.0, '곳', ''), (30.0, '%', ''), (100000.0, '대', '>=')]
    >>> [tuple(n.date) for n in numbers("'24.3.12.과 24.2Q")]
    [(2024, None, 3, 12), (2024, 2, None, None)]
    """
    all_numbers: list[Number] = []
    at = 0
    while match := _BEGIN.search(text, at):
        start = match.start()
        new_numbers, end = _read_at(text, start, all_numbers, document_date)
        all_numbers += new_numbers
        at = max(end, start + 1)
    return all_numbers


def _read_at(
    text: str, at: int, earlier: list[Number], document_date: Date | None
) -> tuple[list[Number], int]:
    """Read what begins at a place: its numbers, and where to go on."""
    first = text[at]
    if first.isdigit() and (part_of := _in_name(text, at)):
        return [], part_of
    if first in "hHwW":
        return [], _end(_NOTHING, text, at)
    if first.isdigit() or first == "제":
        last = earlier[-1] if earlier else None
        if (
            read := article_at(text, at, last.article if last else None, last.end if last else 0)
        ) is not None:
            article, end = read
            return [
                Number(
                    float(min(article, key=lambda part: "조항호".find(part[0]))[1]),
                    ARTICLE,
                    at,
                    end,
                    article=article,
                )
            ], end
        if first == "제":
            return [], at + 1
    if (first.isdigit() or first in "'’‘`상하") and (dates := dates_at(text, at)):
        return [Number(0.0, DATE, p.start, p.end, part=p.part, date=p.date) for p in dates], dates[-1].end
    if first.isdigit():
        if nothing := _end(_NOTHING, text, at) or (
            _CALLED.search(text, max(0, at - 12), at) and _end(_CODE, text, at)
        ):
            return [], nothing
        if times := times_at(text, at):
            if len(times) == 1:
                time = times[0]
                bound = bound_of(text, time.start, time.end, time.unit)
                return [Number(time.hours, time.unit, time.start, time.end, bound)], time.end
            first_time, last_time = times
            ends = ((first_time, "from", last_time), (last_time, "to", first_time))
            return [
                Number(time.hours, time.unit, time.start, time.end, part=part, mate=other.hours)
                for time, part, other in ends
            ], last_time.end
        return _amounts(text, at)
    if text[at + 1 : at + 2].isdigit():  # 천5백
        return _amounts(text, at)
    if document_date and (
        period := relative_at(
            text,
            at,
            document_date,
            next((n.date for n in reversed(earlier) if n.date and n.date.year), Date()),
        )
    ):
        return [Number(0.0, DATE, period.start, period.end, date=period.date)], period.end
    return _in_letters(text, at)


def _end(pattern: re.Pattern[str], text: str, at: int) -> int:
    match = pattern.match(text, at)
    return match.end() if match else 0


def _in_name(text: str, at: int) -> int:
    """Return where the name or the chain of digits ends that the digit at a place continues, 0 where it
    begins a number: H100, MATH-500, 1.2.3.
    """
    before = text[at - 1] if at else ""
    letter = before if before.isalpha() else text[at - 2] if before and before in ".-_" and at > 1 else ""
    if not letter or not letter.isascii() or not (letter.isalpha() or (letter.isdigit() and before == ".")):
        return 0
    money = CURRENCY_BEFORE.search(text, max(0, at - 5), at)
    return (
        0
        if money and money[1].isalpha() and not text[: money.start()][-1:].isalpha()
        else _end(_NAME, text, at)
    )


def _amounts(text: str, at: int) -> tuple[list[Number], int]:
    """Read an amount, or both ends of a range."""
    low = _amount(text, at)
    if low is None:
        return [], _end(_NAME, text, at)
    joins = _JOINS.match(text, low.end)
    high = _amount(text, _digit(text, joins.end())) if joins else None
    if joins and high and _is_range(text, low, high, joins):
        value, unit = low.value, low.unit or high.unit
        if not low.unit and not low.scales and high.scales and abs(low.figure) < high.figure:
            value *= high.value / high.figure if high.figure else 1.0  # 3~5만
        if unit == high.unit or not high.unit or same_dimension(unit, high.unit):
            about = low.about or high.about
            ends = [replace(_number(text, low, unit, about), value=value, part="from", mate=high.value)]
            last = _number(text, high, high.unit or unit, about)
            ends.append(replace(last, part="to", mate=value, bound="" if joins[3] else last.bound))
            return ends, high.end
    return [_number(text, low, low.unit, low.about)], low.end


def _digit(text: str, at: int) -> int:
    return at if text[at].isdigit() else at + 1


def _is_range(text: str, low: _Reading, high: _Reading, joins: re.Match[str]) -> bool:
    if low.unit and low.unit != high.unit:
        return False
    if joins[2] and joins[0][0].isspace() and not joins[0][-1].isspace() and not low.unit:
        return False  # 6.7 -8.9
    if joins[3]:
        return text.startswith("까지", high.end)
    return (
        not joins[2]
        or abs(low.value) < abs(high.value)
        or low.value < 0
        or (bool(high.scales) and low.figure < high.figure)
    )


def _number(text: str, r: _Reading, unit: str, about: bool) -> Number:
    return Number(
        r.value,
        unit,
        r.start,
        r.end,
        bound_of(text, r.start, r.end, unit),
        about=about or is_about(text, r.start, r.end),
    )


def _amount(text: str, at: int) -> _Reading | None:
    """Read the amount whose digits begin at a place, with sign, currency and unit."""
    amount = amount_at(text, at)
    if amount is None:
        return None
    start, end, value = at, amount.end, amount.value
    if (share := _SHARE.match(text, end)) and value:
        return _Reading(
            float(100 * plain(share[1]) / plain(f"{value:.0f}")), "%", at, share.end(), value, "", False
        )
    unit = ""
    if found := unit_at(text, end, bool(amount.scales) or value >= 100):
        unit, _, end = found
    elif text[end : end + 1].isascii() and text[end : end + 1].isalpha():
        if not (suffix := _SUFFIX.match(text, end)):
            return None  # 5G, 3D: names
        end = suffix.end()
    if unit == "g" and end - amount.end == 1 and not amount.scales and value in (2, 3, 4, 5, 6):
        return None
    if unit == "할":
        tenths = _TENTHS.match(text, end)
        value, unit, end = (
            value * 10 + (int(tenths[1]) if tenths else 0),
            "%",
            tenths.end() if tenths else end,
        )
    elif unit == "년대" and value < 100:
        value += 1900 if value >= 30 else 2000
    elif unit == "년" and (amount.end - at != 2 or _LASTS.match(text, end)):
        unit = "개년"  # only two digits may be a year: 07년, 24년
    before = text[max(0, start - 5) : start]
    if before and (money := CURRENCY_BEFORE.search(before)) and unit in ("", CURRENCY[money[1].lower()]):
        start -= len(before) - money.start()
        unit = CURRENCY[money[1].lower()]
    if unit not in ORDINAL and start and (sign := sign_at(text, start, at, end, unit)) is not None:
        start, value = sign, -value
    return _Reading(value, unit, start, end, amount.figure, amount.scales, amount.more)


def _in_letters(text: str, at: int) -> tuple[list[Number], int]:
    """Read a number in letters with its counter: 삼만 명, 세 가지, 삼분의 일."""
    start, negative = at, False
    if text.startswith("마이너스", at):
        at, negative = at + 5, True
    if share := _SPELLED_SHARE.match(text, at):
        return [
            Number(
                100 * DIGITS[share[2]] / DIGITS.get(share[1], 10),
                "%",
                at,
                share.end(),
                bound_of(text, at, share.end(), "%"),
            )
        ], share.end()
    if counted := _NATIVE.match(text, at):
        unit = "개년" if counted[2] == "해" else UNITS.get(counted[2], counted[2])
        return [
            _number(
                text,
                _Reading(float(NATIVE[counted[1]]), unit, at, counted.end(2), 0.0, "", False),
                unit,
                False,
            )
        ], counted.end(2)
    if (one := _ONE.match(text, at)) and FOLLOWS.match(text, one.end()):
        unit = {"년": "개년", "퍼센트": "%"}.get(one[2], one[2])
        value = float(DIGITS[one[1]])
        return [
            _number(
                text,
                _Reading(-value if negative else value, unit, start, one.end(), value, "", False),
                unit,
                False,
            )
        ], one.end()
    read = letters_at(text, at)
    while read is not None:
        value, end = read
        more = _MORE.match(text, end)
        found = unit_at(text, more.end() if more else end, True)
        if (
            found
            and found[0] in SPELLED_UNITS
            and FOLLOWS.match(text, found[2])
            and _spelled_stands(text[at:end], found[0], found[1])
        ):
            unit = "개년" if found[0] == "년" else found[0]
            return [
                _number(
                    text,
                    _Reading(
                        -value if negative else value, unit, start, found[2], value, "", more is not None
                    ),
                    unit,
                    False,
                )
            ], found[2]
        read = letters_at(text, at, end - 1)  # 삼십|일 이내, 삼만| 이상
    return [], (_end(_SPELLED, text, at) or at + 1)


def _spelled_stands(letters: str, unit: str, counter: str) -> bool:
    """True where letters before a counter are a number and no word: 만 원 and 만원, but not 백회, 일조
    시간.
    """
    if letters[-1] in LETTERS_ALONE and letters[-1] != "억":
        return unit in ("원", "달러", "유로")
    return len(letters) > 1 or counter in _COUNTED_BY_ONE


def heap_numbers(text: str, all_numbers: Iterable[Number]) -> list[Number]:
    """Return those of a text's numbers that stand in a heap, four or more without a word between, as a table
    leaves them that lost its columns.

    >>> text = "민간소비 2.6 -0.9 1.8 1.4, 예산 3"
    >>> [n.value for n in heap_numbers(text, numbers(text))]
    [2.6, -0.9, 1.8, 1.4]
    """
    heaps = [match.span() for match in _HEAP.finditer(text)]
    return [n for n in all_numbers if not n.unit and any(start <= n.start < end for start, end in heaps)]


def caption_units(context: str, bare_numbers: Iterable[Number]) -> list[Number]:
    """Give the bare numbers of a table's rows the units that its caption names: (단위: 억 원, %).

    >>> [(n.value, n.unit) for n in caption_units("예산 (단위: 억 원)", numbers("합계 35"))]
    [(3500000000.0, '원')]
    """
    match = _CAPTION_UNITS.search(context)
    if not match:
        return []
    scaled = []
    for unit in re.split(r"[,/·]", match[1]):
        for probe in numbers(f"1{unit.strip()}"):
            if probe.date is None and probe.article is None:
                scaled += [
                    replace(n, value=round(n.value * probe.value, 6), unit=probe.unit)
                    for n in bare_numbers
                    if not n.unit and n.date is None
                ]
    return scaled
