"""Conversations kept on this computer: data/conversations.sqlite3, read by nobody but the page, off with
RAG_KEEP_CONVERSATIONS=0.

A turn is an Answer as JSON. Each conversation belongs to a person (`owner`, "" where nobody signs in), who
alone sees it.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rag.errors import ClosedError, LibraryError
from rag.types import Answer, Chunk, Citation, Hit, Sentence, Status, Timings

FILE = "conversations.sqlite3"
TITLE_CHARS = 60
_SCHEMA = """
CREATE TABLE IF NOT EXISTS conversations(id INTEGER PRIMARY KEY, owner TEXT NOT NULL, title TEXT NOT NULL, updated REAL NOT NULL);
CREATE TABLE IF NOT EXISTS turns(conversation INTEGER NOT NULL REFERENCES conversations(id) ON DELETE CASCADE, number INTEGER NOT NULL,
    answer TEXT NOT NULL, verdict TEXT NOT NULL DEFAULT '', why TEXT NOT NULL DEFAULT '', PRIMARY KEY(conversation, number));
"""


@dataclass(frozen=True, slots=True)
class ConversationRow:
    """A conversation as it is listed. `updated` is in seconds since 1970, `turns` counts."""

    id: int
    title: str
    updated: float
    turns: int


def forget_kept(data: Path, paths: Sequence[str]) -> None:
    """Remove from a data folder every turn that holds words of these documents, where any are kept."""
    if (data / FILE).exists():
        with contextlib.closing(Conversations(data / FILE)) as conversations:
            conversations.forget(paths)


class Conversations:
    """The SQLite file. One connection, shared by the page's threads, one at a time.

    Raises:
        LibraryError: the file is damaged or cannot be written.
    """

    def __init__(self, file: Path) -> None:
        self.file = file
        self._turn = threading.RLock()
        self._closed = False
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            self._connection = sqlite3.connect(file, check_same_thread=False, isolation_level=None)
            self._connection.executescript(
                "PRAGMA journal_mode=WAL; PRAGMA foreign_keys=ON; PRAGMA secure_delete=ON;" + _SCHEMA
            )
        except (sqlite3.Error, OSError) as error:
            raise LibraryError("conversations-unopened", file=file, reason=error) from error

    def close(self) -> None:
        """Close the file; whoever comes later gets a ClosedError."""
        with self._turn:
            self._closed = True
            self._connection.close()

    def add(self, conversation: int | None, turn: int, answer: Answer, owner: str = "") -> int:
        """Keep an answer as turn `turn` (from 0) and drop the turns after it, which a retry or an edit made
        void.

        Args: conversation: None begins a new one, named after its first question.
        Returns: the conversation's id.
        """
        with self._writing() as db:
            if conversation is None or not self._owns(conversation, owner):
                row = db.execute(
                    "INSERT INTO conversations(owner, title, updated) VALUES(?, ?, 0)",
                    (owner, answer.question[:TITLE_CHARS]),
                )
                conversation = int(row.lastrowid or 0)
            db.execute("DELETE FROM turns WHERE conversation = ? AND number >= ?", (conversation, turn))
            db.execute(
                "INSERT INTO turns(conversation, number, answer) VALUES(?, ?, ?)",
                (conversation, turn, json.dumps(asdict(answer), ensure_ascii=False)),
            )
            db.execute("UPDATE conversations SET updated = ? WHERE id = ?", (time.time(), conversation))
            return conversation

    def rows(self, search: str = "", owner: str = "") -> list[ConversationRow]:
        """List a person's conversations, the newest first; `search`: only those that hold these letters in a
        question or an answer.
        """
        with self._exclusive() as db:
            rows = db.execute(
                """SELECT c.id, c.title, c.updated, (SELECT COUNT(*) FROM turns t WHERE t.conversation = c.id) FROM conversations c
                WHERE c.owner = ?1 AND (?2 = '' OR instr(lower(c.title), ?2) OR EXISTS(SELECT 1 FROM turns t WHERE t.conversation = c.id AND
                instr(lower(json_extract(t.answer, '$.question') || ' ' || json_extract(t.answer, '$.text')), ?2)))
                ORDER BY c.updated DESC""",
                (owner, search.strip().lower()),
            ).fetchall()
        return [ConversationRow(*row) for row in rows]

    def answers(self, conversation: int, owner: str = "") -> list[Answer]:
        """Return the turns of a conversation in order; [] where it is not this person's."""
        with self._exclusive() as db:
            if not self._owns(conversation, owner):
                return []
            rows = db.execute(
                "SELECT answer FROM turns WHERE conversation = ? ORDER BY number", (conversation,)
            ).fetchall()
        return [answer_of(json.loads(row[0])) for row in rows]

    def rename(self, conversation: int, title: str, owner: str = "") -> None:
        """Give a conversation another name; an empty one is ignored."""
        if title.strip():
            with self._writing() as db:
                db.execute(
                    "UPDATE conversations SET title = ? WHERE id = ? AND owner = ?",
                    (title.strip()[:TITLE_CHARS], conversation, owner),
                )

    def delete(self, conversation: int, owner: str = "") -> None:
        """Remove a conversation for good."""
        with self._writing() as db:
            db.execute("DELETE FROM conversations WHERE id = ? AND owner = ?", (conversation, owner))
        with self._exclusive() as db:
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def forget(self, paths: Sequence[str]) -> int:
        """Remove every turn that holds words of these documents. Returns how many went."""
        with self._writing() as db:
            void = _turns_of(db, paths)
            db.executemany("DELETE FROM turns WHERE conversation = ? AND number = ?", void)
            db.execute("DELETE FROM conversations WHERE id NOT IN (SELECT conversation FROM turns)")
        with self._exclusive() as db:
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return len(void)

    def count_of(self, paths: Sequence[str]) -> int:
        """Return how many conversations, of whomever, hold turns that `forget` would remove."""
        with self._exclusive() as db:
            return len({conversation for conversation, _ in _turns_of(db, paths)})

    def judge(self, conversation: int, turn: int, right: bool, why: str = "", owner: str = "") -> None:
        """Keep what a person thinks of an answer: right or wrong, and why."""
        with self._writing() as db:
            if self._owns(conversation, owner):
                verdict = "right" if right else "wrong"
                db.execute(
                    "UPDATE turns SET verdict = ?, why = ? WHERE conversation = ? AND number = ?",
                    (verdict, why.strip(), conversation, turn),
                )

    def judged(self, owner: str = "") -> Iterator[dict[str, Any]]:
        """Yield judged answers as rows of an evaluation file (see `rag.judging`), with `verdict`, `why` and
        the `answer` as it was given.

        Whether a question is `answerable` is told of right answers alone, and no row says what an answer
        must hold: that is for a person to add.
        """
        with self._exclusive() as db:
            rows = db.execute(
                """SELECT t.conversation, t.number, t.answer, t.verdict, t.why FROM turns t JOIN conversations c ON c.id = t.conversation
                WHERE c.owner = ? AND t.verdict <> '' ORDER BY t.conversation, t.number""",
                (owner,),
            ).fetchall()
        for conversation, turn, text, verdict, why in rows:
            answer = answer_of(json.loads(text))
            yield {
                "id": f"c{conversation}-{turn + 1}",
                "kind": "feedback",
                "question": answer.understood or answer.question,
                "answerable": not answer.refused if verdict == "right" else None,
                "paths": list(dict.fromkeys(c.path for c in answer.citations)),
                "verdict": verdict,
                "why": why,
                "answer": answer.text,
            }

    def _owns(self, conversation: int, owner: str) -> bool:
        return (
            self._connection.execute(
                "SELECT 1 FROM conversations WHERE id = ? AND owner = ?", (conversation, owner)
            ).fetchone()
            is not None
        )

    @contextlib.contextmanager
    def _exclusive(self) -> Iterator[sqlite3.Connection]:
        """The connection, for one thread at a time. Raises ClosedError."""
        with self._turn:
            if self._closed:
                raise ClosedError
            yield self._connection

    @contextlib.contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._exclusive() as db:
            try:
                db.execute("BEGIN IMMEDIATE")
                yield db
                db.execute("COMMIT")
            except BaseException as error:
                if db.in_transaction:
                    db.execute("ROLLBACK")
                if isinstance(error, sqlite3.Error):
                    raise LibraryError("conversation-not-kept", file=self.file, reason=error) from error
                raise


def answer_of(data: dict[str, Any]) -> Answer:
    """Make an Answer of `dataclasses.asdict(answer)`, also after a trip through JSON, and as earlier versions
    wrote it.
    """

    def sentences(key: str) -> tuple[Sentence, ...]:
        return tuple(Sentence(**{**s, "citations": tuple(s["citations"])}) for s in data[key])

    def citations(key: str) -> tuple[Citation, ...]:
        return tuple(
            Citation(**{**c, "cells": tuple(map(tuple, c.get("cells", ())))})  # none until 0.22.0
            for c in data[key]
        )

    def hit(h: dict[str, Any]) -> Hit:
        known = {key: value for key, value in h.items() if key != "coverage"}  # until 0.20.0
        return Hit(**{**known, "chunk": Chunk(**h["chunk"])})

    made = {
        "sentences": sentences("sentences"),
        "unconfirmed": sentences("unconfirmed"),
        "citations": citations("citations"),
        "nearest": citations("nearest"),
        "hits": tuple(hit(h) for h in data["hits"]),
        "timings": Timings(**data["timings"]),
    }
    if "refused" in data:  # written before 0.13.0
        data = {key: value for key, value in data.items() if key != "refused"} | {
            "status": "none" if data["refused"] else "answered"
        }
    return Answer(**{**data, **made, "status": Status(data["status"])})


def _turns_of(db: sqlite3.Connection, paths: Sequence[str]) -> list[tuple[int, int]]:
    """Return the turns that hold words of these documents: (conversation, number)."""
    rows = db.execute("SELECT conversation, number, answer FROM turns").fetchall()
    return [
        (conversation, number) for conversation, number, text in rows if set(paths) & _paths(json.loads(text))
    ]


def _paths(data: dict[str, Any]) -> set[str]:
    cited = [c["path"] for key in ("citations", "nearest") for c in data[key]]
    return {*cited, *(h["chunk"]["path"] for h in data["hits"])}
