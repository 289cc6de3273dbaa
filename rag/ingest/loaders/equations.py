"""Equations of Hangul documents, whose script is a language of its own (한글 수식 편집기), as a line of
text.
"""

from __future__ import annotations

import re

_SIGNS = {
    "times": "×",
    "div": "÷",
    "over": "/",
    "le": "≤",
    "leq": "≤",
    "ge": "≥",
    "geq": "≥",
    "ne": "≠",
    "neq": "≠",
    "approx": "≈",
    "pm": "±",
    "cdot": "·",
    "sum": "Σ",
    "sqrt": "√",
    "inf": "∞",
}
_NOTHING = frozenset("left right rm it bold from to".split())
_TOKEN = re.compile(r"[A-Za-z]+|[{}~`#&]|\s+|[^A-Za-z{}~`#&\s]+")


def linear(script: str) -> str:
    """Spell an equation's script as text; a group of several parts is put in brackets.

    >>> linear("평점=배점한도 TIMES LEFT ( {최저가격} over {해당가격} RIGHT )")
    '평점=배점한도 × (최저가격 / 해당가격)'
    >>> linear("{a-b} over {c}")
    '(a-b) / c'
    """
    parts: list[str] = []
    opened: list[int] = []
    for token in _TOKEN.findall(script):
        word = token.lower()
        if token == "{":
            opened.append(len(parts))
        elif token == "}" and opened:
            start = opened.pop()
            inside = "".join(parts[start:]).strip()
            raised = start > 0 and parts[start - 1].endswith(("^", "_"))
            inside = f"({inside})" if re.search(r"[-+×÷/ ]", inside) else inside
            parts[start:] = [inside, " " if raised else ""]
        elif token in "~`&" or token.isspace():
            parts.append(" ")
        elif token == "#":
            parts.append("\n")
        elif word in _SIGNS:
            parts.append(f" {_SIGNS[word]} ")
        elif word not in _NOTHING and token != "}":
            parts.append(token)
    text = re.sub(r" +", " ", "".join(parts)).strip()
    return re.sub(r"(?<=[(\[]) | (?=[)\]])", "", text)
