"""Items of lists, by the marks that they begin with: - · ○ 1. 가. ① (2). Pure."""

from __future__ import annotations

import re

_MARK = re.compile(
    r"\s*(?:(?P<bullet>[-*•·‣▪○◦ㅇ❍●□■◆◇▶▷※])(?=\s)|(?P<number>\(?\d{1,2}[.)])(?=\s|[^\d.\s])"
    r"|(?P<letter>\(?[가나다라마바사아자차카타파하][.)])(?=\s)|(?P<circled>[①-⑳㉮-㉻]))\s*"
)


def mark_of(line: str) -> str:
    """Return the kind of mark that a line begins with as an item of a list, alike for all items of one list;
    "" for none.

    >>> mark_of("- 신청서 1부"), mark_of("나. 신청 방법: 방문"), mark_of("③ 시장은"), mark_of("3.5배")
    ('-', '가.', '①', '')
    """
    match = _MARK.match(line)
    if match is None:
        return ""
    if match["circled"]:
        return "①"
    mark = match["bullet"] or match["number"] or match["letter"]
    return re.sub("[가-하]", "가", re.sub(r"\d+", "1", mark))


def without_mark(line: str) -> str:
    """Return a line without the mark of an item.

    >>> without_mark("가. 위치: 시청"), without_mark("시청")
    ('위치: 시청', '시청')
    """
    match = _MARK.match(line)
    return line[match.end() :] if match else line
