"""Whether a line of a page goes on in the next, as far as their words tell."""

from __future__ import annotations

import re

_BULLET = re.compile(
    r"^\s*([-–·•‣▪▸○◦ㅇ❍●□■◆◇▶※*☞➊-➓①-⑳]|\(?\d{1,2}[.)]|\(?[가나라마바사아자차카타파하][.)]|다\)|제\s?\d+\s?[조장절]|[ⅠⅡⅢⅣⅤⅥⅦⅧⅨⅩ]\s?\.)\s?"
)
_ENDED = re.compile(r"[.!?:;]\s*$|다\.[”’\"')]*$")


def may_go_on(before: str, line: str) -> bool:
    """Return False where a line ends a sentence or the next begins an item of its own.

    >>> may_go_on("시는 집에서 지내는", "어르신을 돕는다."), may_go_on("예산은 다음과 같다", "가. 국비")
    (True, False)
    """
    return not _BULLET.match(line) and not _ENDED.search(before)
