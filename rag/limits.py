"""Limits that the system itself keeps a process to, where it can: set by a process for itself.

Linux bounds memory (RLIMIT_DATA) and computing time (RLIMIT_CPU); macOS the second, Windows neither. `held`
tries them, because systems differ by version.
"""

from __future__ import annotations

import contextlib
import subprocess
import sys
import time

from rag.root import ROOT

WATCHED = sys.platform != "linux"  # by who asks a child, since the system does not bound its memory
TRIAL = ("-m", "rag.limits")
TRIAL_MB = 256  # of a process that tries to have twice as much
TRIAL_CPU_S = 5  # that it computes, unless it is ended
TRIAL_S = 60  # for both, on a busy machine


def limit_memory(mb: int) -> None:
    """Bound the data of this process and of each that it starts; no core is dumped.

    Beyond it allocations fail: MemoryError, or the end of the process by a library that does not check.
    """
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_DATA, (mb << 20,) * 2)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def limit_computing(seconds: int) -> None:
    """Let the system end this process when it has computed for so long from now on, on all cores together."""
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        used = sum(resource.getrusage(resource.RUSAGE_SELF)[:2])
        resource.setrlimit(
            resource.RLIMIT_CPU, (int(used) + seconds + 1, resource.getrlimit(resource.RLIMIT_CPU)[1])
        )


def try_limits() -> dict[str, bool]:
    """Return whether this system holds a process to its limits, tried by one that goes beyond them; some
    seconds: {"memory", "computing"}.
    """
    command = [sys.executable, *TRIAL]
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=TRIAL_S)
    except (OSError, subprocess.SubprocessError):
        return {"memory": False, "computing": False}
    memory, _, went_on = done.stdout.partition("\n")
    return {"memory": memory == "refused", "computing": memory != "" and not went_on}


def _go_beyond() -> None:
    """Try to have and to compute more than is allowed, and say what came of it."""
    limit_memory(TRIAL_MB)
    try:
        block = bytes(2 * TRIAL_MB << 20)
        told = f"had {len(block)}"
    except MemoryError:
        told = "refused"
    sys.stdout.write(f"{told}\n")
    sys.stdout.flush()
    limit_computing(0)
    while time.process_time() < TRIAL_CPU_S:
        pass
    sys.stdout.write("went on\n")


if __name__ == "__main__":
    _go_beyond()
