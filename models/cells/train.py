"""Fit, and measure, which cell of a row a question asks for (`rag.answer.cells`).

    python models/cells/train.py --work DIR [--eval DIR] [--write]

Learns from the questions on rows of `../reader/sheets` of the folds that the evidence model did not learn
from: a conditional logit over the cells of the row that answers, one of which holds the words that do.
Prints, by folds of documents, how often the likeliest cell is that one, and how many cells are stated and
right from which probability on; of a folder of questions like that of `benchmarks/unseen.py` the same for its
tables of those folds. `stated` is the least probability from which at least RIGHT of those that are stated
are right, where the question is none for a count, a list or an extreme. --write puts the values into
weights.json.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "models" / "reader")]

import numpy as np
from data import SHEETS, TRAIN_FOLDS, flat, of_sheets
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import logsumexp, softmax

from benchmarks import unseen
from rag.answer import cells
from rag.answer.rows import ReadRow, rows_of, spans_of
from rag.assistant import Assistant
from rag.judging import documents, fold
from rag.library import passages
from rag.question.operation import Operation
from rag.question.question import understand
from rag.types import Passage

HELD_BACK = 0.01  # strength of the penalty on the square of each weight, in units of its feature's deviation
RIGHT = 0.85
FOLDS = 5
LIMITS = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)


@dataclass(frozen=True)
class Case:
    """A question's row.

    Attributes:
        known: see `cells.features`. right: of each cell, True where it answers. may: of each, True where it
            would be stated if it were sure: no label, and the question wants a value.
    """

    document: str
    known: NDArray[np.float64]
    right: NDArray[np.bool_]
    may: NDArray[np.bool_]


def cases(assistant: Assistant, rows: Sequence[dict[str, Any]]) -> list[Case]:
    """Return the rows that answer questions, as they are read for them, and close the assistant."""
    found = []
    catalogue, reader = assistant.library.catalogue, assistant.reader
    for number, line in enumerate(rows, 1):
        question = understand(line["question"], vector_of=assistant.models.vector_of)
        files = {unseen.file_of(name) for name in documents(line)} | set(documents(line))
        near = passages.of_hits(catalogue, assistant.search(question.text, assistant.settings.read_k).hits)
        place = next(
            ((p, row) for p in near if p.chunk.path in files for row in right_rows(line, catalogue, p)), None
        )
        print(f"\r{number}/{len(rows)} ", end="", file=sys.stderr, flush=True)
        if place is None:
            continue
        passage, row = place
        of_passage = rows_of(catalogue, [passage])[0]
        (evidence,) = reader.read(question, [passage], [spans_of(passage, of_passage)])
        scores = evidence.spans[row.first : row.first + len(row.columns)]
        known = cells.features(question, row, scores, reader.similarity)
        spans = [flat(span) for span in line["spans"]]
        texts = [flat(cell.text) for cell in row.cells]
        right = np.array([any(s == text or (len(s) > 1 and s in text) for s in spans) for text in texts])
        is_value = question.operation in (Operation.VALUE, Operation.NONE)
        may = np.array([is_value and x >= row.table.n_labels for x in row.columns])
        found.append(Case(passage.chunk.path, known, right, may))
    assistant.close()
    return found


def right_rows(line: dict[str, Any], catalogue: Any, passage: Passage) -> list[ReadRow]:
    """Return the rows of a passage that hold most of the cells of a question's evidence."""
    wanted = [[flat(cell) for cell in row] for row in line.get("rows") or [line["evidence"]]]
    rows = [row for row in rows_of(catalogue, [passage])[0] if len(row.columns) > 1]
    texts = ["".join(flat(cell.text) for cell in row.line.cells) for row in rows]
    return [
        row
        for row, text in zip(rows, texts, strict=True)
        if any(sum(cell in text for cell in each) >= 0.8 * len(each) for each in wanted)
    ]


def fit(learned: Sequence[Case]) -> NDArray[np.float64]:
    """Return the weights of `cells.FEATURES` under which the cells that answer are most likely."""
    learned = [case for case in learned if case.right.any()]
    scale = np.maximum(np.concatenate([case.known - case.known.mean(0) for case in learned]).std(0), 1e-6)

    def loss(weights: Any) -> tuple[float, Any]:
        total, slope = 0.0, np.zeros(len(scale))
        for case in learned:
            known = case.known / scale
            logits = known @ weights
            total += logsumexp(logits) - logsumexp(logits[case.right])
            slope += softmax(logits) @ known - softmax(logits[case.right]) @ known[case.right]
        penalty = HELD_BACK * weights
        return total / len(learned) + weights @ penalty / 2, slope / len(learned) + penalty

    return minimize(loss, np.zeros(len(scale)), jac=True).x / scale


def likeliest(tested: Sequence[Case], weights: NDArray[np.float64]) -> list[tuple[float, bool, bool]]:
    """Return the probability of the likeliest cell of each, whether it answers, and whether it may be
    stated.
    """
    chances = [cells.probabilities(case.known, tuple(weights)) for case in tested]
    return [
        (float(p.max()), bool(c.right[p.argmax()]), bool(c.may[p.argmax()]))
        for p, c in zip(chances, tested, strict=True)
    ]


def show(name: str, found: Sequence[tuple[float, bool, bool]]) -> None:
    """Print how many are right, and how many are stated and right from each limit on."""
    print(f"{name}: {len(found)} rows, likeliest cell right {sum(right for _, right, _ in found)}")
    for limit in LIMITS:
        stated = [right for p, right, may in found if may and p >= limit]
        print(f"  from {limit}: stated {len(stated)}, right {sum(stated)}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--eval", type=Path)
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    sheets = unseen.indexed(SHEETS, arguments.work / "sheets")
    answerable = [row for row in of_sheets() if row["answerable"] and fold(row) not in TRAIN_FOLDS]
    learned = cases(sheets, answerable)
    by_fold: list[tuple[float, bool, bool]] = []
    names = sorted({case.document for case in learned})
    for part in range(FOLDS):
        of_part = set(names[part::FOLDS])
        tested = [case for case in learned if case.document in of_part]
        by_fold += likeliest(tested, fit([case for case in learned if case.document not in of_part]))
    show("sheets, by folds of documents", by_fold)
    weights = fit(learned)
    if arguments.eval:
        rows = [
            row for row in unseen.load(arguments.eval) if row["collection"] == "tables" and row["answerable"]
        ]
        rows = [row for row in rows if fold(row) not in TRAIN_FOLDS]
        show(
            "tables of the folder, unseen",
            likeliest(cases(unseen.library(arguments.eval, arguments.work), rows), weights),
        )
    limits = np.arange(0.3, 1, 0.01)
    enough = [
        limit
        for limit in limits
        if (stated := [right for p, right, may in by_fold if may and p >= limit]) and np.mean(stated) >= RIGHT
    ]
    values = {
        "weights": {name: round(float(w), 4) for name, w in zip(cells.FEATURES, weights, strict=True)},
        "stated": round(float(min(enough, default=1.0)), 2),
    }
    print(json.dumps(values))
    if arguments.write:
        (Path(__file__).parent / "weights.json").write_text(
            json.dumps(values, indent=1) + "\n", encoding="utf-8"
        )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
