"""Numbers of Korean and English text, brought to one value and unit, so that spellings can be compared.

    6,710억 = 671,000,000,000      5천만 원 = 50,000,000원      삼만 명 = 3만 명      세 가지 = 3가지
    30% = 30퍼센트 = 10분의 3       제3조제2항                   '24.3.12. = 2024년 3월 12일      10만 대 이상 ≠ 10만 대 이하

Pure. Dates are one number of unit "날짜" with the parts that are named (year, quarter, month, day).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

Date = tuple[int | None, int | None, int | None, int | None]  # year, quarter (5, 6: halves), month, day
DATE = "날짜"

_SCALE = {"십": 10, "백": 100, "천": 1_000, "만": 10_000, "억": 10**8, "조": 10**12, "경": 10**16}
_DIGITS = {"일": 1, "이": 2, "삼": 3, "사": 4, "오": 5, "육": 6, "칠": 7, "팔": 8, "구": 9}
_NATIVE = {
    "한": 1, "두": 2, "세": 3, "네": 4, "다섯": 5, "여섯": 6, "일곱": 7, "여덟": 8, "아홉": 9, "열": 10, "열한": 11, "열두": 12, "스무": 20,
    "하나": 1, "둘": 2, "셋": 3, "넷": 4,
}  # fmt: skip
_ENGLISH = {"thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12}
_UNITS = {
    "퍼센트포인트": "%p", "%포인트": "%p", "%p": "%p", "퍼센트": "%", "프로": "%", "percent": "%", "％": "%", "%": "%",
    "원": "원", "krw": "원", "달러": "달러", "dollars": "달러", "usd": "달러", "불": "달러", "유로": "유로", "엔": "엔", "위안": "위안",
    "명": "명", "인": "명", "사람": "명", "개국": "개국", "나라": "개국", "개사": "개사", "개소": "곳", "군데": "곳", "곳": "곳", "가지": "개", "개": "개",
    "개월": "개월", "달": "개월", "개년": "개년", "년간": "개년", "년도": "년", "년": "년", "월": "월", "일간": "일", "일": "일", "시간": "시간", "시": "시",
    "분기": "분기", "분": "분", "초": "초", "주일": "주", "주간": "주", "주": "주", "위": "위", "번째": "위", "차례": "회", "번": "회", "회": "회", "차": "차",
    "조": "조", "항": "항", "호기": "호기", "호": "호", "점": "점", "세대": "세대", "세기": "세기", "세": "세", "살": "세", "권": "권",
    "종류": "종", "종": "종",    "장": "장", "대": "대", "건": "건", "배": "배",
    "가구": "가구", "쪽": "쪽", "면": "면", "단계": "단계", "마리": "마리", "채": "채", "동": "동", "층": "층",
    "평": "평", "석": "석", "편": "편", "부": "부", "팀": "팀", "학급": "학급", "지역": "지역", "분야": "분야", "등급": "등급", "학년": "학년", "학기": "학기",
    "문항": "문항", "과목": "과목", "좌": "좌", "주년": "주년", "할": "할", "bp": "bp", "톤": "톤", "㎡": "㎡", "km": "km", "kg": "kg", "ha": "ha",
    "gw": "gw", "mw": "mw", "kw": "kw", "years": "년", "months": "개월", "hours": "시간", "people": "명",
}  # fmt: skip
_COUNTERS = (
    "명 사람 개 가지 곳 군데 나라 개국 개사 차례 번째 번 달 시간 장 대 건 배 권 살 마리 채 쪽 단계 팀 지역 분야 종류 편 학급 층 해 과목 세대 주 잔".split()
)
_PART = r"\d[\d,]*(?:\.\d+)?"
_UNIT = "|".join(sorted(map(re.escape, [*_UNITS, *_ENGLISH]), key=len, reverse=True))
_SCALES = rf"(?:(?:\s?(?:[십백천]?[만억조경]|[십백천])(?![가-힣]*[명칭])(?:\s?{_PART}(?=\s?[십백천만억조]))?)*)"
_NUMBER = re.compile(rf"(?<![\d.a-z])(?<![a-z]-)({_PART})({_SCALES})\s?({_UNIT})?", re.IGNORECASE)
_RANGE = re.compile(rf"\s?(?:~|∼|-|–|to)\s?(?={_PART})", re.IGNORECASE)
_SPELLED = re.compile(
    r"(?<![가-힣\d])([일이삼사오육칠팔구십백천]*[십백천만억조][일이삼사오육칠팔구십백천만억조]*)\s?(원|명|개|달러|장|대|곳|건|톤|가구|년)(?![가-힣]{3})"
)
_COUNTED = re.compile(
    rf"(?<![가-힣])({'|'.join(sorted(_NATIVE, key=len, reverse=True))})\s?({'|'.join(sorted(_COUNTERS, key=len, reverse=True))})"
    r"(?:은|는|이|가|을|를|의|씩|째|에|로|과|와|도|만|\b)"
)
_FRACTION = re.compile(rf"({_PART})\s?분의\s?({_PART})")
_DOTTED = re.compile(r"(?<![\d.])(?:(\d{4})|['’‘](\d{2}))\s?[.\-/]\s?(\d{1,2})(?:\s?[.\-/]\s?(\d{1,2}))?(?![\d%]|\.\d)\.?")
_SHORT = re.compile(r"(?<![\d.,])(\d{2})\.(\d{1,2})(?:\.(\d{1,2})\.?(?![\d%절장항조판]|\.\d)|(?=\s?[~∼-]\s?(?:\d{2}\.)?\d{1,2}월))")  # 23.9.1, 23.4~8월
_WORDED = re.compile(
    r"(?<![\d.,])(?:(\d{4})|['’‘](\d{2}))\s?년도?(?:\s?도)?(?:\s?(\d)\s?/?\s?분기|\s?([상하])반기)?(?:\s?(\d{1,2})월)?(?:\s?(\d{1,2})일)?(?!\s?(?:간|만에|동안))"
    r"|(?<![\d.,])(\d{1,2})월(?:\s?(\d{1,2})일)?"
    r"|(?<![\d.,])(\d)\s?/\s?4\s?분기|(?<![\d.,])(\d)\s?분기|(?<![가-힣])([상하])반기"
)
_AFTER = re.compile(r"\s?(?:여\s?)?(?:[가-힣]{1,3}\s)?(이상|이하|이내|미만|초과|넘(?=[는게어은었으])|을 넘|를 넘|or more|or less)")
_BEFORE = re.compile(
    r"(최소한?|적어도|최대|많아야|at least|at most|up to|more than|over|less than|fewer than|under)\s?(?:약\s?)?(?:[a-z가-힣]{1,12}\s){0,1}$", re.IGNORECASE
)
_BOUNDS = {
    "이상": ">=", "최소": ">=", "최소한": ">=", "적어도": ">=", "at least": ">=", "or more": ">=", "이하": "<=", "이내": "<=", "최대": "<=", "많아야": "<=",
    "at most": "<=", "up to": "<=", "or less": "<=", "미만": "<", "less than": "<", "fewer than": "<", "under": "<", "초과": ">", "넘": ">", "을 넘": ">",
    "를 넘": ">", "more than": ">", "over": ">",
}  # fmt: skip
_HEAP = re.compile(rf"-?{_PART}(?:\s+-?{_PART}){{3,}}")
_CAPTION_UNITS = re.compile(r"단위\s*[:：]?\s*([^)\]\n|]+)")


@dataclass(frozen=True, slots=True)
class Number:
    """A number in a text.

    `unit` is "" where none follows; `bound` is one of >= <= > < or ""; `part` is "from" or "to" at the ends of a range, whose other end
    is `mate`; `date` is set for unit "날짜"; `start`, `end` are its span.
    """

    value: float
    unit: str
    start: int
    end: int
    bound: str = ""
    part: str = ""
    date: Date | None = None
    mate: float | None = None


def numbers(text: str) -> list[Number]:
    """Find the numbers of a text in order. Digits inside a name (H100, G3, MATH-500) are none.

    >>> [(n.value, n.unit) for n in numbers("예산은 4억 5천만 원, 이용자는 40.7만 명이다")]
    [(450000000.0, '원'), (407000.0, '명')]
    >>> [(n.value, n.unit, n.bound) for n in numbers("H100 삼만 장, 다섯 곳, 10분의 3, 최소 10만 대")]
    [(30000.0, '장', ''), (5.0, '곳', ''), (30.0, '%', ''), (100000.0, '대', '>=')]
    >>> [n.date for n in numbers("'24.3.12.과 2024년 2분기")]
    [(2024, None, 3, 12), (2024, 2, None, None)]
    """
    found: list[Number] = []
    taken = bytearray(len(text) + 1)

    def add(value: float, unit: str, start: int, end: int, part: str = "", date: Date | None = None, mate: float | None = None) -> None:
        if any(taken[start:end]):
            return
        taken[start:end] = b"\1" * (end - start)
        found.append(Number(value, unit, start, end, "" if date else _bound(text, start, end), part, date, mate))

    for match in _DOTTED.finditer(text):
        year, short, month, day = match.groups()
        if 1 <= int(month) <= 12 and 1 <= int(day or 1) <= 31 and 1900 <= int(year or 2000) < 2200:
            add(0.0, DATE, *match.span(), date=(int(year or 2000 + int(short)), None, int(month), int(day) if day else None))
    for match in _SHORT.finditer(text):
        if 1 <= int(match[2]) <= 12 and 1 <= int(match[3] or 1) <= 31:
            add(0.0, DATE, *match.span(), date=(2000 + int(match[1]), None, int(match[2]), int(match[3]) if match[3] else None))
    for match in _WORDED.finditer(text):
        if match[1] and re.search(r"\d\s?[~∼\-–]\s?$", text[max(0, match.start() - 4) : match.start()]):
            continue  # the end of 2003~2007년 is read with its beginning
        add(0.0, DATE, *match.span(), date=_date(match))
    for match in _FRACTION.finditer(text):
        if _plain(match[1]):
            add(100 * _plain(match[2]) / _plain(match[1]), "%", *match.span())
    open_range: tuple[str, str, int, int, bool] | None = None
    for match in _NUMBER.finditer(text):
        head, scales, tail = match.groups()
        start, end = match.span()
        if taken[start]:
            continue
        if text[:start].rstrip().endswith("제") and scales.strip() == "조":  # an article of a law, not a trillion
            add(_plain(head), "조", start, end)
            continue
        unit = (tail or "").lower()
        joins = _RANGE.match(text, end)
        if open_range is not None:
            low, low_scales, a, b, whole = open_range
            open_range = None
            _add_range(add, (low, low_scales if whole else low_scales or _last_scale(scales), a, b), (head, scales, start, end), _UNITS.get(unit, ""))
            continue
        if joins and (following := _NUMBER.match(text, joins.end())):
            after = _UNITS.get((following[3] or "").lower(), "")
            if not unit or _UNITS.get(unit, "") == after:
                open_range = (head, scales or "", start, end, bool(unit))
                continue
        value = _value(head, scales or "")
        if unit in _ENGLISH:
            value *= _ENGLISH[unit]
            unit = ""
        name = _UNITS.get(unit, "")
        add(value * 10 if name == "할" else value, "%" if name == "할" else name, start, end)
    for match in _SPELLED.finditer(text):
        add(_spelled(match[1]), _UNITS[match[2]], match.start(), match.end(2))
    for match in _COUNTED.finditer(text):
        add(float(_NATIVE[match[1]]), "년" if match[2] == "해" else _UNITS.get(match[2], match[2]), match.start(), match.end(2))
    return sorted(found, key=lambda n: (n.start, n.part == "to"))


def heaped(text: str, found: Iterable[Number]) -> list[Number]:
    """Return those of a text's numbers that stand in a heap, four or more without a word between, as a table leaves them that lost its columns.

    >>> text = "민간소비 2.6 0.9 1.8 1.4, 예산 3"
    >>> [n.value for n in heaped(text, numbers(text))]
    [2.6, 0.9, 1.8, 1.4]
    """
    heaps = [match.span() for match in _HEAP.finditer(text)]
    return [n for n in found if not n.unit and any(start <= n.start < end for start, end in heaps)]


def caption_units(context: str, found: Iterable[Number]) -> list[Number]:
    """Give the bare numbers of a table's rows the units that its caption names: (단위: 억 원, %).

    >>> [(n.value, n.unit) for n in caption_units("예산 (단위: 억 원)", numbers("합계 35"))]
    [(3500000000.0, '원')]
    """
    named = _CAPTION_UNITS.search(context)
    if not named:
        return []
    scaled = []
    for unit in re.split(r"[,/·]", named[1]):
        for probe in numbers(f"1{unit.strip()}"):
            scaled += [Number(n.value * probe.value, probe.unit, n.start, n.end) for n in found if not n.unit and n.date is None]
    return scaled


def missing_numbers(claim: Iterable[Number], source: Iterable[Number]) -> list[Number]:
    """Return the numbers of a claim that the source does not hold: value, unit, bound, ends of a range, parts of a date."""
    have, said = list(source), list(claim)

    def holds(n: Number, s: Number) -> bool:
        whole = s.mate is None or n.mate is not None or any(other.value == s.mate for other in said)  # 30년 is not 30~40년
        return whole and same_number(n, s)

    return [n for n in said if not any(holds(n, s) for s in have)]


def same_number(claim: Number, source: Number) -> bool:
    """True when what a claim says is what the source says. A claim may leave a unit or "at least" away, it may not add or change them.

    >>> a, b = numbers("10만 대 이상")[0], numbers("10만 대")[0]
    >>> same_number(b, a), same_number(a, b)
    (True, False)
    """
    if claim.date or source.date:
        return _same_date(claim, source)
    if abs(claim.value - source.value) > 1e-9 * max(1.0, abs(claim.value)):
        return False
    if claim.unit and source.unit and claim.unit != source.unit:
        return False
    if claim.bound != source.bound and (claim.bound or (source.bound in "<>" and source.bound)):
        return False
    return not claim.part or not source.part or claim.part == source.part


def same_measure(a: Number, b: Number) -> bool:
    """True for numbers that could be taken for each other: of one unit, neither a date."""
    return a.unit == b.unit and a.date is None and b.date is None


def _same_date(claim: Number, source: Number) -> bool:
    if claim.date and source.date:
        pairs = list(zip(claim.date, source.date, strict=True))
        if any(c is not None and c != s for c, s in pairs):
            return False
        return not (claim.date[1] is None and source.date[1] is not None)  # a year is not its quarter
    date, plain = (claim.date, source) if claim.date else (source.date, claim)
    assert date is not None
    year, quarter, _month, day = date
    if claim.date:  # "2024년" may stand as a bare 2024 in a table's head
        return not plain.unit and claim.date == (int(plain.value), None, None, None)
    return (plain.unit == "일" and plain.value == day) or (not plain.unit and year is not None and plain.value == year and quarter is None)


def _date(match: re.Match[str]) -> Date:
    year, short, quarter, half, month, day, month2, day2, quarter2, quarter3, half2 = match.groups()
    whole = int(year) if year else 2000 + int(short) if short else None
    q = quarter or quarter2 or quarter3
    h = half or half2
    return (whole, int(q) if q else {"상": 5, "하": 6}[h] if h else None, int(month or month2 or 0) or None, int(day or day2 or 0) or None)


def _add_range(add: object, low: tuple[str, str, int, int], high: tuple[str, str, int, int], unit: str) -> None:
    assert callable(add)
    ends = _value(*low[:2]), _value(*high[:2])
    for (_, _, start, end), part, value, mate in ((low, "from", *ends), (high, "to", *ends[::-1])):
        if unit == "년" and 1900 <= value < 2200:
            add(0.0, DATE, start, end, part, (int(value), None, None, None))
        else:
            add(value, unit, start, end, part, mate=mate)


def _last_scale(scales: str) -> str:
    """The scale that 3~5만 gives to its beginning, too."""
    return re.sub(r"[\d,.\s]", "", scales)


def _bound(text: str, start: int, end: int) -> str:
    if match := _AFTER.match(text, end):
        return _BOUNDS[match[1].lower()]
    if match := _BEFORE.search(text[max(0, start - 24) : start]):
        return _BOUNDS[match[1].lower()]
    return ""


def _value(head: str, scales: str) -> float:
    """Add up "4" + "억 5천만": groups of ten thousand, each with a count before it.

    >>> _value("4", "억 5천만")
    450000000.0
    """
    total = group = 0.0
    current: float | None = _plain(head)
    for part in re.finditer(rf"{_PART}|[십백천만억조경]", scales):
        if part[0][0].isdigit():
            group += current or 0.0
            current = _plain(part[0])
        elif _SCALE[part[0]] < 10_000:
            group += (1.0 if current is None else current) * _SCALE[part[0]]
            current = None
        else:
            total += (group + (current or 0.0)) * _SCALE[part[0]]
            group, current = 0.0, None
    return total + group + (current or 0.0)


def _spelled(letters: str) -> float:
    """Read a number in letters.

    >>> _spelled("삼만오천"), _spelled("이십")
    (35000.0, 20.0)
    """
    total = group = digit = 0.0
    for letter in letters:
        if letter in _DIGITS:
            digit = _DIGITS[letter]
        elif _SCALE[letter] < 10_000:
            group += (digit or 1.0) * _SCALE[letter]
            digit = 0.0
        else:
            total += (group + digit or 1.0) * _SCALE[letter]
            group = digit = 0.0
    return total + group + digit


def _plain(text: str) -> float:
    return float(text.replace(",", "").rstrip(".") or 0)
