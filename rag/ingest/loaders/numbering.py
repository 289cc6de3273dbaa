"""Numbers as office programs draw them before paragraphs: 1, 가, ①, Ⅱ, 제3조."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

_CIRCLED = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"
_SYLLABLES = "가나다라마바사아자차카타파하"
_LETTERS = "ㄱㄴㄷㄹㅁㅂㅅㅇㅈㅊㅋㅌㅍㅎ"
_ROMAN = ["", "Ⅰ", "Ⅱ", "Ⅲ", "Ⅳ", "Ⅴ", "Ⅵ", "Ⅶ", "Ⅷ", "Ⅸ", "Ⅹ", "Ⅺ", "Ⅻ"]
_LATIN = "abcdefghijklmnopqrstuvwxyz"
_SERIES = {  # names of Hangul's (upper case) and Word's formats
    "HANGUL_SYLLABLE": _SYLLABLES,
    "ganada": _SYLLABLES,
    "HANGUL_JAMO": _LETTERS,
    "chosung": _LETTERS,
    "CIRCLED_DIGIT": _CIRCLED,
    "decimalEnclosedCircle": _CIRCLED,
    "decimalEnclosedCircleChinese": _CIRCLED,
    "ROMAN_CAPITAL": _ROMAN[1:],
    "upperRoman": _ROMAN[1:],
    "ROMAN_SMALL": [letter.lower() for letter in _ROMAN[1:]],
    "lowerRoman": [letter.lower() for letter in _ROMAN[1:]],
    "LATIN_CAPITAL": _LATIN.upper(),
    "upperLetter": _LATIN.upper(),
    "LATIN_SMALL": _LATIN,
    "lowerLetter": _LATIN,
}


def spelled(number: int, form: str) -> str:
    """Return a number, from 1, as a numbering format spells it; in figures where the series is too short or
    unknown.

    >>> [spelled(2, form) for form in ("DIGIT", "HANGUL_SYLLABLE", "ganada", "CIRCLED_DIGIT", "upperRoman")]
    ['2', '나', '나', '②', 'Ⅱ']
    """
    series = _SERIES.get(form, "")
    return series[number - 1] if 0 < number <= len(series) else str(number)


@dataclass(frozen=True, slots=True)
class Level:
    """A level of a numbering: `pattern` as the file has it, in which ^1 or %1 stands for the number of the
    first level; `form`, see `spelled`; the first number.
    """

    pattern: str
    form: str
    start: int = 1


class Counters:
    """How far each numbering of a document has counted."""

    def __init__(self) -> None:
        self._counts: dict[str, list[int]] = {}

    def draw(self, key: str, levels: Mapping[int, Level], level: int) -> str:
        """Count one more paragraph, and return what is drawn before it; "" where the level is not known.

        Args:
            key: what counts together. levels: by depth, from 0.

        >>> law = {0: Level("제%1조", "decimal", 3), 1: Level("%2.", "ganada")}
        >>> counters = Counters()
        >>> [counters.draw("1", law, level) for level in (0, 1, 1, 0)]
        ['제3조', '가.', '나.', '제4조']
        """
        if level not in levels:
            return ""
        counts = self._counts.setdefault(key, [])
        while len(counts) <= level:
            depth = len(counts)
            counts.append((levels[depth].start if depth in levels else 1) - 1)
        counts[level] += 1
        del counts[level + 1 :]

        def number(match: re.Match[str]) -> str:
            at = int(match[1]) - 1
            value = max(1, counts[at]) if at < len(counts) else 1
            return spelled(value, levels[at].form if at in levels else "")

        return re.sub(r"[\^%](\d)", number, levels[level].pattern)
