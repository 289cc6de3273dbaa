"""What the evaluation counts as right, and that its rows are what they claim to be."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from rag.config import ROOT
from rag.evaluation import is_right, summarise
from rag.types import Answer, Citation

ROWS = [json.loads(line) for line in (ROOT / "tests" / "eval" / "briefs.jsonl").read_text(encoding="utf-8").splitlines()]


def answer(text: str, *paths: str, refused: bool = False) -> Answer:
    citations = tuple(Citation(n, path, path, "", None, "", 0, 1, "가") for n, path in enumerate(paths, 1))
    return Answer("질문", text, refused, citations=citations)


def test_the_rows_have_the_kinds_that_a_policy_reader_meets() -> None:
    kinds = Counter(row["kind"] for row in ROWS)
    assert len(ROWS) >= 150 and len({row["id"] for row in ROWS}) == len(ROWS)
    assert sum(not row["answerable"] for row in ROWS) >= 40 and kinds["near miss"] >= 25
    assert kinds["false premise"] >= 10 and kinds["follow-up"] + kinds["first of a pair"] >= 20 and kinds["whole"] >= 10
    assert kinds["table"] + kinds["revised"] >= 25 and kinds["revised"] >= 5 and kinds["english"] >= 10
    for row in ROWS:
        assert all((ROOT / "documents" / path).exists() for path in row["paths"])
        assert row["answerable"] == bool(row["keys"])
        assert row.get("after") in {None, *(r["id"] for r in ROWS)}


def test_an_answer_is_right_by_its_keys_its_denial_and_its_documents() -> None:
    row: dict[str, Any] = {"keys": [["5천만"]]}
    assert is_right(row, answer("값은 50,000,000원입니다.", "a")) and not is_right(row, answer("값은 3억 원입니다.", "a"))
    assert not is_right(row, answer("5천만", refused=True))
    premise = {"keys": [["구글"]], "denied": "애플"}
    assert is_right(premise, answer("질문에 나온 ‘애플’은 확인되지 않습니다. 구글", "a")) and not is_right(premise, answer("구글에서 물러났다", "a"))
    whole = {"kind": "whole", "keys": [["가"]], "paths": ["a", "b"]}
    assert is_right(whole, answer("가", "a", "b")) and not is_right(whole, answer("가", "a"))


def test_the_summary_counts_by_kind() -> None:
    times = {"first_token_s": 1.0, "first_quote_s": 0.2, "total_s": 2.0, "prompt_tokens": 400, "reused_tokens": 350, "generated_tokens": 20}
    rows = [
        {"kind": "fact", "answerable": True, "right": True, "refused": False, "timings": times, "citations_true": 1, "sentences_shown": 1, "quote_rank": 1},
        {"kind": "fact", "answerable": True, "right": False, "refused": True, "timings": times, "citations_true": 0, "sentences_shown": 0, "quote_rank": None},
        {"kind": "near miss", "answerable": False, "right": False, "refused": True, "timings": times, "citations_true": 0, "sentences_shown": 0},
    ]
    report = summarise(rows)
    assert report["right"] == "1/2 = 0.500" and report["unanswerable refused"] == "1/1 = 1.000" and report["answerable refused"] == "1/2 = 0.500"
    assert report["  fact"] == "1/2 = 0.500" and report["  near miss"] == "1/1 = 1.000" and report["quote that holds the answer first"] == "1/2 = 0.500"
    assert report["tokens per right answer, prompts / read / written"] == "1200 / 150 / 60"  # those of wrong answers are paid for, too
