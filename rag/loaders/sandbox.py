"""Parse files in a child process with limits on time and memory, so that no file can hang, fill or crash a sync.

The child (`python -m rag.loaders.sandbox`) is started once and reads file after file: a JSON line in, a JSON line out. It is
killed and replaced when it dies, takes too long or grows too large. Memory is limited with RLIMIT_DATA where the system has it
(Linux, macOS); elsewhere the time limit alone holds.
"""

from __future__ import annotations

import base64
import contextlib
import json
import logging
import os
import queue
import subprocess
import sys
import threading
from pathlib import Path
from types import TracebackType
from typing import Any

from langchain_core.documents import Document

from rag.config import ROOT
from rag.errors import LoadError
from rag.loaders import check_file, parse

OWN_MB = 1024  # data of the child before it has opened a file: interpreter and libraries 200 MB, Kiwi up to 800 MB
START_S = 60  # a cold start on a slow disk, added to the first file's time
log = logging.getLogger(__name__)


class Sandbox:
    """A child process that parses files and draws their pages. Use it as a context manager.

    Args:
        timeout_s: per file. memory_mb: data of the child above what it needs by itself. max_mb: size of a file.
    """

    def __init__(self, *, timeout_s: int = 30, memory_mb: int = 1024, max_mb: int = 200) -> None:
        self.timeout_s, self.memory_mb, self.max_mb = timeout_s, memory_mb, max_mb
        self._process: subprocess.Popen[str] | None = None
        self._lines: queue.Queue[str] = queue.Queue()

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def load(self, path: Path, root: Path) -> list[Document]:
        """Parse one file.

        Returns: its Documents, see `rag.loaders.blocks`.
        Raises:
            LoadError: the file is damaged, protected, too large, or exceeds a limit.
        """
        check_file(path, self.max_mb)
        request = {"path": str(path), "root": str(root), "max_mb": self.max_mb}
        try:
            answer = self._ask(path, {**request, "options": {}})
        except TimeoutError:
            if path.suffix.lower() != ".pdf":
                raise self._late(path) from None
            try:  # finding ruled tables is the slow part of a PDF
                answer = self._ask(path, {**request, "options": {"tables": False}})
            except TimeoutError:
                raise self._late(path) from None
        return [Document(page_content=text, metadata=metadata) for text, metadata in answer["documents"]]

    def draw(self, path: Path, page: int, quote: str) -> tuple[bytes, float | None]:
        """Draw a page of a PDF with a quote marked; see `rag.loaders.drawing.draw_page`.

        Raises:
            LoadError: the page cannot be drawn within the limits.
        """
        check_file(path, self.max_mb)
        try:
            answer = self._ask(path, {"path": str(path), "page": page, "quote": quote})
        except TimeoutError:
            raise self._late(path) from None
        return base64.b64decode(answer["picture"]), answer["top"]

    def _late(self, path: Path) -> LoadError:
        return LoadError(f"{path.name} took longer than {self.timeout_s} s to read and was given up. Split it and sync again.")

    def close(self) -> None:
        """End the child."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            for pipe in (self._process.stdin, self._process.stdout):
                with contextlib.suppress(OSError):
                    if pipe:
                        pipe.close()
            self._process = None

    def _ask(self, path: Path, request: dict[str, Any]) -> dict[str, Any]:
        process = self._start()
        try:
            assert process.stdin
            process.stdin.write(json.dumps(request) + "\n")
            process.stdin.flush()
            line = self._lines.get(timeout=self.timeout_s)
        except queue.Empty:
            self.close()
            raise TimeoutError from None
        except OSError:
            line = ""
        if not line:  # the child is gone
            self.close()
            raise LoadError(f"{path.name} could not be read: it is damaged, or needs more than {self.memory_mb} MB of memory.")
        answer: dict[str, Any] = json.loads(line)
        if "error" in answer:
            raise LoadError(answer["error"])
        return answer

    def _start(self) -> subprocess.Popen[str]:
        if self._process is None or self._process.poll() is not None:
            self.close()
            path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
            environment = {**os.environ, "PYTHONPATH": path, "PYTHONIOENCODING": "utf-8", "PYTHONUTF8": "1"}
            command = [sys.executable, "-m", "rag.loaders.sandbox", str(self.memory_mb)]
            pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
            self._process = subprocess.Popen(command, env=environment, text=True, encoding="utf-8", errors="surrogateescape", **pipes)
            self._lines = queue.Queue()
            threading.Thread(target=_pump, args=(self._process, self._lines), daemon=True).start()
            with contextlib.suppress(queue.Empty):
                self._lines.get(timeout=START_S)  # its first line says that it is up
        return self._process


def _pump(process: subprocess.Popen[str], lines: queue.Queue[str]) -> None:
    """Pass the child's lines on; an empty one says that it has ended."""
    with contextlib.suppress(ValueError, OSError):
        assert process.stdout
        for line in process.stdout:
            lines.put(line)
    lines.put("")


def _serve(memory_mb: int) -> None:
    """The child: read a request, answer with the documents or with a sentence that says what is wrong."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8", errors="surrogateescape")
    os.dup2(2, 1)  # what a library prints must not mix with the answers
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_DATA, ((memory_mb + OWN_MB) << 20,) * 2)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    from rag.loaders.drawing import draw_page

    print("{}", file=answers, flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        path = Path(request["path"])
        try:
            if "quote" in request:
                picture, top = draw_page(path, request["page"], request["quote"])
                answer: dict[str, Any] = {"picture": base64.b64encode(picture).decode(), "top": top}
            else:
                documents = parse(path, Path(request["root"]), max_mb=request["max_mb"], **request["options"])
                answer = {"documents": [(d.page_content, d.metadata) for d in documents]}
        except LoadError as error:
            answer = {"error": str(error)}
        except MemoryError:
            answer = {"error": f"{path.name} needs more than {memory_mb} MB of memory to read. Split it and sync again."}
        except Exception as error:  # whatever a parser raises on a damaged file must not end the sync
            answer = {"error": f"{path.name} is damaged and could not be read ({type(error).__name__})."}
        print(json.dumps(answer), file=answers, flush=True)


if __name__ == "__main__":
    _serve(int(sys.argv[1]))
