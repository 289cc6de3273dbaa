"""List the documents of a catalogue: of one that is open here, or of one that another process has open."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from rag.errors import LibraryError
from rag.library import schema
from rag.library.records import DocumentRow
from rag.messages import Messages
from rag.types import DocumentStatus

# one row a document, with counts of its chunks, of those with a vector of the model that is asked for, and of
# its pages that are pictures
DOCUMENTS = """SELECT d.id, d.path, d.sha256, d.size, d.mtime_ns, d.title, d.date, d.format, d.pages, d.status,
    d.reason, d.reader, COUNT(c.number), COUNT(v.text_key), d.note, d.coverage, d.missing,
    (SELECT COUNT(*) FROM scans s WHERE s.document_id = d.id),
    (SELECT COUNT(*) FROM scans s WHERE s.document_id = d.id AND s.state != 0)
    FROM documents d LEFT JOIN chunks c ON c.document_id = d.id
    LEFT JOIN vectors v INDEXED BY vectors_key ON v.text_key = c.text_key AND v.model = ?
    GROUP BY d.id ORDER BY d.path"""


def documents_beside(file: Path) -> list[DocumentRow]:
    """List the documents of a catalogue that another process has open, as `Catalogue.documents` does.

    Nothing is written, mended or brought up to date, and nobody waits: SQLite's log lets one that only reads
    see the last whole transaction. Without the file there are none yet.

    Raises:
        LibraryError: the file is damaged, of another version, or cannot be opened.
    """
    if not file.exists():
        return []
    try:
        address = f"{file.absolute().as_uri()}?mode=ro"
        with closing(sqlite3.connect(address, uri=True, isolation_level=None)) as db:
            db.execute("BEGIN")  # all that follows sees the same state
            (version,) = db.execute("PRAGMA user_version").fetchone()
            if version not in (0, schema.VERSION):
                raise LibraryError("catalogue-newer", file=file, version=version)
            rows = db.execute(DOCUMENTS, ("",)).fetchall() if version else []
    except sqlite3.OperationalError as error:
        raise LibraryError("catalogue-unopened", file=file, reason=error) from error
    except sqlite3.DatabaseError as error:
        raise LibraryError("catalogue-damaged", file=file, reason=error) from error
    return [document_of(row) for row in rows]


def document_of(row: Sequence[Any]) -> DocumentRow:
    """Make a document of the columns that `DOCUMENTS` asks for."""
    *file, status, reason, reader, chunks, embedded, note, coverage, missing, scans, scans_read = row
    told = (Messages.loads(reason), reader, chunks, embedded, Messages.loads(note))
    return DocumentRow(
        *(*file, DocumentStatus(status), *told, coverage, json.loads(missing), scans, scans_read)
    )
