"""Linear classifiers over the question's vector: what `models/*/train.py` fitted, read from a JSON file of
weights and bias by class.
"""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from rag.caches import remember
from rag.errors import ConfigError

Kind = TypeVar("Kind", bound=StrEnum)


def logits(vector: NDArray[np.float32], file: Path, kinds: type[Kind]) -> dict[Kind, float]:
    """Return the logit of each class that a file knows.

    Args:
        vector: (dim,) of unit length. kinds: the classes that may stand in the file.
    Raises:
        ConfigError: the file is damaged.
    """
    names, weights, bias = _weights_in(file, tuple(kinds))
    values = weights @ vector + bias
    return {kinds(name): float(value) for name, value in zip(names, values, strict=True)}


@remember(4)
def _weights_in(
    file: Path, classes: tuple[str, ...]
) -> tuple[list[str], NDArray[np.float64], NDArray[np.float64]]:
    """Return classes, weights (n_classes, dim) and bias (n_classes,)."""
    try:
        values = json.loads(file.read_text(encoding="utf-8"))
        names = [str(classes[classes.index(name)]) for name in values]
        weights = np.array([values[name]["weights"] for name in names], np.float64)
        bias = np.array([values[name]["bias"] for name in names], np.float64)
        if weights.ndim != 2 or not names:
            raise ValueError("no weights")
        return names, weights, bias
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise ConfigError("weights-unreadable", file=file, reason=error) from error
