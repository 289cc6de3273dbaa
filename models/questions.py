"""What the classifiers of questions are trained from: lines of JSON, and the vectors of questions."""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

import numpy as np
from numpy.typing import NDArray

from rag.config import Settings
from rag.model.embedding import LocalEmbeddings
from rag.model.weights import ModelStore


def lines(file: Path) -> list[dict[str, Any]]:
    """Return the objects of a JSONL file."""
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def of_documents(count: int, seed: int) -> list[str]:
    """Draw whole questions on what documents say from those that the reader learns from."""
    files = [ROOT / "models" / "reader" / name / "questions.jsonl" for name in ("texts", "sheets")]
    return random.Random(seed).sample([str(row["question"]) for file in files for row in lines(file)], count)


def vectors(texts: Sequence[str]) -> NDArray[np.float32]:
    """Embed questions as the program does: (n_texts, dim)."""
    embeddings = LocalEmbeddings(
        ModelStore(Settings.load().models_dir).path("embedding"), "embeddinggemma-300m"
    )
    try:
        return np.array([embeddings.query(text) for text in texts])
    finally:
        embeddings.close()
