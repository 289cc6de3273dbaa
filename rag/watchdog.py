"""Kill the processes that it was told of when its input ends: run by `rag.spawn` where the system has no such
service, so that a child ends with the program also in the middle of C code, which lets no thread of its own
act. A line "+123" tells of the process group 123, "-123" that it has ended. Imports nothing of the program.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys


def _watch() -> None:
    groups: set[int] = set()
    for line in sys.stdin:
        (groups.add if line[0] == "+" else groups.discard)(int(line[1:]))
    for group in groups:
        with contextlib.suppress(OSError):
            os.killpg(group, signal.SIGKILL)


if __name__ == "__main__":
    _watch()
