"""Which chat model suits a machine: by its memory and its cores, never by its name."""

from __future__ import annotations

import os
from dataclasses import dataclass
from enum import StrEnum

import psutil

from rag.model.weights import Model

RESERVED_BYTES = 4.0e9  # bytes that the rest of the program, the browser and the system need
SHARE = 1.15  # of the file's size that a loaded model takes, with its states
LONGEST_S = 6.0  # an answer that takes longer is called slow
# An answer of the default model reads about 200 tokens and writes about 40. On two cores it read 126 and
# wrote 33 tokens a second (benchmarks/RESULTS.md); both grow with the cores and fall with the file's size.
READ, WRITTEN = 200, 40
READING, WRITING, CORES, SIZE = 126.0, 33.0, 2, 1.117e9


class Fit(StrEnum):
    """How a model suits a machine."""

    SUITS = "suits"
    SLOW = "slow"
    TOO_LARGE = "too_large"


@dataclass(frozen=True, slots=True)
class Machine:
    """A computer: its memory in bytes and the cores that work side by side."""

    memory: int
    cores: int

    @classmethod
    def this(cls) -> Machine:
        """Return the one that the program runs on."""
        return cls(psutil.virtual_memory().total, psutil.cpu_count(logical=False) or os.cpu_count() or 1)


def seconds(model: Model, machine: Machine) -> float:
    """Estimate how long a model takes for an answer on the CPU, in seconds."""
    return (READ / READING + WRITTEN / WRITING) * (model.size / SIZE) * (CORES / machine.cores)


def fit(model: Model, machine: Machine) -> Fit:
    """Tell how a model suits a machine."""
    if model.size * SHARE + RESERVED_BYTES > machine.memory:
        return Fit.TOO_LARGE
    return Fit.SLOW if seconds(model, machine) > LONGEST_S else Fit.SUITS
