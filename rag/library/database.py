"""The SQLite file of the catalogue: connections that are lent and given back, transactions, checks and a
copy when it is opened.

What is wrong with the file is said as LibraryError, wherever it shows. The whole file is looked through when
it is opened, unless it is as it was left when it was last closed: that took 0.3 s for 100,000 chunks in
memory, 10 s from a disk. Its tables are those of `rag.library.schema`.
"""

from __future__ import annotations

import sqlite3
import threading
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from rag.errors import ClosedError, LibraryError
from rag.library import schema

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

T = TypeVar("T")
# connections kept open for who comes next, three files each; as many as work at once are lent, and the rest
# closed when given back
IDLE = 4


def _saying(method: Callable[..., T]) -> Callable[..., T]:
    """Let a cursor's method say damage, and a closed file, as what they are; and let nobody close the
    connection in the middle of it, which is fatal.
    """

    def call(cursor: _Cursor, /, *arguments: Any) -> T:
        connection = cursor.connection
        assert isinstance(connection, _Connection)
        try:
            with connection.used:
                return method(cursor, *arguments)
        except sqlite3.DatabaseError as error:
            if (
                type(error) is sqlite3.DatabaseError
            ):  # malformed, or no database at all; other troubles are of its subclasses
                raise connection.database.damage(error) from error
            if connection.closed:
                raise ClosedError from error
            raise

    return call


class _Cursor(sqlite3.Cursor):
    execute = _saying(sqlite3.Cursor.execute)
    executemany = _saying(sqlite3.Cursor.executemany)
    fetchone = _saying(sqlite3.Cursor.fetchone)
    fetchall = _saying(sqlite3.Cursor.fetchall)
    __next__ = _saying(sqlite3.Cursor.__next__)


class _Connection(sqlite3.Connection):
    """What is executed on it goes through such cursors."""

    database: Database
    closed = False

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.used = threading.RLock()

    def close(self) -> None:
        with self.used:
            self.closed = True
            super().close()

    def execute(self, sql: str, parameters: Any = (), /) -> Any:
        return _Cursor(self).execute(sql, parameters)

    def executemany(self, sql: str, rows: Any, /) -> Any:
        return _Cursor(self).executemany(sql, rows)


class Database:
    """An open file. Safe to use from several threads: readers wait for nobody, writers for each other.

    A connection is lent for a piece of work, not kept by a thread: a page answers each question on threads
    of its own, which end unseen.

    Raises:
        LibraryError: the file is damaged, of a newer version, or cannot be written. One of an older version
        is copied and brought up to date.
    """

    def __init__(self, file: Path) -> None:
        self.file = file
        self._connections: set[_Connection] = set()  # all that are open
        self._idle: list[_Connection] = []  # those that nobody has, the one used last at the end
        self._lending = threading.Lock()
        self._closed = False
        self._sound = True
        self._left = file.with_name(
            f"{file.name}.left"
        )  # size and time of a file that was sound when it was closed
        try:
            check = "ok" if self._is_as_left() else self.row("PRAGMA quick_check(1)")[0]
            version = self.row("PRAGMA user_version")[0] if check == "ok" else 0
            if check == "ok" and version < schema.VERSION:
                if version:
                    self._copy(version)
                with self.writing() as db:
                    schema.upgrade(db, version)
        except sqlite3.DatabaseError as error:
            raise self._unopened(error) from error
        if check != "ok":
            raise self.damage(check)
        if version > schema.VERSION:
            raise LibraryError("catalogue-newer", file=file, version=version)

    def close(self) -> None:
        """Close all connections; whoever is reading, or comes later, gets a ClosedError."""
        with self._lending:
            self._closed = True
            connections, self._connections, self._idle = self._connections, set(), []
        for connection in connections:
            connection.close()
        with suppress(OSError):
            if (
                self._sound and not self.file.with_name(f"{self.file.name}-wal").exists()
            ):  # all is in the file itself
                self._left.write_text(self._look(), encoding="ascii")

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Lend a connection, which nobody else has meanwhile. Rows must be fetched before it is given back.
        Raises LibraryError.
        """
        with self._lending:
            if self._closed:
                raise ClosedError
            connection = self._idle.pop() if self._idle else None
        connection = connection or self._connect()
        try:
            yield connection
        except BaseException:  # something may be left half done on it
            self._drop(connection)
            raise
        with self._lending:
            if keep := not self._closed and len(self._idle) < IDLE:
                self._idle.append(connection)
        if not keep:
            self._drop(connection)

    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[Any]:
        """Return all rows of a query. Raises LibraryError."""
        with self.reading() as db:
            return db.execute(sql, values).fetchall()

    def row(self, sql: str, values: Sequence[Any] = ()) -> Any:
        """Return the first row of a query, None where there is none. Raises LibraryError."""
        return next(iter(self.rows(sql, values)), None)

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction: all of it or nothing, whatever happens in between. Raises LibraryError where the
        disk is full or read-only.
        """
        with self.reading() as db:
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

    def damage(self, reason: object) -> LibraryError:
        """Return what to say of damage, and do not trust the file any more."""
        self._sound = False
        return LibraryError("catalogue-damaged", file=self.file, reason=reason)

    def forget_copies(self) -> None:
        """Delete what earlier migrations left beside the file."""
        for copy in schema.copies(self.file):
            copy.unlink()

    def _copy(self, version: int) -> None:
        """Copy the file before its tables are changed."""
        copy = schema.copy_of(self.file, version)
        copy.unlink(missing_ok=True)
        try:
            self.row("VACUUM INTO ?", (str(copy),))
        except sqlite3.OperationalError as error:
            copy.unlink(missing_ok=True)
            raise self._unwritten(error) from error

    def _connect(self) -> _Connection:
        connection: _Connection | None = None
        try:
            connection = sqlite3.connect(
                self.file, timeout=60, isolation_level=None, check_same_thread=False, factory=_Connection
            )
            connection.database = self
            for pragma in ("journal_mode = WAL", "foreign_keys = ON", "synchronous = NORMAL"):
                connection.execute(f"PRAGMA {pragma}")
            with self._lending:
                if self._closed:
                    raise ClosedError
                self._connections.add(connection)
        except BaseException as error:
            if connection:
                connection.close()
            if isinstance(error, sqlite3.DatabaseError):
                raise self._unopened(error) from error
            raise
        return connection

    def _drop(self, connection: _Connection) -> None:
        with self._lending:
            self._connections.discard(connection)
        connection.close()

    def _unwritten(self, error: sqlite3.OperationalError) -> LibraryError:
        return LibraryError("catalogue-unwritten", file=self.file, reason=error)

    def _unopened(self, error: sqlite3.DatabaseError) -> LibraryError:
        if isinstance(error, sqlite3.OperationalError):
            return LibraryError("catalogue-unopened", file=self.file, reason=error)
        return self.damage(error)

    def _is_as_left(self) -> bool:
        """Tell whether the file is as `close` left it. What it left is said once: a program that ends
        otherwise leaves nothing.
        """
        try:
            left = self._left.read_text(encoding="ascii")
            self._left.unlink()
            return left == self._look()
        except (OSError, UnicodeDecodeError):
            return False

    def _look(self) -> str:
        stat = self.file.stat()
        return f"{stat.st_size} {stat.st_mtime_ns} {stat.st_ino}"
