"""The library on disk: makes the index equal to a folder of documents.

    data/catalogue.sqlite   everything that is known (see `rag.library.catalogue`)
    data/chroma-N/          vectors, derived from the catalogue
    data/incoming/          new editions of files, until they were read (see `rag.ingest.editions`)
    data/scans/             what was recognised on pages that are pictures (see `rag.ingest.scan_pages`)
    data/lock               held by the one process that uses this folder

`sync` reads what is new or changed, one file after the other, each wholly in or wholly out; words can be
searched as soon as a file is in, vectors follow, and `read_scans` what stands on pictures. Whatever interrupts it, the next sync goes on and reaches
the same chunk ids as a clean one would: they are hashes of the content and the place in it.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
import shutil
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Protocol

from filelock import FileLock, Timeout
from langchain_core.documents import Document

from rag.config import Settings
from rag.errors import LibraryError, LoadError, ModelError
from rag.ingest import scanning
from rag.ingest.editions import Edition, discard, place_of, put, staged
from rag.ingest.folder import file_of, files
from rag.ingest.loaders import check_file, file_text
from rag.ingest.loaders.sandbox import Sandbox
from rag.ingest.recognition import Engine
from rag.ingest.scan_pages import FAILED, IN_TEXT, WAITING, ScanPages
from rag.ingest.splitting import Span, split
from rag.ingest.tesseract import Tesseract, install_command
from rag.library.catalogue import Catalogue, DocumentRow, NewChunk
from rag.library.vectors import VectorStore
from rag.messages import Message, Messages
from rag.model.embedding import LocalEmbeddings
from rag.model.weights import sha256_of
from rag.text import korean
from rag.types import Chunk, FileStatus

log = logging.getLogger(__name__)
READER = "10"  # raise it when loaders or splitting change what they give: files are then read again
WINDOW_CHARS = 1200  # about a page
NAMED = 10  # attachments in the note of a file
HIDDEN = 5  # invisible or hidden characters that are worth a word; editors leave one or two
EMBED_BATCH = (
    16  # vectors made and kept at a time, about a second; an interrupted sync loses no more than these
)

Report = Callable[[FileStatus], None]


class Progress(Protocol):
    """Told how far a sync is: the stage ("read", "embed" or "scan"), how many files, chunks or pages are done, of
    how many, and the file in work.
    """

    def __call__(self, stage: str, done: int, total: int, name: str = "") -> None: ...


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
        # what decides how a file is read: when any of it changes, files are read again (texts that stay keep
        # their vectors)
        self._reader = (
            f"{READER}/{settings.chunk_chars}/{settings.overlap_chars}"
            f"/{settings.parse_timeout_s}/{settings.parse_memory_mb}"
        )
        try:
            settings.data.mkdir(parents=True, exist_ok=True)
            self._lock = _lock(settings.data)
            shutil.rmtree(
                settings.data / "states", ignore_errors=True
            )  # which versions before 0.14 kept there, up to 2 GB
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
            for edition in staged(self.settings.data):
                if not self._stop.is_set():
                    done(self._take_in(edition, sandbox))
            told = {status.path for status in statuses}
            found = dict(sorted(files(root)))
            known = {row.path: row for row in self.documents()}
            for path in sorted(set(known) - set(found)):
                self.catalogue.remove(path)
                done(FileStatus(path, "removed"))
            for number, (path, file) in enumerate(found.items()):
                if self._stop.is_set():
                    break
                if progress:
                    progress("read", number, len(found), path)
                between()
                status = self._sync_file(path, file, known.get(path), sandbox, root)
                if status.status != "unchanged" or path not in told:
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
        known = next((row for row in self.documents() if row.path == path), None)
        try:
            file = self._file_of(path)
        except LibraryError as error:  # it is gone since
            return FileStatus(path, "failed", 0, Messages([error.message]))
        return self._sync_file(path, file, known, sandbox, self.settings.documents, again=True)

    def _file_of(self, path: str) -> Path:
        return file_of(self.settings.documents, path)

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
        if self.embeddings and self.catalogue.has_vectors(
            self.model
        ):  # in a new library there is nothing to compare with
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

    def _take_in(self, edition: Edition, sandbox: Sandbox) -> FileStatus:
        """Read a new edition of a file and put it in the file's place. What cannot be read or put there goes;
        the file that is there stays, in the folder and in the index.
        """
        path = edition.path
        known = next((row for row in self.documents() if row.path == path), None)
        status = self._sync_file(path, edition.file, known, sandbox, edition.root)
        if status.status != "kept":
            place = place_of(self.settings.documents, PurePosixPath(path))
            try:
                put(edition.file, place)
            except OSError as error:
                unwritten = Message("file-unwritable", file=place.name, reason=error.strerror)
                reason = Messages([Message("edition-not-taken", reason=unwritten)])
                status = FileStatus(path, "kept", 0, reason)
        discard(edition)
        return status

    def _sync_file(
        self,
        path: str,
        file: Path,
        known: DocumentRow | None,
        sandbox: Sandbox,
        root: Path,
        again: bool = False,
    ) -> FileStatus:
        """Read one file if it is new or changed, or could not be read last time, or `again`. `root`: the
        documents folder, or where a new edition of the file waits.
        """
        sha256 = ""
        settled = not again and known is not None and known.status == "ready" and not known.reason
        try:
            stat = file.stat()
            if (
                known
                and settled
                and (known.size, known.mtime_ns, known.reader)
                == (stat.st_size, stat.st_mtime_ns, self._reader)
            ):
                return _unchanged(known)
            check_file(file, self.settings.max_file_mb)
            sha256 = sha256_of(file)
            if known and settled and known.sha256 == sha256 and known.reader == self._reader:
                self.catalogue.touch(path, stat.st_size, stat.st_mtime_ns)
                return _unchanged(known)
            twin = self.catalogue.twin(sha256, path)
            row = DocumentRow(
                0,
                path,
                sha256,
                stat.st_size,
                stat.st_mtime_ns,
                "",
                "",
                file.suffix[1:].lower(),
                0,
                "ready",
                Messages(),
                self._reader,
            )
            if twin:
                reason = Messages([Message("duplicate", path=twin)])
                self.catalogue.replace(replace(row, status="duplicate", reason=reason), "", [], [])
                return FileStatus(path, "unchanged" if known else "added", 0, reason)
            korean.begin()
            documents = sandbox.load(file, root, self.scan_pages.of(sha256))
            if sha256_of(file) != sha256:
                raise LoadError("file-changed", file=file.name)
            chunks = self._chunks(sha256, documents)
        except OSError as error:
            unreadable = Message("file-unreadable", file=file.name, reason=error.strerror)
            if root != self.settings.documents:
                return self._keep(path, known, unreadable)
            return self._fail(path, known, None, "", unreadable)
        except (LoadError, ModelError) as error:  # a text may be too much for the analyser; the others go on
            if root != self.settings.documents:
                return self._keep(path, known, error.message)
            return self._fail(path, known, file, sha256, error.message)
        meta = documents[0].metadata
        pages = max((d.metadata["page"] or 0 for d in documents), default=0)
        sections = [
            (
                d.metadata["start"],
                d.metadata["start"] + len(d.page_content),
                *(d.metadata[k] for k in ("page", "heading", "kind", "caption", "table")),
            )
            for d in documents
        ]
        scans = [(int(page), int(state)) for page, state in meta["scans"]]
        note = Messages(
            [
                *_note(meta["hidden"], meta["unseen"], meta["dropped"], meta["unopened"]),
                *self._scans_note([state for _, state in scans], meta["n_pages"]),
            ]
        )
        row = replace(
            row,
            title=meta["title"],
            date=meta["date"],
            pages=max(pages, meta["n_pages"]),
            coverage=meta["coverage"],
            missing=meta["missing"],
        )
        if not chunks and not (self.engine and any(state == WAITING for _, state in scans)):
            empty = all(state == IN_TEXT for _, state in scans)
            reason = Messages([Message("file-without-text", file=file.name)]) if empty else note
            if root != self.settings.documents:
                return self._keep(path, known, reason[0])
            if known and known.status == "ready" and known.chunks and known.sha256 != sha256:
                return self._fail(
                    path, known, file, sha256, reason[0]
                )  # an earlier version goes on answering
            self.catalogue.replace(replace(row, status="failed", reason=reason), "", [], [], scans)
            return FileStatus(path, "failed", 0, reason)
        self.catalogue.replace(replace(row, note=note), file_text(documents), sections, chunks, scans)
        return FileStatus(
            path, "updated" if known and known.status == "ready" else "added", len(chunks), note
        )

    def _scans_note(self, states: Sequence[int], n_pages: int) -> list[Message]:
        """Say which pages of a document are pictures and what became of them."""
        waiting, read, failed = (states.count(state) for state in (WAITING, IN_TEXT, FAILED))
        said = []
        if waiting and self.engine:
            said.append(Message("scans-being-read", count=waiting, pages=n_pages))
        elif waiting:
            said.append(Message("scans-unread", count=waiting, pages=n_pages))
            if self.settings.read_scans:
                said.append(Message("scans-install", command=install_command()))
        if read:
            said.append(Message("scans-read", count=read, pages=n_pages))
        if failed:
            said.append(Message("scans-failed", count=failed, pages=n_pages))
        return said

    def _chunks(self, sha256: str, documents: Sequence[Document]) -> list[NewChunk]:
        read = korean.analyse([d.page_content for d in documents])
        spans = split(
            documents,
            [r.sentences for r in read],
            chunk_chars=self.settings.chunk_chars,
            overlap_chars=self.settings.overlap_chars,
        )
        text = file_text(documents)
        title = documents[0].metadata["title"]
        stem = Path(documents[0].metadata["path"]).stem.replace("_", " ")
        name = title if stem in title else f"{title} {stem}"
        contexts = [" ".join(dict.fromkeys([name, span.heading, span.caption])) for span in spans]
        begin = [d.metadata["start"] for d in documents]
        words = [read[s.section].within(s.start - begin[s.section], s.end - begin[s.section]) for s in spans]
        above = list(dict.fromkeys(contexts))
        above_words = dict(zip(above, map(" ".join, korean.morphemes_of(above, urgent=False)), strict=True))
        return [
            NewChunk(
                _key(sha256, str(span.start), str(span.end)), span.section, span.start, span.end, span.page, span.heading, span.caption,
                _key(embedding_title(title, span), text[span.start : span.end]), " ".join(body), above_words[context], window,
            )
            for span, body, context, window in zip(spans, words, contexts, windows(spans), strict=True)
        ]  # fmt: skip

    def _fail(
        self, path: str, known: DocumentRow | None, file: Path | None, sha256: str, why: Message
    ) -> FileStatus:
        """Note a failure. What was indexed of an earlier version of the file goes on answering."""
        size, mtime_ns = 0, 0
        with contextlib.suppress(OSError):
            if file:
                size, mtime_ns = file.stat().st_size, file.stat().st_mtime_ns
        if known and known.status == "ready":
            reason = Messages([Message("earlier-version-stays", reason=why)])
            self.catalogue.fail(path, size, mtime_ns, sha256, reason)
            return FileStatus(path, "failed", known.chunks, reason)
        reason = Messages([why])
        row = DocumentRow(
            0,
            path,
            sha256,
            size,
            mtime_ns,
            Path(path).stem,
            "",
            Path(path).suffix[1:].lower(),
            0,
            "failed",
            reason,
            self._reader,
        )
        self.catalogue.replace(row, "", [], [])
        return FileStatus(path, "failed", 0, reason)

    def _keep(self, path: str, known: DocumentRow | None, why: Message) -> FileStatus:
        """Note why a new edition of a file was not taken in, where the list of documents shows it."""
        reason = Message("edition-not-taken", reason=why)
        if known and known.status == "ready":
            others = (message for message in known.note if message.key != reason.key)
            self.catalogue.remark(path, Messages([*others, reason]))
        return FileStatus(path, "kept", known.chunks if known else 0, Messages([reason]))

    def _embed(self, progress: Progress | None, between: Callable[[], None]) -> None:
        """Give a vector to every chunk that has none, and bring Chroma in step."""
        if self.embeddings is None:
            return
        waiting = self.catalogue.without_vector(self.model)  # by length, so that little is padded
        for i in range(0, len(waiting), EMBED_BATCH):
            if self._stop.is_set():
                return
            if progress:
                progress("embed", i, len(waiting))
            between()
            batch = list(self.catalogue.chunks(waiting[i : i + EMBED_BATCH]).values())
            vectors = self.embeddings.vectors(
                [c.text for c in batch], [embedding_title(c.title, c) for c in batch]
            )
            self.catalogue.add_vectors(self.model, [c.id for c in batch], vectors)
        if waiting and progress:
            progress("embed", len(waiting), len(waiting))
        self.vectors.reconcile()


def _note(hidden: int, unseen: int, dropped: int, unopened: Sequence[str] = ()) -> list[Message]:
    """Say what of a document a reader may not see or was left out, where it is more than next to nothing."""
    said = []
    if unseen >= HIDDEN:
        said.append(Message("characters-hidden", count=unseen))
    if hidden >= HIDDEN:
        said.append(Message("characters-invisible", count=hidden))
    if dropped:
        said.append(Message("characters-left-out", count=dropped))
    if unopened:
        more = " …" if len(unopened) > NAMED else ""
        said.append(Message("attachments-unread", names=", ".join(unopened[:NAMED]) + more))
    return said


def windows(spans: Sequence[Span]) -> list[int]:
    """Number the windows that spans stand in: pages; without pages, runs of up to WINDOW_CHARS."""
    numbers: list[int] = []
    first: Span | None = None
    for span in spans:
        if (
            first is None
            or span.page != first.page
            or (span.page is None and span.end - first.start > WINDOW_CHARS)
        ):
            first = span
            numbers.append(numbers[-1] + 1 if numbers else 0)
        else:
            numbers.append(numbers[-1])
    return numbers


def embedding_title(title: str, span: Span | Chunk) -> str:
    """Return what the embedding sees above a chunk: title, headings and caption."""
    return " > ".join(part for part in dict.fromkeys([title, span.heading, span.caption]) if part)


def _unchanged(known: DocumentRow) -> FileStatus:
    return FileStatus(known.path, "unchanged", known.chunks)


def _key(*parts: str) -> str:
    return hashlib.sha256("\x1f".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:24]


def _lock(data: Path) -> FileLock:
    """Take the folder's lock, which the system frees when its holder dies; the holder's number is kept
    beside it.
    """
    lock = FileLock(data / "lock", thread_local=False)  # opened and closed by different threads of the page
    holder = data / "lock.holder"
    try:
        lock.acquire(timeout=0.5)
    except Timeout:
        who = holder.read_text(encoding="utf-8") if holder.exists() else "another process"
        raise LibraryError("data-in-use", folder=data, holder=who) from None
    with contextlib.suppress(OSError):  # a full disk
        holder.write_text(f"process {os.getpid()}", encoding="utf-8")
    return lock
