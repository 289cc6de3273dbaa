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

from enum import StrEnum
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rag.question import linear
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
    logits = linear.logits(vector, file, Purpose)
    best = max(logits, key=lambda each: logits[each])
    return best if logits[best] >= 0 else Purpose.CONTENT  # 0 is the limit of each
