"""The library on disk: sync, crash safety, locks, nothing embedded twice."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
import unicodedata
from pathlib import Path

import pytest
from conftest import HashedEmbeddings

from rag.cli import main
from rag.config import ROOT, Settings
from rag.errors import ClosedError, LibraryError
from rag.ingest.folder import file_of, snapshot
from rag.ingest.library import Library
from rag.library.database import Database
from rag.library.listing import documents_beside
from rag.question.wording import Wording
from rag.search.retriever import HybridRetriever
from rag.serialise import status_json
from rag.text.korean import morphemes
from rag.ui.documents import _row

TEXT = "시는 4월부터 도서관 12곳을 밤 10시까지 연다. 예산은 4억 5천만 원이다.\n"


def statuses(library: Library) -> dict[str, str]:
    return {s.path: s.status for s in library.sync()}


def chunk_ids(library: Library) -> set[str]:
    return {c.id for row in library.documents() for c in library.catalogue.document_chunks(row.id)}


def test_sync_follows_the_folder(library: Library) -> None:
    folder = library.settings.documents
    (folder / "a.txt").write_text(TEXT, encoding="utf-8")
    (folder / "b.md").write_text("# 버스\n\n심야버스는 5개 노선이다.\n", encoding="utf-8")
    (folder / "bad.pdf").write_bytes(b"%PDF-1.7\n\x00\xff garbage")
    (folder / "note.xyz").write_text("read by nobody", encoding="utf-8")
    assert statuses(library) == {"a.txt": "added", "b.md": "added", "bad.pdf": "failed"}
    assert statuses(library) == {"a.txt": "unchanged", "b.md": "unchanged", "bad.pdf": "failed"}
    (folder / "a.txt").write_text(TEXT + "새 문장이다.\n", encoding="utf-8")
    (folder / "b.md").rename(folder / "c.md")
    (folder / "bad.pdf").unlink()
    assert statuses(library) == {"a.txt": "updated", "c.md": "added", "b.md": "removed", "bad.pdf": "removed"}
    os.utime(folder / "a.txt", (1, 1))
    assert statuses(library) == {"a.txt": "unchanged", "c.md": "unchanged"}


def test_files_that_were_not_read_yet_are_counted(library: Library) -> None:
    folder = library.settings.documents
    assert library.unread() == 0
    (folder / "a.txt").write_text(TEXT, encoding="utf-8")
    (folder / "bad.pdf").write_bytes(b"%PDF-1.7 garbage")
    (folder / "note.xyz").write_text("read by nobody", encoding="utf-8")
    assert library.unread() == 2
    library.sync()
    assert library.unread() == 0
    (folder / "a.txt").write_text(TEXT * 2, encoding="utf-8")
    (folder / "b.txt").write_text("버스가 다닌다.", encoding="utf-8")
    assert library.unread() == 2
    (folder / "bad.pdf").unlink()
    library.sync()
    assert library.unread() == 0


def test_a_change_of_the_folder_is_seen(settings: Settings) -> None:
    empty = snapshot(settings.documents)
    (settings.documents / "가.txt").write_text("글이다.", encoding="utf-8")
    added = snapshot(settings.documents)
    time.sleep(0.02)
    (settings.documents / "가.txt").write_text("길이", encoding="utf-8")
    assert empty == {} and added != empty and snapshot(settings.documents) != added
    assert len(snapshot(ROOT / "documents")) == 7


def test_what_earlier_versions_kept_of_what_models_read_is_cleared_away(settings: Settings) -> None:
    (settings.data / "states").mkdir(parents=True)
    (settings.data / "states" / "a.state").write_bytes(b"13 MB")
    with contextlib.closing(Library(settings, None)):
        assert not (settings.data / "states").exists()


def test_what_is_urgent_goes_first_between_two_files_and_two_batches(library: Library) -> None:
    for name in ("a", "b", "c"):
        (library.settings.documents / f"{name}.txt").write_text(
            TEXT.replace("4월", f"{name}월"), encoding="utf-8"
        )
    done: list[int] = []
    ready: list[int] = []
    library.sync(lambda status: ready.append(status.chunks), between=lambda: done.append(len(ready)))
    assert done == [0, 1, 2, 3]  # before each file, and before its vectors are made


def test_every_chunk_is_a_span_of_its_documents_text(library: Library) -> None:
    (library.settings.documents / "a.txt").write_text(
        "제1조(목적) 이 법은 돌봄을 돕는다.\n" * 30, encoding="utf-8"
    )
    library.sync()
    chunks = library.catalogue.chunks(list(chunk_ids(library)))
    assert chunks
    for chunk in chunks.values():
        assert library.catalogue.text(chunk.document_id)[chunk.start : chunk.end] == chunk.text


def test_a_damaged_new_version_leaves_the_old_one_answering(library: Library) -> None:
    file = library.settings.documents / "a.md"
    file.write_text(TEXT, encoding="utf-8")
    library.sync()
    before = chunk_ids(library)
    file.write_bytes(b"\x7fELF" + b"\x00" * 50)
    (status,) = library.sync()
    assert status.status == "failed" and "earlier version" in str(status.reason)
    assert chunk_ids(library) == before


def test_reasons_are_kept_by_key_and_said_in_every_language(
    library: Library, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = library.settings.documents
    (folder / "빈 글.txt").write_bytes(b"")
    (folder / "a.pdf").write_bytes(b"%PDF-1.7\n\x00\xff garbage")
    (folder / "b.txt").write_text(TEXT, encoding="utf-8")
    library.sync()
    (folder / "b.txt").write_bytes(b"\x7fELF" + b"\x00" * 50)
    told = {s.path: s for s in library.sync()}
    rows = {row.path: row for row in library.documents()}
    assert {path: rows[path].reason for path in told} == {path: s.reason for path, s in told.items()}
    assert rows["빈 글.txt"].reason.in_language("ko") == "빈 파일입니다: 빈 글.txt"
    assert rows["a.pdf"].reason.in_language("ko") == "a.pdf: 손상되었거나 PDF 파일이 아닙니다."
    assert (
        rows["b.txt"]
        .reason.in_language("ko")
        .endswith("내용이 이름과 다른 형식입니다. 앞서 읽은 내용은 그대로 남아 있습니다.")
    )
    assert status_json(told["a.pdf"]) == {
        "path": "a.pdf",
        "status": "failed",
        "chunks": 0,
        "reason": "a.pdf is damaged or not a PDF.",
        "keys": ["file-not-kind", "kind-pdf"],
    }
    library.close()
    with contextlib.closing(sqlite3.connect(library.settings.data / "catalogue.sqlite")) as db:
        kept = dict(db.execute("SELECT path, reason FROM documents").fetchall())
    assert json.loads(kept["빈 글.txt"]) == [{"key": "file-empty", "values": {"file": "빈 글.txt"}}]
    where = ["--documents", str(folder), "--data", str(library.settings.data)]
    assert main(["documents", "--json", *where]) == 0
    listed = {row["path"]: row for row in map(json.loads, capsys.readouterr().out.splitlines())}
    assert listed["b.txt"]["reason"] == str(rows["b.txt"].reason) and listed["b.txt"]["note"] == ""
    assert listed["b.txt"]["keys"] == ["earlier-version-stays", "file-not-text"]


def test_sentences_that_an_earlier_version_kept_are_shown_until_the_file_is_read_again(
    library: Library, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = library.settings.documents
    (folder / "[붙임] 빈 글.txt").write_bytes(b"")
    (folder / "b.txt").write_text(TEXT, encoding="utf-8")
    library.sync()
    library.close()
    reason, note = "[붙임] 빈 글.txt is empty.", "9 invisible characters were taken out.\n{b} is empty."
    with contextlib.closing(sqlite3.connect(library.settings.data / "catalogue.sqlite")) as db:
        db.execute("UPDATE documents SET reason = ? WHERE status = 'failed'", (reason,))
        db.execute("UPDATE documents SET note = ? WHERE status = 'ready'", (note,))
        db.commit()
    where = ["--documents", str(folder), "--data", str(library.settings.data)]
    for options in (["--json"], []):
        monkeypatch.setenv("LC_ALL", "ko_KR.UTF-8")
        assert main(["documents", *where, *options]) == 0
        out = capsys.readouterr().out
        assert reason in out and note.replace("\n", "\\n" if options else " ") in out
    again = Library(library.settings, HashedEmbeddings())
    failed, ready = again.documents()
    assert failed.reason.in_language("ko") == str(failed.reason) == reason
    assert ready.note.in_language("ko") == note and _row(ready, "ko", reads_scans=False)[-1] == note
    again.sync()
    failed, ready = again.documents()
    assert failed.reason.in_language("ko") == f"빈 파일입니다: {failed.path}" and str(ready.note) == note
    again.close()


def test_the_same_content_is_indexed_once_and_survives_the_loss_of_one_copy(library: Library) -> None:
    folder = library.settings.documents
    for n in range(20):
        (folder / f"{n:02}.txt").write_text(TEXT, encoding="utf-8")
    library.sync()
    assert sum(row.status == "ready" for row in library.documents()) == 1
    (folder / "00.txt").unlink()
    library.sync()
    assert sum(row.status == "ready" for row in library.documents()) == 1


def test_nothing_is_embedded_twice(library: Library) -> None:
    assert isinstance(library.embeddings, HashedEmbeddings)
    folder = library.settings.documents
    (folder / "a.txt").write_text(TEXT, encoding="utf-8")
    library.sync()
    embedded = list(library.embeddings.embedded)
    (folder / "a.txt").unlink()
    library.sync()
    (folder / "a.txt").write_text(TEXT, encoding="utf-8")
    library.sync()
    assert library.embeddings.embedded == embedded


def test_words_can_be_searched_before_vectors_are_there(settings: Settings) -> None:
    (settings.documents / "a.txt").write_text(TEXT, encoding="utf-8")
    library = Library(settings, None)
    library.sync()
    assert library.catalogue.rank(["예산"], 5).chunks
    library.close()


def test_a_decomposed_name_and_text_are_found_by_a_composed_question(library: Library) -> None:
    name = unicodedata.normalize("NFD", "도서관.txt")
    (library.settings.documents / name).write_text(unicodedata.normalize("NFD", TEXT), encoding="utf-8")
    (status,) = library.sync()
    assert status.path == "도서관.txt"
    assert library.catalogue.rank(["도서관"], 5).chunks


def test_chroma_is_rebuilt_from_the_catalogue(library: Library) -> None:
    lines = [
        f"{word} 예산은 {n}억 원으로 정했다.\n"
        for n, word in enumerate("도서관 버스 공원 학교 병원 시장".split())
    ]
    (library.settings.documents / "a.md").write_text(
        "\n".join(f"# {line}\n{line}" for line in lines), encoding="utf-8"
    )
    library.sync()
    assert library.embeddings is not None
    vector = library.embeddings.query("예산")
    found = library.vectors.nearest(vector, 3)
    library.vectors.close()
    for file in library.settings.data.glob("chroma-*/**/*"):
        if file.is_file():
            file.write_bytes(b"damaged")
    library.vectors.reconcile()
    assert library.vectors.nearest(vector, 3) == found


def test_no_text_is_left_in_chromas_files(library: Library) -> None:
    (library.settings.documents / "a.txt").write_text("비밀문장하나 이다.\n", encoding="utf-8")
    library.sync()
    library.vectors.close()
    files = [f for f in library.settings.data.glob("chroma-*/**/*") if f.is_file()]
    assert files and not any("비밀문장하나".encode() in f.read_bytes() for f in files)


def test_a_second_process_is_refused_by_name(library: Library) -> None:
    start = time.monotonic()
    code = f"from rag.ingest.library import Library; from rag.config import Settings; Library(Settings.load(data={str(library.settings.data)!r}), None)"
    ran = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert f"in use by process {os.getpid()}" in ran.stderr
    assert time.monotonic() - start < 30


def test_documents_are_listed_while_another_process_has_the_folder(
    library: Library, capsys: pytest.CaptureFixture[str]
) -> None:
    data, documents = library.settings.data, library.settings.documents
    (documents / "a.txt").write_text(TEXT, encoding="utf-8")
    (documents / "b.pdf").write_bytes(b"%PDF-1.7 garbage")
    library.sync()
    command = [sys.executable, "-m", "rag", "documents", "--json"]
    where = ["--documents", str(documents), "--data", str(data)]
    before = {file: file.read_bytes() for file in data.rglob("catalogue*") if file.suffix != ".sqlite-shm"}
    with library.catalogue._database.writing() as db:  # in the middle of a change, that is not seen yet
        db.execute("DELETE FROM documents")
        ran = subprocess.run([*command, *where], cwd=ROOT, capture_output=True, text=True)
        db.execute("ROLLBACK")
        db.execute("BEGIN")
    rows = [json.loads(line) for line in ran.stdout.splitlines()]
    assert [(row["path"], row["status"]) for row in rows] == [("a.txt", "ready"), ("b.pdf", "failed")]
    assert [row["chunks"] for row in rows] == [1, 0]
    assert before == {file: file.read_bytes() for file in before}
    assert main(["search", "도서관", *where]) == 1
    assert f"process {os.getpid()}" in (said := capsys.readouterr().err) and "page" in said


def test_a_catalogue_beside_that_cannot_be_listed_is_said(library: Library, tmp_path: Path) -> None:
    file = library.settings.data / "catalogue.sqlite"
    assert documents_beside(file) == library.documents() == []
    assert documents_beside(tmp_path / "none.sqlite") == []
    library.catalogue._rows("PRAGMA user_version = 99")
    with pytest.raises(LibraryError, match="another version"):
        documents_beside(file)
    (tmp_path / "bad.sqlite").write_bytes(b"nothing of the kind" * 500)
    with pytest.raises(LibraryError, match="damaged"):
        documents_beside(tmp_path / "bad.sqlite")
    assert not (tmp_path / "none.sqlite").exists()


def test_a_damaged_catalogue_is_named(settings: Settings) -> None:
    settings.data.mkdir()
    (settings.data / "catalogue.sqlite").write_bytes(b"SQLite format 3\x00" + b"\xff" * 5000)
    with pytest.raises(LibraryError, match=r"catalogue\.sqlite"):
        Library(settings, None)


def test_damage_that_nothing_outside_shows_is_named_where_it_is_met(settings: Settings) -> None:
    settings.documents.joinpath("a.txt").write_text(TEXT * 400, encoding="utf-8")
    library = Library(settings, None)
    library.sync()
    library.close()
    file = settings.data / "catalogue.sqlite"
    stat, data = file.stat(), file.read_bytes()
    file.write_bytes(data[:8192] + b"\xff" * (len(data) - 8192))
    os.utime(file, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    library = Library(settings, None)  # it looks as it was left, so it is not looked through
    with pytest.raises(
        LibraryError, match=r"catalogue\.sqlite is damaged \(.+\)\. Move it away and run: python -m rag sync"
    ):
        library.sync()
        HybridRetriever.over(library).find(Wording("도서관은 몇 시까지 여나요?"))
    library.close()
    with pytest.raises(LibraryError, match="is damaged"):  # and it is not trusted again
        Library(settings, None)


def test_closing_in_the_middle_of_other_threads_work_is_said(settings: Settings) -> None:
    """It was the end of the whole process: SQLite does not survive a connection that is closed while it is used."""
    settings.data.mkdir()
    said: list[str] = []

    def work(database: Database) -> None:
        try:
            while True:
                with database.reading() as db:
                    while True:
                        list(db.execute("SELECT * FROM meta"))
        except ClosedError as error:
            said.append(str(error))

    for n in range(10):
        database = Database(settings.data / f"{n}.sqlite")
        with database.writing() as db:
            db.executemany("INSERT INTO meta VALUES (?, ?)", [(str(i), "가" * 50) for i in range(2000)])
        threads = [threading.Thread(target=work, args=(database,)) for _ in range(3)]
        for thread in threads:
            thread.start()
        time.sleep(0.03)
        database.close()
        for thread in threads:
            thread.join(10)
        assert len(said) == 3 * (n + 1) and "was closed in the middle" in said[-1]


def test_a_catalogue_that_was_not_closed_is_looked_through(settings: Settings) -> None:
    library = Library(settings, None)
    library.sync()
    library.close()
    left = settings.data / "catalogue.sqlite.left"
    assert left.exists()
    library = Library(settings, None)
    assert not left.exists()  # until it is closed
    library.close()
    assert left.exists()
    with contextlib.closing(sqlite3.connect(settings.data / "catalogue.sqlite", isolation_level=None)) as db:
        db.execute("INSERT INTO meta VALUES ('somebody', 'else')")
    before = left.read_text(encoding="ascii")
    library = Library(settings, None)
    library.close()
    assert left.read_text(encoding="ascii") != before


def test_a_folder_that_is_not_there_is_named(settings: Settings) -> None:
    settings.documents.rmdir()
    library = Library(settings, None)
    with pytest.raises(LibraryError, match="--documents"):
        library.sync()
    library.close()


@pytest.mark.parametrize("delay_s", [0.3, 0.6, 0.9, 1.3, 1.8, 2.4, 3.0, 4.0])
def test_kill_in_the_middle_then_sync_reaches_the_ids_of_a_clean_run(tmp_path: Path, delay_s: float) -> None:
    documents = tmp_path / "documents"
    documents.mkdir()
    for n in range(40):
        (documents / f"{n:02}.txt").write_text(
            "".join(f"{n}번 계획의 {k}항은 예산이 {k * 7 + n}억 원이다.\n" for k in range(30)),
            encoding="utf-8",
        )
    script = (
        "import sys; sys.path.insert(0, 'tests'); from conftest import HashedEmbeddings; from rag.ingest.library import Library; from rag.config import Settings\n"
        "library = Library(Settings.load(documents=sys.argv[1], data=sys.argv[2]), HashedEmbeddings()); library.sync(); library.close()"
    )
    victim = subprocess.Popen(
        [sys.executable, "-c", script, documents, tmp_path / "killed"], cwd=ROOT, stderr=subprocess.DEVNULL
    )
    time.sleep(delay_s)
    victim.send_signal(signal.SIGKILL)
    victim.wait()
    ids, vectors = [], []
    for name in ("killed", "clean"):
        library = Library(Settings.load(documents=documents, data=tmp_path / name), HashedEmbeddings())
        for row in library.documents():  # wholly in or wholly out
            assert row.chunks > 0 and row.status == "ready"
        library.sync()
        ids.append(chunk_ids(library))
        assert library.embeddings is not None
        vectors.append(library.vectors.nearest(library.embeddings.query("예산"), 10))
        library.close()
    assert ids[0] == ids[1] and len(ids[0]) > 40
    assert set(vectors[0]) <= ids[0] and len(vectors[0]) == 10


def test_a_forgotten_document_leaves_no_byte_in_the_data_folder(settings: Settings) -> None:
    from rag.assistant import Assistant

    secret = settings.documents / "비밀.txt"
    secret.write_text("나무늘보작전의 예산은 77억 원이다. 다른 문장도 있다.\n", encoding="utf-8")
    (settings.documents / "남는 글.txt").write_text("도서관은 밤 10시까지 연다.\n", encoding="utf-8")
    assistant = Assistant(settings, HashedEmbeddings())
    library = assistant.library
    library.sync()
    library.catch_up()

    def traces() -> list[str]:
        words = ("나무늘보", "늘보", "77억", "비밀.txt")
        return [
            f"{file.name}: {word}"
            for file in settings.data.rglob("*")
            if file.is_file()
            for word in words
            if word.encode() in file.read_bytes()
        ]

    assert traces()
    with pytest.raises(LibraryError, match="still in the documents folder"):
        assistant.forget(["비밀.txt"])
    secret.unlink()
    assistant.forget(["비밀.txt"])
    assert traces() == []
    assert [row.path for row in library.documents()] == ["남는 글.txt"]
    assert (
        HybridRetriever.over(library).find(Wording("도서관은 몇 시까지")).hits
        and len(library.vectors.nearest(HashedEmbeddings().query("도서관"), 9)) == 1
    )
    assistant.close()


def tables(file: Path) -> dict[str, list[tuple[object, ...]]]:
    """Return the columns of each table and index of a file."""
    with contextlib.closing(sqlite3.connect(file)) as db:
        names = db.execute(
            "SELECT type, name FROM sqlite_master WHERE type IN ('table', 'index') AND name NOT LIKE 'sqlite_stat%'"
        ).fetchall()
        return {name: db.execute(f"PRAGMA {type}_info({name})").fetchall() for type, name in names}


def make_old(file: Path, version: int) -> None:
    """Turn a catalogue with one document of one page into an older one: without labels of pages; without pages that
    are pictures; without coverage; words in tables of FTS5; no notes.
    """
    with contextlib.closing(sqlite3.connect(file)) as db:
        db.execute("DROP TABLE page_labels")
        if version < 5:
            db.execute("DROP TABLE scans")
        columns = [] if version >= 4 else ["coverage", "missing", *(["note"] if version == 1 else [])]
        for column in columns:
            db.execute(f"ALTER TABLE documents DROP COLUMN {column}")
        db.execute(f"PRAGMA user_version = {version}")
        db.commit()
        if version >= 3:
            return
        db.executescript(
            """DROP TABLE postings; DROP TABLE unmirrored; ALTER TABLE chunks ADD COLUMN window INTEGER NOT NULL DEFAULT 1; CREATE INDEX chunks_window ON chunks (window);
            ALTER TABLE vectors RENAME TO later;
            CREATE TABLE vectors (text_key TEXT NOT NULL, model TEXT NOT NULL, vector BLOB NOT NULL, PRIMARY KEY (text_key, model)) WITHOUT ROWID;
            INSERT INTO vectors SELECT text_key, model, vector FROM later; DROP TABLE later;
            CREATE VIRTUAL TABLE words USING fts5 (body, context, tokenize = "unicode61 remove_diacritics 0");
            CREATE VIRTUAL TABLE windows USING fts5 (body, context, tokenize = "unicode61 remove_diacritics 0");
            CREATE VIRTUAL TABLE vocabulary USING fts5vocab (words, row);"""
        )
        rows = db.execute(
            "SELECT number, substr(text, start + 1, end - start), title FROM chunks c JOIN documents d ON d.id = c.document_id"
        ).fetchall()
        words = [
            (number, " ".join(morphemes(text)), " ".join(morphemes(title))) for number, text, title in rows
        ]
        db.executemany("INSERT INTO words (rowid, body, context) VALUES (?,?,?)", words)
        db.execute(
            "INSERT INTO windows (rowid, body, context) VALUES (1,?,?)",
            (" ".join(body for _, body, _ in words), words[0][2]),
        )
        db.commit()


@pytest.mark.parametrize("version", [1, 2, 3, 4, 5])
def test_a_catalogue_of_an_older_version_is_copied_and_brought_up_to_date(
    settings: Settings, version: int
) -> None:
    (settings.documents / "a.txt").write_text(TEXT, encoding="utf-8")
    library = Library(settings, HashedEmbeddings())
    library.sync()
    ids, ranking = chunk_ids(library), library.catalogue.rank(["도서관", "예산"], 9)
    library.close()
    file = settings.data / "catalogue.sqlite"
    new = tables(file)
    make_old(file, version)
    assert tables(file) != new
    library = Library(settings, HashedEmbeddings())
    assert tables(file) == new
    copy = settings.data / f"catalogue.v{version}.sqlite"
    with contextlib.closing(sqlite3.connect(copy)) as db:
        assert db.execute("PRAGMA user_version").fetchone() == (version,) and db.execute(
            "SELECT COUNT(*) FROM chunks"
        ).fetchone() == (len(ids),)
    assert chunk_ids(library) == ids
    known = 1.0 if version > 3 else None
    assert [(row.note, row.coverage, row.missing) for row in library.documents()] == [((), known, {})]
    assert (
        statuses(library) == {"a.txt": "unchanged"} and library.embeddings and not library.embeddings.embedded
    )
    assert ranking.chunks and library.catalogue.rank(["도서관", "예산"], 9) == ranking
    library.forget([])
    assert not copy.exists()
    library.close()


def test_a_catalogue_of_a_later_version_is_left_alone(settings: Settings) -> None:
    Library(settings, HashedEmbeddings()).close()
    file = settings.data / "catalogue.sqlite"
    with contextlib.closing(sqlite3.connect(file)) as db:
        db.execute("PRAGMA user_version = 99")
    with pytest.raises(LibraryError, match=r"another version of this program \(99\)"):
        Library(settings, HashedEmbeddings())


def test_a_clock_set_back_loses_nothing(library: Library) -> None:
    file = library.settings.documents / "a.txt"
    file.write_text(TEXT, encoding="utf-8")
    os.utime(file, (4e9, 4e9))
    assert statuses(library) == {"a.txt": "added"}
    file.write_text(TEXT.replace("12곳", "19곳"), encoding="utf-8")  # the same size, an earlier time
    os.utime(file, (1e9, 1e9))
    assert statuses(library) == {"a.txt": "updated"}
    assert (
        HybridRetriever.over(library)
        .find(Wording("도서관 19곳"))
        .hits[0]
        .chunk.text.startswith("시는 4월부터 도서관 19곳")
    )


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="needs file permissions")
def test_a_data_folder_that_is_read_only_is_named(settings: Settings) -> None:
    settings.data.mkdir()
    settings.data.chmod(0o500)
    try:
        script = "import sys; from rag.config import Settings; from rag.ingest.library import Library; from rag.errors import RagError\nimport os\n"
        script += "os.geteuid() == 0 and (os.setgroups([]), os.setgid(65534), os.setuid(65534))\n"  # root may write everywhere
        script += "try: Library(Settings.load(documents=sys.argv[1], data=sys.argv[2]), None)\nexcept RagError as error: print(error)"
        for folder in (settings.data, *settings.data.parents):
            if folder.stat().st_uid == os.geteuid() and folder != settings.data:
                folder.chmod(folder.stat().st_mode | 0o055)
            if folder.name.startswith("pytest-of"):
                break
        done = subprocess.run(
            [sys.executable, "-c", script, settings.documents, settings.data],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert "cannot be written" in done.stdout and str(settings.data) in done.stdout, (
            done.stdout + done.stderr
        )
    finally:
        settings.data.chmod(0o700)


def test_words_that_were_searched_before_are_followed(library: Library) -> None:
    folder, catalogue = library.settings.documents, library.catalogue
    (folder / "a.txt").write_text(TEXT, encoding="utf-8")
    library.sync()
    assert len(catalogue.rank(["예산"], 9).chunks) == 1 and not catalogue.rank(["공원"], 9).chunks
    (folder / "b.txt").write_text("공원 예산은 3억 원이다.", encoding="utf-8")
    library.sync()
    assert len(catalogue.rank(["예산"], 9).chunks) == 2 and len(catalogue.rank(["공원"], 9).chunks) == 1
    (folder / "b.txt").write_text("버스 예산은 3억 원이다.", encoding="utf-8")
    (folder / "a.txt").unlink()
    library.sync()
    assert len(catalogue.rank(["예산"], 9).chunks) == 1 and not catalogue.rank(["공원", "도서관"], 9).chunks
    assert catalogue.rarity(["예산"])["예산"] < catalogue.rarity(["도서관"])["도서관"]


def in_chroma(library: Library) -> dict[str, int]:
    got = library.vectors.open()._collection.get(include=["metadatas"])
    return {id: meta["document_id"] for id, meta in zip(got["ids"], got["metadatas"], strict=True)}


def test_chroma_follows_what_changed_and_nothing_else(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, catalogue = library.settings.documents, library.catalogue
    for name in "abc":
        (folder / f"{name}.txt").write_text(f"{name}시의 예산은 {ord(name)}억 원이다.", encoding="utf-8")
    library.sync()
    assert (
        in_chroma(library) == catalogue.embedded("hashed")
        and len(in_chroma(library)) == 3
        and not catalogue.unmirrored()
    )
    monkeypatch.setattr(library.vectors, "_fill", None)  # all of it is not compared again
    (folder / "a.txt").write_text("a시의 예산은 5억 원이다.", encoding="utf-8")
    (folder / "b.txt").unlink()
    (folder / "d.txt").write_text("c시의 예산은 99억 원이다. ", encoding="utf-8")
    library.sync()
    assert (
        in_chroma(library) == catalogue.embedded("hashed")
        and len(in_chroma(library)) == 3
        and not catalogue.unmirrored()
    )


def test_chroma_follows_after_an_end_between_the_two(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, catalogue = library.settings.documents, library.catalogue
    (folder / "a.txt").write_text(TEXT, encoding="utf-8")
    library.sync()
    (folder / "a.txt").write_text(TEXT.replace("12곳", "15곳"), encoding="utf-8")
    with monkeypatch.context() as patch:
        patch.setattr(library.vectors, "reconcile", lambda: None)
        library.sync()
    assert in_chroma(library) != catalogue.embedded("hashed") and catalogue.unmirrored()
    library.vectors.close()
    library.vectors.reconcile()
    assert in_chroma(library) == catalogue.embedded("hashed") and not catalogue.unmirrored()


def test_chroma_holds_the_leading_components_and_the_catalogue_tells_how_near(library: Library) -> None:
    words = "도서관 버스 공원 학교 병원 시장".split()
    for n, word in enumerate(words):
        (library.settings.documents / f"{n}.txt").write_text(
            f"{word} 예산은 {n}억 원으로 정했다.", encoding="utf-8"
        )
    library.sync()
    found = HybridRetriever.over(library).find(Wording("버스 예산"))
    assert library.embeddings is not None and library.embeddings.leading == 0
    library.close()

    def dimension(library: Library) -> int:
        return int(library.vectors.open()._collection.get(include=["embeddings"])["embeddings"].shape[1])

    for leading, folder in ((16, "chroma-2"), (16, "chroma-2"), (0, "chroma-3")):
        embeddings = HashedEmbeddings()
        embeddings.leading = leading
        library = Library(library.settings, embeddings)
        library.catch_up()
        assert HybridRetriever.over(library).find(Wording("버스 예산")) == found
        assert (
            dimension(library) == (leading or 32)
            and len(in_chroma(library)) == len(words)
            and not embeddings.embedded
        )
        assert [f.name for f in library.settings.data.glob("chroma-*")] == [folder]
        library.close()


@pytest.mark.skipif(os.name == "nt", reason="links need a right of their own there")
def test_links_that_leave_the_documents_folder_are_not_read_and_loops_end(
    library: Library, tmp_path: Path
) -> None:
    folder, outside = library.settings.documents, tmp_path / "outside"
    outside.mkdir()
    (outside / "비밀.txt").write_text("밖의 글은 나무늘보작전이다.\n", encoding="utf-8")
    (folder / "안").mkdir()
    (folder / "안" / "a.txt").write_text(TEXT, encoding="utf-8")
    (folder / "b.txt").symlink_to(folder / "안" / "a.txt")  # stays inside
    (folder / "file.txt").symlink_to(outside / "비밀.txt")
    (folder / "over.txt").symlink_to(folder / "안" / "hop")
    (folder / "안" / "hop").symlink_to("../../outside/비밀.txt")  # only the second step leaves
    (folder / "folder").symlink_to(outside)
    (folder / "folder.pdf").symlink_to(outside)
    (folder / "안" / "round").symlink_to(folder)
    (folder / "round.txt").symlink_to("round.txt")
    assert statuses(library) == {"b.txt": "added", "안/a.txt": "added", "round.txt": "failed"}
    assert set(snapshot(folder)) == {"b.txt", "안/a.txt"}
    assert not library.catalogue.rank(["나무늘보작전", "나무", "늘보"], 9).chunks
    (folder / "b.txt").unlink()
    (folder / "b.txt").symlink_to(outside / "비밀.txt")  # a document that was read becomes a link out
    assert statuses(library)["b.txt"] == "removed"
    with pytest.raises(LibraryError, match="not in the documents folder"):
        file_of(folder, "b.txt")


@pytest.mark.skipif(os.name == "nt", reason="links need a right of their own there")
def test_the_documents_folder_itself_may_be_a_link(settings: Settings, tmp_path: Path) -> None:
    (settings.documents / "a.txt").write_text(TEXT, encoding="utf-8")
    (tmp_path / "link").symlink_to(settings.documents)
    library = Library(settings.changed(documents=tmp_path / "link"), HashedEmbeddings())
    assert statuses(library) == {"a.txt": "added"}
    assert file_of(library.settings.documents, "a.txt").read_text(encoding="utf-8") == TEXT
    library.close()
