"""What the evaluation counts as right, and that its rows are what they claim to be."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest

from rag.config import ROOT
from rag.evaluation import summarise
from rag.ingest.loaders import file_text, parse
from rag.judging import Outcome, judge_text

ROWS = [
    json.loads(line)
    for line in (ROOT / "tests" / "eval" / "briefs.jsonl").read_text(encoding="utf-8").splitlines()
]


def test_the_rows_have_the_kinds_that_a_policy_reader_meets() -> None:
    kinds = Counter(row["kind"] for row in ROWS)
    assert len(ROWS) >= 150 and len({row["id"] for row in ROWS}) == len(ROWS)
    assert sum(not row["answerable"] for row in ROWS) >= 40 and kinds["near miss"] >= 25
    assert (
        kinds["false premise"] >= 10
        and kinds["follow-up"] + kinds["first of a pair"] >= 20
        and kinds["whole"] >= 10
    )
    assert kinds["table"] + kinds["revised"] >= 25 and kinds["revised"] >= 5 and kinds["english"] >= 10
    for row in ROWS:
        assert all((ROOT / "documents" / path).exists() for path in row["paths"])
        assert row["answerable"] == bool(row["keys"])
        assert row.get("after") in {None, *(r["id"] for r in ROWS)}


def test_the_summary_counts_outcomes_by_collection_and_kind_with_intervals() -> None:
    times = {
        "first_token_s": 1.0,
        "first_quote_s": 0.2,
        "total_s": 2.0,
        "prompt_tokens": 400,
        "reused_tokens": 350,
        "generated_tokens": 20,
    }
    shared: dict[str, Any] = {"collection": "law", "timings": times, "spans": 2, "spans_equal": 2}
    rows = [
        {**shared, "kind": "fact", "outcome": Outcome.RIGHT, "quote_rank": 1, "paths": ["a"]},
        {**shared, "kind": "fact", "outcome": Outcome.LOST, "quote_rank": None, "paths": ["b"]},
        {**shared, "kind": "near miss", "answerable": False, "outcome": Outcome.DECLINED, "paths": ["c"]},
    ]
    report = summarise(rows)
    assert report["claimed and right"] == "1/2 = 0.500 [0.00, 1.00]" and report[
        "claimed and wrong"
    ].startswith("0/2")
    assert report["not claimed, not shown"].startswith("1/2") and report[
        "unanswerable, not claimed"
    ].startswith("1/1")
    assert report["  law: right or declined"].startswith("2/3") and report[
        "  fact: right or declined"
    ].startswith("1/2")
    assert (
        report["sentence that answers shown first"].startswith("1/2")
        and report["quotes equal to text[start:end]"] == "6/6"
    )
    assert (
        report["tokens per right answer, prompts / read / written"] == "1200 / 150 / 60"
    )  # those of wrong answers are paid for, too


def test_times_of_replayed_answers_are_left_out() -> None:
    report = summarise([{"outcome": Outcome.RIGHT, "timings": {}, "paths": ["a"]}])
    assert report["last word s, median / p95"] == "–" and report["claimed and right"].startswith("1/1")


@pytest.mark.parametrize(
    ("name", "folder", "least"), [("plain", "documents", 100), ("texts", "tests/eval/texts", 50)]
)
def test_the_plain_questions_are_what_they_claim_to_be(name: str, folder: str, least: int) -> None:
    rows = [
        json.loads(line)
        for line in (ROOT / "tests" / "eval" / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    ]
    documents = ROOT / folder
    texts = {file.name: "".join(file_text(parse(file, documents)).split()) for file in documents.iterdir()}
    kinds = Counter(row["kind"] for row in rows)
    assert len(rows) >= least and len({row["id"] for row in rows}) == len(rows)
    assert {
        "reason",
        "how",
        "definition",
        "opinion",
        "yes-no",
        "who",
        "list",
        "near miss",
        "follow-up",
    } <= set(kinds)
    assert sum(not row["answerable"] for row in rows) >= 0.25 * len(rows)
    for number, row in enumerate(rows):
        assert row.get("after") in {None, *(earlier["id"] for earlier in rows[:number])}
        assert all(name in texts for name in (*row.get("paths", ()), *row.get("near", ())))
        if row["answerable"]:
            assert judge_text(row, row["answer"], claimed=True) is Outcome.RIGHT
            pieces = [
                "".join(cell.split()) for piece in row["evidence"] for cell in piece.split("|")
            ]  # rows of tables cell by cell
            assert row["paths"] and all(
                any(piece in texts[path] for path in row["paths"]) for piece in pieces
            ), row["id"]
        else:
            assert row["note"] and not row.get("must")
