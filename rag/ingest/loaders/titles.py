"""The title a document states by its first lines, where its format keeps none: a bill, a plain text. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.ingest.loaders.blocks import ARTICLE, SENTENCE_END, heading_level
from rag.text.items import mark_of
from rag.text.vocabulary import vocabulary

MAX_BILL_LINES = 4  # that its name takes, and what stands above it
MIN_PART = 8  # characters of a line of its name that goes on in the next
MAX_BILL = 120  # characters of its name
MAX_TITLE = 60  # of the title of a text
_BILL = re.compile(r"[가-힣].*(?:" + vocabulary(__file__)["bills"].pattern() + r")(?:\s?\([^()]{1,20}\))?$")
_BY = re.compile(r"\s*\([^()]*(?:발의|제출|제안|대표|의원|위원장)[^()]*\)$")  # who lays it before them
_SPOKEN = re.compile(r"[요까죠음함됨임]$|니다$")
_NOT_A_TITLE = re.compile(r"[:：|@]|https?://|^\W|^[\d\s./~:-]+$")


def bill_title(lines: Sequence[str]) -> str:
    """Return the name of a bill, which may stand on several of its first lines; "" for what is none.

    >>> bill_title(["기후위기 대응을 위한 기본법", "일부개정법률안", "(홍길동의원 대표발의)", "제안이유"])
    '기후위기 대응을 위한 기본법 일부개정법률안'
    >>> bill_title(["보도자료", "가온시 도서관 운영 조례 일부개정조례안"])
    '가온시 도서관 운영 조례 일부개정조례안'
    >>> bill_title(["가온시 도서관은 주민이", "제출한 조례안을 심의했다.", "조례안"])
    ''
    """
    name: list[str] = []
    for line in lines[:MAX_BILL_LINES]:
        line = _BY.sub("", line.strip())
        if SENTENCE_END.search(line) or len(line) > MAX_BILL:
            return ""
        if not _BILL.match(line) and len(line) < MIN_PART:
            continue  # the number of the page, the kind of document
        name.append(line)
        if _BILL.match(line):
            said = " ".join(name)
            return said if len(said) <= MAX_BILL else ""
    return ""


def text_title(lines: Sequence[str]) -> str:
    """Return the first line of a text where it is plainly a title: short, no sentence and no item, above a
    blank line or above running text.

    >>> text_title(["공유주방 이용 안내", "", "가. 위치: 시청"]), text_title(["도서관은 연다.", "", "끝"])
    ('공유주방 이용 안내', '')
    """
    said = [n for n, line in enumerate(lines) if line.strip()]
    if len(said) < 2:
        return ""
    first, after = lines[said[0]].strip(), lines[said[1]].strip()
    above = said[1] > said[0] + 1 or (len(after) > len(first) and SENTENCE_END.search(after) is not None)
    plain = 4 <= len(first) <= MAX_TITLE and re.search(r"[^\W\d_]{2}", first) is not None
    item = mark_of(first) or heading_level(first) is not None or ARTICLE.match(first)
    ends = SENTENCE_END.search(first) or _SPOKEN.search(first) or _NOT_A_TITLE.search(first)
    return first if above and plain and not item and not ends else ""
