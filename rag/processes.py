"""Child processes that are asked: those that hold a model, the analyser of Korean, the ones that read files.

All speak one protocol (`rag.serving` has the child's half and the messages). A request has a number, and what
answers it carries it: parts, as many as it takes, then one last value. So an answer that comes after its
request was given up is not taken for the next one's. A request is given up when `cancelled` says so, when its
deadline passes, or when who asked is interrupted: the child is told, and has some time to say its last word
on it; one that does not is ended.

`Child` is one process. `Service` starts it when it is needed, and lets several threads ask. How a child ends
with this program is in `rag.spawn`.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Generator
from typing import Any

from rag import spawn
from rag.errors import ClosedError
from rag.priority_lock import PriorityLock
from rag.root import ROOT
from rag.serving import Cancelled

TAIL = 4096  # bytes of what a child wrote to stderr that are kept
TAIL_CHARS = 300  # of it that are told
TAIL_LINES = 3
POLL_S = 0.05  # between two looks at `cancelled`
PATIENCE_S = 10.0  # a child that goes on for so long after it was told to stop is killed
ENDING_S = 5.0  # from the end of a child's output to its own


class Ended(Exception):
    """There is no answer. The message says how the child ended."""


class Child:
    """A Python module of this program, run as a child process. It ends with `close`, or by itself when this
    process is gone. One thread at a time may ask; any may end it.

    Args:
        module: what to run. arguments: for it.

    Attributes:
        closed: True when it was ended by `close`.
    """

    def __init__(self, module: str, *arguments: str) -> None:
        environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")])),
            "PYTHONUTF8": "1",
            "RUST_BACKTRACE": "0",  # or its pages push what happened out of the last lines that are told
        }
        command = [sys.executable, "-m", "rag.serving", str(os.getpid()), module, *arguments]
        self._process = spawn.start(command, environment)
        self._lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._stderr = b""
        self._number = 0  # of the last request
        self._owed: tuple[int, float] | None = None  # one that was given up, and until when its end may take
        self.closed = False
        self._ears = [
            threading.Thread(target=listen, name=module, daemon=True)
            for listen in (self._pump, self._overhear)
        ]
        for ear in self._ears:
            ear.start()

    @property
    def alive(self) -> bool:
        """False when the child has ended."""
        return self._process.poll() is None

    @property
    def pid(self) -> int:
        """Its process number."""
        return self._process.pid

    def wait_ready(self, timeout_s: float) -> None:
        """Wait until the child says that it is ready. Raises Ended, and TimeoutError, after which it may be
        asked all the same.
        """
        if self._receive(timeout_s) is None:
            raise Ended(self.ending())

    def ask(
        self,
        request: Any,
        *,
        deadline_s: float = math.inf,
        cancelled: Callable[[], bool] | None = None,
        patience_s: float = PATIENCE_S,
    ) -> Any:
        """Return the last value that answers a request; see `messages`."""
        *_, last = self.messages(request, deadline_s=deadline_s, cancelled=cancelled, patience_s=patience_s)
        return last["value"]

    def messages(
        self,
        request: Any,
        *,
        deadline_s: float = math.inf,
        cancelled: Callable[[], bool] | None = None,
        patience_s: float = PATIENCE_S,
    ) -> Generator[dict[str, Any], None, None]:
        """Yield what answers a request: {"part": a value} any number of times, then {"value": the last}. Who
        stops listening before gives it up.

        Args:
            request: what JSON can hold. deadline_s: that the child may take; what this process does between
                two messages does not count. cancelled: looked at every POLL_S.
            patience_s: that the child has for stopping, before it is killed.
        Raises:
            Ended: the child has. TimeoutError: the deadline passed. Cancelled: `cancelled` said so.
            ClosedError: `close` was called.
        """
        self.settle()
        self._number += 1
        self._send({"id": self._number, "ask": request})
        left, over = deadline_s, False
        try:
            while not over:
                if cancelled is not None and cancelled():
                    raise Cancelled
                begun = time.monotonic()
                try:
                    message = self._receive(left if cancelled is None else min(left, POLL_S))
                except TimeoutError:
                    message = {}
                left = max(0.0, left - (time.monotonic() - begun))
                own = message is not None and message.get("id") == self._number
                over = message is None or (own and "part" not in message)
                if message is None or (over and "value" not in message):
                    raise ClosedError if self.closed else Ended(self.ending())
                if not (over or left):
                    raise TimeoutError
                if own:
                    yield message
        except (Cancelled, TimeoutError):
            over = True
            self._give_up(patience_s)
            self.settle()
            if self.closed:
                raise ClosedError from None
            raise
        except GeneratorExit:
            if not over:
                over = True
                self._give_up(patience_s)
                self.settle()
            raise
        finally:
            if not over:  # interrupted: who asks next waits for the end of it
                self._give_up(patience_s)

    def reply(self, value: Any) -> None:
        """Answer the part that came last, which asked for something."""
        self._send({"id": self._number, "reply": value})

    def settle(self) -> bool:
        """Wait for the last word on a request that was given up. Returns False when the child had to be
        killed for it, or has ended.
        """
        if self._owed is None:
            return True
        number, until = self._owed
        self._owed = None
        while (left := until - time.monotonic()) > 0:
            with contextlib.suppress(TimeoutError):
                if (message := self._receive(left)) is None:
                    return False
                if message.get("id") == number and "part" not in message:
                    return True
        self.kill()
        return False

    def kill(self) -> None:
        """End the child and what it started."""
        spawn.kill(self._process)
        self._process.wait()

    def ending(self, chars: int = TAIL_CHARS) -> str:
        """Say how the child ended, with the last that it wrote to stderr, `chars` at most, on one line."""
        try:
            code = self._process.wait(ENDING_S)
        except subprocess.TimeoutExpired:  # it only closed its output
            self.kill()
            code = self._process.wait()
        self._ears[1].join(1)
        lines = [" ".join(line.split()) for line in self._stderr.decode("utf-8", "replace").splitlines()]
        told = [
            line for line in lines if line and not line.startswith("note: ")
        ]  # Rust's hints on backtraces
        said = "".join(c for c in " ".join(told[-TAIL_LINES:]) if c.isprintable())
        return (f"signal {-code}" if code < 0 else f"exit {code}") + (f": {said[-chars:]}" if said else "")

    def close(self) -> None:
        """End the child; its memory goes back to the system. May be called while another thread waits for an
        answer.
        """
        self.closed = True
        self.kill()
        spawn.forget_process(self._process)
        for ear in self._ears:
            ear.join(1)
        pipes = (
            [self._process.stdin]
            if any(ear.is_alive() for ear in self._ears)
            else [self._process.stdin, self._process.stdout, self._process.stderr]
        )
        for pipe in pipes:
            with contextlib.suppress(OSError):
                if pipe:
                    pipe.close()

    def _give_up(self, patience_s: float) -> None:
        self._send({"cancel": self._number})
        self._owed = self._number, time.monotonic() + patience_s

    def _send(self, message: Any) -> None:
        """Send a message; nothing happens when the child has ended, as `_receive` then tells."""
        assert self._process.stdin
        with contextlib.suppress(OSError, ValueError):
            self._process.stdin.write(json.dumps(message) + "\n")
            self._process.stdin.flush()

    def _receive(self, timeout_s: float) -> dict[str, Any] | None:
        """Return the child's next message, None when it has ended. Raises TimeoutError."""
        try:
            line = self._lines.get(timeout=min(timeout_s, threading.TIMEOUT_MAX))
        except queue.Empty:
            raise TimeoutError from None
        try:
            if line and isinstance(message := json.loads(line), dict):
                return message
        except ValueError:
            pass
        if line:  # cut off by its end, or not by us
            self.kill()
        self._lines.put("")  # for who comes later
        return None

    def _pump(self) -> None:
        """Pass the child's lines on; an empty one says that it has ended."""
        with contextlib.suppress(ValueError, OSError):
            assert self._process.stdout
            for line in self._process.stdout:
                self._lines.put(line)
        self._lines.put("")

    def _overhear(self) -> None:
        """Keep the end of what the child, or a library in it, writes to stderr."""
        with contextlib.suppress(ValueError, OSError):
            assert self._process.stderr
            while said := os.read(self._process.stderr.fileno(), TAIL):
                self._stderr = (self._stderr + said)[-TAIL:]


class Service:
    """A child that answers each request. It is started on first use, and anew when it has ended.
    Safe to use from several threads.

    Args:
        module, arguments: see `Child`. patience_s: for one answer; a child that needs longer is told to stop.
    """

    def __init__(self, module: str, *arguments: str, patience_s: float) -> None:
        self._module, self._arguments, self._patience_s = module, arguments, patience_s
        self._lock = PriorityLock()
        self._starting = threading.Lock()
        self._child: Child | None = None
        self._over = False

    def begin(self) -> None:
        """Start the child, without waiting for it."""
        self._started()

    def ask(self, request: Any, *, urgent: bool = True) -> dict[str, Any]:
        """Return the answer to a request.

        Args:
            urgent: go before all who are not. A request that is not should be a small piece of work: the
                urgent wait until it is done.
        Raises:
            Ended: there was none. ClosedError: `end` was called.
        """
        *_, last = self._messages(request, urgent)
        answer: dict[str, Any] = last["value"]
        return answer

    def stream(self, request: Any) -> Generator[Any, None, dict[str, Any]]:
        """Yield the parts of the answer to an urgent request as they come, and return its last value. Who
        closes the iterator before gives the request up. Until then nobody else is served. Raises: see `ask`.
        """
        with contextlib.closing(self._messages(request, True)) as messages:
            for message in messages:
                if "part" not in message:
                    break
                yield message["part"]
        last: dict[str, Any] = message["value"]
        return last

    def _messages(self, request: Any, urgent: bool) -> Generator[dict[str, Any], None, None]:
        with self._lock.turn(urgent):
            child = self._started()
            if not child.settle():
                child = self._started()
            try:
                with contextlib.closing(child.messages(request, deadline_s=self._patience_s)) as messages:
                    yield from messages
            except (Ended, TimeoutError) as error:
                if self._over:
                    raise ClosedError from None
                if not child.alive:
                    self._drop(child)
                raise Ended(str(error) or f"{self._patience_s:g} s") from None

    def close(self) -> None:
        """End the child between two answers; the next request starts another."""
        with self._lock.turn():
            self._drop(self._child)

    def end(self) -> None:
        """End the child at once and for good: who waits for it, and whoever comes later, gets a
        ClosedError.
        """
        with self._starting:
            self._over = True
        self._drop(self._child)

    def _started(self) -> Child:
        with self._starting:
            if self._over:
                raise ClosedError
            if self._child is None or not self._child.alive:
                if self._child is not None:
                    self._child.close()
                self._child = Child(self._module, *self._arguments)
            return self._child

    def _drop(self, child: Child | None) -> None:
        if child is not None:
            child.close()
        with self._starting:
            if self._child is child:
                self._child = None
