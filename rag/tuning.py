"""How many threads reading and writing get on this machine: found by a short test, once, and kept in the data folder.

Logical cores that share a physical one, and slow cores beside fast ones, often make more threads slower, and not alike for reading (limited by
arithmetic) and writing (limited by memory). The test reads 64 tokens and writes 8 with each candidate, twice, and keeps the faster times: a few seconds.
Flash attention, smaller micro-batches and a smaller KV type were measured and changed nothing (CHANGELOG), so they are not tried.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Threads:
    """Numbers of threads, at least 1."""

    reading: int
    writing: int


def cores() -> int:
    """Return the number of logical cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 4


def candidates(count: int) -> list[int]:
    """Return the numbers of threads worth trying on so many logical cores, the most first.

    >>> candidates(16), candidates(2), candidates(1)
    ([16, 12, 8, 4], [2, 1], [1])
    """
    return sorted({count, count * 3 // 4, count // 2, count // 4} - {0}, reverse=True) if count > 2 else list(range(count, 0, -1))


def choose(count: int, reading_s: Callable[[int], float], writing_s: Callable[[int], float]) -> Threads:
    """Try the candidates: each function takes a number of threads and returns seconds. Fewer threads win only by more than 5 %."""
    return Threads(*(_fastest(candidates(count), seconds) for seconds in (reading_s, writing_s)))


def _fastest(numbers: Sequence[int], seconds: Callable[[int], float]) -> int:
    best, least = numbers[0], float("inf")
    for number in numbers:
        taken = min(seconds(number), seconds(number))
        if taken < 0.95 * least:
            best, least = number, taken
    return best


def load(file: Path, key: str = "") -> Threads | None:
    """Return what was kept for this machine and model, without a key for the last one; None where nothing was, or it cannot be used."""
    try:
        kept = json.loads(file.read_text(encoding="utf-8"))
        values = kept[key or next(iter(kept))]
        found = Threads(int(values["reading"]), int(values["writing"]))
    except (OSError, ValueError, KeyError, TypeError, StopIteration):
        return None
    return found if 1 <= found.reading <= cores() and 1 <= found.writing <= cores() else None


def save(file: Path, key: str, threads: Threads) -> None:
    """Keep what was found; a folder that cannot be written is no reason to stop."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps({key: asdict(threads)}) + "\n", encoding="utf-8")
    except OSError:
        return
