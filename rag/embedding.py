"""LangChain Embeddings over a local SentenceTransformer, tuned for a CPU.

EmbeddingGemma wants its own prompts (a query and a document are told apart by them); other models get the prompts that their
folder defines, or none. Texts are sorted by length and run in small batches, because padding is the greatest waste on a CPU;
weights are held as bfloat16 where the processor has instructions for it.
"""

from __future__ import annotations

import contextlib
import logging
import os
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from langchain_core.embeddings import Embeddings
from numpy.typing import NDArray

from rag.errors import ModelError

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

log = logging.getLogger(__name__)
BATCH = 8  # larger batches pad more, which costs more than they save on a CPU
MAX_TOKENS = 512  # a chunk of 300 characters has about 150


class LocalEmbeddings(Embeddings):
    """Vectors of unit length from a local model; loaded on first use, safe to call from several threads.

    Args:
        folder: a sentence-transformers folder.
        name: what the vectors are called in the index, so that those of another model never mix with them.
    """

    def __init__(self, folder: Path, name: str) -> None:
        self.folder, self.name = folder, name
        self._model: SentenceTransformer | None = None
        self._lock = threading.Lock()

    def warm_up(self) -> None:
        """Load the model and run it once, which the first question would otherwise wait for. Raises ModelError."""
        self.query("준비")

    def vectors(self, texts: Sequence[str], titles: Sequence[str] | None = None) -> NDArray[np.float32]:
        """Embed passages.

        Args:
            texts: the passages. titles: what stands above each, "" for none.
        Returns: (n_texts, dim) float32, unit length.
        """
        prompted = [f"title: {title or 'none'} | text: {text}" for text, title in zip(texts, titles or [""] * len(texts), strict=True)]
        return self._encode(prompted if self._prompts() else list(texts), "passage")

    def query(self, text: str) -> NDArray[np.float32]:
        """Embed a question: (dim,) float32, unit length."""
        prompted = f"task: search result | query: {text}" if self._prompts() else text
        vector: NDArray[np.float32] = self._encode([prompted], "query")[0]
        return vector

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """LangChain's contract: embed passages without titles."""
        result: list[list[float]] = self.vectors(texts).tolist()
        return result

    def embed_query(self, text: str) -> list[float]:
        """LangChain's contract: embed a question."""
        result: list[float] = self.query(text).tolist()
        return result

    def _prompts(self) -> bool:
        return "embeddinggemma" in self.folder.name.lower() or "embeddinggemma" in self.name.lower()

    def _encode(self, texts: list[str], kind: str) -> NDArray[np.float32]:
        with self._lock:
            model = self._load()
            encode: Any = model.encode
            vectors = encode(texts, batch_size=BATCH, normalize_embeddings=True, convert_to_numpy=True, show_progress_bar=False)
        return np.asarray(vectors, dtype=np.float32)

    def _load(self) -> SentenceTransformer:
        if self._model is None:
            os.environ["HF_HUB_OFFLINE"] = "1"  # everything is local; a look at a hub would hang without a network
            os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
            try:
                import torch
                from sentence_transformers import SentenceTransformer
                from transformers.utils import logging as transformers_logging

                transformers_logging.disable_progress_bar()

                half = torch.cuda.is_available() or _has_bfloat16()
                self._model = SentenceTransformer(str(self.folder), local_files_only=True, model_kwargs={"dtype": torch.bfloat16 if half else torch.float32})
            except (OSError, ValueError, KeyError, ImportError, RuntimeError) as error:
                raise ModelError(f"The embedding model in {self.folder} could not be loaded ({error}). Run: python -m rag models verify") from error
            self._model.max_seq_length = min(self._model.max_seq_length or MAX_TOKENS, MAX_TOKENS)
            self._model.eval()
            log.info("embedding model %s loaded", self.name)
        return self._model


def _has_bfloat16() -> bool:
    """True where the CPU multiplies bfloat16 by itself (AVX512-BF16 or AMX); emulated it is slower than float32."""
    with contextlib.suppress(OSError):
        return any(flag in Path("/proc/cpuinfo").read_text() for flag in ("avx512_bf16", "amx_bf16", "bf16"))
    return False
