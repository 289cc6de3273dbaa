"""The child's half of what `rag.processes` says: a module of this program that answers numbered requests.

    asking = requests()          # from here on it ends with the program
    model = load()
    for request in asking:       # the first step says that it is ready
        request.answer(model(request.content))

JSON lines. From the parent: {"id", "ask"} a request, {"cancel"} the number of one that nobody wants any more,
{"id", "reply"} to a part that asked for something. To the parent: {"id", "part"} any number of times, then
{"id", "value"} or {"id", "cancelled"}. The number 0 says that the child is ready.

Run as a program, it runs a module that does so, and sees to its end with the program: see `rag.spawn`.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import queue
import runpy
import signal
import sys
import threading
from collections.abc import Iterator
from typing import Any


class Cancelled(Exception):
    """The person who asked does not want the answer any more."""


class Request:
    """What the parent asks.

    Attributes:
        content: of the request.
    """

    def __init__(self, channel: _Channel, number: int, content: Any) -> None:
        self._channel, self._number, self.content = channel, number, content

    def cancelled(self) -> bool:
        """True when the parent does not want the answer any more."""
        return self._channel.cancelled >= self._number

    def part(self, value: Any) -> None:
        """Send a part of the answer."""
        self._channel.say({"id": self._number, "part": value})

    def answer(self, value: Any) -> None:
        """Send the answer, or its last part."""
        self._channel.say({"id": self._number, "value": value})

    def stopped(self) -> None:
        """Say that the work was given up, as the parent wished."""
        self._channel.say({"id": self._number, "cancelled": True})

    def ask(self, question: Any) -> Any:
        """Ask the parent for what the answer needs. Raises Cancelled: it wants no answer any more."""
        self.part(question)
        while not self.cancelled():
            message = self._channel.messages.get()
            if message.get("id") == self._number and "reply" in message:
                return message["reply"]
        raise Cancelled


class _Channel:
    def __init__(self) -> None:
        self._out = os.fdopen(os.dup(1), "w", encoding="utf-8")
        os.dup2(2, 1)  # what a library prints does not mix with the messages
        self.messages: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        self.cancelled = 0  # the highest number that was; those before it are answered
        threading.Thread(target=self._listen, name="requests", daemon=True).start()

    def say(self, message: dict[str, Any]) -> None:
        self._out.write(json.dumps(message) + "\n")
        self._out.flush()

    def requests(self) -> Iterator[Request]:
        self.say({"id": 0, "value": None})
        while True:
            message = self.messages.get()
            if "ask" not in message:
                continue
            request = Request(self, message["id"], message["ask"])
            if request.cancelled():
                request.stopped()
            else:
                yield request

    def _listen(self) -> None:
        for line in sys.stdin:
            message = json.loads(line)
            if "cancel" in message:
                self.cancelled = max(self.cancelled, message["cancel"])
            self.messages.put(message)
        os._exit(0)


def requests() -> Iterator[Request]:
    """Return the parent's requests as they come. The process ends with its input, from this call on and
    whatever it is doing; what is printed from now on goes to stderr.
    """
    return _Channel().requests()


def _live_with(parent: int) -> None:
    """End when the parent does, also in the middle of C code where the system can see to it (Linux)."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            set_death_signal = 1
            ctypes.CDLL(None).prctl(set_death_signal, signal.SIGKILL)
    if os.name == "posix" and os.getppid() != parent:  # it ended before, or there is a script between the two
        try:
            os.kill(parent, 0)
        except ProcessLookupError:
            os._exit(0)


def _main() -> None:
    parent, module, *arguments = sys.argv[1:]
    _live_with(int(parent))
    sys.argv = [module, *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    _main()
