"""Parse files in a child process with limits on time and memory, so that no file can hang, fill or crash a
sync.

The child (see `rag.processes`) is started once and reads file after file; in between it may ask whether a
word goes on across a line's end, since the analyser of Korean, slow to load and large, is here. It is killed
and replaced when it dies, takes too long or grows too large. Memory and computing time are limited by the
system itself where it can (`rag.limits`); where it bounds no memory, this process looks at it.
"""

from __future__ import annotations

import base64
import contextlib
import logging
import math
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

from langchain_core.documents import Document

from rag.errors import ConfigError, LoadError, RagError
from rag.ingest.loaders import MAY_BE_SCANS, check_file, parse
from rag.limits import WATCHED, limit_computing, limit_memory
from rag.messages import Message
from rag.processes import Child, Ended
from rag.serving import Cancelled, Request, requests
from rag.text.korean import ask_for_seams, seams

OWN_MB = 256  # data of the child before it has opened a file: interpreter and libraries, 35 to 70 MB measured
START_S = 60  # a cold start on a slow disk, added to the first file's time
# what is left out when a file takes too long: finding ruled tables is the slow part of a PDF; what is
# attached to a mail must not take the mail along, also where it ends the child
LESS = {".pdf": "tables", ".eml": "attachments", ".msg": "attachments"}
LAST_WORDS = 100  # characters of what a child wrote before it ended that stand with its file in the list
log = logging.getLogger(__name__)


class _EndedError(LoadError):
    """The child ended over a file."""


class Sandbox:
    """A child process that parses files and draws their pages. Use it as a context manager.

    Args:
        timeout_s: per file. memory_mb: data of the child above what it needs by itself. max_mb: size of a
            file.
    """

    def __init__(self, *, timeout_s: int = 30, memory_mb: int = 1024, max_mb: int = 200) -> None:
        self.timeout_s, self.memory_mb, self.max_mb = timeout_s, memory_mb, max_mb
        self._child: Child | None = None

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def load(self, path: Path, root: Path, scans: Path | None = None) -> list[Document]:
        """Parse one file.

        Args:
            scans: folder of what was read of its pages that are pictures (`rag.ingest.scan_pages`).
        Returns: its Documents, see `rag.ingest.loaders.blocks`.
        Raises:
            LoadError: the file is damaged, protected, too large, or exceeds a limit.
            ConfigError: a file of words of the program is damaged.
        """
        check_file(path, self.max_mb)
        request = {"path": str(path), "root": str(root), "max_mb": self.max_mb}
        less = LESS.get(path.suffix.lower())
        options = {"scans": str(scans)} if scans and path.suffix.lower() in MAY_BE_SCANS else {}
        try:
            answer = self._ask(path, {**request, "options": options})
        except (TimeoutError, _EndedError) as error:
            if less is None or (isinstance(error, _EndedError) and less == "tables"):
                if isinstance(error, _EndedError):
                    raise
                raise self._late(path) from None
            try:
                answer = self._ask(path, {**request, "options": {**options, less: False}})
            except TimeoutError:
                raise self._late(path) from None
        return [Document(page_content=text, metadata=metadata) for text, metadata in answer["documents"]]

    def picture(self, path: Path, page: int) -> tuple[bytes, float, tuple[int, int]]:
        """Draw a page for an engine that reads its letters; see `rag.ingest.loaders.scans.picture_of`.

        Raises:
            LoadError: the page cannot be drawn within the limits.
        """
        check_file(path, self.max_mb)
        try:
            answer = self._ask(path, {"path": str(path), "picture_of": page})
        except TimeoutError:
            raise self._late(path) from None
        width, height = answer["size"]
        return base64.b64decode(answer["picture"]), float(answer["angle"]), (int(width), int(height))

    def draw(
        self, path: Path, page: int, quote: str, scans: Path | None = None
    ) -> tuple[bytes, float | None]:
        """Draw a page of a PDF or an image with a quote marked; see `rag.ingest.loaders.drawing.draw_page`.

        Raises:
            LoadError: the page cannot be drawn within the limits.
        """
        check_file(path, self.max_mb)
        request = {"path": str(path), "page": page, "quote": quote, "scans": str(scans or "")}
        try:
            answer = self._ask(path, request)
        except TimeoutError:
            raise self._late(path) from None
        return base64.b64decode(answer["picture"]), answer["top"]

    def _late(self, path: Path) -> LoadError:
        return LoadError("file-needs-time", file=path.name, limit=self.timeout_s)

    def close(self) -> None:
        """End the child."""
        if self._child is not None:
            self._child.close()
            self._child = None

    def _ask(self, path: Path, request: dict[str, Any]) -> dict[str, Any]:
        child = self._start(path)
        # the child's own time: it need not answer for what the analyser takes here
        messages = child.messages(
            request,
            deadline_s=self.timeout_s,
            cancelled=self._outgrown(child) if WATCHED else None,
            patience_s=0,
        )
        try:
            with contextlib.closing(messages):
                for message in messages:
                    if "part" in message:
                        pairs = message["part"]["seams"]
                        child.reply(seams([(str(before), str(behind)) for before, behind in pairs]))
        except TimeoutError:
            self.close()
            raise
        except (Ended, Cancelled):
            ending = child.ending(LAST_WORDS)
            self.close()
            raise _EndedError(
                "file-ended-parser", file=path.name, limit=self.memory_mb, reason=ending
            ) from None
        answer: dict[str, Any] = message["value"]
        if "error" in answer:
            kind = ConfigError if answer.get("of_program") else LoadError
            raise kind.of(Message.from_dict(answer["error"]))
        return answer

    def _outgrown(self, child: Child) -> Callable[[], bool]:
        """Return what tells whether the child has more memory than it may."""
        import psutil

        def outgrown() -> bool:
            with contextlib.suppress(psutil.Error):
                process = psutil.Process(child.pid)  # on Windows the interpreter itself may be below it
                sizes = [one.memory_info().rss for one in (process, *process.children(recursive=True))]
                return bool(sum(sizes) > (self.memory_mb + OWN_MB) << 20)
            return False

        return outgrown

    def _start(self, path: Path) -> Child:
        if self._child is None or not self._child.alive or not self._child.settle():
            self.close()
            self._child = child = Child(
                "rag.ingest.loaders.sandbox", str(self.memory_mb), str(self.timeout_s)
            )
            try:
                with contextlib.suppress(TimeoutError):
                    child.wait_ready(START_S)
            except Ended as ended:
                self.close()
                raise LoadError("parser-not-started", file=path.name, reason=ended) from None
        return self._child


def _asking(request: Request) -> Callable[[Sequence[tuple[str, str]]], list[bool]]:
    """Return what asks the parent about seams while a request is worked on."""

    def ask(pairs: Sequence[tuple[str, str]]) -> list[bool]:
        glued: list[bool] = request.ask({"seams": pairs})
        return glued

    return ask


def _serve(memory_mb: int, timeout_s: int) -> None:
    """The child: read a request, answer with the documents or with a message that says what is wrong."""
    asking = requests()
    limit_memory(memory_mb + OWN_MB)
    from rag.ingest.loaders.drawing import draw_page
    from rag.ingest.loaders.scans import picture_of

    for request in asking:
        asked = request.content
        ask_for_seams(_asking(request))
        limit_computing(timeout_s * (os.cpu_count() or 1))  # more than the parent waits for, in all threads
        path = Path(asked["path"])
        try:
            if "quote" in asked:
                picture, top = draw_page(path, asked["page"], asked["quote"], asked["scans"])
                answer: dict[str, Any] = {"picture": base64.b64encode(picture).decode(), "top": top}
            elif "picture_of" in asked:
                picture, angle, size = picture_of(path, asked["picture_of"])
                answer = {"picture": base64.b64encode(picture).decode(), "angle": angle, "size": size}
            else:
                documents = parse(path, Path(asked["root"]), max_mb=asked["max_mb"], **asked["options"])
                answer = {"documents": [(d.page_content, d.metadata) for d in documents]}
        except RagError as error:
            answer = {"error": error.message.as_dict(), "of_program": isinstance(error, ConfigError)}
        except MemoryError:
            answer = {"error": Message("file-needs-memory", file=path.name, limit=memory_mb).as_dict()}
        except Exception as error:  # whatever a parser raises on a damaged file must not end the sync
            damaged = Message("file-damaged", file=path.name, reason=type(error).__name__)
            answer = {"error": damaged.as_dict()}
        request.answer(answer)


if __name__ == "__main__":
    _serve(int(sys.argv[1]), math.ceil(float(sys.argv[2])))
