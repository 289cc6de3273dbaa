"""What this process and those below it take of the machine, and which outlive a program, for the benchmarks
(Linux).
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

POLL_S = 0.05


@dataclass(frozen=True, slots=True)
class Process:
    """A process that was running.

    Attributes:
        started: in ticks since the machine started; with it a number that was given again is told apart.
        session: the number of the process that leads its session.
    """

    pid: int
    started: int
    session: int


def memory_mb() -> float:
    """Return the resident memory of this process and of all that it has started (the models' among them), in
    MB.
    """
    total = 0
    for process in _below(os.getpid()):
        status = Path(f"/proc/{process}/status").read_text(encoding="utf-8")
        total += sum(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))
    return total / 1024


def descendants(pid: int) -> list[Process]:
    """Return what a process has started and what that has started, as far as it runs."""
    return [process for below in _below(pid) if below != pid and (process := _running(below)) is not None]


def outlive(processes: Sequence[Process], patience_s: float) -> list[Process]:
    """Return what still runs after so many seconds of some processes and of all in the sessions that they
    lead, whoever has become their parent; at once when nothing does.
    """
    led = {process.pid for process in processes if process.session == process.pid}
    until = time.monotonic() + patience_s
    while True:
        running = [process for pid in _numbers() if (process := _running(pid)) is not None]
        left = [process for process in running if process in processes or process.session in led]
        if not left or time.monotonic() >= until:
            return left
        time.sleep(POLL_S)


def _numbers() -> Iterator[int]:
    for folder in Path("/proc").iterdir():
        if folder.name.isdecimal():
            yield int(folder.name)


def _running(pid: int) -> Process | None:
    """Return a process, None when it has ended, perhaps unnoticed by its parent (a zombie)."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return None
    state, *rest = stat.rpartition(")")[2].split()  # the name before may hold anything
    return None if state in "ZX" else Process(pid, int(rest[18]), int(rest[2]))


def _below(process: int) -> Iterator[int]:
    yield process
    for children in Path(f"/proc/{process}/task").glob("*/children"):
        try:
            named = children.read_text(encoding="utf-8").split()
        except (FileNotFoundError, ProcessLookupError):  # a thread that has just ended
            continue
        for child in named:
            yield from _below(int(child))
