"""Measure answers: pure metrics, and the run that `python -m rag eval` makes.

A row of an evaluation file (tests/eval/briefs.jsonl):

    {"id": "a01", "kind": "fact", "question": "H100 한 장의 가격은 얼마인가요?", "answerable": true, "keys": [["5천만"]], "paths": ["01_AI와_사회.md"]}

`keys` are groups; an answer is right when it holds one member of every group. `paths` are the documents that answer. `after` names
the row that is asked just before, in the same conversation; `denied` is a wrong name of the question, which the answer must deny. Rows may
also have `pages` (ids of the right pages) for retrieval alone. Fields that are missing are not measured.
"""

from __future__ import annotations

import json
import re
import statistics
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from rag import citing, conditions
from rag.assistant import Assistant
from rag.calibration import Observation
from rag.cli import answer_json
from rag.korean import normalise
from rag.numbers import missing_numbers, numbers
from rag.prompting import language_of
from rag.reading import Look
from rag.types import Answer, Citation, Done, QuotesFound


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
    held = [r["quote_rank"] for r in answerable if "quote_rank" in r]
    report["quote that holds the answer first"] = _share(sum(rank == 1 for rank in held), len(held))
    report["the same, in the first 3"] = _share(sum(rank is not None for rank in held), len(held))
    for kind in dict.fromkeys(r["kind"] for r in rows if "kind" in r):
        of_kind = [r for r in rows if r.get("kind") == kind]
        report[f"  {kind}"] = _share(sum(r["right"] if r.get("answerable", True) else r["refused"] for r in of_kind), len(of_kind))
    for name, values in (("first quote s", quotes), ("first word s", firsts), ("last word s", totals)):
        report[f"{name}, median / p95"] = f"{statistics.median(values):.2f} / {_p95(values):.2f}" if values else "–"
    prompt, reused, written = (sum(r["timings"].get(f"{name}_tokens", 0) for r in rows) for name in ("prompt", "reused", "generated"))
    right = max(1, sum(r["right"] for r in answerable))
    report["tokens per right answer, prompts / read / written"] = f"{prompt / right:.0f} / {(prompt - reused) / right:.0f} / {written / right:.0f}"
    return report


def evaluate(assistant: Assistant, rows: Sequence[dict[str, Any]], each: Callable[[dict[str, Any]], None] | None = None) -> dict[str, Any]:
    """Ask every question and sum up.

    A citation is true when its quote is the source's text at its offsets and the sentence's own words and numbers support it
    (the keys of a right answer stand in the quotes, or the checker confirms the sentence from the quotes alone).

    Args:
        each: called with every row and its answer.
    """
    results = []
    given: dict[str, Answer] = {}
    for row in rows:
        shown: tuple[Citation, ...] = ()
        for event in assistant.stream(row["question"], history=[given[row["after"]]] if row.get("after") in given else []):
            if isinstance(event, QuotesFound):
                shown = event.quotes
            elif isinstance(event, Done):
                answer = event.answer
        if "id" in row:
            given[row["id"]] = answer
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
            literal = any(c.quote in sentence.text for c in cited)
            true += bool(cited) and (literal or citing.check(sentence.text, joined, above, row["question"]).supported)
        result = {**row, **answer_json(answer), "right": is_right(row, answer)}
        if shown and row.get("keys") and not row.get("denied"):
            groups = [row["keys"]] if row.get("kind") != "revised" else [[group] for group in row["keys"]]  # any of the values that are given
            held = (c.number for c in shown if any(holds_keys(f"{c.title} {c.heading} {c.quote}", keys) for keys in groups))
            result["quote_rank"] = next(held, None)
        result |= {"citations_true": true, "sentences_shown": len(answer.sentences), "spans": len(answer.citations), "spans_equal": spans_equal}
        results.append(result)
        if each:
            each(result)
    return summarise(results)


def observe(
    assistant: Assistant, rows: Sequence[dict[str, Any]], kept: Path | None = None, progress: Callable[[str, int, int], None] | None = None
) -> list[Observation]:
    """Read passages for questions and say nothing, to fit thresholds.

    Each row that names its documents (`paths`) is asked twice: with them, and with them left out, when nothing can answer it. Each part of
    a question that asks several things counts by itself. Rows that continue a conversation, deny a premise or ask about whole documents
    are passed over.

    Args:
        kept: a file of JSON lines; what it holds is not read again, what is new is added. What it holds of other rows, seen in another
            library, counts too.
    """
    seen = {tuple(line["key"]): line for line in map(json.loads, kept.read_text(encoding="utf-8").splitlines())} if kept and kept.exists() else {}
    usable = [r for r in rows if not r.get("after") and not r.get("denied") and r.get("kind") != "whole"]
    tasks = [(r, False) for r in usable] + [(r, True) for r in usable if r.get("answerable", True) and r.get("paths")]
    for done, (row, left_out) in enumerate(tasks, 1):
        key = (row["question"], str(left_out))
        if key not in seen:
            parts = assistant.looks(row["question"], row["paths"] if left_out else ())
            looked = [[_features(look, part) for look in looks] for part, looks in parts]
            seen[key] = {"key": key, "answerable": row.get("answerable", True) and not left_out, "parts": looked}
            if kept:
                with kept.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(seen[key], ensure_ascii=False) + "\n")
        if progress:
            progress("questions", done, len(tasks))
    return [Observation(line["answerable"], tuple(tuple(look) for look in part)) for line in seen.values() for part in line["parts"]]


def _features(look: Look, question: str) -> tuple[float, int, bool, float]:
    source = f"{look.passage.chunk.context}\n{look.passage.text}"
    missing = len(conditions.missing_conditions(question, source, look.passage.document))
    if language_of(question) != "ko":
        return round(look.none, 4), missing, False, 1.0
    return round(look.none, 4), missing, conditions.focus_missing(question, source), round(look.passage.hit.coverage, 4)


def is_right(row: dict[str, Any], answer: Answer) -> bool:
    """True when an answer holds a row's keys, denies the wrong name of its premise, and, on whole documents, cites each of them."""
    if answer.refused or not holds_keys(answer.text, row.get("keys", [])):
        return False
    if row.get("denied"):
        return re.search(rf"‘{re.escape(row['denied'])}’|“{re.escape(row['denied'])}”", answer.text, re.IGNORECASE) is not None
    if row.get("kind") == "whole":
        return {c.path for c in answer.citations} == set(row["paths"])
    return True


def _share(part: int, whole: int) -> str:
    return f"{part}/{whole} = {part / whole:.3f}" if whole else "–"


def _p95(values: Sequence[float]) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))]
