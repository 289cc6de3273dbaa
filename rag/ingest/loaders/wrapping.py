"""Whether a line of a page goes on in the next, as far as their words tell."""

from __future__ import annotations

import re

_BULLET = re.compile(
    r"^\s*(-(?!-)|[–·•‣▪▸○◦ㅇ❍●□■◆◇▶※*☞➊-➓①-⑳]|\(?\d{1,2}[.)]|\(?[가나라마바사아자차카타파하][.)]|다\)|제\s?\d+\s?[장절](?![가-힣])|제\s?\d+\s?조(?:의\s?\d+)?(?:제\d+[항호목])*(?!\s?(?:에|의|및|부터|까지|과|와|또는|[,ㆍ·])|[\d제])|[ⅠⅡⅢⅣⅤⅥⅦⅧⅨⅩ]\s?\.)\s?"
)
_ENDED = re.compile(r"[.!?:;]\s*$|다\.[”’\"')]*$")


def may_go_on(before: str, line: str) -> bool:
    """Return False where a line ends a sentence or the next begins an item of its own.

    >>> may_go_on("시는 집에서 지내는", "어르신을 돕는다."), may_go_on("예산은 다음과 같다", "가. 국비")
    (True, False)
    >>> may_go_on("기본계획은 이 법", "제10조제2항에 따라"), may_go_on("이 장은 다음과 같다", "제10조(위원회)")
    (True, False)
    >>> may_go_on("5. 요건을 갖춘 단체", "제22조제3항 후단 중 “여성”을 “청년”으로 한다.")
    False
    """
    return not begins_item(line) and not _ENDED.search(before)


def begins_item(line: str) -> bool:
    """True for a line that begins an item or an article."""
    return _BULLET.match(line) is not None
