"""Parse files in a child process with limits on time and memory, so that no file can hang, fill or crash a
sync.

The child (see `rag.processes`) is started once and reads file after file: a JSON line in, a JSON line out;
in between it may ask whether a word goes on across a line's end, since the analyser of Korean, slow to load
and large, is here. It is killed and replaced when it dies, takes too long or grows too large. Memory and
computing time are limited by the system itself too where it can (RLIMIT_DATA, RLIMIT_CPU: Linux, macOS).
"""

from __future__ import annotations

import base64
import contextlib
import json
import logging
import math
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

from langchain_core.documents import Document

from rag.errors import LoadError
from rag.ingest.loaders import MAY_BE_SCANS, check_file, parse
from rag.messages import Message
from rag.processes import Child, answers, requests
from rag.text.korean import ask_for_seams, seams

OWN_MB = 256  # data of the child before it has opened a file: interpreter and libraries, 35 to 70 MB measured
START_S = 60  # a cold start on a slow disk, added to the first file's time
# what is left out when a file takes too long: finding ruled tables is the slow part of a PDF; what is attached to a
# mail must not take the mail along, also where it ends the child
LESS = {".pdf": "tables", ".eml": "attachments", ".msg": "attachments"}
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
        child.send(request)
        left = float(
            self.timeout_s
        )  # the child's own time: it need not answer for what the analyser takes here
        try:
            while True:
                asked = time.monotonic()
                answer = child.receive(left)
                if not answer or "seams" not in answer:
                    break
                left = max(0.0, left - (time.monotonic() - asked))
                child.send(
                    {"glued": seams([(str(before), str(behind)) for before, behind in answer["seams"]])}
                )
        except TimeoutError:
            self.close()
            raise
        if answer is None:
            self.close()
            raise _EndedError("file-ended-parser", file=path.name, limit=self.memory_mb)
        if "error" in answer:
            raise LoadError.of(Message.from_dict(answer["error"]))
        return answer

    def _start(self, path: Path) -> Child:
        if self._child is None or not self._child.alive:
            self.close()
            self._child = child = Child(
                "rag.ingest.loaders.sandbox", str(self.memory_mb), str(self.timeout_s)
            )
            with contextlib.suppress(TimeoutError):
                if child.receive(START_S) is None:  # its first line says that it is up
                    ending = child.ending()
                    self.close()
                    raise LoadError("parser-not-started", file=path.name, reason=ending)
        return self._child


def _limit_computing(seconds: int) -> None:
    """Let the system end this process when it has computed for so long from now on, on all cores together."""
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        used = sum(resource.getrusage(resource.RUSAGE_SELF)[:2])
        resource.setrlimit(
            resource.RLIMIT_CPU, (int(used) + seconds + 1, resource.getrlimit(resource.RLIMIT_CPU)[1])
        )


def _serve(memory_mb: int, timeout_s: int) -> None:
    """The child: read a request, answer with the documents or with a message that says what is wrong."""
    out, asking = answers(), requests()
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_DATA, ((memory_mb + OWN_MB) << 20,) * 2)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    from rag.ingest.loaders.drawing import draw_page
    from rag.ingest.loaders.scans import picture_of

    def ask(pairs: Sequence[tuple[str, str]]) -> list[bool]:
        print(json.dumps({"seams": pairs}), file=out, flush=True)
        glued: list[bool] = next(asking)["glued"]
        return glued

    ask_for_seams(ask)
    print("{}", file=out, flush=True)
    for request in asking:
        _limit_computing(
            timeout_s * (os.cpu_count() or 1)
        )  # more than the parent waits for, whatever threads a parser has
        path = Path(request["path"])
        try:
            if "quote" in request:
                picture, top = draw_page(path, request["page"], request["quote"], request["scans"])
                answer: dict[str, Any] = {"picture": base64.b64encode(picture).decode(), "top": top}
            elif "picture_of" in request:
                picture, angle, size = picture_of(path, request["picture_of"])
                answer = {"picture": base64.b64encode(picture).decode(), "angle": angle, "size": size}
            else:
                documents = parse(path, Path(request["root"]), max_mb=request["max_mb"], **request["options"])
                answer = {"documents": [(d.page_content, d.metadata) for d in documents]}
        except LoadError as error:
            answer = {"error": error.message.as_dict()}
        except MemoryError:
            answer = {"error": Message("file-needs-memory", file=path.name, limit=memory_mb).as_dict()}
        except Exception as error:  # whatever a parser raises on a damaged file must not end the sync
            damaged = Message("file-damaged", file=path.name, reason=type(error).__name__)
            answer = {"error": damaged.as_dict()}
        print(json.dumps(answer), file=out, flush=True)


if __name__ == "__main__":
    _serve(int(sys.argv[1]), math.ceil(float(sys.argv[2])))
