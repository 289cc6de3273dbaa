"""Measure embedding: chunks a second against the library's plain way, and how near the vectors are.

    python benchmarks/embedding.py [--chunks 96]

Plain: sentence-transformers' defaults – float32, batches of 32, in the order given. Both ways get the same chunks with the same prompts, in turn, after one
warm-up each.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent))

from rag.config import Settings
from rag.embedding import LocalEmbeddings
from rag.index import Library, embedding_title
from rag.models import ModelStore


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--chunks", type=int, default=96)
    arguments = parser.parse_args()
    settings = Settings.load()
    folder = ModelStore(settings.models_dir).path(settings.embedding_model)
    with tempfile.TemporaryDirectory() as temporary:
        library = Library(Settings.load(data=Path(temporary)), None)
        library.sync()
        chunks = [c for row in library.documents() for c in library.catalogue.document_chunks(row.id)]
        library.close()
    chunks = (chunks * (arguments.chunks // len(chunks) + 1))[: arguments.chunks]
    texts, titles = [c.text for c in chunks], [embedding_title(c.title, c) for c in chunks]
    prompted = [f"title: {title} | text: {text}" for text, title in zip(texts, titles, strict=True)]

    import torch
    from sentence_transformers import SentenceTransformer

    plain_model = SentenceTransformer(str(folder), local_files_only=True, model_kwargs={"dtype": torch.float32})
    ours = LocalEmbeddings(folder, "embedding")
    plain_model.encode(prompted[:4])
    ours.vectors(texts[:4], titles[:4])
    start = time.perf_counter()
    plain = plain_model.encode(prompted, normalize_embeddings=True, show_progress_bar=False)
    plain_s = time.perf_counter() - start
    start = time.perf_counter()
    vectors = ours.vectors(texts, titles)
    ours_s = time.perf_counter() - start
    cosines = (plain * vectors).sum(axis=1)
    characters = np.mean([len(p) for p in prompted])
    print(f"{len(texts)} chunks of {characters:.0f} characters with their titles")
    print(f"chunks a second: plain {len(texts) / plain_s:.1f}, ours {len(texts) / ours_s:.1f}, ratio {plain_s / ours_s:.2f}")
    print(f"cosine to the plain vectors: median {np.median(cosines):.4f}, smallest {cosines.min():.4f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
