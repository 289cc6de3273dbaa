"""What benchmarks count: the way through modules, processes that outlive a program, descriptors that stay open."""

from __future__ import annotations

import importlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.processes import descendants, outlive
from benchmarks.walk import Profiler, Walk, imports

MODULES = {
    "__init__.py": '"""Nothing."""',
    "low.py": "def plain():\n    return 1\ndef asks(upper):\n    return upper()",
    "high.py": (
        "from . import low\nfrom .inner.deep import stream\n"
        "def start():\n    low.plain()\n    low.asks(back)\n    low.asks(back)\n    return sum(x for x in stream())\n"
        "def back():\n    return low.plain()"
    ),
    "inner/__init__.py": "",
    "inner/deep.py": (
        "from walked import low\nfrom ..low import plain\n"
        "def stream():\n    import walked.late\n    yield walked.late.MADE\n    yield plain()"
    ),
    "late.py": "from walked.low import plain\nMADE = plain()",
}


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    folder = tmp_path / "walked"
    for name, text in MODULES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text + "\n", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    yield folder
    for name in [name for name in sys.modules if name.split(".")[0] == "walked"]:
        del sys.modules[name]


def walked(package: Path, *, thread: bool = False) -> Walk:
    start = importlib.import_module("walked.high").start
    profiler, before = Profiler(package), sys.getprofile()
    profiler.listen()
    try:
        with profiler.walk() as walk:
            if thread:
                worker = threading.Thread(target=start)
                worker.start()
                worker.join()
            else:
                start()
        start()  # nobody notes this one
    finally:
        sys.setprofile(before)
        threading.setprofile(None)  # type: ignore[arg-type]
    return walk


@pytest.mark.parametrize("thread", [False, True])
def test_a_walk_holds_each_call_between_modules_once(package: Path, thread: bool) -> None:
    walk = walked(package, thread=thread)
    start, back, stream = ("walked.high", "start"), ("walked.high", "back"), ("walked.inner.deep", "stream")
    plain, asks = ("walked.low", "plain"), ("walked.low", "asks")
    assert list(walk.pairs) == [
        (start, plain),
        (start, asks),
        (asks, back),
        (back, plain),
        (start, stream),
        (stream, plain),
    ]
    assert walk.modules == {"walked.high", "walked.low", "walked.inner.deep"}
    assert walk.again == set(walk.pairs) - {(start, plain), (start, stream)}
    assert walk.waiting == {(asks, back), (back, plain)}


def test_imports_are_counted_by_statement_and_by_pair(package: Path) -> None:
    modules, statements, pairs = imports(package)
    assert modules == 4  # those that hold more than a docstring
    assert statements == 6
    assert pairs == {
        ("walked.high", "walked.low"),
        ("walked.high", "walked.inner.deep"),
        ("walked.inner.deep", "walked.low"),
        ("walked.inner.deep", "walked.late"),
        ("walked.late", "walked.low"),
    }


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_what_outlives_a_program_is_found_also_in_the_sessions_of_its_children() -> None:
    leader = "import subprocess; subprocess.run(['sleep', '60'])"
    program = (
        f"import subprocess, sys; subprocess.run([sys.executable, '-c', {leader!r}], start_new_session=True)"
    )
    running = subprocess.Popen([sys.executable, "-c", program])
    while len(below := descendants(running.pid)) < 2:
        time.sleep(0.05)
    (known,) = (process for process in below if process.session == process.pid)
    (unknown,) = (process for process in below if process != known)
    try:
        running.kill()
        running.wait()
        assert set(outlive([known], 0)) == {known, unknown}
        os.kill(known.pid, signal.SIGKILL)
        assert outlive([known], 0.2) == [unknown]
    finally:
        os.kill(unknown.pid, signal.SIGKILL)
    assert outlive([known, unknown], 20) == []
