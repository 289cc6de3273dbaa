"""Child processes: they end with the program, whatever they are doing, and say why they ended."""

from __future__ import annotations

import os
import re
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
from rag.errors import ClosedError, LoadError, RagError
from rag.ingest.loaders.sandbox import Sandbox
from rag.model.embedding import LocalEmbeddings
from rag.model.engine import Cancelled
from rag.model.worker import EngineProcess
from rag.processes import Child, Ended, Service
from rag.text import korean

HANG = "import os, pathlib\npathlib.Path(os.environ['HANGING']).touch()\nsum(range(10**13))\n"  # in C, Python's lock held
SLEEP = "import os, pathlib, time\npathlib.Path(os.environ['HANGING']).touch()\ntime.sleep(600)\n"
PARENT = "import json, sys; from rag.processes import Child; child = Child(*sys.argv[2:]); print(child.pid, flush=True); child.ask(json.loads(sys.argv[1]))"
ENDING_S = 2.0  # that a child may outlive its program


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


def ends_with(parent: subprocess.Popen[str], hanging: Path) -> None:
    """Kill a program once the child whose number it printed hangs, and see that the child ends."""
    assert parent.stdout
    pid = int(parent.stdout.readline())
    try:
        assert until(hanging.exists) and runs(pid)
        parent.kill()
        parent.wait()
        assert until(lambda: not runs(pid), ENDING_S)
    finally:
        parent.kill()
        parent.stdout.close()
        if runs(pid):
            os.kill(pid, signal.SIGKILL)


@pytest.fixture
def stubs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], None]:
    """Put a library of this name and source in the place of the real one, for children."""
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setenv("HANGING", str(tmp_path / "hanging"))

    def put(name: str, source: str) -> None:
        (tmp_path / f"{name}.py").write_text(source, encoding="utf-8")

    return put


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a child that holds Python's lock is not ended")
@pytest.mark.parametrize("work", [HANG, SLEEP], ids=["loops in C", "sleeps"])
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
            '{"call": "open", "arguments": ["a.gguf", {}], "options": {}}',
        ),
    ],
    ids=["sandbox", "analyser", "embedding", "model"],
)
def test_no_child_outlives_a_program_that_is_killed(
    module: list[str],
    library: str,
    request_: str,
    work: str,
    stubs: Callable[[str, str], None],
    tmp_path: Path,
) -> None:
    stubs(library, work)
    docx_file(tmp_path / "a.docx")
    asked = request_.replace("%s", str(tmp_path))
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, asked, *module], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    ends_with(parent, tmp_path / "hanging")


@pytest.mark.skipif(sys.platform == "win32", reason="a job of the system does it there")
def test_the_watchdog_ends_what_holds_pythons_lock_when_the_program_is_killed(tmp_path: Path) -> None:
    program = (
        "import os, sys, time; from rag import spawn; spawn.WATCHED = True; "
        "one, other = (spawn.start([sys.executable, '-c', sys.argv[1]], os.environ) for _ in range(2)); "
        "spawn.kill(other); other.wait(); spawn.forget_process(other); print(one.pid, flush=True); time.sleep(600)"
    )
    environment = {**os.environ, "HANGING": str(tmp_path / "hanging")}
    parent = subprocess.Popen(
        [sys.executable, "-c", program, HANG], cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
    )
    ends_with(parent, tmp_path / "hanging")


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
    child.wait_ready(60)
    request = {"path": str(docx_file(tmp_path / "a.docx")), "root": str(tmp_path), "max_mb": 9, "options": {}}
    with pytest.raises(Ended, match=f"^signal {int(signal.SIGXCPU)}"):
        child.ask(request, deadline_s=60 + 20 * (os.cpu_count() or 1))
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


@pytest.mark.parametrize("kind", ["sandbox", "analyser", "embedding", "model"])
def test_the_last_words_of_a_child_that_crashes_are_in_the_error(
    kind: str, stubs: Callable[[str, str], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = {"sandbox": "docx", "analyser": "kiwipiepy", "embedding": "torch", "model": "llama_cpp"}[kind]
    stubs(library, "import os\nos.write(2, b'native.c:12: assertion failed\\n')\nos.abort()\n")
    file = docx_file(tmp_path / "a.docx")
    monkeypatch.setattr(korean, "_analyser", Service("rag.text.morphology", patience_s=60))
    embeddings = LocalEmbeddings(tmp_path, "embeddinggemma")
    with Sandbox() as sandbox:
        ask: dict[str, Callable[[], object]] = {
            "sandbox": lambda: sandbox.load(file, tmp_path),
            "analyser": lambda: korean.tokens("끝말"),
            "embedding": lambda: embeddings.query("가"),
            "model": lambda: EngineProcess(tmp_path / "a.gguf"),
        }
        with pytest.raises(
            RagError, match=r"\((signal 6|exit 3): native\.c:12: assertion failed\)"
        ) as raised:
            ask[kind]()
    assert re.search("[가-힣]", raised.value.in_language("ko"))
    korean._analyser.end()
    embeddings.end()


def test_the_last_words_of_a_parser_are_what_happened_not_where(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUST_BACKTRACE", "1")
    corpus = Path(__file__).parent / "corpus"
    with (
        Sandbox() as sandbox,
        pytest.raises(LoadError, match=r"\(signal \d+: memory allocation of \d+ bytes failed\)\.$"),
    ):
        sandbox.load(corpus / "far.xlsx", corpus)


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
