"""Tables of what is written with a number: units and their dimensions, scales, numerals in words, bounds,
and what may follow a counter.

The words, and why each is there, are in units.txt. Data and two look-ups; reading is done in
`rag.text.amounts`, `rag.text.dates` and `rag.text.numbers`.
"""

from __future__ import annotations

import re

from rag.text.vocabulary import alternatives, vocabulary


def _measure(key: str) -> tuple[str, float]:
    dimension, factor = key.split(" ")
    return dimension, float(factor)


_WORDS = vocabulary(__file__)

SMALL = {"십": 10, "백": 100, "천": 1_000}
LARGE = {"만": 10**4, "억": 10**8, "조": 10**12, "경": 10**16}
ENGLISH = {"thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12}
DIGITS = _WORDS["figures"].keys(int)
_ONES = _WORDS["ones"].keys(int)
_TENS = _WORDS["tens"].keys(int)
NATIVE = {
    **_WORDS["numerals before counters"].keys(int),
    **_ONES,
    **_TENS,
    **{f"{ten}{one}": a + b for ten, a in _TENS.items() for one, b in _ONES.items()},
}
NATIVE_COUNTERS = _WORDS["counters"].words()

MONEY = _WORDS["money"].keys(str)
CURRENCY = _WORDS["currency"].keys(str)
# Written → name, in lower case.
UNITS = {
    **MONEY,
    **{word: unit for word, unit in CURRENCY.items() if word.isalpha()},
    **_WORDS["units"].keys(str),
}
# Unit → its dimension, how many of the dimension's own unit one is.
MEASURES = _WORDS["measures"].keys(_measure)
ORDINAL = frozenset(_WORDS["ordinal"].words())
SPELLED_UNITS = frozenset(_WORDS["units of numerals in letters"].words())

FOLLOWS = re.compile("(?:" + alternatives(_WORDS["followers"].words()) + "){0,4}(?![가-힣])")
_NOUNS = re.compile("(?:" + alternatives(_WORDS["nouns like counters"].words()) + ")(?![가-힣]{2})")
_LONGEST = max(map(len, UNITS))

BOUNDS_BEFORE = _WORDS["bounds before"].keys(str)
BOUNDS = {**BOUNDS_BEFORE, **_WORDS["bounds behind"].keys(str)}


def unit_at(text: str, at: int, scaled: bool = False) -> tuple[str, str, int] | None:
    """Read the unit that stands at a place, or behind one blank there.

    Args:
        scaled: a large number stands before it, after which a word that looks like a counter is one (5만
            원인, but 5 원인).
    Returns: (its name, what is written, where it ends), None where no unit stands.

    >>> unit_at("3 퍼센트는", 1), unit_at("3 대학", 1)
    (('%', '퍼센트', 5), None)
    """
    begin = at + 1 if text[at : at + 1].isspace() else at
    window = text[begin : begin + _LONGEST].lower()
    for n in range(len(window), 0, -1):
        name = UNITS.get(window[:n])
        if name is None:
            continue
        end = begin + n
        last, after = window[n - 1], text[end : end + 1]
        if last.isascii() and last.isalnum() and after.isascii() and after.isalnum():
            continue
        spaced = begin > at or name == "%" or " " in window[:n]  # 9프로그램, 3개 사업
        if (
            spaced
            and "가" <= last <= "힣"
            and (not FOLLOWS.match(text, end) or (begin > at and not scaled and _NOUNS.match(text, begin)))
        ):
            continue
        return name, window[:n], end
    return None


def same_dimension(a: str, b: str) -> bool:
    """True where two units measure the same: 배 and %, km and m.

    >>> same_dimension("배", "%"), same_dimension("%", "%p")
    (True, False)
    """
    return a == b or (a in MEASURES and b in MEASURES and MEASURES[a][0] == MEASURES[b][0])
