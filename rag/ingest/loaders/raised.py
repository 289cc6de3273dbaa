"""Raised letters: marks of notes, which glued to a figure would change it, and exponents."""

from __future__ import annotations

import re

_NOTE = re.compile(r"\s*(\(?\d{1,3}\)|[*†‡]+|주\s?\d*\)?|\[\d{1,3}\])(\s?,?\s?(\d{1,3}\)|[*†‡]+))*\s*")
_POWER = str.maketrans("0123456789+-−()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁽⁾ⁿ")
_COUNTED = re.compile(
    r"(\d,\d{3}|\d{3}|[가-힣”’\"'])$"
)  # what a bare figure is a note of; else it is an exponent


def raised(text: str, before: str) -> str:
    """Return what a raised piece of text becomes in a line of text: nothing for the mark of a note, whose
    text stands elsewhere, raised figures for an exponent.

    Args:
        before: what stands before it.

    >>> raised("1)", "이용자는 3,200"), raised("2", "면적은 12m")
    ('', '²')
    >>> raised("1", "이용자는 3,200"), raised("n", "P(1+r)")
    ('', 'ⁿ')
    """
    if _NOTE.fullmatch(text):
        return ""
    if re.fullmatch(r"\d{1,2}", text) and _COUNTED.search(before):
        return ""
    return text.translate(_POWER) if re.fullmatch(r"[\d+\-−n()]+", text) else text
