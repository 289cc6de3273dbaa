"""Read the scans of a library in idle time, a page at a time.

Pages of text can be searched before this begins. A page is drawn in the sandbox, read by the engine and kept
(`rag.ingest.scan_pages`); the document takes up what is kept when that has doubled, and at its end, so that
the first pages of a long scan answer soon and reading the file again costs no more than reading it twice.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from rag.errors import LoadError
from rag.ingest.loaders.sandbox import Sandbox
from rag.ingest.loaders.scans import turned_back
from rag.ingest.recognition import Engine, OcrLine, RecognitionError
from rag.ingest.scan_pages import FAILED, KEPT, WAITING, ScannedPage, ScanPages, read_page
from rag.library.catalogue import Catalogue
from rag.library.records import DocumentRow

log = logging.getLogger(__name__)
FIRST = 5  # pages of a document that are read before it takes them up for the first time


@dataclass(frozen=True, slots=True)
class Scanned:
    """A page is done, `done` of `total` in all documents; `due`: its document should take up what is kept."""

    document: DocumentRow
    done: int
    total: int
    due: bool


def read(
    catalogue: Catalogue,
    pages: ScanPages,
    engine: Engine,
    sandbox: Sandbox,
    file_of: Callable[[str], Path],
    wanted: Callable[[], bool],
) -> Iterator[Scanned]:
    """Read all scanned pages that nobody has read, the shortest documents first. It may be left at any page.

    Args:
        file_of: gives the file of a document's path; raises a RagError where it is gone.
        wanted: asked before each page; False ends the work.
    """
    work = list(_work(catalogue, pages, engine))
    work.sort(key=lambda each: len(each.waiting))
    total, done = sum(len(each.waiting) for each in work), 0
    for document, waiting, kept in work:
        due = max(FIRST, 2 * kept)
        for number in waiting:
            if not wanted():
                return
            if not _is_as_it_was(document, file_of):
                break  # the next sync reads it anew
            state = _read_page(document, number, pages, engine, sandbox, file_of(document.path))
            catalogue.note_scan(document.id, number, state)
            done, kept = done + 1, kept + 1
            due_now = kept >= due or number == waiting[-1]
            due = 2 * kept if due_now else due
            yield Scanned(document, done, total, due_now)
        if not waiting:
            yield Scanned(document, done, total, True)


class _Work(NamedTuple):
    document: DocumentRow
    waiting: list[int]  # pages that nobody has read
    kept: int  # pages that its text does not hold yet


def _work(catalogue: Catalogue, pages: ScanPages, engine: Engine) -> Iterator[_Work]:
    for document in catalogue.documents():
        states = catalogue.scans(document.id) if document.scans else []
        folder = pages.of(document.sha256)
        waiting = [n for n, state in states if state == WAITING or _again(folder, n, state, engine)]
        kept = sum(state == KEPT for _, state in states)
        if waiting or kept:
            yield _Work(document, waiting, kept)


def _again(folder: Path, number: int, state: int, engine: Engine) -> bool:
    """True for a page that another engine failed on."""
    page = read_page(folder, number) if state == FAILED else None
    return state == FAILED and (page is None or page.engine != engine.name)


def _is_as_it_was(document: DocumentRow, file_of: Callable[[str], Path]) -> bool:
    try:
        status = file_of(document.path).stat()
    except Exception as error:  # gone, or not to be looked at
        log.info("a scan is left: %s", type(error).__name__)
        return False
    return (status.st_size, status.st_mtime_ns) == (document.size, document.mtime_ns)


def _read_page(
    document: DocumentRow, number: int, pages: ScanPages, engine: Engine, sandbox: Sandbox, file: Path
) -> int:
    """Read a page and keep what was read. Returns its state."""
    known = read_page(pages.of(document.sha256), number)
    if known is not None and (not known.failed or known.engine == engine.name):  # of the same file elsewhere
        return FAILED if known.failed else KEPT
    try:
        picture, angle, size = sandbox.picture(file, number)
        lines = tuple(
            OcrLine(line.text, turned_back(line.box, angle, size), line.confidence, line.paragraph)
            for line in engine.recognise(picture)
        )
        page = ScannedPage(engine.name, lines)
    except (LoadError, RecognitionError) as error:
        log.warning("a page could not be recognised (%s)", type(error).__name__)
        page = ScannedPage(engine.name, failed=str(error))
    pages.keep(document.sha256, number, page)
    return FAILED if page.failed else KEPT
