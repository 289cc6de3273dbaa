"""Child processes that are spoken to in JSON lines: those that hold a model, the analyser of Korean, the one
that reads files.

The parent's half is `Child`, or `Service` where every request has one answer. The child's half begins with
`answers` and `requests`.

A child ends with its parent, whatever becomes of it: when its input ends, which a thread hears; and on
Linux, where that thread may not get its turn in the middle of C code, by a signal of the system. That signal
comes when the *thread* ends that started the child (prctl(2), PR_SET_PDEATHSIG), so all children are started
from one thread that lives as long as the program.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import queue
import runpy
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from typing import IO, Any

from rag.errors import ClosedError
from rag.root import ROOT

TAIL = 4096  # bytes of what a child wrote to stderr that are kept
TAIL_CHARS = 300  # of it that are told
TAIL_LINES = 3
# a question asks a hundred small things in a row: work that is not urgent waits for the next of them so long
QUIET_S = 0.25


class Child:
    """A Python module of this program, run as a child process. It ends with `close`, or by itself when this
    process is gone.

    It has a session of its own: Ctrl-C in the terminal reaches the program alone, which then closes its
    children.

    Args:
        module: what to run. arguments: for it.
    """

    def __init__(self, module: str, *arguments: str) -> None:
        environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")])),
            "PYTHONUTF8": "1",
        }
        pipes: dict[str, Any] = {
            "stdin": subprocess.PIPE,
            "stdout": subprocess.PIPE,
            "stderr": subprocess.PIPE,
        }
        command = [sys.executable, "-m", __name__, str(os.getpid()), module, *arguments]
        self._process = _start(
            lambda: subprocess.Popen(
                command, env=environment, text=True, encoding="utf-8", start_new_session=True, **pipes
            )
        )
        self._lines: queue.Queue[str] = queue.Queue()
        self._said = b""
        self.closed = False  # by `close`, not by itself
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
        """End the child and what it started; `receive` then returns None."""
        with contextlib.suppress(OSError):
            if self.alive and hasattr(os, "killpg"):
                os.killpg(self.pid, signal.SIGKILL)
        self._process.kill()

    def ending(self) -> str:
        """Say how the child ended, with the last that it wrote to stderr, on one line."""
        code = self._process.wait()
        self._ears[1].join(1)
        lines = [" ".join(line.split()) for line in self._said.decode("utf-8", "replace").splitlines()]
        said = "".join(c for c in " ".join([line for line in lines if line][-TAIL_LINES:]) if c.isprintable())
        return (f"signal {-code}" if code < 0 else f"exit {code}") + (
            f": {said[-TAIL_CHARS:]}" if said else ""
        )

    def close(self) -> None:
        """End the child; its memory goes back to the system. May be called while another thread waits for an
        answer.
        """
        self.closed = True
        self.kill()
        self._process.wait()
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
                self._said = (self._said + said)[-TAIL:]


class Ended(Exception):
    """A service gave no answer. The message says how it ended."""


class Line:
    """A lock: one at a time, and whoever is urgent before all who are not, who wait until nothing urgent
    came for QUIET_S.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._taken = False
        self._urgent = 0  # how many of these wait
        self._urgent_at = float("-inf")  # when the last of them was done

    @contextlib.contextmanager
    def turn(self, urgent: bool = True) -> Iterator[None]:
        """Hold it."""
        with self._changed:
            self._urgent += urgent
            try:
                while self._taken or (not urgent and (self._urgent or self._rest() > 0)):
                    self._changed.wait(None if self._taken or self._urgent else self._rest())
                self._taken = True
            finally:
                self._urgent -= urgent
                self._changed.notify_all()
        try:
            yield
        finally:
            with self._changed:
                self._taken = False
                if urgent:
                    self._urgent_at = time.monotonic()
                self._changed.notify_all()

    def _rest(self) -> float:
        """How long it is yet, in seconds, until nothing urgent came for QUIET_S."""
        return self._urgent_at + QUIET_S - time.monotonic()


class Service:
    """A child that gives each request one answer. It is started on first use, and anew when it has ended.
    Safe to use from several threads.

    Args:
        module, arguments: see `Child`. patience_s: for one answer; a child that needs longer is ended.
    """

    def __init__(self, module: str, *arguments: str, patience_s: float) -> None:
        self._module, self._arguments, self._patience_s = module, arguments, patience_s
        self._line = Line()
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
        with self._line.turn(urgent):
            child = self._started()
            try:
                child.send(request)
                answer = child.receive(self._patience_s)
                ending = child.ending() if answer is None else ""
            except TimeoutError:
                answer, ending = None, f"{self._patience_s:g} s"
            except BaseException:  # interrupted: what comes yet would be taken for the next request's answer
                self._drop(child)
                raise
            if answer is None:
                self._drop(child)
                if self._over:
                    raise ClosedError
                raise Ended(ending)
            return answer

    def close(self) -> None:
        """End the child between two answers; the next request starts another."""
        with self._line.turn():
            self._drop(self._child)

    def end(self) -> None:
        """End the child at once and for good: who waits for it, and whoever comes later, gets a ClosedError."""
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


def answers() -> IO[str]:
    """In the child: return where its messages go, and keep what a library prints from mixing with them."""
    stream = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return stream


def requests(apart: Callable[[Any], bool] = lambda message: False) -> Iterator[Any]:
    """In the child: return the parent's messages as they come. The child ends with them, from this call on
    and whatever it is doing.

    Args:
        apart: told each message as it comes, in a thread of its own; True for one that was meant for it
            alone.
    """
    messages: queue.SimpleQueue[Any] = queue.SimpleQueue()

    def listen() -> None:
        for line in sys.stdin:
            if not apart(message := json.loads(line)):
                messages.put(message)
        os._exit(0)

    threading.Thread(target=listen, name="requests", daemon=True).start()
    return iter(messages.get, None)


_waiting: queue.SimpleQueue[tuple[Callable[[], Any], Future[Any]]] = queue.SimpleQueue()
_starter: list[threading.Thread] = []
_making = threading.Lock()


def _start(start: Callable[[], subprocess.Popen[str]]) -> subprocess.Popen[str]:
    """Start a process from the thread that starts them all; see the top of this module."""
    with _making:
        if not (_starter and _starter[-1].is_alive()):  # none yet, or it was left behind by a fork
            _starter[:] = [threading.Thread(target=_start_all, name="starter", daemon=True)]
            _starter[0].start()
    done: Future[subprocess.Popen[str]] = Future()
    _waiting.put((start, done))
    return done.result()


def _start_all() -> None:
    while True:
        start, done = _waiting.get()
        try:
            done.set_result(start())
        except BaseException as error:
            done.set_exception(error)


def _live_with(parent: int) -> None:
    """In the child: end when the parent does, also in the middle of C code where the system can see to it
    (Linux).
    """
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
