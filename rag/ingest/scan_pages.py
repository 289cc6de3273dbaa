"""What was read of scanned pages, kept so that nothing is recognised twice.

    data/scans/<SHA-256 of the file>/<page>.json

A page is written whole or not at all, as soon as it was read: whatever interrupts the reading of a long
document loses a page at most.
"""

from __future__ import annotations

import contextlib
import json
import shutil
from collections.abc import Collection
from dataclasses import astuple, dataclass
from pathlib import Path

from rag.errors import LibraryError
from rag.ingest.box import Box
from rag.ingest.recognition import OcrLine

# states of a page that is a picture, in the catalogue
WAITING = 0  # nobody has read it
KEPT = 1  # it was read; the document's text does not hold it yet
IN_TEXT = 2
FAILED = 3  # the engine gave it up


@dataclass(frozen=True, slots=True)
class ScannedPage:
    """What an engine read of a page; `failed` says why it read nothing, "" where it did not fail."""

    engine: str
    lines: tuple[OcrLine, ...] = ()
    failed: str = ""


class ScanPages:
    """The pages of all documents of a library. Args: folder: made when the first page is kept."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def of(self, sha256: str) -> Path:
        """Return the folder of a file's pages."""
        return self._folder / sha256

    def keep(self, sha256: str, number: int, page: ScannedPage) -> None:
        """Write a page down. Raises LibraryError: the disk is full, or the folder cannot be written."""
        folder = self.of(sha256)
        content = {
            "engine": page.engine,
            "lines": [astuple(line) for line in page.lines],
            "failed": page.failed,
        }
        part = folder / f"{number}.part"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            part.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
            part.replace(folder / f"{number}.json")
        except OSError as error:
            raise LibraryError("scan-not-kept", folder=folder, reason=error.strerror) from error

    def prune(self, hashes: Collection[str]) -> None:
        """Leave nothing of files other than those with these hashes."""
        with contextlib.suppress(OSError):
            for folder in self._folder.iterdir():
                if folder.name not in hashes:
                    shutil.rmtree(folder, ignore_errors=True)


def read_page(folder: str | Path, number: int) -> ScannedPage | None:
    """Return what was read of a page of a file, None where nothing is known of it.

    Args:
        folder: of the file's pages, "" for none.
    """
    if not folder:
        return None
    try:
        content = json.loads(Path(folder, f"{number}.json").read_text(encoding="utf-8"))
        lines = tuple(
            OcrLine(str(text), Box(*map(float, edges)), float(sure), int(paragraph))
            for text, edges, sure, paragraph in content["lines"]
        )
        return ScannedPage(str(content["engine"]), lines, str(content["failed"]))
    except (OSError, ValueError, KeyError, TypeError):  # damaged: it is read again
        return None
