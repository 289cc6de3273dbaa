"""The embedding model itself, a SentenceTransformer, in a process of its own, see `rag.processes`; and the
evidence model, which shares its weights.

Importing torch and what sentence-transformers brings along is ten seconds of pure Python on a slow machine,
in which nothing else of the program would move; here that goes on beside the rest, and a crash takes nothing
with it. It is asked for the vectors of texts, or for the scores of a question and a passage
(`rag.model.evidence_model`).

Texts are sorted by length (by sentence-transformers) and run in small batches, because padding is the
greatest waste on a CPU; weights are held as bfloat16 where the processor has instructions for it.
"""

from __future__ import annotations

import base64
import contextlib
import os
import sys
from collections.abc import Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from rag.model.tuning import Neighbours
from rag.serving import requests

if TYPE_CHECKING:
    from rag.model.evidence_model import EvidenceModel

BATCH = 8  # larger batches pad more, which costs more than they save on a CPU
MAX_TOKENS = 512  # a chunk of 300 characters has about 150


class Encoder:
    """A loaded model. Raises what its libraries raise when the folder is none of theirs.

    Args:
        folder: of the model. reader: weights of the evidence model, loaded on first use.
    """

    def __init__(self, folder: Path, reader: Path | None = None) -> None:
        os.environ["HF_HUB_OFFLINE"] = (
            "1"  # everything is local; a look at a hub would hang without a network
        )
        os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
        import torch
        from sentence_transformers import SentenceTransformer
        from transformers.utils import logging

        logging.disable_progress_bar()
        self._on_gpu = torch.cuda.is_available()
        half = self._on_gpu or has_bfloat16()
        self.model = SentenceTransformer(
            str(folder),
            local_files_only=True,
            model_kwargs={"dtype": torch.bfloat16 if half else torch.float32},
        )
        self.model.max_seq_length = min(self.model.max_seq_length or MAX_TOKENS, MAX_TOKENS)
        self.model.eval()
        self._use_threads = torch.set_num_threads
        self._neighbours = Neighbours()
        self._reader_file = reader
        self._reader: EvidenceModel | None = None

    def read(
        self, question: str, passages: Sequence[dict[str, Any]]
    ) -> Generator[dict[str, Any], None, None]:
        """Read passages for a question, as many at once as there are cores, and yield of each in order the
        fields of `evidence_model.Scores`.

        Two threads on one passage are worth less than one on each of two: its matrices are small.

        Args:
            passages: each with "context", "text", "sentences" and "spans", (start, end) of each in the text.
        """
        model = self._evidence_model()
        asked = model.question(question)
        free = self._neighbours.free
        at_once = max(1, min(1 if self._on_gpu else free, len(passages)))
        each = free // at_once
        workers = ThreadPoolExecutor(at_once, initializer=lambda: self._use_threads(each))
        try:
            yield from workers.map(
                lambda one: asdict(
                    model.read(
                        asked,
                        one["context"],
                        one["text"],
                        [(a, b) for a, b in one["sentences"]],
                        [(a, b) for a, b in one["spans"]],
                    )
                ),
                passages,
            )
        finally:
            workers.shutdown(cancel_futures=True)

    def prepare(self, context: str, text: str) -> dict[str, Any]:
        """Begin to read a passage before there is a question; "new" tells whether that was to be done."""
        return {"new": self._evidence_model().prepare(context, text)}

    def _evidence_model(self) -> EvidenceModel:
        from rag.model.evidence_model import EvidenceModel

        self._use_threads(self._neighbours.free)
        if self._reader is None:
            if self._reader_file is None:
                raise FileNotFoundError("no evidence model was named")
            self._reader = EvidenceModel(self.model[0].auto_model, self.model.tokenizer).load(
                self._reader_file
            )
        return self._reader

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Embed texts, prompts included: (n_texts, dim) float32, unit length.

        With as many threads as others leave cores free: PyTorch's wait for each other without sleeping, so
        that one that has to share its core holds up all of them (`benchmarks/sharing.py`).
        """
        self._use_threads(self._neighbours.free)
        encode: Any = self.model.encode
        vectors = np.asarray(
            encode(list(texts), batch_size=BATCH, convert_to_numpy=True, show_progress_bar=False), np.float32
        )
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)  # the model's own are rounded to bfloat16
        np.divide(vectors, np.maximum(lengths, 1e-12), out=vectors)
        return vectors


def has_bfloat16() -> bool:
    """True where the CPU multiplies bfloat16 by itself (AVX512-BF16 or AMX); emulated it is slower than
    float32.
    """
    with contextlib.suppress(OSError):
        return any(flag in Path("/proc/cpuinfo").read_text() for flag in ("avx512_bf16", "amx_bf16", "bf16"))
    return False


def _serve(folder: Path, reader: Path) -> None:
    """The child: load, then embed or read what comes. What goes wrong is the answer; after a failed loading
    there is no other.
    """
    asking = requests()
    try:
        encoder = Encoder(folder, reader)
    except Exception as error:  # of many kinds: files, their JSON, torch's own
        next(asking).answer({"unloaded": f"{type(error).__name__}: {error}"})
        return
    for request in asking:
        asked = request.content
        try:
            if "question" in asked:
                with contextlib.closing(encoder.read(**asked)) as read:
                    for scores in read:
                        if request.cancelled():
                            break
                        request.part(scores)
                answer = {}
            elif "text" in asked:
                answer = encoder.prepare(**asked)
            else:
                vectors = encoder.encode(asked["texts"]).astype("<f4").tobytes()
                answer = {"vectors": base64.b64encode(vectors).decode()}
        except Exception as error:
            answer = {"error": f"{type(error).__name__}: {error}"}
        if request.cancelled():
            request.stopped()
        else:
            request.answer(answer)


if __name__ == "__main__":
    _serve(Path(sys.argv[1]), Path(sys.argv[2]))
