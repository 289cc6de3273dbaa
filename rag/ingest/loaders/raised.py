"""Raised letters: marks of notes, which glued to a figure would change it, and exponents."""

from __future__ import annotations

import re

_NOTE = re.compile(r"\s*(\(?\d{1,3}\)|[*†‡]+|주\s?\d*\)?|\[\d{1,3}\])(\s?,?\s?(\d{1,3}\)|[*†‡]+))*\s*")
_POWER = str.maketrans("0123456789+-−()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁽⁾ⁿ")
_BASE = re.compile(r"([A-Za-z㎜㎝㎞]|(?<![\d,.])(?:10|2))$")


def raised(text: str, before: str) -> str:
    """Return what a raised piece of text becomes in a line of text: nothing for the mark of a note, whose
    text stands elsewhere, raised figures for an exponent.

    Args:
        before: what stands before it.

    >>> raised("1)", "이용자는 3,200"), raised("2", "면적은 12m"), raised("1", "이용자는 3,200")
    ('', '²', '')
    """
    if _NOTE.fullmatch(text):
        return ""
    if re.fullmatch(r"[\d+\-−n()]+", text):
        return text.translate(_POWER) if _BASE.search(before) else "" if len(text) <= 2 else text
    return text
