"""Numbers of Korean and English text, brought to one value and unit, so that spellings can be compared.

    6,710억 = 671,000,000,000        5천만 원 = 50,000,000원        30% = 30퍼센트        4억 5천만 원 = 450,000,000원

Pure. It does not read numbers spelled in letters alone (삼만, thirty).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

_SCALE = {"십": 10, "백": 100, "천": 1_000, "만": 10_000, "억": 10**8, "조": 10**12, "경": 10**16}
_ENGLISH = {"thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12}
_UNITS = {
    "퍼센트": "%", "프로": "%", "percent": "%", "％": "%", "%p": "%p", "%": "%", "원": "원", "krw": "원", "달러": "달러", "dollars": "달러", "usd": "달러",
    "유로": "유로", "엔": "엔", "위안": "위안", "명": "명", "인": "명", "개": "개", "곳": "곳", "개국": "개국", "장": "장", "대": "대", "건": "건", "배": "배",
    "년": "년", "개월": "개월", "월": "월", "일": "일", "시간": "시간", "시": "시", "분기": "분기", "분": "분", "초": "초", "주": "주", "위": "위", "차": "차",
    "조": "조", "항": "항", "호": "호", "회": "회", "점": "점", "호기": "호기", "세": "세", "권": "권", "종": "종",
    "톤": "톤", "gw": "gw", "mw": "mw", "kw": "kw",
}  # fmt: skip
_PART = r"\d[\d,]*(?:\.\d+)?"
_NUMBER = re.compile(
    rf"(?<![\d.])({_PART})((?:\s?(?:[십백천]?[만억조경]|[십백천])(?![가-힣]*[명칭])(?:\s?{_PART}(?=\s?[십백천만억조]))?)*)\s?"
    rf"({'|'.join(sorted(map(re.escape, [*_UNITS, *_ENGLISH]), key=len, reverse=True))})?",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Number:
    """A number in a text. `unit` is "" where none follows; `start`, `end` are its span."""

    value: float
    unit: str
    start: int
    end: int


def numbers(text: str) -> list[Number]:
    """Find the numbers of a text in order.

    >>> [(n.value, n.unit) for n in numbers("예산은 4억 5천만 원, 이용자는 40.7만 명이다")]
    [(450000000.0, '원'), (407000.0, '명')]
    """
    found = []
    for match in _NUMBER.finditer(text):
        head, scales, tail = match.groups()
        if text[: match.start()].rstrip().endswith("제") and scales.strip() == "조":  # an article of a law, not a trillion
            found.append(Number(_plain(head), "조", match.start(), match.end()))
            continue
        value = _value(head, scales or "")
        unit = (tail or "").lower()
        if unit in _ENGLISH:
            value *= _ENGLISH[unit]
            unit = ""
        found.append(Number(value, _UNITS.get(unit, ""), match.start(), match.end()))
    return found


def missing_numbers(claim: Iterable[Number], source: Iterable[Number]) -> list[Number]:
    """Return the numbers of a claim that the source does not hold with the same value and, where both have one, the same unit."""
    have = list(source)
    return [n for n in claim if not any(_equal(n, s) for s in have)]


def _equal(a: Number, b: Number) -> bool:
    return abs(a.value - b.value) <= 1e-9 * max(1.0, abs(a.value)) and (not a.unit or not b.unit or a.unit == b.unit)


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


def _plain(text: str) -> float:
    return float(text.replace(",", "").rstrip(".") or 0)
