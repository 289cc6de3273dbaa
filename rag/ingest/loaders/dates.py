"""The date that a document states for itself: front matter, 시행일, 보도시점, 작성일 and the like."""

from __future__ import annotations

import datetime
import re

from rag.text.vocabulary import vocabulary

_LABEL = "(?:" + vocabulary(__file__)["labels"].pattern() + ")"
_DATE = r"['’‘]?(\d{4}|\d{2})\s?[.\-/년]\s?(\d{1,2})\s?[.\-/월]\s?(\d{1,2})"
_LABELLED = re.compile(rf"{_LABEL}\W{{0,12}}{_DATE}", re.IGNORECASE)
_ALONE = re.compile(rf"^\W{{0,3}}{_DATE}\s?[.일]?\s?(\([월화수목금토일]\))?\W{{0,3}}$", re.MULTILINE)
HEAD_CHARS = 2000


def stated_date(text: str) -> str:
    """Return the ISO date stated near the top of a document's text, or "".

    >>> stated_date("보도시점 2024. 6. 21.(금) 11:00 배포 2024. 6. 21."), stated_date("본문")
    ('2024-06-21', '')
    """
    head = text[:HEAD_CHARS]
    for match in (_LABELLED.search(head), _ALONE.search(head)):
        if match and (iso := iso_date(*match.groups()[:3])):
            return iso
    return ""


def pdf_date(stamp: str) -> str:
    """Return the day of a PDF's time stamp, "" for none.

    >>> pdf_date("D:20240621110000+09'00'"), pdf_date("")
    ('2024-06-21', '')
    """
    match = re.match(r"D:(\d{4})(\d{2})(\d{2})", stamp)
    return iso_date(*match.groups()) if match else ""


def iso_date(year: str, month: str, day: str) -> str:
    """Return YYYY-MM-DD, or "" where there is no such day. Years of two digits are of this century."""
    try:
        return datetime.date(int(year) + (2000 if len(year) == 2 else 0), int(month), int(day)).isoformat()
    except ValueError:
        return ""
