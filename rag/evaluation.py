"""Measure answers: the run that `python -m rag eval` makes, its summary, and metrics of rankings.

Rows are those of `rag.judging`, which alone decides what is right. `after` names the row that is asked just
before, in the same conversation. Rows may have `pages` for retrieval alone.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Container, Sequence
from typing import Any

from rag.assistant import Assistant
from rag.judging import Outcome, answerable, documents, interval, judge, shows
from rag.serialise import answer_json
from rag.types import Answer, Citation, Done, QuotesFound

GOOD = frozenset({Outcome.RIGHT, Outcome.DECLINED})


def recall_at(ranks: Sequence[int | None], k: int) -> float:
    """Return the share of questions whose right place is among the first k. Ranks count from 1; None: not
    found.
    """
    return sum(rank is not None and rank <= k for rank in ranks) / len(ranks) if ranks else 0.0


def mean_reciprocal_rank(ranks: Sequence[int | None], k: int = 10) -> float:
    """Return MRR@k, 0 to 1 (Voorhees 1999).

    >>> mean_reciprocal_rank([1, 2, None])
    0.5
    """
    return sum(1 / rank for rank in ranks if rank is not None and rank <= k) / len(ranks) if ranks else 0.0


def summarise(rows: Sequence[dict[str, Any]]) -> dict[str, str]:
    """Sum up rows of `evaluate` or of another pipeline, each with "outcome" and "timings".

    Returns: name → text; shares are "right/all = share [low, high]", with a bootstrap interval over
    documents (`judging.interval`).
    """
    answered = [r for r in rows if answerable(r)]
    others = [r for r in rows if not answerable(r)]
    report = {"questions": str(len(rows)), "answerable": str(len(answered))}
    for outcome in Outcome:
        of = others if outcome in (Outcome.INVENTED, Outcome.DECLINED) else answered
        report[outcome.value] = _share(of, {outcome})
    quotes, equal = sum(r.get("spans", 0) for r in rows), sum(r.get("spans_equal", 0) for r in rows)
    report["quotes equal to text[start:end]"] = f"{equal}/{quotes}"
    ranked = [r for r in answered if "quote_rank" in r]
    report["sentence that answers shown first"] = _share(ranked, {1}, "quote_rank")
    report["the same, among the first 3"] = _share(ranked, {1, 2, 3}, "quote_rank")
    for group in ("collection", "kind"):
        for name in dict.fromkeys(r[group] for r in rows if group in r):
            report[f"  {name}: right or declined"] = _share([r for r in rows if r.get(group) == name], GOOD)
    for name, key in (
        ("first quote s", "first_quote_s"),
        ("first word s", "first_token_s"),
        ("last word s", "total_s"),
    ):
        values = [r["timings"][key] for r in rows if r["timings"].get(key) is not None]
        report[f"{name}, median / p95"] = (
            f"{statistics.median(values):.2f} / {_p95(values):.2f}" if values else "–"
        )
    prompt, reused, written = (
        sum(r["timings"].get(f"{name}_tokens", 0) for r in rows) for name in ("prompt", "reused", "generated")
    )
    right = max(1, sum(r["outcome"] == Outcome.RIGHT for r in answered))
    report["tokens per right answer, prompts / read / written"] = (
        f"{prompt / right:.0f} / {(prompt - reused) / right:.0f} / {written / right:.0f}"
    )
    return report


def evaluate(
    assistant: Assistant, rows: Sequence[dict[str, Any]], each: Callable[[dict[str, Any]], None] | None = None
) -> dict[str, str]:
    """Ask every question and sum up; `judging.judge` tells what became of each.

    Args:
        each: called with every row and its answer.
    """
    results = []
    given: dict[str, Answer] = {}
    for row in rows:
        shown: tuple[Citation, ...] = ()
        for event in assistant.stream(
            row["question"], history=[given[row["after"]]] if row.get("after") in given else []
        ):
            if isinstance(event, QuotesFound):
                shown = event.quotes
            elif isinstance(event, Done):
                answer = event.answer
        if "id" in row:
            given[row["id"]] = answer
        spans_equal = sum(_text(assistant, c.path)[c.start : c.end] == c.quote for c in answer.citations)
        result = {
            **row,
            **answer_json(answer),
            "outcome": judge(row, answer),
            "expected": row.get("answer", ""),
        }
        if shown and answerable(row) and not row.get("denied"):
            result["quote_rank"] = next(
                (c.number for c in shown if shows(row, f"{c.title} {c.heading} {c.quote}")), None
            )
        result |= {"spans": len(answer.citations), "spans_equal": spans_equal}
        results.append(result)
        if each:
            each(result)
    return summarise(results)


def _text(assistant: Assistant, path: str) -> str:
    document = assistant.library.catalogue.document_id(path)
    return assistant.library.catalogue.text(document) if document is not None else ""


def _share(rows: Sequence[dict[str, Any]], among: Container[Any], field: str = "outcome") -> str:
    if not rows:
        return "–"
    hits = [row[field] in among for row in rows]
    low, high = interval(hits, [documents(row)[0] for row in rows])
    return f"{sum(hits)}/{len(hits)} = {sum(hits) / len(hits):.3f} [{low:.2f}, {high:.2f}]"


def _p95(values: Sequence[float]) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))]
