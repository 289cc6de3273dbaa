"""Parse files in a child process with limits on time and memory, so that no file can hang, fill or crash a sync.

The child is started once and reads file after file; it is killed and replaced when it dies, takes too long or grows too large.
Memory is limited with RLIMIT_DATA where the system has it (Linux, macOS); elsewhere the time limit alone holds.
"""

from __future__ import annotations

import contextlib
import logging
import multiprocessing
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import TracebackType

from langchain_core.documents import Document

from rag.errors import LoadError
from rag.loaders import check_file, parse

OWN_MB = 1024  # data of the child before it has opened a file: interpreter and libraries 200 MB, Kiwi up to 800 MB
log = logging.getLogger(__name__)


class Sandbox:
    """A child process that parses files. Use it as a context manager.

    Args:
        timeout_s: per file. memory_mb: data of the child above what it needs by itself. max_mb: size of a file.
    """

    def __init__(self, *, timeout_s: int = 30, memory_mb: int = 1024, max_mb: int = 200) -> None:
        self.timeout_s, self.memory_mb, self.max_mb = timeout_s, memory_mb, max_mb
        self._process: BaseProcess | None = None
        self._pipe: Connection | None = None

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
        try:
            return self._ask(path, root, {})
        except TimeoutError:
            if path.suffix.lower() == ".pdf":  # finding ruled tables is the slow part of a PDF
                with contextlib.suppress(TimeoutError):
                    return self._ask(path, root, {"tables": False})
            raise LoadError(f"{path.name} took longer than {self.timeout_s} s to read and was given up. Split it and sync again.") from None

    def close(self) -> None:
        """End the child."""
        if self._process is not None:
            self._process.kill()
            self._process.join()
            self._process = None
        if self._pipe is not None:
            self._pipe.close()
            self._pipe = None

    def _ask(self, path: Path, root: Path, options: dict[str, bool]) -> list[Document]:
        pipe = self._start()
        try:
            pipe.send((path, root, self.max_mb, options))
            if not pipe.poll(self.timeout_s):
                self.close()
                raise TimeoutError
            answer = pipe.recv()
        except (EOFError, BrokenPipeError, ConnectionResetError):
            self.close()
            raise LoadError(f"{path.name} could not be read: it is damaged, or needs more than {self.memory_mb} MB of memory.") from None
        if isinstance(answer, str):
            raise LoadError(answer)
        return [Document(page_content=text, metadata=metadata) for text, metadata in answer]

    def _start(self) -> Connection:
        if self._process is None or not self._process.is_alive() or self._pipe is None:
            self.close()
            context = multiprocessing.get_context("spawn")
            self._pipe, theirs = context.Pipe()
            self._process = context.Process(target=_serve, args=(theirs, self.memory_mb), daemon=True)
            self._process.start()
            theirs.close()
        return self._pipe


def _serve(pipe: Connection, memory_mb: int) -> None:
    """The child: read a request, answer with the documents or with a sentence that says what is wrong."""
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        # RLIMIT_DATA is there on every Unix; what the interpreter, its libraries and Kiwi hold comes on top
        resource.setrlimit(resource.RLIMIT_DATA, ((memory_mb + OWN_MB) << 20,) * 2)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    while True:
        try:
            path, root, max_mb, options = pipe.recv()
        except (EOFError, KeyboardInterrupt):
            return
        try:
            documents = parse(path, root, max_mb=max_mb, **options)
            pipe.send([(d.page_content, d.metadata) for d in documents])
        except LoadError as error:
            pipe.send(str(error))
        except MemoryError:
            pipe.send(f"{path.name} needs more than {memory_mb} MB of memory to read. Split it and sync again.")
        except Exception as error:  # whatever a parser raises on a damaged file must not end the sync
            log.debug("parsing failed", exc_info=True)
            pipe.send(f"{path.name} is damaged and could not be read ({type(error).__name__}).")
