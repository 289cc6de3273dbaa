"""The catalogue: one SQLite file that holds all that is known. Everything else on disk can be made from it.

Documents by path and content hash, their text, sections and chunks, the words of each chunk (which
`rag.library.bm25` searches in memory), and every vector ever computed, by hash of its text and name of its
model, so that nothing is embedded twice. A document is wholly in or wholly out: `replace` is one
transaction. Chroma mirrors the vectors; what it has yet to learn is noted in the transaction that changes it.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag.errors import LibraryError
from rag.library.bm25 import Postings, Ranking, WordIndex
from rag.library.database import Database
from rag.library.listing import DOCUMENTS, document_of
from rag.library.records import DocumentRow, NewChunk
from rag.library.records import Section as Section
from rag.messages import Messages
from rag.types import Chunk

IN_TEXT = 2  # state of a page that is a picture (`rag.ingest.scan_pages`): the text holds what was read of it
_CHUNK = f"""SELECT c.id, c.document_id, d.path, d.title, d.date, c.page, c.heading, c.caption, c.start, c.end,
    EXISTS (SELECT 1 FROM scans s WHERE s.document_id = c.document_id AND s.page = c.page AND s.state = {IN_TEXT}),
    COALESCE((SELECT l.label FROM page_labels l WHERE l.document_id = c.document_id AND l.page = c.page), '')
    FROM chunks c JOIN documents d ON d.id = c.document_id"""
# CROSS: from chunks to vectors, whatever SQLite would choose
_EMBEDDED = "chunks c CROSS JOIN vectors v ON v.text_key = c.text_key AND v.model = ?"


class Catalogue:
    """All that is known, in a file; see `Database` for what opening it may raise."""

    def __init__(self, file: Path) -> None:
        self._database = Database(file)
        self._rows, self._row, self._writing = self._database.rows, self._database.row, self._database.writing
        self._index: WordIndex | None = None
        self._changed: set[int] = set()  # documents that the index does not know as they are now
        self._indexing = threading.Lock()

    def close(self) -> None:
        """Close all connections."""
        self._database.close()

    # documents

    def documents(self, model: str = "") -> list[DocumentRow]:
        """List all documents by path, with their counts of chunks and of chunks that have a vector of
        `model`.
        """
        return [document_of(row) for row in self._rows(DOCUMENTS, (model,))]

    def replace(
        self,
        row: DocumentRow,
        text: str,
        sections: Iterable[Section],
        chunks: Sequence[NewChunk],
        scans: Iterable[tuple[int, int]] = (),
        page_labels: Iterable[tuple[int, str]] = (),
    ) -> None:
        """Put a document in, in place of what its path held, in one transaction.

        Args:
            sections: in order. scans: (page, state) of pages that are pictures. page_labels: (page, label) of
                pages that the file calls otherwise than by their number.
        """
        with self._writing() as db:
            changed = self._delete(db, row.path)
            cursor = db.execute(
                """INSERT INTO documents (path, sha256, size, mtime_ns, title, date, format, pages, text, status,
                reason, reader, note, coverage, missing) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)""",
                (
                    row.path,
                    row.sha256,
                    row.size,
                    row.mtime_ns,
                    row.title,
                    row.date,
                    row.format,
                    row.pages,
                    text,
                    row.status,
                    row.reason.dumps(),
                    row.reader,
                    row.note.dumps(),
                    row.coverage,
                    json.dumps(row.missing),
                ),
            )
            document = cursor.lastrowid
            for ordinal, s in enumerate(sections):
                grid = json.dumps(s.table, ensure_ascii=False) if s.table else None
                db.execute(
                    "INSERT INTO sections VALUES (?,?,?,?,?,?,?,?,?)",
                    (document, ordinal, s.start, s.end, s.page, s.heading, s.kind, s.caption, grid),
                )
            db.executemany(
                "INSERT INTO chunks (id, document_id, section, start, end, page, heading, caption, text_key) "
                "VALUES (?,?,?,?,?,?,?,?,?)",
                [
                    (c.id, document, c.section, c.start, c.end, c.page, c.heading, c.caption, c.text_key)
                    for c in chunks
                ],
            )
            db.executemany("INSERT INTO scans VALUES (?,?,?)", [(document, *scan) for scan in scans])
            db.executemany("INSERT INTO page_labels VALUES (?,?,?)", [(document, *p) for p in page_labels])
            if chunks:
                postings = Postings.of((c.window, c.words, c.context_words) for c in chunks)
                db.execute("INSERT INTO postings VALUES (?, ?)", (document, postings.to_bytes()))
                self._unmirror(db, "SELECT id FROM chunks WHERE document_id = ?", document)
        self._note({*changed, int(document or 0)})

    def touch(self, path: str, size: int, mtime_ns: int) -> None:
        """Note that a file of unchanged content has a new time."""
        with self._writing() as db:
            db.execute("UPDATE documents SET size = ?, mtime_ns = ? WHERE path = ?", (size, mtime_ns, path))

    def fail(self, path: str, size: int, mtime_ns: int, sha256: str, reason: Messages) -> None:
        """Note why a file that is indexed could not be read again; its earlier text goes on answering."""
        with self._writing() as db:
            db.execute(
                "UPDATE documents SET size = ?, mtime_ns = ?, sha256 = ?, reason = ? WHERE path = ?",
                (size, mtime_ns, sha256, reason.dumps(), path),
            )

    def remark(self, path: str, note: Messages) -> None:
        """Note something of a document that stays as it is, until it is read again."""
        with self._writing() as db:
            db.execute("UPDATE documents SET note = ? WHERE path = ?", (note.dumps(), path))

    def remove(self, path: str) -> None:
        """Take a document out, with everything that belongs to it except vectors, which other texts may
        share.
        """
        with self._writing() as db:
            changed = self._delete(db, path)
        self._note(changed)

    def scrub(self) -> None:
        """Leave nothing of removed documents: vectors of texts that are gone, deleted rows, the log, older
        copies.
        """
        with self._writing() as db:
            db.execute("DELETE FROM vectors WHERE text_key NOT IN (SELECT text_key FROM chunks)")
        self._rows("VACUUM")
        self._rows("PRAGMA wal_checkpoint(TRUNCATE)")
        self._database.forget_copies()
        with self._indexing:
            self._index = None  # it remembers words that were looked up

    def text(self, document_id: int) -> str:
        """Return the text of a document, into which all offsets point."""
        row = self._row("SELECT text FROM documents WHERE id = ?", (document_id,))
        return str(row[0]) if row else ""

    def document_id(self, path: str) -> int | None:
        row = self._row("SELECT id FROM documents WHERE path = ?", (path,))
        return int(row[0]) if row else None

    def twin(self, sha256: str, path: str) -> str | None:
        """Return the path of another indexed document with the same content."""
        row = self._row(
            "SELECT path FROM documents WHERE sha256 = ? AND path != ? AND status = 'ready'", (sha256, path)
        )
        return str(row[0]) if row else None

    def sections(self, document_id: int) -> list[Section]:
        """Return the sections of a document, in order."""
        rows = self._rows(
            "SELECT start, end, page, heading, kind, caption, grid FROM sections WHERE document_id = ? ORDER "
            "BY ordinal",
            (document_id,),
        )
        return [
            Section(start, end, page, heading, kind, caption, json.loads(grid) if grid else None)
            for start, end, page, heading, kind, caption, grid in rows
        ]

    # pages that are pictures

    def scans(self, document_id: int) -> list[tuple[int, int]]:
        """Return (page, state) of the pages of a document that are pictures."""
        return self._rows("SELECT page, state FROM scans WHERE document_id = ? ORDER BY page", (document_id,))

    def note_scan(self, document_id: int, page: int, state: int) -> None:
        """Note the new state of a page that is a picture."""
        with self._writing() as db:
            db.execute(
                "UPDATE scans SET state = ? WHERE document_id = ? AND page = ?", (state, document_id, page)
            )

    def unread_pages(self, paths: Sequence[str] | None = None) -> int:
        """Return how many pages of all documents, or of some, are pictures that answers know nothing of."""
        rows = self._rows(
            "SELECT d.path, COUNT(*) FROM scans s JOIN documents d ON d.id = s.document_id "
            "WHERE s.state != ? GROUP BY d.id",
            (IN_TEXT,),
        )
        return sum(count for path, count in rows if paths is None or path in paths)

    def sha256(self, document_id: int) -> str:
        """Return the hash of a document's file, "" where there is no such document."""
        row = self._row("SELECT sha256 FROM documents WHERE id = ?", (document_id,))
        return str(row[0]) if row else ""

    # chunks and words

    def chunks(self, ids: Sequence[str]) -> dict[str, Chunk]:
        """Return the chunks that exist among `ids`."""
        found: dict[str, Chunk] = {}
        for i in range(0, len(ids), 500):
            part = ids[i : i + 500]
            found |= {
                chunk.id: chunk for chunk in self._read(f"WHERE c.id IN ({','.join('?' * len(part))})", part)
            }
        return found

    def section_chunks(self, document_id: int, page: int | None, heading: str) -> list[Chunk]:
        """Return the chunks of one page and heading of a document, in order."""
        return self._read(
            "WHERE c.document_id = ? AND c.page IS ? AND c.heading = ? ORDER BY c.start",
            (document_id, page, heading),
        )

    def document_chunks(self, document_id: int) -> list[Chunk]:
        """Return all chunks of a document, in order."""
        return self._read("WHERE c.document_id = ? ORDER BY c.start", (document_id,))

    def chunk_at(self, document_id: int, offset: int) -> Chunk:
        """Return the chunk that an offset of a document lies in, or the nearest one before it. Raises
        LibraryError where there is none.
        """
        found = self._read(
            "WHERE c.document_id = ? ORDER BY c.start > ?, abs(c.start - ?) LIMIT 1",
            (document_id, offset, offset),
        )
        if not found:
            raise LibraryError("document-without-text")
        return found[0]

    def _read(self, which: str, values: Sequence[Any]) -> list[Chunk]:
        """Return chunks with their text, cut out here: SQLite's substr() would read a long text from its
        beginning for each of them.
        """
        rows = self._rows(f"{_CHUNK} {which}", values)
        texts = {id: self.text(id) for id in {row[1] for row in rows}}
        return [Chunk(*(*row[:10], texts[row[1]][row[8] : row[9]], bool(row[10]), row[11])) for row in rows]

    def rank(self, words: Sequence[str], limit: int, document_ids: Sequence[int] | None = None) -> Ranking:
        """Rank chunks by words; see `WordIndex.rank`."""
        with self._indexing:
            return self._words().rank(words, limit, document_ids)

    def rarity(self, words: Iterable[str]) -> dict[str, float]:
        """Return the inverse document frequency of each word; see `WordIndex.rarity`."""
        with self._indexing:
            return self._words().rarity(words)

    def matching_words(self, words: Iterable[str], ids: Sequence[str]) -> dict[str, frozenset[str]]:
        """Return which of the words the windows of chunks hold; see `WordIndex.matching_words`."""
        with self._indexing:
            return self._words().matching_words(words, ids)

    def _note(self, changed: set[int]) -> None:
        with self._indexing:
            self._changed |= changed

    def _words(self) -> WordIndex:
        """Return the index of words as the catalogue is now. Call with `_indexing` held."""
        if self._index is None or (
            self._changed and not self._index.update(self._changed, self._postings(self._changed))
        ):
            self._index = WordIndex(self._postings())
        self._changed.clear()
        return self._index

    def _postings(self, documents: Iterable[int] | None = None) -> list[tuple[int, list[str], Postings]]:
        """Return (document id, ids of its chunks, its postings) of all documents or of some."""
        inside = (
            ""
            if documents is None
            else f"WHERE document_id IN ({','.join(str(int(id)) for id in documents)})"
        )
        ids: dict[int, list[str]] = {}
        with self._database.reading() as db:
            db.execute("BEGIN")  # both queries see the same state
            for document, id in db.execute(
                f"SELECT document_id, id FROM chunks {inside} ORDER BY number"
            ).fetchall():
                ids.setdefault(document, []).append(id)
            rows = db.execute(f"SELECT document_id, data FROM postings {inside}").fetchall()
            db.execute("COMMIT")
        return [(document, ids[document], Postings.from_bytes(data)) for document, data in rows]

    def count(self) -> int:
        """Return the number of chunks."""
        return int(self._row("SELECT COUNT(*) FROM chunks")[0])

    # vectors

    def without_vector(self, model: str) -> list[str]:
        """Return the ids of chunks whose text has no vector of `model` yet, one chunk for each text, the
        shortest first.
        """
        rows = self._rows(
            """SELECT MIN(c.id) FROM chunks c
            LEFT JOIN vectors v INDEXED BY vectors_key ON v.text_key = c.text_key AND v.model = ?
            WHERE v.text_key IS NULL GROUP BY c.text_key ORDER BY MIN(c.end - c.start), MIN(c.number)""",
            (model,),
        )
        return [row[0] for row in rows]

    def add_vectors(self, model: str, ids: Sequence[str], vectors: NDArray[np.float32]) -> None:
        """Keep the vectors of the chunks' texts: (n_ids, dim) float32."""
        with self._writing() as db:
            db.executemany(
                "INSERT OR REPLACE INTO vectors SELECT text_key, ?, ? FROM chunks WHERE id = ?",
                [
                    (model, vector.astype("<f4").tobytes(), id)
                    for id, vector in zip(ids, vectors, strict=True)
                ],
            )
            for id in ids:  # and whatever says the same elsewhere
                self._unmirror(
                    db,
                    "SELECT id FROM chunks WHERE text_key = (SELECT text_key FROM chunks WHERE id = ?)",
                    id,
                )

    def vectors(self, model: str, ids: Sequence[str] | None = None) -> dict[str, NDArray[np.float32]]:
        """Return the vectors of `model` by chunk id, of all chunks or of some."""
        query = f"SELECT c.id, v.vector FROM {_EMBEDDED}"
        if ids is None:
            return {row[0]: np.frombuffer(row[1], "<f4") for row in self._rows(query, (model,))}
        found: dict[str, NDArray[np.float32]] = {}
        for i in range(0, len(ids), 500):
            part = list(ids[i : i + 500])
            rows = self._rows(f"{query} WHERE c.id IN ({','.join('?' * len(part))})", (model, *part))
            found |= {row[0]: np.frombuffer(row[1], "<f4") for row in rows}
        return found

    def count_vectors(self, model: str) -> int:
        """Return the number of chunks that have a vector of `model`."""
        return int(self._row(f"SELECT COUNT(*) FROM {_EMBEDDED}", (model,))[0])

    def has_vectors(self, model: str) -> bool:
        """Tell whether any text has a vector of `model`."""
        return bool(self._row("SELECT EXISTS (SELECT 1 FROM vectors WHERE model = ?)", (model,))[0])

    def embedded(self, model: str, ids: Sequence[str] | None = None) -> dict[str, int]:
        """Return the document id of every chunk that has a vector of `model`, by chunk id, of all chunks or
        of some.
        """
        query = f"SELECT c.id, c.document_id FROM {_EMBEDDED}"
        if ids is None:
            return dict(self._rows(query, (model,)))
        found: dict[str, int] = {}
        for i in range(0, len(ids), 500):
            part = list(ids[i : i + 500])
            found |= dict(self._rows(f"{query} WHERE c.id IN ({','.join('?' * len(part))})", (model, *part)))
        return found

    def mirrored(self) -> str:
        """Return the model whose vectors the vector store held when it was last made equal to the catalogue,
        "" where it never was.
        """
        row = self._row("SELECT value FROM meta WHERE key = 'mirrored'")
        return str(row[0]) if row else ""

    def unmirrored(self) -> list[str]:
        """Return the ids of chunks that have come, gone or got a vector since then."""
        return [row[0] for row in self._rows("SELECT chunk_id FROM unmirrored")]

    def settle(self, model: str, ids: Sequence[str] | None = None) -> None:
        """Note that the vector store is equal to the catalogue in some chunks, or in all."""
        with self._writing() as db:
            if ids is None:
                db.execute("DELETE FROM unmirrored")
                self._set(db, "mirrored", model)
            else:
                db.executemany("DELETE FROM unmirrored WHERE chunk_id = ?", [(id,) for id in ids])

    @staticmethod
    def _delete(db: sqlite3.Connection, path: str) -> set[int]:
        """Delete a document; return its id, if there was one."""
        Catalogue._unmirror(
            db, "SELECT c.id FROM chunks c JOIN documents d ON d.id = c.document_id WHERE d.path = ?", path
        )
        return {
            int(row[0]) for row in db.execute("DELETE FROM documents WHERE path = ? RETURNING id", (path,))
        }

    @staticmethod
    def _unmirror(db: sqlite3.Connection, chunks: str, value: object) -> None:
        """Note chunks, given by a query for their ids, in which the vector store may differ from now on."""
        db.execute(f"INSERT OR IGNORE INTO unmirrored {chunks}", (value,))

    @staticmethod
    def _set(db: sqlite3.Connection, key: str, value: str) -> None:
        db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))
