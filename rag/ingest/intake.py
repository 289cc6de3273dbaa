"""One file on its way into the library, in three steps: look whether it changed, read it, store it.

    look    size, time and hash against what the catalogue has     → unchanged, or a row to fill
    read    load in the sandbox (`rag.ingest.loaders`), split (`rag.ingest.chunking`)
    store   one transaction of the catalogue                       → added or updated, with a note

A file that fails at any step is noted with its reason; what was indexed of an earlier version goes on
answering.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from langchain_core.documents import Document

from rag.config import Settings
from rag.errors import LoadError, ModelError
from rag.ingest import notes
from rag.ingest.chunking import chunks_of
from rag.ingest.editions import Edition, discard, place_of, put
from rag.ingest.loaders import check_file, file_text
from rag.ingest.loaders.sandbox import Sandbox
from rag.ingest.recognition import Engine
from rag.ingest.scan_pages import IN_TEXT, WAITING, ScanPages
from rag.library.catalogue import Catalogue
from rag.library.records import DocumentRow, NewChunk, Section
from rag.messages import Message, Messages
from rag.model.weights import sha256_of
from rag.text import korean
from rag.types import DocumentStatus, FileChange, FileStatus

READER = "15"  # raise it when loaders or splitting change what they give: files are then read again


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A file that is to be the document of a path. `current`: what the library has of that path now;
    `edition`: the file waits elsewhere to replace the one that is there.
    """

    path: str
    file: Path
    root: Path  # to which the path is relative
    current: DocumentRow | None
    edition: bool = False


class Intake:
    """Takes files in, one at a time.

    Args:
        engine: gives what reads the letters of pictures, None where there is nothing.
    """

    def __init__(
        self,
        settings: Settings,
        catalogue: Catalogue,
        scan_pages: ScanPages,
        sandbox: Sandbox,
        engine: Callable[[], Engine | None],
    ) -> None:
        self._settings, self._catalogue, self._scan_pages = settings, catalogue, scan_pages
        self._sandbox, self._engine = sandbox, engine
        # what decides how a file is read: when any of it changes, files are read again (texts that stay keep
        # their vectors)
        self._reader = (
            f"{READER}/{settings.chunk_chars}/{settings.overlap_chars}"
            f"/{settings.parse_timeout_s}/{settings.parse_memory_mb}"
        )

    def take(self, path: str, file: Path, current: DocumentRow | None, again: bool = False) -> FileStatus:
        """Read a file of the documents folder if it is new or changed, or could not be read last time, or
        `again`.
        """
        return self._take(_Candidate(path, file, self._settings.documents, current), again)

    def take_edition(self, edition: Edition, current: DocumentRow | None) -> FileStatus:
        """Read a new edition of a file and put it in the file's place. What cannot be read or put there goes;
        the file that is there stays, in the folder and in the index.
        """
        path = edition.path
        status = self._take(_Candidate(path, edition.file, edition.root, current, edition=True))
        if status.status != FileChange.KEPT:
            place = place_of(self._settings.documents, PurePosixPath(path))
            try:
                put(edition.file, place)
            except OSError as error:
                unwritten = Message("file-unwritable", file=place.name, reason=error.strerror)
                reason = Messages([Message("edition-not-taken", reason=unwritten)])
                status = FileStatus(path, FileChange.KEPT, 0, reason)
        discard(edition)
        return status

    def _take(self, candidate: _Candidate, again: bool = False) -> FileStatus:
        file, current = candidate.file, candidate.current
        row: DocumentRow | None = None
        try:
            row = self._look(candidate, again)
            if row is None:
                return FileStatus(candidate.path, FileChange.UNCHANGED, current.chunks if current else 0)
            if twin := self._catalogue.twin(row.sha256, row.path):
                return self._store_duplicate(candidate, row, twin)
            documents, chunks = self._read(candidate, row.sha256)
        except OSError as error:
            return self._refuse(candidate, Message("file-unreadable", file=file.name, reason=error.strerror))
        except (LoadError, ModelError) as error:  # a text may be too much for the analyser; the others go on
            return self._refuse(candidate, error.message, file, row.sha256 if row else "")
        return self._store(candidate, row, documents, chunks)

    def _look(self, candidate: _Candidate, again: bool) -> DocumentRow | None:
        """Return a row with what is known of a file before it is read, None where it is indexed as it is.

        Raises:
            LoadError: it is no file that could be read. OSError
        """
        path, file, current = candidate.path, candidate.file, candidate.current
        settled = (
            not again
            and current is not None
            and current.status == DocumentStatus.READY
            and not current.reason
        )
        stat = file.stat()
        seen = (stat.st_size, stat.st_mtime_ns, self._reader)
        if current and settled and (current.size, current.mtime_ns, current.reader) == seen:
            return None
        check_file(file, self._settings.max_file_mb)
        sha256 = sha256_of(file)
        if current and settled and current.sha256 == sha256 and current.reader == self._reader:
            self._catalogue.touch(path, stat.st_size, stat.st_mtime_ns)
            return None
        return self._row(path, sha256, stat.st_size, stat.st_mtime_ns, format=file.suffix[1:].lower())

    def _row(self, path: str, sha256: str, size: int, mtime_ns: int, *, format: str) -> DocumentRow:
        return DocumentRow(
            id=0,
            path=path,
            sha256=sha256,
            size=size,
            mtime_ns=mtime_ns,
            title="",
            date="",
            format=format,
            pages=0,
            status=DocumentStatus.READY,
            reason=Messages(),
            reader=self._reader,
        )

    def _read(self, candidate: _Candidate, sha256: str) -> tuple[list[Document], list[NewChunk]]:
        """Load a file and split it.

        Raises:
            LoadError: it cannot be read, or changed meanwhile. ModelError, OSError
        """
        korean.begin()
        documents = self._sandbox.load(candidate.file, candidate.root, self._scan_pages.of(sha256))
        if sha256_of(candidate.file) != sha256:
            raise LoadError("file-changed", file=candidate.file.name)
        chunks = chunks_of(
            sha256,
            documents,
            chunk_chars=self._settings.chunk_chars,
            overlap_chars=self._settings.overlap_chars,
        )
        return documents, chunks

    def _store(
        self,
        candidate: _Candidate,
        row: DocumentRow,
        documents: Sequence[Document],
        chunks: Sequence[NewChunk],
    ) -> FileStatus:
        """Put in the catalogue what was read of a file."""
        meta = documents[0].metadata
        pages = max((d.metadata["page"] or 0 for d in documents), default=0)
        sections = [_section(document) for document in documents]
        scans = [(int(page), int(state)) for page, state in meta["scans"]]
        page_labels = {
            int(d.metadata["page"]): str(d.metadata["page_label"])
            for d in documents
            if d.metadata["page_label"]
        }
        states = [state for _, state in scans]
        engine = WAITING in states and self._engine() is not None
        note = Messages(
            [
                *notes.of_text(meta["hidden"], meta["unseen"], meta["dropped"], meta["unopened"]),
                *notes.of_scans(states, meta["n_pages"], engine=engine, wanted=self._settings.read_scans),
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
        if not chunks and not engine:
            return self._store_without_text(candidate, row, scans, note)
        text = file_text(documents)
        self._catalogue.replace(replace(row, note=note), text, sections, chunks, scans, page_labels.items())
        updated = candidate.current is not None and candidate.current.status == DocumentStatus.READY
        return FileStatus(
            candidate.path, FileChange.UPDATED if updated else FileChange.ADDED, len(chunks), note
        )

    def _store_duplicate(self, candidate: _Candidate, row: DocumentRow, twin: str) -> FileStatus:
        """Note that another document has the same content: it answers for both."""
        reason = Messages([Message("duplicate", path=twin)])
        self._catalogue.replace(replace(row, status=DocumentStatus.DUPLICATE, reason=reason), "", [], [])
        return FileStatus(
            candidate.path, FileChange.UNCHANGED if candidate.current else FileChange.ADDED, 0, reason
        )

    def _store_without_text(
        self, candidate: _Candidate, row: DocumentRow, scans: Sequence[tuple[int, int]], note: Messages
    ) -> FileStatus:
        """Note why a file that could be read gives nothing to answer with."""
        current = candidate.current
        empty = all(state == IN_TEXT for _, state in scans)
        reason = Messages([Message("file-without-text", file=candidate.file.name)]) if empty else note
        indexed = current is not None and current.status == DocumentStatus.READY and current.chunks
        if candidate.edition or (current and indexed and current.sha256 != row.sha256):
            return self._refuse(candidate, reason[0], candidate.file, row.sha256)
        self._catalogue.replace(replace(row, status=DocumentStatus.FAILED, reason=reason), "", [], [], scans)
        return FileStatus(candidate.path, FileChange.FAILED, 0, reason)

    def _refuse(
        self, candidate: _Candidate, why: Message, file: Path | None = None, sha256: str = ""
    ) -> FileStatus:
        """Note why a file was not taken in. What was indexed of an earlier version goes on answering.

        Args:
            file, sha256: the file and its hash, as far as they could be looked at; left out, the next sync
                looks again.
        """
        path, current = candidate.path, candidate.current
        if candidate.edition:
            return self._keep(path, current, why)
        size, mtime_ns = 0, 0
        with contextlib.suppress(OSError):
            if file:
                size, mtime_ns = file.stat().st_size, file.stat().st_mtime_ns
        if current and current.status == DocumentStatus.READY:
            reason = Messages([Message("earlier-version-stays", reason=why)])
            self._catalogue.fail(path, size, mtime_ns, sha256, reason)
            return FileStatus(path, FileChange.FAILED, current.chunks, reason)
        reason = Messages([why])
        row = self._row(path, sha256, size, mtime_ns, format=Path(path).suffix[1:].lower())
        failed = replace(row, title=Path(path).stem, status=DocumentStatus.FAILED, reason=reason)
        self._catalogue.replace(failed, "", [], [])
        return FileStatus(path, FileChange.FAILED, 0, reason)

    def _keep(self, path: str, current: DocumentRow | None, why: Message) -> FileStatus:
        """Note why a new edition of a file was not taken in, where the list of documents shows it."""
        reason = Message("edition-not-taken", reason=why)
        if current and current.status == DocumentStatus.READY:
            others = (message for message in current.note if message.key != reason.key)
            self._catalogue.remark(path, Messages([*others, reason]))
        return FileStatus(path, FileChange.KEPT, current.chunks if current else 0, Messages([reason]))


def _section(document: Document) -> Section:
    meta = document.metadata
    return Section(
        start=meta["start"],
        end=meta["start"] + len(document.page_content),
        page=meta["page"],
        heading=meta["heading"],
        kind=meta["kind"],
        caption=meta["caption"],
        table=meta["table"],
    )
