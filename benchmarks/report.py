"""Run the measurements of answers and checker and write benchmarks/report.md.

    python benchmarks/report.py [--limit N] [--plain N] [--eval DIR]

--limit asks about N of the questions only; the plain way, which takes much longer, is asked --plain of them
(40), and both ways are compared on those. Every failure is listed, so that it can be read.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks import answers, checker, results
from rag.answer import reader
from rag.config import ROOT, Settings
from rag.evaluation import GOOD, summarise

REPORT = Path(__file__).parent / "report.md"
BAR = 20  # characters of a full bar


def checker_tables(measured: dict[str, dict[str, tuple[int, int]]]) -> list[str]:
    """Return Markdown tables of the checker's measurement."""
    lines = []
    for title, rows in measured.items():
        if title.startswith("milli"):
            lines += [f"Milliseconds a sentence: median {rows['median'][0]}, p95 {rows['p95'][0]}.", ""]
            continue
        lines += [f"| {title} | | |", "|---|---|---|"]
        for kind, (right, of) in rows.items():
            share = right / max(1, of)
            lines.append(f"| {kind} | {right}/{of} = {share:.3f} | `{'█' * round(BAR * share):·<{BAR}}` |")
        lines.append("")
    return lines


def failures(rows: list[dict[str, Any]]) -> list[str]:
    """Return every wrong answer, to be read."""
    lines = []
    for row in rows:
        if row["outcome"] in GOOD:
            continue
        lost = "; ".join(f"{u['text']} [{u['why']}]" for u in row.get("unconfirmed", []))
        lines += [
            f"- **{row['id']}** ({row['kind']}) {row['question']}",
            f"  → {row['answer'][:300]}" + (f"  \n  taken out: {lost}" if lost else ""),
        ]
    return lines or ["none"]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--limit", type=int)
    parser.add_argument("--plain", type=int, default=40)
    parser.add_argument("--eval", type=Path, default=ROOT.parent / "shared" / "eval")
    arguments = parser.parse_args()
    settings = Settings.load()
    rows = [
        json.loads(line)
        for line in (ROOT / "tests" / "eval" / "briefs.jsonl").read_text(encoding="utf-8").splitlines()
    ]
    rows = answers.every(rows, arguments.limit)
    ours = answers.run(rows, ["ours"])["ours"]
    given = [json.loads(line) for line in answers.OUT.read_text(encoding="utf-8").splitlines()]
    lines = [
        "# Report",
        "",
        f"{datetime.date.today().isoformat()}, {results.processor()}, {os.cpu_count()} cores; chat model "
        f"`{settings.chat_model}`. Written by",
        "`python benchmarks/report.py`.",
        "",
        "## Answers to tests/eval/briefs.jsonl",
        "",
        *results.table({"this program": ours}),
        f"Calibration: {reader.calibration()}",
        "",
    ]
    if arguments.plain:
        few = [
            row for row in answers.every(rows, arguments.plain) if row["kind"] not in ("follow-up", "whole")
        ]
        wanted = {row["id"] for row in few}
        plain = answers.run(few, ["plain"], answers.OUT.with_name("plain.jsonl"))["plain"]
        same = summarise([row for row in given if row["id"] in wanted])
        lines += [
            "## Against the plain way, on the same questions",
            "",
            *results.table({"this program": same, "plain": plain}),
        ]
    lines += [
        "## Checker",
        "",
        *checker_tables(checker.measure(arguments.eval if arguments.eval.exists() else None)),
    ]
    lines += ["## Wrong answers", "", *failures(given), ""]
    REPORT.write_text("\n".join(lines), encoding="utf-8")
    print(REPORT.read_text(encoding="utf-8"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
