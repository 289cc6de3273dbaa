"""Start child processes so that they end with this one, whatever becomes of it and whatever they are doing.

Linux: by a signal (prctl(2), PR_SET_PDEATHSIG), which the child asks for (`rag.serving`). It comes when the
*thread* ends that started the child, so all are started from one thread that lives as long as the program.
Windows: by a job object, whose processes the system ends when its last handle is gone, which we hold.
Elsewhere (macOS): by a small process that is told of each child and kills them when its input ends.

Besides, a child ends with its input (`rag.serving`), as soon as C code that holds Python's lock lets it hear.

Each child is a process group of its own: Ctrl-C in the terminal reaches the program alone, which then closes
its children.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from pathlib import Path

WATCHED = sys.platform not in ("linux", "win32")  # by a process that kills them

_Process = subprocess.Popen[str]
_waiting: queue.SimpleQueue[tuple[Sequence[str], Mapping[str, str], Future[_Process]]] = queue.SimpleQueue()
_starter: list[threading.Thread] = []
_making = threading.Lock()
_watchdogs: list[_Process] = []
_jobs: dict[int, int] = {}  # handles by process number


def start(command: Sequence[str], environment: Mapping[str, str]) -> _Process:
    """Start a process with pipes for its input and outputs, UTF-8. End it with `kill`, then call
    `forget_process`.
    """
    with _making:
        if not (_starter and _starter[-1].is_alive()):  # none yet, or it was left behind by a fork
            _starter[:] = [threading.Thread(target=_start_all, name="starter", daemon=True)]
            _starter[0].start()
    done: Future[_Process] = Future()
    _waiting.put((command, environment, done))
    process = done.result()
    _tell_watchdog(f"+{process.pid}")
    return process


def kill(process: _Process) -> None:
    """End a process and what it started."""
    _end_job(process.pid)
    with contextlib.suppress(OSError):
        if hasattr(os, "killpg") and process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
    process.kill()


def forget_process(process: _Process) -> None:
    """Forget a process that has ended."""
    _end_job(process.pid)
    _tell_watchdog(f"-{process.pid}")


def _start_all() -> None:
    while True:
        command, environment, done = _waiting.get()
        try:
            process = _popen(command, environment)
            _put_into_job(process)
            done.set_result(process)
        except BaseException as error:
            done.set_exception(error)


def _popen(command: Sequence[str], environment: Mapping[str, str] | None = None) -> _Process:
    pipe = subprocess.PIPE
    return subprocess.Popen(
        command,
        env=environment,
        text=True,
        encoding="utf-8",
        stdin=pipe,
        stdout=pipe,
        stderr=pipe,
        start_new_session=True,  # heard on POSIX alone
        creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),  # there on Windows alone
    )


def _tell_watchdog(line: str) -> None:
    """Tell the watchdog of a child, where there is to be one; it lives as long as the program."""
    if not WATCHED:
        return
    with _making, contextlib.suppress(OSError):
        if not _watchdogs:
            _watchdogs.append(
                _popen([sys.executable, "-I", "-S", str(Path(__file__).with_name("watchdog.py"))])
            )
        told = _watchdogs[0].stdin
        assert told
        told.write(f"{line}\n")
        told.flush()


if sys.platform == "win32":  # written after Microsoft's documentation, without a machine to try it on
    from ctypes import wintypes

    class _Limits(ctypes.Structure):
        """JOBOBJECT_EXTENDED_LIMIT_INFORMATION, of which `flags` alone is used."""

        _fields_ = (
            ("process_time", ctypes.c_int64),
            ("job_time", ctypes.c_int64),
            ("flags", wintypes.DWORD),
            ("smallest_set", ctypes.c_size_t),
            ("largest_set", ctypes.c_size_t),
            ("processes", wintypes.DWORD),
            ("affinity", ctypes.c_size_t),
            ("priority", wintypes.DWORD),
            ("scheduling", wintypes.DWORD),
            ("io", ctypes.c_uint64 * 6),
            ("memory", ctypes.c_size_t * 4),
        )

    def _put_into_job(process: _Process) -> None:
        """Let the system end a process with the last handle to its job, which is ours. Where that fails, it
        ends with its input alone.
        """
        with contextlib.suppress(OSError, AttributeError):
            kernel = _kernel()
            job = kernel.CreateJobObjectW(None, None)
            kill_on_close, extended = 0x2000, 9
            limits = _Limits(flags=kill_on_close)
            if (
                job
                and kernel.SetInformationJobObject(job, extended, ctypes.byref(limits), ctypes.sizeof(limits))
                and kernel.AssignProcessToJobObject(job, int(process._handle))  # type: ignore[attr-defined]
            ):
                _jobs[process.pid] = job

    def _end_job(pid: int) -> None:
        if (job := _jobs.pop(pid, 0)) != 0:
            kernel = _kernel()
            kernel.TerminateJobObject(job, 1)
            kernel.CloseHandle(job)

    def _kernel() -> ctypes.WinDLL:
        kernel = ctypes.WinDLL("kernel32", use_last_error=True)
        handle, number = wintypes.HANDLE, wintypes.DWORD
        kernel.CreateJobObjectW.argtypes, kernel.CreateJobObjectW.restype = (
            [wintypes.LPVOID, wintypes.LPCWSTR],
            handle,
        )
        kernel.SetInformationJobObject.argtypes = [handle, ctypes.c_int, wintypes.LPVOID, number]
        kernel.AssignProcessToJobObject.argtypes = [handle, handle]
        kernel.TerminateJobObject.argtypes = [handle, wintypes.UINT]
        kernel.CloseHandle.argtypes = [handle]
        return kernel

else:

    def _put_into_job(process: _Process) -> None:
        """Elsewhere there are no jobs."""

    def _end_job(pid: int) -> None:
        """Elsewhere there are no jobs."""
