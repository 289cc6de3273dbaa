"""What a question wants of a table's figures: one of them, the largest, their sum, whether they rose …

People ask for it in more ways than a list of words can hold, so it is learned, as purposes are
(`rag.question.purpose`): a multinomial logistic regression over the question's vector, made and measured by
`models/operation/train.py`. What is not sure is no question for figures.
"""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rag.question import linear
from rag.root import ROOT

FILE = ROOT / "models" / "operation" / "weights.json"
SURE = 0.5  # the least probability


class Operation(StrEnum):
    """What is wanted. NONE: no figures; VALUE: a cell as it stands; DIRECTION: which of two is greater, or
    whether something rose; SERIES: all values over time or by entry.
    """

    NONE = "none"
    VALUE = "value"
    LARGEST = "largest"
    SMALLEST = "smallest"
    SUM = "sum"
    AVERAGE = "average"
    DIFFERENCE = "difference"
    RATIO = "ratio"
    DIRECTION = "direction"
    COUNT = "count"
    LIST = "list"
    SERIES = "series"


def operation(vector: NDArray[np.float32], file: Path = FILE) -> Operation:
    """Tell it of a question's vector, (dim,) of unit length. Raises ConfigError for damaged weights."""
    logits = linear.logits(vector, file, Operation)
    best = max(logits, key=lambda each: logits[each])
    probability = 1 / sum(np.exp(value - logits[best]) for value in logits.values())
    return best if probability >= SURE else Operation.NONE
