"""The catalogue's connections: as many as work at once, however many threads come; a reader waits for no writer."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import HashedEmbeddings

from rag.assistant import Assistant
from rag.config import Settings
from rag.errors import ClosedError
from rag.library.database import IDLE, Database

linux = pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="no /proc")


def in_fresh_threads(count: int, work: Callable[[], object]) -> None:
    for _ in range(count):
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()


def left_open(count: int, work: Callable[[], object]) -> tuple[int, int]:
    """How many more descriptors and threads there are after work in `count` threads than after work in three."""

    def now() -> tuple[int, int]:
        return len(list(Path("/proc/self/fd").iterdir())), threading.active_count()

    in_fresh_threads(3, work)
    files, threads = now()
    in_fresh_threads(count, work)
    return now()[0] - files, now()[1] - threads


@linux
def test_threads_that_come_and_go_leave_no_connection_behind(tmp_path: Path) -> None:
    database = Database(tmp_path / "a.sqlite")
    files, threads = left_open(300, lambda: database.row("SELECT COUNT(*) FROM meta"))
    assert files < 20 and threads < 5  # what other tests left behind may come and go
    database.close()


@linux
def test_questions_leave_nothing_open(settings: Settings) -> None:
    (settings.documents / "a.txt").write_text("도서관은 밤 10시까지 연다.\n", encoding="utf-8")
    assistant = Assistant(settings, HashedEmbeddings())
    assistant.sync()
    found: list[int] = []
    files, threads = left_open(
        100, lambda: found.append(len(assistant.search("도서관은 몇 시까지 여나요?").hits))
    )
    assert files < 20 and threads < 5  # Chroma opens and closes a few of its own
    assert found == [1] * 103
    assert left_open(5, assistant.library.vectors.rebuild)[0] < 20  # as when a document is forgotten
    assistant.close()


def test_readers_at_once_get_a_connection_each_and_few_stay_open(tmp_path: Path) -> None:
    database = Database(tmp_path / "a.sqlite")
    together, got = threading.Barrier(3 * IDLE), []

    def read() -> None:
        with database.reading() as db:
            together.wait(60)  # nobody waits for another's connection
            got.append(id(db))
            together.wait(60)

    threads = [threading.Thread(target=read) for _ in range(3 * IDLE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(got)) == 3 * IDLE and len(database._connections) == len(database._idle) == IDLE
    database.close()


def test_a_reader_does_not_wait_for_a_writer(tmp_path: Path) -> None:
    database = Database(tmp_path / "a.sqlite")
    with database.writing() as db:
        db.execute("INSERT INTO meta VALUES ('a', 'b')")
        assert database.row("SELECT COUNT(*) FROM meta") == (0,)
    assert database.row("SELECT COUNT(*) FROM meta") == (1,)
    database.close()


def test_what_failed_half_way_leaves_nothing_to_the_next_who_reads(tmp_path: Path) -> None:
    database = Database(tmp_path / "a.sqlite")
    with pytest.raises(ValueError, match="stop"), database.reading() as db:
        db.execute("BEGIN IMMEDIATE")
        raise ValueError("stop")
    with database.writing() as db:
        db.execute("INSERT INTO meta VALUES ('a', 'b')")
    assert database.row("SELECT value FROM meta") == ("b",)
    database.close()


def test_a_closed_catalogue_is_not_opened_again(tmp_path: Path) -> None:
    database = Database(tmp_path / "a.sqlite")
    database.close()
    with pytest.raises(ClosedError):
        database.rows("SELECT * FROM meta")
    assert not (tmp_path / "a.sqlite-wal").exists()
