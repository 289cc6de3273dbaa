"""Read an amount: digits with commas and decimals, scales glued or spaced (1만 2천, 4억 5천만), numerals in
letters (삼만 오천, 스물두).

    amount   = group { LARGE group }            scales go down: 조 > 억 > 만
    group    = figure { SMALL [figure] }        천 > 백 > 십
    figure   = digits [ "." digits ] | 일 … 구

Pure. What stands around an amount (sign, unit, bound) is read in `rag.text.numbers`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from rag.text.units import DIGITS, ENGLISH, FOLLOWS, LARGE, MONEY, NATIVE, SMALL, unit_at
from rag.text.vocabulary import vocabulary

_SCALES = {**SMALL, **LARGE}
PLAIN = r"(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+)?"
_PLAIN = re.compile(PLAIN)
_ENGLISH = re.compile(rf"\s?({'|'.join(ENGLISH)})\b", re.IGNORECASE)
_MORE = re.compile(r"\s?여(?=\s?[가-힣%])")  # 30여 명, 3만여 명, 100여만 명
_LETTERS = re.compile(
    r"[일이삼사오육륙칠팔구십백천만억조경]+(?:(?<=[만억조경])\s[일이삼사오육륙칠팔구십백천만억조]+)*"
)
LETTERS_ALONE = frozenset("억조경")
_RARE = frozenset("조경")  # scales that begin many words: 조사, 조직, 경기
_WORDS = vocabulary(Path(__file__).with_name("units"))
_COUNTED_IN_RARE = frozenset({*MONEY.values(), *_WORDS["counted in rare scales"].words()})


@dataclass(frozen=True, slots=True)
class Amount:
    """`figure` is the number before the first scale, `scales` the scales behind it, `more` says that 여
    follows.
    """

    value: float
    end: int
    figure: float
    scales: str = ""
    more: bool = False


def plain(text: str) -> Fraction | int:
    """Read digits with commas and a decimal point."""
    bare = text.replace(",", "")
    return Fraction(bare) if "." in bare else int(bare)


def amount_at(text: str, at: int) -> Amount | None:
    """Read the amount whose digits begin at a place.

    >>> amount_at("4억 5천만 원", 0)
    Amount(value=450000000.0, end=6, figure=4.0, scales='억천만', more=False)
    >>> amount_at("1만2천명", 0)
    Amount(value=12000.0, end=4, figure=1.0, scales='만천', more=False)
    """
    match = _PLAIN.match(text, at)
    if not match:
        return _scaled(text, at, 1) if text[at] in _SCALES else None  # 천5백
    end = match.end()
    after = text[end : end + 2]
    if not (
        after and (after[0] in _SCALES or after[-1] in _SCALES or after[0] == "여" or after[-1] == "여")
    ) and not (after.strip()[:1].isascii() and after.strip()[:1].isalpha()):
        value = float(match[0].replace(",", ""))
        return Amount(value, end, value)
    first = plain(match[0])
    if english := _ENGLISH.match(text, end):
        return Amount(
            float(first * ENGLISH[english[1].lower()]), english.end(), float(first), english[1].lower()
        )
    return _scaled(text, end, first)


def _scaled(text: str, end: int, first: Fraction | int) -> Amount:
    """Read the scales, and the figures between them, that follow a first figure."""
    total: Fraction | int = 0
    group: Fraction | int = 0
    current: Fraction | int | None = first
    small, large, last = 10**4, 10**20, 10**20  # what the next scale, or figure, must stay below
    scales, more = "", False
    while True:
        if (
            not more
            and (match := _MORE.match(text, end))
            and (unit_at(text, match.end()) or text[match.end() : match.end() + 1] in LARGE)
        ):
            end, more = match.end(), True
        blank = int(text[end : end + 1].isspace())
        letter = text[end + blank : end + blank + 1]
        if letter in SMALL and SMALL[letter] < small and _scale_stands(text, end + blank, bool(blank)):
            group += (1 if current is None else current) * SMALL[letter]
            current, small = None, SMALL[letter]
            last, scales, end = small, scales + letter, end + blank + 1
        elif (
            letter in LARGE
            and (group or current is not None)
            and LARGE[letter] < large
            and _scale_stands(text, end + blank, bool(blank))
        ):
            total += (group + (current or 0)) * LARGE[letter]
            group, current, small, large = 0, None, 10**4, LARGE[letter]
            last, scales, end = large, scales + letter, end + blank + 1
        elif (
            current is None
            and not more
            and isinstance(first, int)
            and (figure := _next_figure(text, end, blank, last, large))
        ):
            current, end = figure
        else:
            return Amount(float(total + group + (current or 0)), end, float(first), scales, more)


def _next_figure(text: str, end: int, blank: int, last: int, large: int) -> tuple[int, int] | None:
    """Read the figure behind a scale: below it, and behind a blank only with a scale of its own or with four
    digits.
    """
    begin = end + blank
    match = _PLAIN.match(text, begin)
    if match and "." not in match[0]:
        value, end = int(match[0].replace(",", "")), match.end()
    elif text[begin : begin + 1] in DIGITS and not blank and text[begin + 1 : begin + 2] in _SCALES:
        value, end = DIGITS[text[begin]], begin + 1
    else:
        return None
    after = text[end : end + 2]
    scale = (
        after[:1]
        if after[:1] in _SCALES
        else after[1:]
        if after[:1].isspace() and after[1:] in _SCALES
        else ""
    )
    fits = (
        value * SMALL.get(scale, 1) < last
        and value * LARGE.get(scale, 1) < large
        and LARGE.get(scale, 1) < large
    )
    if fits and blank and not scale:
        fits = last >= 10**4 and value >= 1000 and unit_at(text, end, True) is not None and text[end] != "년"
    return (value, end) if fits and value else None


def _scale_stands(text: str, at: int, spaced: bool) -> bool:
    """True where the letter at a place is a scale and no word begins with it: 3 만족, 5조사."""
    rare = text[at] in _RARE
    if not spaced and not rare:
        return True
    after = text[at + 1 : at + 2]
    if not ("가" <= after <= "힣") or after in _SCALES or after in ("여", "대"):
        return True
    unit = unit_at(text, at + 1, True)
    if unit is not None and (not rare or unit[0] in _COUNTED_IN_RARE):
        return FOLLOWS.match(text, unit[2]) is not None or not spaced
    return FOLLOWS.match(text, at + 1) is not None


def letters_at(text: str, at: int, until: int | None = None) -> tuple[float, int] | None:
    """Read a number in letters; it holds a scale, and its scales go down: 삼만 오천, 이백만, 천. 조 alone is
    none.

    >>> letters_at("삼만 오천명", 0), letters_at("구조 조정", 0), letters_at("이이천", 0)
    ((35000.0, 5), None, None)
    """
    match = _LETTERS.match(text, at, len(text) if until is None else until)
    if not match or match[0] in LETTERS_ALONE:
        return None
    total = group = 0
    digit: int | None = None
    small, large = 10**4, 10**20
    for letter in match[0]:
        if letter in DIGITS:
            if digit is not None:
                return None
            digit = DIGITS[letter]
        elif letter in SMALL:
            if SMALL[letter] >= small:
                return None
            group, digit, small = group + (1 if digit is None else digit) * SMALL[letter], None, SMALL[letter]
        elif letter in LARGE:
            if LARGE[letter] >= large or (not group and not digit and (total or letter in _RARE)):
                return None
            total, group, digit, small, large = (
                total + (group + (digit or 0) or 1) * LARGE[letter],
                0,
                None,
                10**4,
                LARGE[letter],
            )
    return (float(total + group + (digit or 0)), match.end()) if total or group else None


NATIVE_NUMERAL = "|".join(sorted(NATIVE, key=len, reverse=True))
