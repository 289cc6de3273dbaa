"""Numbers as office programs draw them before paragraphs: 1, 가, ①, Ⅱ."""

from __future__ import annotations

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
