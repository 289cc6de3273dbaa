"""The tables of the catalogue, and how a file of an older version becomes one of this version.

A migration is one transaction, and says by itself all that it does: TABLES may change again. Before it, the
whole file is copied to `catalogue.v<N>.sqlite` beside it, so that whatever happens the older program can go
on with the copy.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

from rag.library.bm25 import Postings

VERSION = 6
TABLES = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE documents (
    id INTEGER PRIMARY KEY, path TEXT NOT NULL UNIQUE, sha256 TEXT NOT NULL, size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL,
    title TEXT NOT NULL, date TEXT NOT NULL, format TEXT NOT NULL, pages INTEGER NOT NULL, text TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('ready', 'failed', 'duplicate')), reason TEXT NOT NULL, reader TEXT NOT NULL,
    indexed_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%SZ', 'now')), note TEXT NOT NULL DEFAULT '',
    coverage REAL, missing TEXT NOT NULL DEFAULT '{}');
CREATE INDEX documents_sha256 ON documents (sha256);
CREATE TABLE sections (
    document_id INTEGER NOT NULL REFERENCES documents ON DELETE CASCADE, ordinal INTEGER NOT NULL, start INTEGER NOT NULL,
    end INTEGER NOT NULL, page INTEGER, heading TEXT NOT NULL, kind TEXT NOT NULL, caption TEXT NOT NULL, grid TEXT,
    PRIMARY KEY (document_id, ordinal)) WITHOUT ROWID;
CREATE TABLE chunks (
    number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, document_id INTEGER NOT NULL REFERENCES documents ON DELETE CASCADE,
    section INTEGER NOT NULL, start INTEGER NOT NULL, end INTEGER NOT NULL, page INTEGER, heading TEXT NOT NULL,
    caption TEXT NOT NULL, text_key TEXT NOT NULL);
CREATE INDEX chunks_document ON chunks (document_id, start);
CREATE INDEX chunks_text_key ON chunks (text_key);
CREATE TABLE postings (document_id INTEGER PRIMARY KEY REFERENCES documents ON DELETE CASCADE, data BLOB NOT NULL);
CREATE TABLE vectors (text_key TEXT NOT NULL, model TEXT NOT NULL, vector BLOB NOT NULL);
CREATE UNIQUE INDEX vectors_key ON vectors (model, text_key);
CREATE TABLE unmirrored (chunk_id TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE scans (
    document_id INTEGER NOT NULL REFERENCES documents ON DELETE CASCADE, page INTEGER NOT NULL, state INTEGER NOT NULL,
    PRIMARY KEY (document_id, page)) WITHOUT ROWID;
CREATE TABLE page_labels (
    document_id INTEGER NOT NULL REFERENCES documents ON DELETE CASCADE, page INTEGER NOT NULL, label TEXT NOT NULL,
    PRIMARY KEY (document_id, page)) WITHOUT ROWID;
"""


def _notes(db: sqlite3.Connection) -> None:
    db.execute("ALTER TABLE documents ADD COLUMN note TEXT NOT NULL DEFAULT ''")


def _arrays(db: sqlite3.Connection) -> None:
    """Words were kept in two tables of FTS5, vectors in a tree by key that was deep with them; Chroma was
    compared as a whole.
    """
    db.execute(
        "CREATE TABLE postings (document_id INTEGER PRIMARY KEY REFERENCES documents ON DELETE CASCADE, data "
        "BLOB NOT NULL)"
    )
    for (document,) in db.execute("SELECT DISTINCT document_id FROM chunks").fetchall():
        rows = db.execute(
            "SELECT c.window, w.body, w.context FROM chunks c JOIN words w ON w.rowid = c.number WHERE "
            "c.document_id = ? ORDER BY c.number",
            (document,),
        )
        db.execute("INSERT INTO postings VALUES (?, ?)", (document, Postings.of(rows).to_bytes()))
    for table in ("vocabulary", "words", "windows"):
        db.execute(f"DROP TABLE {table}")
    db.execute("DROP INDEX chunks_window")
    db.execute("ALTER TABLE chunks DROP COLUMN window")
    db.execute("ALTER TABLE vectors RENAME TO older")
    db.execute("CREATE TABLE vectors (text_key TEXT NOT NULL, model TEXT NOT NULL, vector BLOB NOT NULL)")
    db.execute("CREATE UNIQUE INDEX vectors_key ON vectors (model, text_key)")
    db.execute("CREATE TABLE unmirrored (chunk_id TEXT PRIMARY KEY) WITHOUT ROWID")
    db.execute("INSERT INTO vectors SELECT text_key, model, vector FROM older")
    db.execute("DROP TABLE older")
    db.execute("DELETE FROM meta WHERE key = 'vectors_dirty'")


def _coverage(db: sqlite3.Connection) -> None:
    db.execute("ALTER TABLE documents ADD COLUMN coverage REAL")  # NULL until a file is read again
    db.execute("ALTER TABLE documents ADD COLUMN missing TEXT NOT NULL DEFAULT '{}'")


def _scans(db: sqlite3.Connection) -> None:
    db.execute(
        "CREATE TABLE scans (document_id INTEGER NOT NULL REFERENCES documents ON DELETE CASCADE, page INTEGER "
        "NOT NULL, state INTEGER NOT NULL, PRIMARY KEY (document_id, page)) WITHOUT ROWID"
    )


def _page_labels(db: sqlite3.Connection) -> None:
    """Without rows until files are read again."""
    db.execute(
        "CREATE TABLE page_labels (document_id INTEGER NOT NULL REFERENCES documents ON DELETE CASCADE, page "
        "INTEGER NOT NULL, label TEXT NOT NULL, PRIMARY KEY (document_id, page)) WITHOUT ROWID"
    )


MIGRATIONS = {1: _notes, 2: _arrays, 3: _coverage, 4: _scans, 5: _page_labels}  # from version N to N + 1


def upgrade(db: sqlite3.Connection, version: int) -> None:
    """Make the tables of a new file, or bring those of an older one to VERSION, within the caller's
    transaction.
    """
    if version == 0:
        for statement in TABLES.split(";\n"):
            db.execute(statement)
    else:
        for number in range(version, VERSION):
            MIGRATIONS[number](db)
    db.execute(f"PRAGMA user_version = {VERSION}")


def copy_of(file: Path, version: int) -> Path:
    """Where the copy of a catalogue of an older version lies."""
    return file.with_name(f"{file.stem}.v{version}{file.suffix}")


def copies(file: Path) -> list[Path]:
    """The copies that earlier migrations left beside a catalogue."""
    return sorted(file.parent.glob(f"{file.stem}.v*{file.suffix}"))
