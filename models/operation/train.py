"""Learn, and measure, what questions want of a table's figures (`rag.question.operation`).

    python models/operation/train.py [--test FILE]

Learns from `questions.jsonl`, lines of {"text", "operation", "writer"}: a multinomial logistic regression
over EmbeddingGemma's vector of the question. Prints how many of one writer's lines are known by what was
learned from the other's, then writes weights.json, learned from all. Each line is learned twice, once behind
the title of a document of `../reader/sheets`. `--test`: measure on other lines instead, and write nothing.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "models")]

import numpy as np
from numpy.typing import NDArray
from questions import lines, vectors
from sklearn.linear_model import LogisticRegression

from rag.question import operation
from rag.question.operation import Operation

SEED = 0
STRENGTH = 30  # of the fit, inverse of the regularisation
Fitted = dict[str, dict[str, object]]


def named(texts: list[str], rng: random.Random) -> list[str]:
    """Return questions with the title of a document before them, as people name what they ask about."""
    titles = [
        file.read_text(encoding="utf-8").lstrip("# ").split("\n")[0]
        for file in sorted((ROOT / "models" / "reader" / "sheets").glob("*.md"))
    ]
    return [f"{rng.choice(titles)} {text}" for text in texts]


def fit(known: NDArray[np.float32], truth: NDArray[np.str_]) -> Fitted:
    """Return weights and bias of each operation."""
    model = LogisticRegression(C=STRENGTH, max_iter=5000).fit(known, truth)
    return {
        str(name): {"weights": [round(float(w), 3) for w in weights], "bias": round(float(bias), 3)}
        for name, weights, bias in zip(model.classes_, model.coef_, model.intercept_, strict=True)
    }


def report(file: Path, known: NDArray[np.float32], truth: NDArray[np.str_]) -> str:
    """Return how many lines of each operation are known by the weights of a file, and how many are taken for
    another one than NONE and are not.
    """
    found = [operation.operation(vector, file) for vector in known]
    right = Counter(str(a) for a, b in zip(truth, found, strict=True) if a == b)
    wrong = sum(a != b and b is not Operation.NONE for a, b in zip(truth, found, strict=True))
    asked = Counter(map(str, truth))
    rows = ", ".join(f"{name} {right[name]}/{count}" for name, count in asked.items())
    return f"known: {sum(right.values())}/{len(truth)}, taken for another operation: {wrong}; {rows}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--test", type=Path, help="measure on these")
    arguments = parser.parse_args()
    rows = lines(arguments.test or Path(__file__).parent / "questions.jsonl")
    texts = [row["text"] for row in rows]
    known = vectors(texts + named(texts, random.Random(SEED)))
    truth = np.array([row["operation"] for row in rows] * 2)
    plain = np.arange(len(truth)) < len(texts)
    if arguments.test:
        for kind, some in (("as they are", plain), ("behind a title", ~plain)):
            print(f"{kind}: {report(operation.FILE, known[some], truth[some])}")
        return 0
    writer = np.array([row["writer"] for row in rows] * 2)
    for left_out in sorted(set(map(str, writer))):
        inside = writer != left_out
        file = operation.FILE.with_name(f"without_{left_out}.json")
        file.write_text(json.dumps(fit(known[inside], truth[inside])), encoding="utf-8")
        for kind, some in (("as they are", plain), ("behind a title", ~plain)):
            told = report(file, known[some & ~inside], truth[some & ~inside])
            print(f"writer {left_out}, not learned from, {kind}: {told}")
        file.unlink()
    operation.FILE.write_text(json.dumps(fit(known, truth)) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
