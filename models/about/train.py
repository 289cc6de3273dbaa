"""Train what tells whether a whole document is asked about (`rag.question.about`).

    python models/about/train.py [--test FILE]

Learns from `questions.jsonl` (by two writers who knew nothing of the program: half ask what a document is
about, half sound like it) and from questions on what documents say (`../reader`). A logistic regression over
EmbeddingGemma's vector of the question; the limit is the lowest at which, by folds, at most ERRORS of the
questions that ask something else are taken for it. Writes weights.json. `--test`: measure on lines of
{"text", "about"} instead, and write nothing.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_predict

from rag.config import Settings
from rag.model.embedding import LocalEmbeddings
from rag.model.weights import ModelStore
from rag.question import about

ERRORS = 0.03
OTHERS = 400  # questions on what documents say
SEED = 0


def lines(file: Path) -> list[dict[str, object]]:
    """Return the objects of a JSONL file."""
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def vectors(texts: list[str]) -> NDArray[np.float32]:
    """Embed questions as the program does: (n_texts, dim)."""
    embeddings = LocalEmbeddings(
        ModelStore(Settings.load().models_dir).path("embedding"), "embeddinggemma-300m"
    )
    try:
        return np.array([embeddings.query(text) for text in texts])
    finally:
        embeddings.close()


def measure(file: Path) -> None:
    """Print how many of either kind are taken for a question about a whole document."""
    rows = lines(file)
    taken = np.array([about.asks(vector) for vector in vectors([str(row["text"]) for row in rows])])
    truth = np.array([bool(row["about"]) for row in rows])
    print(
        f"about a document: {taken[truth].sum()}/{truth.sum()}, others: {taken[~truth].sum()}/{(~truth).sum()}"
    )


def fit(known: NDArray[np.float32], truth: NDArray[np.bool_]) -> tuple[LogisticRegression, float]:
    """Return the regression and the limit of its decision."""
    model = LogisticRegression(C=10, max_iter=5000)
    sure = cross_val_predict(model, known, truth, cv=5, method="decision_function")
    return model.fit(known, truth), float(np.quantile(sure[~truth], 1 - ERRORS))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--test", type=Path, help="measure on these")
    arguments = parser.parse_args()
    if arguments.test:
        measure(arguments.test)
        return 0
    rows = lines(Path(__file__).parent / "questions.jsonl")
    files = [ROOT / "models" / "reader" / name / "questions.jsonl" for name in ("texts", "sheets")]
    others = random.Random(SEED).sample(
        [str(row["question"]) for file in files for row in lines(file)], OTHERS
    )
    known = vectors([str(row["text"]) for row in rows] + others)
    truth = np.array([bool(row["about"]) for row in rows] + [False] * OTHERS)
    writer = np.array([row["writer"] for row in rows] + [0] * OTHERS)
    for one, other in ((1, 2), (2, 1)):
        model, limit = fit(known[writer != other], truth[writer != other])
        taken = model.decision_function(known[writer == other]) >= limit
        told = truth[writer == other]
        print(
            f"learned from writer {one}, of writer {other} taken: {taken[told].sum()}/{told.sum()}, "
            f"others: {taken[~told].sum()}/{(~told).sum()}"
        )
    model, limit = fit(known, truth)
    values = {
        "weights": [round(float(w), 3) for w in model.coef_[0]],
        "bias": float(model.intercept_[0]) - limit,
    }
    about.FILE.write_text(json.dumps(values) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
