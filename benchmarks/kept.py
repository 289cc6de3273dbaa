"""Keep what the models said, so that the same question can be answered again, with other rules around it, without running them.

A look (log P("없음")), an answer from a passage and a question's vector depend on their prompt and the model alone. They are kept in one
SQLite file under a hash of both; what is not kept is run and added. Times of answers that were replayed mean nothing (`Kept.replayed`).
"""

from __future__ import annotations

import base64
import hashlib
import json
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from rag import assistant as assistant_module
from rag.assistant import Assistant
from rag.generation import LlamaChat
from rag.prompting import ReadingPrompt
from rag.reading import Counts, Look, Reader
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
        self._connection.execute("INSERT OR REPLACE INTO said VALUES (?, ?)", (_hash(key), json.dumps(value, ensure_ascii=False)))

    def attach(self, assistant: Assistant) -> None:
        """Let an assistant ask here first."""
        embeddings, run = assistant.embeddings, assistant.embeddings.query

        def query(text: str) -> Any:
            if (kept := self.get("query", embeddings.name, text)) is not None:
                return np.frombuffer(base64.b64decode(kept), "<f4")
            vector = run(text)
            self.put(base64.b64encode(vector.astype("<f4").tobytes()).decode(), "query", embeddings.name, text)
            return vector

        embeddings.query = query  # type: ignore[method-assign]
        kept = self

        class KeptReader(Reader):
            """A reader that asks the file before the model."""

            def __init__(self, chat: LlamaChat, prompt: ReadingPrompt, question: str, cancelled: Callable[[], bool] = lambda: False) -> None:
                self.chat, self.prompt, self.question, self.cancelled, self.counts = chat, prompt, question, cancelled, Counts()
                self._ready = False

            def _begin(self) -> None:
                if not self._ready:  # the model is loaded only where something was not kept
                    self._none, self._ready = self.chat.engine().tokenize(self.prompt.none)[0], True

            def _key(self, kind: str, passage: Passage) -> Sequence[object]:
                return kind, self.chat.path.name, [m.content for m in self.prompt.messages(self.question, passage.chunk.context, passage.text)]

            def look(self, passage: Passage) -> Look:
                if (none := kept.get(*self._key("look", passage))) is None:
                    self._begin()
                    none = super().look(passage).none
                    kept.put(none, *self._key("look", passage))
                return Look(passage, none)

            def answer(self, passage: Passage) -> Iterator[str]:
                pieces = kept.get(*self._key("answer", passage))
                if pieces is None:
                    self._begin()
                    pieces = []
                    for piece in super().answer(passage):
                        pieces.append(piece)
                        yield piece
                    kept.put(pieces, *self._key("answer", passage))
                    return
                yield from pieces

        assistant_module.Reader = KeptReader  # type: ignore[misc]


def _hash(key: Sequence[object]) -> str:
    return hashlib.sha256(json.dumps(key, ensure_ascii=False).encode()).hexdigest()
