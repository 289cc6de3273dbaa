"""Measure what words, meaning and the page should weigh in a search, on people's questions.

    python benchmarks/fusion.py [--eval DIR] [--data DIR] [--write]

All documents of the set make one library. For each answerable question and each setting the program's own
search says which passages would be read first; a passage is right where it holds a sentence that answers
(labels of `models/reader/data.py`). What ships was chosen by the column "chosen on", of the documents that
the reader learns from, within what differs by chance; the last column is of other documents.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

sys.path.insert(0, str(Path(__file__).parent.parent))
sys.path.insert(0, str(Path(__file__).parent.parent / "models" / "reader"))

from data import TRAIN_FOLDS, label

from benchmarks import results, unseen
from rag.assistant import Assistant
from rag.judging import documents, fold
from rag.library import passages
from rag.search.retriever import HybridRetriever
from rag.text import korean

PLACES = (1, 3, 6, 8)


class Setting(NamedTuple):
    """Weights of `HybridRetriever`."""

    dense_weight: float
    window_share: float
    coordination: float


FORMER = Setting(0.4, 2 / 3, 0.35)  # until 0.19.0, fitted on 43 questions in the documents' own words
SETTINGS = (
    FORMER,
    FORMER._replace(dense_weight=0.0),
    FORMER._replace(dense_weight=1.0, coordination=0.0),
    Setting(0.0, 0.15, 0.25),
    Setting(0.6, 0.15, 0.25),
    Setting(0.75, 0.15, 0.25),
    Setting(0.85, 0.15, 0.25),
    Setting(0.95, 0.15, 0.25),
    Setting(0.85, 0.15, 0.1),
    Setting(0.85, 0.5, 0.25),
)


def places(assistant: Assistant, rows: Sequence[dict[str, Any]], setting: Setting) -> list[int]:
    """Return the place, from 0, of the first passage that answers each question; a great one where none
    does.
    """
    retriever: HybridRetriever = assistant.retriever
    for name, value in setting._asdict().items():
        setattr(retriever, name, value)
    found = []
    for row in rows:
        files = {unseen.file_of(document) for document in documents(row)} | set(documents(row))
        hits = assistant.search(row["question"], 10).hits
        near = passages.of_hits(assistant.library.catalogue, hits)
        right = (p.chunk.path in files and any(label(row, p.text, korean.sentences(p.text))) for p in near)
        found.append(next((place for place, is_right in enumerate(right) if is_right), 99))
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--eval", type=Path, default=unseen.EVAL)
    parser.add_argument("--data", type=Path, help="folder of the library, kept")
    parser.add_argument("--write", action="store_true", help="put the table into benchmarks/RESULTS.md")
    arguments = parser.parse_args()
    if not (arguments.eval / "README.md").exists():
        print(
            f"{arguments.eval} is not there: name the folder of questions with --eval DIR.", file=sys.stderr
        )
        return 2
    rows = [row for row in unseen.load(arguments.eval) if row["answerable"]]
    learned = [
        fold(row) in TRAIN_FOLDS and unseen.is_free(row["collection"], documents(row)[0]) for row in rows
    ]
    head = " / ".join(map(str, PLACES))
    lines = [
        f"{sum(learned)} questions that weights were chosen on, {len(rows) - sum(learned)} others. Share of "
        "them "
        f"with a passage that answers among the first {head}.",
        "",
        "| vectors | page's share of the words | coordination | chosen on | others |",
        "|---|---|---|---|---|",
    ]
    with tempfile.TemporaryDirectory() as temporary:
        assistant = unseen.library(arguments.eval, arguments.data or Path(temporary))
        for setting in SETTINGS:
            found = places(assistant, rows, setting)
            cells = []
            for chosen in (True, False):
                own = [place for place, known in zip(found, learned, strict=True) if known is chosen]
                cells.append(" / ".join(f"{sum(p < n for p in own) / max(1, len(own)):.3f}" for n in PLACES))
            lines.append("| " + " | ".join([*(f"{value:.2f}" for value in setting), *cells]) + " |")
            print(lines[-1], flush=True)
        assistant.close()
    print("\n".join(lines))
    if arguments.write:
        results.write(
            "What words, meaning and the page weigh in a search", "python benchmarks/fusion.py", lines
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
