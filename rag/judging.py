"""Judge an answer by regular expressions alone: never by the program's own reading of numbers or words,
which would share its faults.

A row of a question file:

    {"id": "a01", "kind": "fact", "question": "…", "answerable": true, "must": ["5\\\\s*천\\\\s*만"],
    "must_not": ["3\\\\s*억"], "paths": ["01.md"]}

`must`: every right answer matches all of them. `must_not`: what a wrong year, row or person would match;
looked for in the answer's own claim, not in words of a source that are quoted beside it. `keys` (groups, of
each of which one member must stand there) are an older way of writing `must`. The documents that answer are
named by `paths`, by `doc`, or by `pages` ("domain - file - page"); `near` are those that almost do. Pure.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

import numpy as np

from rag.types import Answer

Row = Mapping[str, Any]
FOLDS = 5
RESAMPLES = 2000  # of the bootstrap


class Outcome(StrEnum):
    """What became of a question. The first four: the documents answer it; the last two: they do not."""

    RIGHT = "claimed and right"
    WRONG = "claimed and wrong"
    SHOWN = "not claimed, the answering words shown"
    LOST = "not claimed, not shown"
    INVENTED = "unanswerable, claimed"
    DECLINED = "unanswerable, not claimed"


def judge(row: Row, answer: Answer) -> Outcome:
    """Return what became of a row's question.

    >>> from rag.types import Status
    >>> judge({"must": ["3\\\\s*억"]}, Answer("예산은?", "예산은 3 억 원입니다.", Status.ANSWERED)).name
    'RIGHT'
    >>> answer = Answer("예산은?", "예산은 3 억 원입니다.", Status.ANSWERED)
    >>> judge({"must": ["3\\\\s*억"], "answerable": False}, answer).name
    'INVENTED'
    """
    shown = "\n".join(f"{c.title} {c.heading} {c.quote}" for c in answer.nearest)
    text = answer.text
    for sentence in answer.sentences:
        if not sentence.supported:  # a part that it does not claim to answer
            text = text.replace(sentence.text, "")
    return judge_text(row, text, claimed=not answer.refused, own=own_claim(answer), shown=shown)


def judge_text(row: Row, text: str, *, claimed: bool, own: str = "", shown: str = "") -> Outcome:
    """Judge any program's answer.

    Args:
        text: the whole answer. claimed: it says that this is the answer. own: what it says in words of its
            own, "" for all of `text`.
        shown: sentences of sources that it shows where it claims nothing.
    """
    if not answerable(row):
        return Outcome.INVENTED if claimed else Outcome.DECLINED
    if not claimed:
        return Outcome.SHOWN if shows(row, shown) else Outcome.LOST
    excluded = any(re.search(pattern, own or text, re.IGNORECASE) for pattern in row.get("must_not") or ())
    return Outcome.RIGHT if _all(patterns(row), text) and not excluded else Outcome.WRONG


def answerable(row: Row) -> bool:
    """True unless a row says that the documents do not answer it; of a wrong answer that somebody marked
    that is not known.

    >>> answerable({}), answerable({"answerable": None}), answerable({"answerable": False})
    (True, True, False)
    """
    return row.get("answerable") is not False


def shows(row: Row, text: str) -> bool:
    """True where a text holds the words that answer: all of `must`, or all of the row's `spans` (the
    shortest words of the source that do).
    """
    flat = "".join(text.split())
    spans = ["".join(span.split()) for span in row.get("spans") or ()]
    return _all(patterns(row), text) or (bool(spans) and all(span in flat for span in spans))


def own_claim(answer: Answer) -> str:
    """Return the sentences of an answer that say more than a source's words in quotation marks; "" where all
    do no more than quote.
    """
    quotes = {c.number: c.quote for c in answer.citations}
    said = [
        s.text for s in answer.sentences if not any(f"“{quotes.get(n, '')}”" in s.text for n in s.citations)
    ]
    return " ".join(said)


def patterns(row: Row) -> list[str]:
    """Return the regular expressions that a right answer matches.

    >>> patterns({"keys": [["5천만", "AI 칩"]]})
    ['(?<!\\\\d)(?<!\\\\d[.,])5\\\\s*천\\\\s*만|A\\\\s*I\\\\s*칩']
    """
    if "must" in row:
        return list(row["must"] or ())
    groups = ["|".join(_literal(key) for key in group) for group in row.get("keys") or ()]
    return groups + ([f"[‘“]{re.escape(row['denied'])}[’”]"] if row.get("denied") else [])


def documents(row: Row) -> tuple[str, ...]:
    """Return the documents that a row is about, its pages' files where it names pages.

    >>> documents({"pages": ["law - 형사.pdf - 1", "law - 형사.pdf - 2"]}), documents({"doc": "KTX.hwp"})
    (('law - 형사.pdf',), ('KTX.hwp',))
    """
    named = (
        [page.rsplit(" - ", 1)[0] for page in row.get("pages") or ()]
        or list(row.get("paths") or row.get("near") or ())
        or [row.get("doc") or ""]
    )
    return tuple(dict.fromkeys(named))


def fold(row: Row, folds: int = FOLDS) -> int:
    """Return the fold, 0 to `folds` - 1, of a row's (first) document: whatever is fitted on some folds is
    reported on others.
    """
    return int.from_bytes(hashlib.sha256(documents(row)[0].encode()).digest()[:4], "big") % folds


def interval(hits: Sequence[bool], clusters: Sequence[str], level: float = 0.95) -> tuple[float, float]:
    """Return the bootstrap interval of a share, resampling whole documents (questions on one document are
    alike).

    Args:
        hits: of each question. clusters: the document of each.
    Returns: (low, high), each 0 to 1; the same for the same input (fixed seed). (0, 1) without questions.
    """
    if not hits:
        return 0.0, 1.0
    names = sorted(set(clusters))
    index = {name: i for i, name in enumerate(names)}
    right, total = np.zeros(len(names)), np.zeros(len(names))
    for hit, cluster in zip(hits, clusters, strict=True):
        right[index[cluster]] += hit
        total[index[cluster]] += 1
    drawn = np.random.default_rng(0).integers(0, len(names), (RESAMPLES, len(names)))
    shares = right[drawn].sum(1) / total[drawn].sum(1)
    low, high = np.quantile(shares, ((1 - level) / 2, (1 + level) / 2))
    return float(low), float(high)


def _all(wanted: Sequence[str], text: str) -> bool:
    return bool(wanted) and all(re.search(pattern, text, re.IGNORECASE) for pattern in wanted)


def _literal(key: str) -> str:
    """A key's letters in order, whatever blanks are between them; a figure must not be a part of a longer
    one.
    """
    letters = r"\s*".join(re.escape(letter) for letter in key if not letter.isspace())
    return (
        (r"(?<!\d)(?<!\d[.,])" if key[:1].isdigit() else "")
        + letters
        + (r"(?!\d|[.,]\d)" if key[-1:].isdigit() else "")
    )
