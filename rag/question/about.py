"""Whether a question asks what a whole document is about: a logistic regression over its vector.

People ask this in more ways than a list of words can hold. Learned from some hundreds of them beside others
that sound alike; `models/about/train.py` makes and measures the weights, for EmbeddingGemma's vectors alone.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rag.caches import remember
from rag.errors import ConfigError
from rag.root import ROOT

FILE = ROOT / "models" / "about" / "weights.json"


def asks(vector: NDArray[np.float32], file: Path = FILE) -> bool:
    """Tell it of a question's vector, (dim,) of unit length. Raises ConfigError for damaged weights."""
    weights, bias = _fitted(file)
    return float(weights @ vector) + bias >= 0


@remember(2)
def _fitted(file: Path) -> tuple[NDArray[np.float64], float]:
    try:
        values = json.loads(file.read_text(encoding="utf-8"))
        return np.array(values["weights"], np.float64), float(values["bias"])
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise ConfigError("weights-unreadable", file=file, reason=error) from error
