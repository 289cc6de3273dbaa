"""What a question is after: what the documents say, or the documents themselves, or where the last answer
comes from.

The words for documents, lists, sums, differences and sources are also those of many a question about what
documents say (어떤 자료를 내야 하나요? 1안과 2안의 차이는?), and people ask for documents in more ways than a
list of words can hold. So it is learned: a logistic regression over the question's vector, from some hundreds
of sentences of each kind beside as many that sound alike; `models/purpose/train.py` makes and measures the
weights, for EmbeddingGemma's vectors alone. What is not sure is a question about what documents say. It
knows few questions that hold a document's name: those, where nothing else stands in them, are known by their
words (`rag.question.intents`), which is asked first.
"""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rag.caches import remember
from rag.errors import ConfigError
from rag.root import ROOT

FILE = ROOT / "models" / "purpose" / "weights.json"


class Purpose(StrEnum):
    """What a question is after: what documents say; what a whole document is about; which documents there
    are; how two documents differ; where the last answer comes from.
    """

    CONTENT = "content"
    ABOUT = "about"
    LIST = "list"
    DIFFERENCE = "difference"
    SOURCE = "source"


def purpose(vector: NDArray[np.float32], file: Path = FILE) -> Purpose:
    """Tell it of a question's vector, (dim,) of unit length. Raises ConfigError for damaged weights."""
    purposes, weights, bias = _fitted(file)
    logits = weights @ vector + bias
    best = int(np.argmax(logits))
    return purposes[best] if logits[best] >= 0 else Purpose.CONTENT


@remember(2)
def _fitted(file: Path) -> tuple[list[Purpose], NDArray[np.float64], NDArray[np.float64]]:
    """Return purposes, weights (n_purposes, dim) and bias (n_purposes,): 0 is the limit of each."""
    try:
        values = json.loads(file.read_text(encoding="utf-8"))
        purposes = [Purpose(name) for name in values]
        weights = np.array([values[name]["weights"] for name in purposes], np.float64)
        bias = np.array([values[name]["bias"] for name in purposes], np.float64)
        if weights.ndim != 2 or not purposes:
            raise ValueError("no weights")
        return purposes, weights, bias
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise ConfigError("weights-unreadable", file=file, reason=error) from error
