"""A child process that is spoken to in JSON lines: the one that reads files, the one that holds the model.

The parent's half is `Child`. The child's half begins with `answers()`; what libraries print goes elsewhere.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import subprocess
import sys
import threading
from typing import IO, Any

from rag.root import ROOT


class Child:
    """A Python module of this program, run as a child process. It ends with `close`, or by itself when its input ends.

    Args:
        module: what to run. arguments: for it. own_session: Ctrl-C in the terminal reaches the program alone, which then closes its child.
    """

    def __init__(self, module: str, *arguments: str, own_session: bool = False) -> None:
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")])), "PYTHONUTF8": "1"}
        pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
        command = [sys.executable, "-m", module, *arguments]
        self._process = subprocess.Popen(command, env=environment, text=True, encoding="utf-8", start_new_session=own_session, **pipes)
        self._lines: queue.Queue[str] = queue.Queue()
        threading.Thread(target=self._pump, name=module, daemon=True).start()

    @property
    def alive(self) -> bool:
        """False when the child has ended."""
        return self._process.poll() is None

    @property
    def pid(self) -> int:
        """Its process number."""
        return self._process.pid

    def send(self, message: Any) -> None:
        """Send a message; nothing happens when the child has ended, as `receive` then tells."""
        assert self._process.stdin
        with contextlib.suppress(OSError, ValueError):
            self._process.stdin.write(json.dumps(message) + "\n")
            self._process.stdin.flush()

    def receive(self, timeout_s: float) -> dict[str, Any] | None:
        """Return the child's next message, None when it has ended.

        Raises:
            TimeoutError: nothing came in time.
        """
        try:
            line = self._lines.get(timeout=timeout_s)
        except queue.Empty:
            raise TimeoutError from None
        if not line:
            return None
        message: dict[str, Any] = json.loads(line)
        return message

    def kill(self) -> None:
        self._process.kill()

    def ending(self) -> str:
        """Say how the child ended."""
        code = self._process.wait()
        return f"signal {-code}" if code < 0 else f"exit {code}"

    def close(self) -> None:
        """End the child; its memory goes back to the system."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            with contextlib.suppress(OSError):
                if pipe:
                    pipe.close()

    def _pump(self) -> None:
        """Pass the child's lines on; an empty one says that it has ended."""
        with contextlib.suppress(ValueError, OSError):
            assert self._process.stdout
            for line in self._process.stdout:
                self._lines.put(line)
        self._lines.put("")


def answers() -> IO[str]:
    """In the child: return where its messages go, and keep what a library prints from mixing with them."""
    stream = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return stream
