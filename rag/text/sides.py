"""The two sides of a table that compares two wordings: 현행 and 개정안, 변경 전 and 변경 후. Pure."""

from __future__ import annotations

import re

from rag.text.vocabulary import vocabulary

_WORDS = vocabulary(__file__)
_BEFORE = re.compile("(?:" + _WORDS["before"].pattern() + ")")
_AFTER = re.compile("(?:" + _WORDS["after"].pattern() + ")")
_SPACED_OUT = re.compile(r"(?<=[가-힣])\s+(?=[가-힣])")
_LABEL = re.compile(f"(?:{_BEFORE.pattern}|{_AFTER.pattern}): ")


def name_of_side(header: str) -> str:
    """Return a header as its rows name it: offices space words out.

    >>> name_of_side("개 정 안"), name_of_side("Proposed text")
    ('개정안', 'Proposed text')
    """
    return _SPACED_OUT.sub("", header.strip())


def are_sides(left: str, right: str) -> bool:
    """True for the headers of an old and a new wording.

    >>> are_sides("현 행", "개 정 안"), are_sides("질문", "답변")
    (True, False)
    """
    return bool(_BEFORE.fullmatch(name_of_side(left)) and _AFTER.fullmatch(name_of_side(right)))


def label_of(line: str) -> str:
    """Return the side that a line names before its words, with what parts both; "" where it names none.

    >>> label_of("개정안: ⑤ 시장은 위원을 위촉한다."), label_of("대상: ① 노인")
    ('개정안: ', '')
    """
    match = _LABEL.match(line)
    return match[0] if match else ""
