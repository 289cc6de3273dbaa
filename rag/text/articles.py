"""Read the numbers of a law's articles, which are no amounts: 제3조의2제1항제2호가목, 3조 1항, 제2024-12호.
Pure.
"""

from __future__ import annotations

import re

from rag.text.units import FOLLOWS

Article = frozenset[
    tuple[str, int, int]
]  # (level, number, number behind 의): 제3조의2제1항 is {("조", 3, 2), ("항", 1, 0)}

_LEVELS = "조|항|호(?!기|선|점|차|실|봉|주|텔|황)|장(?!관|기|애|비)|절|편|관"
_ARTICLE = re.compile(rf"(제\s?)?(\d+)\s?({_LEVELS})(?:\s?의\s?(\d+))?")
_NOTICE = re.compile(r"제?\s?(\d{4})\s?-\s?(\d+)\s?호")
_ITEM = re.compile(r"\s?([가나다라마바사아자차카타파하])목")
_WITH_PARAGRAPH = re.compile(r"\s?제?\s?\d+\s?항(?![가-힣]{2})")
_ALSO = re.compile(
    r"(?:부터|까지|에서)?\s?(?:[,·ㆍ~∼\-]|및|또는|내지|와|과|이나|나)?\s?(?:같은\s?[조항]\s?)?$"
)


def article_at(
    text: str, at: int, last: Article | None = None, last_end: int = 0
) -> tuple[Article, int] | None:
    """Read the number of an article of a law (제3조의2제1항제2호가목), or of a notice (제2024-12호):
    (article, where it ends).

    Args:
        last, last_end: the article read before and where it ended; 제2항 of "제3조제1항 및 제2항" is of
            제3조, too.

    >>> article_at("제3조의2제1항", 0) == (frozenset({("조", 3, 2), ("항", 1, 0)}), 8)
    True
    """
    if match := _NOTICE.match(text, at):
        return frozenset({("고시", int(match[1]), int(match[2]))}), match.end()
    levels: list[tuple[str, int, int]] = []
    end = at
    before = last if last and at - last_end <= 10 and _ALSO.fullmatch(text, last_end, at) else None
    while match := _ARTICLE.match(text, end + (1 if levels and text[end : end + 1].isspace() else 0)):
        level = match[3]
        if not match[1] and not before and not levels and not _bare_article(text, match):
            break
        if any(level == other for other, _, _ in levels):
            break
        levels.append((level, int(match[2]), int(match[4] or 0)))
        end = match.end()
    if not levels:
        return None
    if levels[-1][0] == "호" and (item := _ITEM.match(text, end)):
        levels.append(("목", "가나다라마바사아자차카타파하".index(item[1]) + 1, 0))
        end = item.end()
    if before and levels[0][0] in "항호":
        levels += [part for part in before if part[0] in "조항"[: "조항호".index(levels[0][0])]]
    return frozenset(levels), end


def _bare_article(text: str, match: re.Match[str]) -> bool:
    """True where an article stands without 제: 750조의2, 3조 1항, 5항."""
    if match[3] == "항":
        return FOLLOWS.match(text, match.end()) is not None
    return match[3] == "조" and (match[4] is not None or _WITH_PARAGRAPH.match(text, match.end()) is not None)
