"""Remove what surrounds a text that was saved from the web: menus, login forms, comment boxes, lists of
other posts.

Works on lines and is careful: a line goes only when its form says that it is furniture (a list row with a
number and a date, an image, a known label alone on its line) or when it stands below a marker after which no
text of the author follows.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from rag.text.vocabulary import vocabulary

_WORDS = vocabulary(__file__)
_LABELS = re.compile("^(" + _WORDS["labels"].pattern() + ")$", re.IGNORECASE)
_META = re.compile(r"^(IP\s?:\s?[\d.x]+|(.{0,12}\s)?조회수?\s?:\s?[\d,]+|추천\s?:?\s?\d+|작성자\s?:.*)$")
_IMAGE = re.compile(r"^!\[[^\]]*(\][^\]]*)*\]\([^)]*\)$")
_URL = re.compile(r"^\*?\s?https?://\S+$")
_LIST_ROW = re.compile(r"^\d{3,}\s.+\s\d{4}[/.-]\d{1,2}[/.-]\d{1,2}\s+[\d,]+$")
_END = re.compile("^(" + _WORDS["ends"].pattern() + r")\s*[:：]?$")
_LINK_LIST = re.compile(r"^([-*•·]\s*)?(\[[^\]]+\]|\d+\.)?.{4,}$")


def drop_furniture(lines: Sequence[str]) -> list[str]:
    """Return the lines without page furniture.

    >>> row = "1687864 전업 임대수입 14 .. 2025/02/18 4,338"
    >>> drop_furniture(["login form", "본문이다.", row, "관련기사", "- [K-AI] 다른 기사"])
    ['본문이다.']
    """
    kept: list[str] = []
    ended = False
    for line in lines:
        bare = line.strip()
        if _END.match(bare):
            ended = True
        elif (
            (ended and _is_link(bare))
            or _LABELS.match(bare)
            or _META.match(bare)
            or _IMAGE.match(bare)
            or _URL.match(bare)
            or _LIST_ROW.match(bare)
        ):
            continue
        else:
            ended = ended and not bare
            kept.append(line)
    return kept


def dropped(lines: Sequence[str], remaining: Sequence[str]) -> Counter[str]:
    """Return the lines with letters that `drop_furniture` left out, each as often as it did."""
    difference = Counter(lines) - Counter(remaining)
    return Counter({line: count for line, count in difference.items() if line.strip()})


def _is_link(line: str) -> bool:
    """Below "관련기사": bullets and bare titles are links; a full sentence is the text going on."""
    return (
        not line
        or line[0] in "-*•·[▶☞"
        or (_LINK_LIST.match(line) is not None and not re.search(r"다\.$", line))
    )
