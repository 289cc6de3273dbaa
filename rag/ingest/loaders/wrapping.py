"""Whether a line of a page goes on in the next, as far as their words tell."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable
from itertools import pairwise

_BULLET = re.compile(
    r"^\s*(-(?!-)|[–·•‣▪▸○◦ㅇ❍●□■◆◇▶※*☞➊-➓①-⑳]|\(?\d{1,2}[.)]|\(?[가나라마바사아자차카타파하][.)]|다\)|제\s?\d+\s?[장절](?![가-힣])|제\s?\d+\s?조(?:의\s?\d+)?(?:제\d+[항호목])*(?!\s?(?:에|의|및|부터|까지|과|와|또는|[,ㆍ·])|[\d제])|[ⅠⅡⅢⅣⅤⅥⅦⅧⅨⅩ]\s?\.)\s?"
)
STEM = 2  # letters of a word behind a seam that tell it: a particle may follow
MIN_WORD = 4  # letters of both together
_WORD = re.compile("[가-힣]+")
_LAST = re.compile("[가-힣]+$")
_BLANK = re.compile(r"\s+")
_ENDED = re.compile(r"[.!?:;]\s*$|다\.[”’\"')]*$")


def may_go_on(before: str, line: str) -> bool:
    """Return False where a line ends a sentence or the next begins an item of its own.

    >>> may_go_on("시는 집에서 지내는", "어르신을 돕는다."), may_go_on("예산은 다음과 같다", "가. 국비")
    (True, False)
    >>> may_go_on("기본계획은 이 법", "제10조제2항에 따라")
    True
    >>> may_go_on("이 장은 다음과 같다", "제10조(위원회)")
    False
    >>> may_go_on("5. 요건을 갖춘 단체", "제22조제3항 후단 중 “여성”을 “청년”으로 한다.")
    False
    """
    return not begins_item(line) and not _ENDED.search(before)


def begins_item(line: str) -> bool:
    """True for a line that begins an item or an article."""
    return _BULLET.match(line) is not None


class WordsSeen:
    """How a file writes the words within its lines, as evidence for those that a line's end parts."""

    def __init__(self, lines: Iterable[str]) -> None:
        """Args: lines: of the file; the first and last word of each may be cut."""
        self._spaced: Counter[tuple[str, str]] = Counter()  # a word, and how the one behind it begins
        words: list[str] = []
        for line in lines:
            whole = _WORD.findall(line)[1:-1]
            words += whole
            self._spaced.update((a, b[:STEM]) for a, b in pairwise(_BLANK.split(line)[1:-1]))
        self._words = sorted(words)

    def one_word(self, before: str, line: str) -> bool | None:
        """Tell of two lines whether a word goes on across their seam; None where the file does not tell.

        >>> seen = WordsSeen(["그 지방위원회를 두고 그는", "새 기본 계획을 세운다."])
        >>> seen.one_word("시의 지방위", "원회가"), seen.one_word("시의 기본", "계획이")
        (True, False)
        """
        left, right = _LAST.search(before.strip()), _WORD.match(line.strip())
        if left is None or right is None or len(left[0]) < 2:
            return None
        stem = right[0][:STEM]
        joined = left[0] + stem
        at = bisect_left(self._words, joined)
        end = bisect_left(self._words, joined + "\uffff")
        together, apart = end - at, self._spaced[left[0], stem]
        if together == apart or len(joined) < MIN_WORD:
            return None
        return together > apart
