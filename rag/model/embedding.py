"""LangChain Embeddings over a local SentenceTransformer, which runs in a process of its own
(`rag.model.encoder`), where passages are read, too.

EmbeddingGemma wants its own prompts (a query and a document are told apart by them); other models get the
prompts that their folder defines, or none. Its vectors are nested: the first components make a smaller
vector by themselves.
"""

from __future__ import annotations

import base64
from collections.abc import Generator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from langchain_core.embeddings import Embeddings
from numpy.typing import NDArray

from rag.caches import remember
from rag.errors import ModelError
from rag.processes import Ended, Service
from rag.root import ROOT

LEADING = 256  # of EmbeddingGemma's 768
SHORT_TEXTS = 4000  # of which the vectors are remembered: 12 MB
RECENT = 4  # questions whose vectors are remembered
PATIENCE_S = 600  # for loading, for a batch, or for all passages of a question, on the slowest machine
READER = (
    ROOT / "models" / "reader" / "reader.safetensors"
)  # the evidence model's weights beside EmbeddingGemma's own


class Readable(NamedTuple):
    """A passage to be read: what stands above it, its text, and (start, end) in that of each sentence, and
    of further spans, such as a table's cells.
    """

    context: str
    text: str
    sentences: Sequence[tuple[int, int]]
    spans: Sequence[tuple[int, int]] = ()


class LocalEmbeddings(Embeddings):
    """Vectors of unit length from a local model; loaded on first use, safe to call from several threads.

    Args:
        folder: a sentence-transformers folder.
        name: what the vectors are called in the index, so that those of another model never mix with them.

    Attributes:
        leading: components that are enough to find near vectors, 0 for all (Matryoshka representation
            learning, Kusupati et al. 2022).
    """

    def __init__(self, folder: Path, name: str) -> None:
        self.folder, self.name = folder, name
        self._is_gemma = "embeddinggemma" in f"{folder.name} {name}".lower()
        self.leading = LEADING if self._is_gemma else 0
        self._query = remember(RECENT)(self._embed)
        self._short: dict[str, NDArray[np.float32]] = {}
        self._service = Service(
            "rag.model.encoder", str(folder.resolve()), str(READER), patience_s=PATIENCE_S
        )

    def begin(self) -> None:
        """Begin to load the model, without waiting for it."""
        self._service.begin()

    def warm_up(self) -> None:
        """Load the model and run it once, which the first question would otherwise wait for. Raises
        ModelError.
        """
        self.query("준비")

    def close(self) -> None:
        """Free the model's memory; the next call loads it again."""
        self._service.close()

    def end(self) -> None:
        """Free the model's memory at once and for good: who waits for it, and whoever comes later, gets a
        ClosedError.
        """
        self._service.end()

    def vectors(self, texts: Sequence[str], titles: Sequence[str] | None = None) -> NDArray[np.float32]:
        """Embed passages; a question's turn comes first.

        Args:
            texts: the passages. titles: what stands above each, "" for none.
        Returns: (n_texts, dim) float32, unit length.
        """
        prompted = [
            f"title: {title or 'none'} | text: {text}"
            for text, title in zip(texts, titles or [""] * len(texts), strict=True)
        ]
        return self._encode(prompted if self._is_gemma else list(texts), urgent=False)

    def query(self, text: str) -> NDArray[np.float32]:
        """Embed a question: (dim,) float32, unit length. The last few are remembered."""
        return self._query(text)

    def similarity(self, question: str, texts: Sequence[str]) -> list[float]:
        """Return how near a question is to short texts such as headers: cosines, -1 to 1. The last texts are
        remembered. Raises ModelError.
        """
        new = [text for text in dict.fromkeys(texts) if text not in self._short]
        if len(self._short) + len(new) > SHORT_TEXTS:
            self._short.clear()
            new = list(dict.fromkeys(texts))
        prompted = [f"title: none | text: {text}" if self._is_gemma else text for text in new]
        self._short.update(zip(new, self._encode(prompted, urgent=True), strict=True))
        asked = self.query(question)
        return [float(self._short[text] @ asked) for text in texts]

    @property
    def can_read(self) -> bool:
        """True for EmbeddingGemma, beside whose weights all that is learned here was trained."""
        return self._is_gemma

    def _embed(self, text: str) -> NDArray[np.float32]:
        prompted = f"task: search result | query: {text}" if self._is_gemma else text
        vector: NDArray[np.float32] = self._encode([prompted], urgent=True)[0]
        return vector

    def read(self, question: str, passages: Sequence[Readable]) -> Generator[dict[str, Any], None, None]:
        """Read passages for a question, and yield of each in order the fields of
        `rag.model.evidence_model.Scores`. Nobody else is served until the last was taken, or the iterator
        closed.

        Raises: ModelError, also with another model than EmbeddingGemma, beside whose weights alone the
        evidence model was trained.
        """
        self._must_read()
        request = {
            "question": question,
            "passages": [
                {**one._asdict(), "sentences": list(one.sentences), "spans": list(one.spans)}
                for one in passages
            ],
        }
        try:
            last = yield from self._service.stream(request)
        except Ended as ended:
            raise ModelError("embedding-ended", reason=ended) from None
        self._checked(last)

    def prepare(self, context: str, text: str) -> bool:
        """Begin to read a passage before there is a question; after whatever is urgent. Returns False where
        that was done before. Raises ModelError.
        """
        self._must_read()
        return bool(self._ask({"context": context, "text": text}, urgent=False)["new"])

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """LangChain's contract: embed passages without titles."""
        result: list[list[float]] = self.vectors(texts).tolist()
        return result

    def embed_query(self, text: str) -> list[float]:
        """LangChain's contract: embed a question."""
        result: list[float] = self.query(text).tolist()
        return result

    def _must_read(self) -> None:
        if not self._is_gemma:
            raise ModelError("embedding-not-gemma", name=self.name)

    def _encode(self, texts: list[str], urgent: bool) -> NDArray[np.float32]:
        if not texts:
            return np.zeros((0, 0), np.float32)
        answer = self._ask({"texts": texts}, urgent)
        return np.frombuffer(base64.b64decode(answer["vectors"]), "<f4").reshape(len(texts), -1)

    def _ask(self, request: dict[str, Any], urgent: bool) -> dict[str, Any]:
        """Return the process's answer. Raises ModelError."""
        try:
            answer = self._service.ask(request, urgent=urgent)
        except Ended as ended:
            raise ModelError("embedding-ended", reason=ended) from None
        return self._checked(answer)

    def _checked(self, answer: dict[str, Any]) -> dict[str, Any]:
        """Return an answer. Raises ModelError: it is that something went wrong."""
        if "unloaded" in answer:
            raise ModelError("embedding-unloaded", folder=self.folder, reason=answer["unloaded"])
        if "error" in answer:
            raise ModelError("embedding-failed", reason=answer["error"])
        return answer
