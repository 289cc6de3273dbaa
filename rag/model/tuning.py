"""What suits this machine: how many threads reading and writing get, how the weights lie in memory, and what
small batches cost.

Found by a short test, once, and kept in the data folder.

Logical cores that share a physical one, and slow cores beside fast ones, often make more threads slower, and
not alike for reading (limited by arithmetic) and writing (limited by memory). The test reads 64 tokens and
writes 8 with each candidate, twice, and keeps the faster times; then it times the batches in which guesses
are checked (`rag.model.prompt_lookup`): a few seconds. llama.cpp can lay weights out anew when it loads them
("repack"): on an AMD EPYC this made single tokens faster by a tenth to a third and long texts slower by more
than a third, since its kernels for long texts and weights as they lie (x86 only) are the faster ones; so the
test is made both ways. Flash attention, micro-batches of 512, an f16 cache and a mapped file were the
fastest wherever they were measured (docs/log.md), so nothing else is tried.

And how many cores other programs leave free (`Neighbours`): threads that wait for each other are slowest
where one of them shares its core.
"""

from __future__ import annotations

import json
import os
import platform
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from rag.model import prompt_lookup

PIECE = 64
LOOK_S = 0.5  # between two looks at what other programs do; the system counts in hundredths of a second
Clocks = tuple[float, float, float]  # seconds: the wall's, all work on our cores, the work of this process


class Neighbours:
    """Watches, twice a second, how many cores other programs leave free (Linux; elsewhere all seem free).

    A core counts as taken after two looks in a row, so that the search for a question's passages takes none
    from the model that reads them.
    """

    def __init__(self) -> None:
        self.free = cores()
        threading.Thread(target=self._watch, name="neighbours", daemon=True).start()

    def _watch(self) -> None:
        before, last = _clocks(), cores()
        while True:
            time.sleep(LOOK_S)
            now = _clocks()
            seen = free_cores(before, now)
            self.free, before, last = max(seen, last), now, seen


def free_cores(before: Clocks, now: Clocks) -> int:
    """Return the number of cores, at least 1, that others left free between two looks at the clocks."""
    seconds, worked, own = (then - first for first, then in zip(before, now, strict=True))
    return max(1, cores() - max(0, round((worked - own) / max(seconds, 0.01))))


def _clocks() -> Clocks:
    return time.monotonic(), _worked_s(), time.process_time()


def _worked_s(file: Path = Path("/proc/stat")) -> float:
    """Return the seconds that the cores which this process may use have worked since the start: user, nice,
    system, irq, softirq.
    """
    try:
        rows = [line.split() for line in file.read_text(encoding="ascii").splitlines()]
        ours = {f"cpu{number}" for number in os.sched_getaffinity(0)}
        return sum(sum(int(row[i]) for i in (1, 2, 3, 6, 7)) for row in rows if row[0] in ours) / os.sysconf(
            "SC_CLK_TCK"
        )
    except (OSError, AttributeError, ValueError, IndexError):
        return 0.0


def repacks() -> bool:
    """Tell whether to lay weights out anew where nothing was measured: not on x86, for which llama.cpp has
    fast kernels without it.
    """
    return platform.machine().lower() not in ("x86_64", "amd64", "x86")


@dataclass(frozen=True, slots=True)
class Tuning:
    """What was found. `batches`: seconds of a batch of each of `prompt_lookup.SIZES` tokens (any unit will
    do), `piece`: of reading PIECE tokens.
    """

    reading: int  # threads, at least 1
    writing: int
    batches: tuple[float, ...] = prompt_lookup.USUAL
    piece: float = 0.0
    repack: bool = field(default_factory=repacks)
    gpu: bool = True  # where there is one

    def question_s(self) -> float:
        """Return about how long a question takes: the question read with three passages, most of a new
        passage, an answer of a sentence.
        """
        return 6 * self.piece + 24 * self.batches[0]


def cores() -> int:
    """Return the number of logical cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 4


def candidates(count: int) -> list[int]:
    """Return the numbers of threads worth trying on so many logical cores, the most first.

    >>> candidates(16), candidates(2), candidates(1)
    ([16, 12, 8, 4], [2, 1], [1])
    """
    return (
        sorted({count, count * 3 // 4, count // 2, count // 4} - {0}, reverse=True)
        if count > 2
        else list(range(count, 0, -1))
    )


def choose(count: int, reading_s: Callable[[int], float], writing_s: Callable[[int], float]) -> Tuning:
    """Try the candidates: each function takes a number of threads and returns seconds. Fewer threads win
    only by more than 5 %.
    """
    (reading, piece), (writing, _) = (
        _fastest(candidates(count), seconds) for seconds in (reading_s, writing_s)
    )
    return Tuning(reading, writing, piece=piece)


def better(usual: Tuning, other: Tuning) -> Tuning:
    """Return the one that answers faster; the other only by more than 10 %, which is no noise."""
    return other if other.question_s() < 0.9 * usual.question_s() else usual


def _fastest(numbers: Sequence[int], seconds: Callable[[int], float]) -> tuple[int, float]:
    best, least = numbers[0], float("inf")
    for number in numbers:
        taken = min(seconds(number), seconds(number))
        if taken < 0.95 * least:
            best, least = number, taken
    return best, least


def load(file: Path, key: str = "") -> Tuning | None:
    """Return what was kept for this machine and model, without a key for the last one; None where nothing
    was, or it cannot be used.
    """
    try:
        kept = json.loads(file.read_text(encoding="utf-8"))
        values = kept[key or next(iter(kept))]
        batches = tuple(float(value) for value in values["batches"])
        found = Tuning(
            int(values["reading"]),
            int(values["writing"]),
            batches,
            float(values["piece"]),
            bool(values["repack"]),
            bool(values.get("gpu", True)),
        )
    except (OSError, ValueError, KeyError, TypeError, StopIteration):
        return None
    usable = 1 <= found.reading <= cores() and 1 <= found.writing <= cores()
    return (
        found
        if usable and len(found.batches) == len(prompt_lookup.SIZES) and min(found.batches) > 0
        else None
    )


def save(file: Path, key: str, tuning: Tuning) -> None:
    """Keep what was found; a folder that cannot be written is no reason to stop."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps({key: asdict(tuning)}) + "\n", encoding="utf-8")
    except OSError:
        return
