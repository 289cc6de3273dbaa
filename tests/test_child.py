"""Child processes: they end with the program, whatever they are doing, say why they ended, and let the urgent go first."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from makers import docx_file

from rag import processes as children
from rag.config import ROOT
from rag.errors import ClosedError, LoadError
from rag.ingest.loaders.sandbox import Sandbox
from rag.model.engine import Cancelled
from rag.model.worker import EngineProcess
from rag.processes import Child, Ended, Line, Service

HANG = "import os, pathlib\npathlib.Path(os.environ['HANGING']).touch()\nsum(range(10**13))\n"  # in C, Python's lock held
PARENT = "import json, sys, time; from rag.processes import Child; child = Child(*sys.argv[2:]); child.send(json.loads(sys.argv[1])); print(child.pid, flush=True); time.sleep(600)"
ENDING_S = 20  # to look on; it takes well under a second on a machine that has nothing else to do


def until(condition: Callable[[], object], seconds: float = 60) -> bool:
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.02)
    return bool(condition())


def runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] not in "ZX"
    except OSError:
        return False


@pytest.fixture
def stubs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], None]:
    """Put a library of this name and source in the place of the real one, for children."""
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setenv("HANGING", str(tmp_path / "hanging"))

    def put(name: str, source: str) -> None:
        (tmp_path / f"{name}.py").write_text(source, encoding="utf-8")

    return put


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a child that holds Python's lock is not ended")
@pytest.mark.parametrize(
    ("module", "library", "request_"),
    [
        (
            ["rag.ingest.loaders.sandbox", "256", "30"],
            "docx",
            '{"path": "%s/a.docx", "root": "%s", "max_mb": 9, "options": {}}',
        ),
        (["rag.text.morphology"], "kiwipiepy", '["tokens", "가"]'),
        (["rag.model.encoder", "nowhere", "nowhere"], "torch", '{"texts": ["가"]}'),
        (
            ["rag.model.worker"],
            "llama_cpp",
            '{"id": 1, "call": "open", "arguments": ["a.gguf", {}], "options": {}}',
        ),
    ],
    ids=["sandbox", "analyser", "embedding", "model"],
)
def test_no_child_outlives_a_program_that_is_killed(
    module: list[str], library: str, request_: str, stubs: Callable[[str, str], None], tmp_path: Path
) -> None:
    stubs(library, HANG)
    docx_file(tmp_path / "a.docx")
    asked = request_.replace("%s", str(tmp_path))
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, asked, *module], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout
    pid = int(parent.stdout.readline())
    try:
        assert until((tmp_path / "hanging").exists) and runs(pid)
        parent.kill()
        parent.wait()
        assert until(lambda: not runs(pid), ENDING_S)
    finally:
        parent.kill()
        parent.stdout.close()
        if runs(pid):
            os.kill(pid, signal.SIGKILL)


def test_a_child_outlives_the_thread_that_asked_for_it() -> None:
    service, got = Service("rag.text.morphology", patience_s=60), []

    def ask() -> None:
        got.append((service.ask(["tokens", "도서관"])["value"], service._child))

    for _ in range(2):  # it has seen to its end with its parent when it answers
        thread = threading.Thread(target=ask)
        thread.start()
        thread.join()
    assert got[0] == got[1] and got[0][0]
    service.end()


@pytest.mark.skipif(sys.platform == "win32", reason="there is no such limit")
def test_the_system_limits_what_a_parser_computes(stubs: Callable[[str, str], None], tmp_path: Path) -> None:
    stubs("docx", HANG)
    child = Child("rag.ingest.loaders.sandbox", "256", "1")
    assert child.receive(60) == {}
    child.send(
        {"path": str(docx_file(tmp_path / "a.docx")), "root": str(tmp_path), "max_mb": 9, "options": {}}
    )
    assert child.receive(60 + 20 * (os.cpu_count() or 1)) is None
    assert child.ending().startswith(f"signal {int(signal.SIGXCPU)}")
    child.close()


def test_why_a_child_ended_is_told_on_one_short_line(stubs: Callable[[str, str], None]) -> None:
    stubs(
        "kiwipiepy",
        "import sys\nprint('x' * 9000, '\\x1b[31m\\n', file=sys.stderr)\nraise ImportError('libkiwi.so is not there')\n",
    )
    service = Service("rag.text.morphology", patience_s=60)
    with pytest.raises(Ended, match=r"^exit 1: .*ImportError: libkiwi\.so is not there$") as raised:
        service.ask(["tokens", "가"])
    assert len(str(raised.value)) <= len("exit 1: ") + children.TAIL_CHARS and str(raised.value).isprintable()
    service.end()


def test_a_reader_of_files_that_cannot_start_says_so_and_blames_no_file(
    stubs: Callable[[str, str], None], tmp_path: Path
) -> None:
    stubs("langchain_core", "raise ImportError('it was not installed')\n")
    with (
        Sandbox() as sandbox,
        pytest.raises(
            LoadError, match=r"could not be started \(exit 1: .*ImportError: it was not installed\)\. Install"
        ),
    ):
        sandbox.load(docx_file(tmp_path / "a.docx"), tmp_path)


def test_a_model_that_is_being_loaded_is_stopped_at_once(
    stubs: Callable[[str, str], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stubs("llama_cpp", HANG)
    begun: list[int] = []
    start = Child.__init__
    monkeypatch.setattr(
        Child, "__init__", lambda self, *arguments: (start(self, *arguments), begun.append(self.pid))[0]
    )
    with pytest.raises(Cancelled):
        EngineProcess(tmp_path / "a.gguf", cancelled=(tmp_path / "hanging").exists)
    assert begun and not runs(begun[0])


def test_who_is_urgent_goes_first_and_again_until_it_is_quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(children, "QUIET_S", 3600)
    line, order = Line(), []

    def work(name: str, urgent: bool) -> threading.Thread:
        def run() -> None:
            with line.turn(urgent):
                order.append(name)

        thread = threading.Thread(target=run)
        thread.start()
        return thread

    with line.turn(urgent=False):
        batches = [work("batch", False) for _ in range(20)]
        assert until(lambda: len(line._changed._waiters) == 20)  # type: ignore[attr-defined]
        question = work("question", True)
        assert until(lambda: line._urgent)
    question.join()
    work("its next", True).join()
    assert order == ["question", "its next"]
    monkeypatch.setattr(children, "QUIET_S", 0)
    with line.turn():
        pass
    for batch in batches:
        batch.join()
    assert order[2:] == ["batch"] * 20


def test_what_is_ended_for_good_stays_so_and_nobody_waits(
    stubs: Callable[[str, str], None], tmp_path: Path
) -> None:
    stubs("kiwipiepy", HANG)
    service = Service("rag.text.morphology", patience_s=600)
    said: list[Any] = []

    def ask() -> None:
        try:
            service.ask(["tokens", "가"])
        except ClosedError as error:
            said.append(error)

    asking = [threading.Thread(target=ask) for _ in range(3)]
    for thread in asking:
        thread.start()
    assert until((tmp_path / "hanging").exists)
    service.end()
    for thread in asking:
        thread.join(60)
    assert len(said) == 3
    for late in (service.begin, lambda: service.ask(["tokens", "가"])):
        with pytest.raises(ClosedError):
            late()
    assert service._child is None
