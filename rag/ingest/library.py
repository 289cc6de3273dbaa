"""The library on disk: makes the index equal to a folder of documents.

    data/catalogue.sqlite   everything that is known (see `rag.library.catalogue`)
    data/chroma-N/          vectors, derived from the catalogue
    data/incoming/          new editions of files, until they were read (see `rag.ingest.editions`)
    data/uploads/           what is uploaded, until it was taken in (see `rag.ui.uploads`)
    data/scans/             what was recognised on pages that are pictures (see `rag.ingest.scan_pages`)
    data/lock               held by the one process that uses this folder

`sync` goes through the folder (`rag.ingest.folder`) and takes in what is new or changed, one file after the
other, each wholly in or wholly out (`rag.ingest.intake`). Words can be searched as soon as a file is in,
vectors follow (`rag.ingest.vectorise`), and `read_scans` what stands on pictures (`rag.ingest.scanning`).
Whatever interrupts it, the next sync goes on and reaches the same chunk ids as a clean one would: they are
hashes of the content and the place in it.
"""

from __future__ import annotations

import contextlib
import logging
import os
import shutil
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from filelock import FileLock, Timeout

from rag.config import Settings
from rag.errors import LibraryError
from rag.ingest import scanning
from rag.ingest.editions import staged
from rag.ingest.folder import file_of, files, snapshot
from rag.ingest.intake import Intake
from rag.ingest.loaders.sandbox import Sandbox
from rag.ingest.recognition import Engine
from rag.ingest.scan_pages import ScanPages
from rag.ingest.tesseract import Tesseract
from rag.ingest.vectorise import vectorise
from rag.library.catalogue import Catalogue
from rag.library.listing import documents_beside
from rag.library.records import DocumentRow
from rag.library.vectors import VectorStore
from rag.messages import Message, Messages
from rag.model.embedding import LocalEmbeddings
from rag.text import korean
from rag.types import FileChange, FileStatus, Progress, Report

log = logging.getLogger(__name__)


class Library:
    """A data folder, locked for this process.

    Args:
        settings: where things are and how texts are split.
        embeddings: makes vectors; None for words only.
        find_engine: looks for what reads the letters of pictures, at each sync; None where there is nothing.

    Raises:
        LibraryError: another process holds the folder, or it cannot be written, or its catalogue is damaged.
    """

    def __init__(
        self,
        settings: Settings,
        embeddings: LocalEmbeddings | None,
        find_engine: Callable[[], Engine | None] = Tesseract.find,
    ) -> None:
        self._find_engine = find_engine
        self._engine: Engine | None = None
        self._looked = False  # for an engine, since the last sync began
        self.scan_pages = ScanPages(settings.data / "scans")
        self.settings, self.embeddings = settings, embeddings
        self.model = embeddings.name if embeddings else ""
        try:
            settings.data.mkdir(parents=True, exist_ok=True)
            self._lock = _lock(settings.data)
            # which versions before 0.14 kept there, up to 2 GB
            shutil.rmtree(settings.data / "states", ignore_errors=True)
        except OSError as error:
            raise LibraryError("data-unwritable", folder=settings.data, reason=error.strerror) from error
        try:
            self.catalogue = Catalogue(settings.data / "catalogue.sqlite")
        except BaseException:
            self._lock.release()
            raise
        self.vectors = VectorStore(
            settings.data, self.catalogue, self.model, embeddings.leading if embeddings else 0
        )
        self._syncing = threading.Lock()
        self._scanning = threading.Lock()  # taken before the other
        self._stop = threading.Event()

    def close(self) -> None:
        """Let go of the folder; a sync that is running in another thread stops after its current file or
        batch, the reading of scans at once.
        """
        self._stop.set()
        if self._engine is not None:
            self._engine.close()
        with self._scanning, self._syncing:
            self.vectors.close()
            self.catalogue.close()
        if self.embeddings:
            self.embeddings.close()
        self._lock.release()

    def documents(self) -> list[DocumentRow]:
        """List the documents by path."""
        return self.catalogue.documents(self.model)

    def unread(self) -> int:
        """Count the files of the documents folder that are new, or changed since they were looked at, by size
        and time alone.
        """
        known = {row.path: (row.size, row.mtime_ns) for row in self.catalogue.documents()}
        now = snapshot(self.settings.documents)
        unseen = (0, 0)  # of a file that could not be opened: a sync will most likely not, either
        return sum(known.get(path) not in (look, unseen) for path, look in now.items())

    def sync(
        self,
        report: Report | None = None,
        progress: Progress | None = None,
        between: Callable[[], None] = lambda: None,
    ) -> list[FileStatus]:
        """Make the index equal to the documents folder, but for what stands on pictures: see `read_scans`.

        Args:
            report: called for each file as soon as it is done. progress: told how far it is.
            between: called between two pieces of work, to let go first what is more urgent.
        Returns: one status for each file of the folder and each that was removed.

        Raises:
            LibraryError: the folder is not there, or the catalogue cannot be written.
        """
        root = self.settings.documents
        if not root.is_dir():
            raise LibraryError("documents-folder-missing", folder=root)
        statuses: list[FileStatus] = []

        def done(status: FileStatus) -> None:
            statuses.append(status)
            if report:
                report(status)

        with self._syncing, self._sandbox() as sandbox:
            self._looked = False
            intake = self._intake(sandbox)
            for edition in staged(self.settings.data):
                if not self._stop.is_set():
                    done(intake.take_edition(edition, self._known(edition.path)))
            told = {status.path for status in statuses}
            found = dict(sorted(files(root)))
            known = {row.path: row for row in self.documents()}
            for path in sorted(set(known) - set(found)):
                self.catalogue.remove(path)
                done(FileStatus(path, FileChange.REMOVED))
            for number, (path, file) in enumerate(found.items()):
                if self._stop.is_set():
                    break
                if progress:
                    progress("read", number, len(found), path)
                between()
                status = intake.take(path, file, known.get(path))
                if status.status != FileChange.UNCHANGED or path not in told:
                    done(status)
            if progress:
                progress("read", len(found), len(found))
            self._embed(progress, between)
            self.scan_pages.prune({row.sha256 for row in self.documents()})
        return statuses

    @property
    def engine(self) -> Engine | None:
        """What reads the letters of pictures, None where nothing is installed or it is not wanted."""
        if not self._looked and self._engine is None and self.settings.read_scans:
            self._engine = self._find_engine()
        self._looked = True
        return self._engine

    def read_scans(
        self,
        report: Report | None = None,
        progress: Progress | None = None,
        between: Callable[[], None] = lambda: None,
        wanted: Callable[[], bool] = lambda: True,
    ) -> list[FileStatus]:
        """Read the letters of pages that are pictures. It goes on where it was left, whatever ended it.

        Args:
            report, progress, between: see `sync`. wanted: asked between two pages; False leaves the rest.
        Returns: one status for each time that a document took up pages.
        """
        statuses: list[FileStatus] = []
        with self._scanning:
            if not any(row.scans for row in self.documents()) or (engine := self.engine) is None:
                return []
            with self._sandbox() as sandbox:
                work = scanning.read(
                    self.catalogue,
                    self.scan_pages,
                    engine,
                    sandbox,
                    self._file_of,
                    lambda: self._go_on(wanted),
                )
                for page in work:
                    if progress:
                        progress("scan", page.done, page.total, page.document.path)
                    if page.due:
                        with self._syncing:
                            if self._stop.is_set():
                                break
                            statuses.append(self._take_up(page.document.path, sandbox))
                            self._embed(None, between)
                        if report:
                            report(statuses[-1])
                    between()
        return statuses

    def _go_on(self, wanted: Callable[[], bool]) -> bool:
        return not self._stop.is_set() and wanted()

    def _take_up(self, path: str, sandbox: Sandbox) -> FileStatus:
        """Read a file again, of which pages were recognised."""
        try:
            file = self._file_of(path)
        except LibraryError as error:  # it is gone since
            return FileStatus(path, FileChange.FAILED, 0, Messages([error.message]))
        return self._intake(sandbox).take(path, file, self._known(path), again=True)

    def _known(self, path: str) -> DocumentRow | None:
        return next((row for row in self.documents() if row.path == path), None)

    def _file_of(self, path: str) -> Path:
        return file_of(self.settings.documents, path)

    def _intake(self, sandbox: Sandbox) -> Intake:
        return Intake(self.settings, self.catalogue, self.scan_pages, sandbox, lambda: self.engine)

    def _sandbox(self) -> Sandbox:
        return Sandbox(
            timeout_s=self.settings.parse_timeout_s,
            memory_mb=self.settings.parse_memory_mb,
            max_mb=self.settings.max_file_mb,
        )

    def forget(self, paths: Sequence[str]) -> None:
        """Take documents out of the index and leave no trace of them in its files.

        Raises:
            LibraryError: one of them is still in the documents folder, from where the next sync would bring
            it back.
        """
        with self._syncing:
            there = dict(files(self.settings.documents)) if self.settings.documents.is_dir() else {}
            for path in paths:
                if path in there:
                    raise LibraryError("document-still-there", path=path)
                self.catalogue.remove(path)
            self.catalogue.scrub()
            self.vectors.rebuild()
            self.scan_pages.prune({row.sha256 for row in self.documents()})

    def warm_up(self) -> None:
        """Load what the first search would otherwise wait for, side by side: analyser, embedding model, the
        index of words, Chroma.
        """
        korean.begin()
        if self.embeddings:
            self.embeddings.begin()
        self.vectors.open()  # importing chromadb beside the rest would hold up both
        with ThreadPoolExecutor(1) as beside:
            vectors = beside.submit(self.catch_up)
            self.catalogue.rarity(())
            vectors.result()
        korean.tokens("준비")
        # in a new library there is nothing to compare with
        if self.embeddings and self.catalogue.has_vectors(self.model):
            self.embeddings.warm_up()

    def catch_up(self) -> None:
        """Bring Chroma in step with the catalogue, unless a sync is running, which will do so at its end, or
        it cannot be written.
        """
        if self._syncing.acquire(blocking=False):
            try:
                self.vectors.reconcile()
            except LibraryError as error:
                log.warning("%s", error)
            finally:
                self._syncing.release()

    def _embed(self, progress: Progress | None, between: Callable[[], None]) -> None:
        """Give a vector to every chunk that has none, and bring Chroma in step."""
        if self.embeddings is None:
            return
        if vectorise(self.catalogue, self.embeddings, progress, between, self._stop.is_set):
            self.vectors.reconcile()


def documents_of(settings: Settings) -> list[DocumentRow]:
    """List the documents of a data folder by path, also while another process holds it.

    Raises:
        LibraryError: the folder cannot be written, or its catalogue is damaged or of another version.
    """
    try:
        library = Library(settings, None)
    except LibraryError as error:
        if error.message.key != "data-in-use":
            raise
        return documents_beside(settings.data / "catalogue.sqlite")
    try:
        return library.documents()
    finally:
        library.close()


def _lock(data: Path) -> FileLock:
    """Take the folder's lock, which the system frees when its holder dies; the holder's number is kept
    beside it.
    """
    lock = FileLock(data / "lock", thread_local=False)  # opened and closed by different threads of the page
    holder = data / "lock.holder"
    try:
        lock.acquire(timeout=0.5)
    except Timeout:
        who = Message("holder-unknown")
        with contextlib.suppress(OSError, ValueError):
            who = Message("holder-process", number=int(holder.read_text(encoding="utf-8")))
        raise LibraryError("data-in-use", folder=data, holder=who) from None
    with contextlib.suppress(OSError):  # a full disk
        holder.write_text(str(os.getpid()), encoding="utf-8")
    return lock
