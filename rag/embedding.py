"""LangChain Embeddings over a local SentenceTransformer, which runs in a process of its own (`rag.encoder`).

EmbeddingGemma wants its own prompts (a query and a document are told apart by them); other models get the prompts that their
folder defines, or none. Its vectors are nested: the first components make a smaller vector by themselves.
"""

from __future__ import annotations

import base64
import logging
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from langchain_core.embeddings import Embeddings
from numpy.typing import NDArray

from rag.child import Child
from rag.errors import ModelError

log = logging.getLogger(__name__)
LEADING = 256  # of EmbeddingGemma's 768
PATIENCE_S = 600  # for loading, or for a batch, on the slowest machine


class LocalEmbeddings(Embeddings):
    """Vectors of unit length from a local model; loaded on first use, safe to call from several threads.

    Args:
        folder: a sentence-transformers folder.
        name: what the vectors are called in the index, so that those of another model never mix with them.

    Attributes:
        leading: components that are enough to find near vectors, 0 for all (Matryoshka representation learning, Kusupati et al. 2022).
    """

    def __init__(self, folder: Path, name: str) -> None:
        self.folder, self.name = folder, name
        self._is_gemma = "embeddinggemma" in f"{folder.name} {name}".lower()
        self.leading = LEADING if self._is_gemma else 0
        self._child: Child | None = None
        self._loaded = False
        self._lock = threading.Lock()

    def begin(self) -> None:
        """Begin to load the model, without waiting for it."""
        with self._lock:
            self._start()

    def warm_up(self) -> None:
        """Load the model and run it once, which the first question would otherwise wait for. Raises ModelError."""
        self.query("준비")

    def close(self) -> None:
        """Free the model's memory; the next call loads it again."""
        with self._lock:
            self._end()

    def vectors(self, texts: Sequence[str], titles: Sequence[str] | None = None) -> NDArray[np.float32]:
        """Embed passages.

        Args:
            texts: the passages. titles: what stands above each, "" for none.
        Returns: (n_texts, dim) float32, unit length.
        """
        prompted = [f"title: {title or 'none'} | text: {text}" for text, title in zip(texts, titles or [""] * len(texts), strict=True)]
        return self._encode(prompted if self._is_gemma else list(texts))

    def query(self, text: str) -> NDArray[np.float32]:
        """Embed a question: (dim,) float32, unit length."""
        prompted = f"task: search result | query: {text}" if self._is_gemma else text
        vector: NDArray[np.float32] = self._encode([prompted])[0]
        return vector

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """LangChain's contract: embed passages without titles."""
        result: list[list[float]] = self.vectors(texts).tolist()
        return result

    def embed_query(self, text: str) -> list[float]:
        """LangChain's contract: embed a question."""
        result: list[float] = self.query(text).tolist()
        return result

    def _encode(self, texts: list[str]) -> NDArray[np.float32]:
        if not texts:
            return np.zeros((0, 0), np.float32)
        with self._lock:
            child = self._start()
            if not self._loaded:
                if "error" in (answer := self._receive(child)):
                    self._end()
                    raise ModelError(f"The embedding model in {self.folder} could not be loaded ({answer['error']}). Run: python -m rag models verify")
                self._loaded = True
                log.info("embedding model %s loaded", self.name)
            child.send({"texts": texts})
            answer = self._receive(child)
        if "error" in answer:
            raise ModelError(f"The embedding model failed ({answer['error']}). Try again.")
        return np.frombuffer(base64.b64decode(answer["vectors"]), "<f4").reshape(len(texts), -1)

    def _start(self) -> Child:
        if self._child is None or not self._child.alive:
            self._end()
            self._child = Child("rag.encoder", str(self.folder.resolve()), own_session=True)
        return self._child

    def _receive(self, child: Child) -> dict[str, Any]:
        """Wait for an answer; a child that gives none is ended, and the next call starts another."""
        try:
            answer = child.receive(PATIENCE_S)
            ending = "" if answer is not None else child.ending()
        except TimeoutError:
            answer, ending = None, f"{PATIENCE_S} s"
        if answer is None:
            self._end()
            raise ModelError(f"The embedding model's process ended in the middle of its work ({ending}). Try again: it is started anew.")
        return answer

    def _end(self) -> None:
        if self._child is not None:
            self._child.close()
        self._child, self._loaded = None, False
