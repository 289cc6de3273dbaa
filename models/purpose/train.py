"""Learn, and measure, what questions are after (`rag.question.purpose`).

    python models/purpose/train.py [--test FILE]

Learns from `questions.jsonl` and from questions on what documents say (`../reader`). A multinomial logistic
regression over EmbeddingGemma's vector of the question. A purpose is taken for granted where its log-odds
against "content" reach a limit: the lowest at which, by folds, at most ERRORS of the questions that are after
something else do. Writes weights.json, for each purpose the difference to those of "content". `--test`:
measure on lines of {"text", "purpose"} instead, and write nothing.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "models")]

import numpy as np
from numpy.typing import NDArray
from questions import lines, of_documents, vectors
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_predict

from rag.question import purpose
from rag.question.purpose import Purpose

ERRORS = 0.02
OTHERS = 800  # questions on what documents say
SEED = 0
ASKED = [each for each in Purpose if each is not Purpose.CONTENT]
Fitted = dict[str, dict[str, object]]


def fit(known: NDArray[np.float32], truth: NDArray[np.str_]) -> Fitted:
    """Return weights and bias of each purpose, the limit in it."""
    model = LogisticRegression(C=10, max_iter=5000)
    folds = StratifiedKFold(5, shuffle=True, random_state=SEED)
    sure = cross_val_predict(model, known, truth, cv=folds, method="decision_function")
    model.fit(known, truth)
    names = list(model.classes_)
    content = names.index(Purpose.CONTENT)
    fitted: Fitted = {}
    for each in ASKED:
        i = names.index(each)
        limit = float(np.quantile((sure[:, i] - sure[:, content])[truth != each], 1 - ERRORS))
        weights = model.coef_[i] - model.coef_[content]
        fitted[each] = {
            "weights": [round(float(w), 3) for w in weights],
            "bias": round(float(model.intercept_[i] - model.intercept_[content]) - limit, 3),
        }
    return fitted


def told(fitted: Fitted, known: NDArray[np.float32]) -> NDArray[np.str_]:
    """Return what each question is after, by fitted weights."""
    logits = known @ np.array([fitted[each]["weights"] for each in ASKED]).T
    logits += np.array([fitted[each]["bias"] for each in ASKED])
    return np.where(logits.max(1) >= 0, np.array(ASKED)[logits.argmax(1)], Purpose.CONTENT)


def report(found: NDArray[np.str_], truth: NDArray[np.str_]) -> str:
    """Return how many of each purpose are known, and for what the others are taken."""
    rows = [f"{each} {(found[truth == each] == each).sum()}/{(truth == each).sum()}" for each in ASKED]
    content = found[truth == Purpose.CONTENT]
    taken = Counter(str(each) for each in content if each != Purpose.CONTENT)
    wrong = [
        f"{a} for {b}" for a, b in zip(truth, found, strict=True) if Purpose.CONTENT not in (a, b) and a != b
    ]
    return (
        f"known: {', '.join(rows)}; of {len(content)} others taken: {dict(taken)}; mixed up: "
        f"{dict(Counter(wrong))}"
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--test", type=Path, help="measure on these")
    arguments = parser.parse_args()
    if arguments.test:
        rows = lines(arguments.test)
        found = np.array([purpose.purpose(vector) for vector in vectors([str(row["text"]) for row in rows])])
        print(report(found, np.array([row["purpose"] for row in rows])))
        return 0
    rows = lines(Path(__file__).parent / "questions.jsonl")
    others = of_documents(OTHERS, SEED)
    known = vectors([str(row["text"]) for row in rows] + others)
    truth = np.array([str(row["purpose"]) for row in rows] + [str(Purpose.CONTENT)] * OTHERS)
    writer = np.array([row["writer"] for row in rows] + [-1] * OTHERS)
    for left_out in (3, 4):  # who wrote on all purposes but one
        inside = writer != left_out
        fitted = fit(known[inside], truth[inside])
        print(f"writer {left_out}, not learned from: {report(told(fitted, known[~inside]), truth[~inside])}")
    fitted = fit(known, truth)
    print(f"learned from: {report(told(fitted, known), truth)}")
    purpose.FILE.write_text(json.dumps(fitted) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
