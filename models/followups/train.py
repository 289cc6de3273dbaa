"""Learn, and measure, which questions hang on the one before (`rag.question.followups`).

    python models/followups/train.py [--test FILE] [--eval DIR]

Learns from `questions.jsonl`, of each line the second question, and from whole questions on what documents
say (`../reader`): a logistic regression over EmbeddingGemma's vector of the question. The limit is the lowest
at which, by folds, at most ERRORS of the whole questions are taken for hanging ones. Writes weights.json.
Before, each writer's questions are told by weights that learned from the others', and completed: the words of
what comes out against those of what its writer says that it means. Nothing is written with `--test`: the same
of the shipped weights on lines of that file; and `--eval`: how many whole questions of a folder like that of
`benchmarks/unseen.py`, each after another of its collection, are changed.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "models")]

import numpy as np
from numpy.typing import NDArray
from questions import lines, of_documents, vectors
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold, cross_val_predict

from benchmarks import unseen
from rag.question import followups
from rag.question.followups import complete
from rag.text import korean
from rag.types import Answer, Status

ERRORS = 0.02
OTHERS = 800  # whole questions on what documents say
SEED = 0


def fit(known: NDArray[np.float32], hanging: NDArray[np.bool_]) -> dict[str, dict[str, object]]:
    """Return weights and bias, as `rag.question.linear` reads them."""
    model = LogisticRegression(C=3, max_iter=5000, class_weight="balanced")
    folds = StratifiedKFold(5, shuffle=True, random_state=SEED)
    sure = cross_val_predict(model, known, hanging, cv=folds, method="decision_function")
    limit = float(np.quantile(sure[~hanging], 1 - ERRORS))
    model.fit(known, hanging)
    return {
        followups.Standing.HANGING: {
            "weights": [round(float(w), 3) for w in model.coef_[0]],
            "bias": round(float(model.intercept_[0]) - limit, 3),
        }
    }


def logits(fitted: dict[str, dict[str, Any]], known: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return what fitted weights make of vectors, (n,)."""
    of = fitted[followups.Standing.HANGING]
    return np.asarray(known @ np.array(of["weights"]) + of["bias"], np.float64)


def likeness(text: str, meaning: str) -> float:
    """Return the F1 of the content words of a completed question and of what it means."""
    mine, theirs = (set(korean.content(korean.morphemes(each))) for each in (text, meaning))
    return 2 * len(mine & theirs) / max(1, len(mine) + len(theirs))


def report(rows: Sequence[dict[str, Any]], found: NDArray[np.float64]) -> str:
    """Return how many are told rightly, and how like what is meant they come out, beside rules alone and
    none.
    """
    truth = np.array([row["text"] != row["meaning"] for row in rows])
    like: dict[str, list[float]] = {"as typed": [], "rules alone": [], "learned": []}
    changed = [0, 0]
    for row, hanging, logit in zip(rows, truth, found, strict=True):
        before = [Answer(row["before"], "", Status.NONE)]
        by_rules = complete(row["text"], before)
        if not hanging:
            changed[0] += by_rules != row["text"]
            changed[1] += logit >= 0 and complete(row["text"], before, True) != row["text"]
            continue
        learned = complete(row["text"], before, logit >= 0)
        for name, text in zip(like, (row["text"], by_rules, learned), strict=True):
            like[name].append(likeness(text, row["meaning"]))
    means = ", ".join(f"{name} {statistics.mean(values):.3f}" for name, values in like.items())
    return (
        f"AUC {roc_auc_score(truth, found):.3f}; hanging, known {(found[truth] >= 0).sum()}/{truth.sum()}; "
        "whole, "
        f"changed {changed[1]}/{(~truth).sum()} (rules alone {changed[0]}); "
        f"words like those of what is meant: {means}"
    )


def changed(folder: Path) -> str:
    """Return how many whole questions of a folder are changed after another of their collection."""
    rows = unseen.load(folder)
    by_collection: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        by_collection.setdefault(row["collection"], []).append(row)
    draw = random.Random(SEED)
    told = vectors([row["question"] for row in rows])
    count = [0, 0]
    for row, vector in zip(rows, told, strict=True):
        before = [Answer(draw.choice(by_collection[row["collection"]])["question"], "", Status.NONE)]
        for i, hangs in enumerate((None, followups.is_dependent(vector))):
            count[i] += complete(row["question"], before, hangs) != row["question"]
    return f"whole questions changed: {count[1]}/{len(rows)} (rules alone {count[0]})"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--eval", type=Path, help="measure on whole questions of this folder")
    parser.add_argument("--test", type=Path, help="measure on these lines")
    arguments = parser.parse_args()
    if arguments.test:
        rows = lines(arguments.test)
        shipped = json.loads(followups.FILE.read_text(encoding="utf-8"))
        print(report(rows, logits(shipped, vectors([row["text"] for row in rows]))))
    if arguments.eval:
        print(changed(arguments.eval))
    if arguments.test or arguments.eval:
        return 0
    rows = lines(Path(__file__).parent / "questions.jsonl")
    others = of_documents(OTHERS, SEED)
    known = vectors([str(row["text"]) for row in rows] + others)
    hanging = np.array([row["text"] != row["meaning"] for row in rows] + [False] * OTHERS)
    writer = np.array([row["writer"] for row in rows] + [0] * OTHERS)
    for left_out in sorted({row["writer"] for row in rows}):
        inside = writer != left_out
        found = logits(fit(known[inside], hanging[inside]), known[~inside])
        print(
            f"writer {left_out}, not learned from: "
            f"{report([r for r in rows if r['writer'] == left_out], found)}"
        )
    followups.FILE.write_text(json.dumps(fit(known, hanging)) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
