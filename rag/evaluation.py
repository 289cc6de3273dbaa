"""Measure answers: pure metrics, and the run that `python -m rag eval` makes.

A row of an evaluation file (tests/eval/briefs.jsonl):

    {"id": "a01", "question": "H100 한 장의 가격은 얼마인가요?", "answerable": true, "keys": [["5천만"]], "paths": ["01_AI와_사회.md"]}

`keys` are groups; an answer is right when it holds one member of every group. `paths` are the documents that answer. Rows may
also have `pages` (ids of the right pages) for retrieval alone. Fields that are missing are not measured.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from typing import Any

from rag.assistant import Assistant
from rag.cli import answer_json
from rag.korean import normalise
from rag.numbers import missing_numbers, numbers


def recall_at(ranks: Sequence[int | None], k: int) -> float:
    """Return the share of questions whose right place is among the first k. Ranks count from 1; None: not found."""
    return sum(rank is not None and rank <= k for rank in ranks) / len(ranks) if ranks else 0.0


def mean_reciprocal_rank(ranks: Sequence[int | None], k: int = 10) -> float:
    """Return MRR@k, 0 to 1 (Voorhees 1999).

    >>> mean_reciprocal_rank([1, 2, None])
    0.5
    """
    return sum(1 / rank for rank in ranks if rank is not None and rank <= k) / len(ranks) if ranks else 0.0


def holds_keys(answer: str, keys: Sequence[Sequence[str]]) -> bool:
    """True when the answer holds one member of every group, by letters without blanks, or by the value of its numbers.

    >>> holds_keys("약 5,000만 원이다", [["5천만"]]), holds_keys("3억 원", [["5천만"]])
    (True, False)
    """
    flat = normalise(answer).replace(" ", "")
    found = numbers(answer)

    def holds(key: str) -> bool:
        wanted = numbers(key)
        by_value = bool(wanted) and not missing_numbers(wanted, found) and key.strip()[0].isdigit() and not any(c.isalpha() and ord(c) < 128 for c in key)
        return normalise(key).replace(" ", "") in flat or by_value

    return all(any(holds(key) for key in group) for group in keys)


def summarise(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Sum up rows of `evaluate` or of another pipeline, each with "answerable", "right", "refused", "timings", "citations_true"."""
    answerable = [r for r in rows if r.get("answerable", True)]
    others = [r for r in rows if not r.get("answerable", True)]
    shown = [r for r in rows if r.get("citations_true") is not None]
    firsts = [r["timings"]["first_token_s"] for r in rows if r["timings"].get("first_token_s") is not None]
    quotes = [r["timings"]["first_quote_s"] for r in rows if r["timings"].get("first_quote_s") is not None]
    totals = [r["timings"]["total_s"] for r in rows]
    report: dict[str, Any] = {"questions": len(rows), "answerable": len(answerable)}
    report["right"] = _share(sum(r["right"] for r in answerable), len(answerable))
    report["answerable refused"] = _share(sum(r["refused"] for r in answerable), len(answerable))
    report["unanswerable refused"] = _share(sum(r["refused"] for r in others), len(others))
    report["sentences with a true citation"] = _share(sum(r["citations_true"] for r in shown), sum(r["sentences_shown"] for r in shown))
    report["quotes equal to text[start:end]"] = _share(sum(r.get("spans_equal", 0) for r in rows), sum(r.get("spans", 0) for r in rows))
    for name, values in (("first quote s", quotes), ("first word s", firsts), ("last word s", totals)):
        report[f"{name}, median / p95"] = f"{statistics.median(values):.2f} / {_p95(values):.2f}" if values else "–"
    return report


def evaluate(assistant: Assistant, rows: Sequence[dict[str, Any]], each: Callable[[dict[str, Any]], None] | None = None) -> dict[str, Any]:
    """Ask every question and sum up.

    A citation is true when its quote is the source's text at its offsets and the sentence's own words and numbers support it
    (the keys of a right answer stand in the quotes, or the checker confirms the sentence from the quotes alone).

    Args:
        each: called with every row and its answer.
    """
    from rag import citing

    results = []
    for row in rows:
        answer = assistant.ask(row["question"])
        spans_equal = 0
        for c in answer.citations:
            document = assistant.library.catalogue.document_id(c.path)
            text = assistant.library.catalogue.text(document) if document is not None else ""
            spans_equal += text[c.start : c.end] == c.quote
        quotes = {c.number: c for c in answer.citations}
        true = 0
        for sentence in answer.sentences:
            cited = [quotes[n] for n in sentence.citations if n in quotes]
            joined = "\n".join(c.quote for c in cited)
            above = "\n".join(f"{c.title} {c.date} {c.heading}" for c in cited)
            true += bool(cited) and (any(c.quote in sentence.text for c in cited) or citing.check(sentence.text, joined, above, row["question"]).supported)
        result = {**row, **answer_json(answer), "right": not answer.refused and holds_keys(answer.text, row.get("keys", []))}
        result |= {"citations_true": true, "sentences_shown": len(answer.sentences), "spans": len(answer.citations), "spans_equal": spans_equal}
        results.append(result)
        if each:
            each(result)
    return summarise(results)


def _share(part: int, whole: int) -> str:
    return f"{part}/{whole} = {part / whole:.3f}" if whole else "–"


def _p95(values: Sequence[float]) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))]
