"""Keep what the models said, so that the same question can be answered again, with other rules around it,
without running them.

What the evidence model makes of a passage, what the chat model writes and a question's vector depend on
their input and the weights alone. They are kept in one SQLite file under a hash of both; what is not kept is
run and added. Times of answers that were replayed mean nothing (`Kept.replayed`).
"""

from __future__ import annotations

import base64
import hashlib
import json
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from rag.answer import answering
from rag.answer.writing import Writer
from rag.assistant import Assistant
from rag.model.embedding import READER, Readable
from rag.types import Passage


class Kept:
    """What models said, by prompt; `replayed` counts what was not run again.

    Args:
        file: the SQLite file; several processes may share it.
    """

    def __init__(self, file: Path) -> None:
        self._connection = sqlite3.connect(file, timeout=60, isolation_level=None, check_same_thread=False)
        self._connection.execute("PRAGMA journal_mode=WAL")
        self._connection.execute("CREATE TABLE IF NOT EXISTS said (key TEXT PRIMARY KEY, value TEXT)")
        self.replayed = 0

    def get(self, *key: object) -> Any:
        """Return what was kept, None for nothing."""
        row = self._connection.execute("SELECT value FROM said WHERE key = ?", (_hash(key),)).fetchone()
        self.replayed += row is not None
        return json.loads(row[0]) if row else None

    def put(self, value: object, *key: object) -> None:
        """Keep a value that JSON can hold."""
        self._connection.execute(
            "INSERT OR REPLACE INTO said VALUES (?, ?)", (_hash(key), json.dumps(value, ensure_ascii=False))
        )

    def attach(self, assistant: Assistant) -> None:
        """Let an assistant ask here first."""
        embeddings, run = assistant.models.embeddings, assistant.models.embeddings.query

        def query(text: str) -> Any:
            if (kept := self.get("query", embeddings.name, text)) is not None:
                return np.frombuffer(base64.b64decode(kept), "<f4")
            vector = run(text)
            self.put(
                base64.b64encode(vector.astype("<f4").tobytes()).decode(), "query", embeddings.name, text
            )
            return vector

        embeddings.query = query  # type: ignore[method-assign]
        read, weights = embeddings.read, hashlib.sha256(READER.read_bytes()).hexdigest()

        def reading(question: str, passages: Sequence[Readable]) -> Iterator[Any]:
            keys = [
                ("read", weights, question, context, text, list(spans)) for context, text, spans in passages
            ]
            found = [self.get(*key) for key in keys]
            missing = [p for p, known in zip(passages, found, strict=True) if known is None]
            new = iter(list(read(question, missing)) if missing else [])
            for key, known in zip(keys, found, strict=True):
                if known is None:
                    self.put(known := next(new), *key)
                yield known

        embeddings.read = reading  # type: ignore[method-assign]
        kept = self

        class KeptWriter(Writer):
            """A writer that asks the file before the model."""

            def answer(self, excerpt: Passage) -> Iterator[str]:
                key = (
                    "answer",
                    self.chat.path.name,
                    [
                        m.content
                        for m in self.prompt.messages(self.question, excerpt.chunk.context, excerpt.text)
                    ],
                )
                pieces = kept.get(*key)
                if pieces is None:
                    pieces = []
                    for piece in super().answer(excerpt):
                        pieces.append(piece)
                        yield piece
                    kept.put(pieces, *key)
                    return
                yield from pieces

        answering.Writer = KeptWriter  # type: ignore[misc]


def _hash(key: Sequence[object]) -> str:
    return hashlib.sha256(json.dumps(key, ensure_ascii=False).encode()).hexdigest()
