"""What this process and those below it take of the machine, for the benchmarks (Linux)."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path


def memory_mb() -> float:
    """Return the resident memory of this process and of all that it has started (the models' among them), in
    MB.
    """
    total = 0
    for process in _below(os.getpid()):
        status = Path(f"/proc/{process}/status").read_text(encoding="utf-8")
        total += sum(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))
    return total / 1024


def _below(process: int) -> Iterator[int]:
    yield process
    for children in Path(f"/proc/{process}/task").glob("*/children"):
        for child in children.read_text(encoding="utf-8").split():
            yield from _below(int(child))
