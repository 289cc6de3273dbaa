"""The SQLite file of the catalogue: a connection for each thread, transactions, checks and a copy when it is opened.

What is wrong with the file is said as LibraryError, wherever it shows. Its tables are those of `rag.schema`.
"""

from __future__ import annotations

import sqlite3
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from rag import schema
from rag.errors import LibraryError

if TYPE_CHECKING:
    from collections.abc import Iterator


class Database:
    """An open file. Each thread gets its own connection; writers wait for each other.

    Raises:
        LibraryError: the file is damaged, of a newer version, or cannot be written. One of an older version is copied and brought up to date.
    """

    def __init__(self, file: Path) -> None:
        self.file = file
        self._local = threading.local()
        self._connections: list[sqlite3.Connection] = []
        try:
            check = self.connection().execute("PRAGMA quick_check(1)").fetchone()[0]
            version = self.connection().execute("PRAGMA user_version").fetchone()[0] if check == "ok" else 0
            if check == "ok" and version < schema.VERSION:
                if version:
                    self._copy(version)
                with self.writing() as db:
                    schema.upgrade(db, version)
        except sqlite3.DatabaseError as error:
            raise self._damage(error) from error
        if check != "ok":
            raise LibraryError(f"The catalogue {file} is damaged ({check}). Move it away and run: python -m rag sync")
        if version > schema.VERSION:
            raise LibraryError(f"The catalogue {file} was made by another version of this program ({version}). Move it away and run: python -m rag sync")

    def close(self) -> None:
        """Close all connections."""
        for connection in self._connections:
            connection.close()
        self._connections.clear()
        self._local = threading.local()

    def connection(self) -> sqlite3.Connection:
        """Return this thread's connection."""
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            try:
                connection = sqlite3.connect(self.file, timeout=60, isolation_level=None, check_same_thread=False)
                connection.execute("PRAGMA journal_mode = WAL")
                connection.execute("PRAGMA foreign_keys = ON")
                connection.execute("PRAGMA synchronous = NORMAL")
            except sqlite3.DatabaseError as error:
                raise self._damage(error) from error
            self._local.connection = connection
            self._connections.append(connection)
        return connection

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction: all of it or nothing, whatever happens in between. Raises LibraryError where the disk is full or read-only."""
        db = self.connection()
        try:
            db.execute("BEGIN IMMEDIATE")
            try:
                yield db
            except BaseException:
                db.execute("ROLLBACK")
                raise
            db.execute("COMMIT")
        except sqlite3.OperationalError as error:
            raise self._unwritten(error) from error

    def forget_copies(self) -> None:
        """Delete what earlier migrations left beside the file."""
        for copy in schema.copies(self.file):
            copy.unlink()

    def _copy(self, version: int) -> None:
        """Copy the file before its tables are changed."""
        copy = schema.copy_of(self.file, version)
        copy.unlink(missing_ok=True)
        try:
            self.connection().execute("VACUUM INTO ?", (str(copy),))
        except sqlite3.OperationalError as error:
            copy.unlink(missing_ok=True)
            raise self._unwritten(error) from error

    def _unwritten(self, error: sqlite3.OperationalError) -> LibraryError:
        return LibraryError(f"The catalogue {self.file} could not be written ({error}). Check the disk's space and the folder's permissions.")

    def _damage(self, error: sqlite3.DatabaseError) -> LibraryError:
        if isinstance(error, sqlite3.OperationalError):
            return LibraryError(f"The catalogue {self.file} cannot be opened ({error}). Check the folder's permissions and the disk's space.")
        return LibraryError(f"The catalogue {self.file} is damaged ({error}). Move it away and run: python -m rag sync")
