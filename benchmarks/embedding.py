"""Measure embedding: chunks a second against the library's plain way, and how near the vectors are.

    python benchmarks/embedding.py [--chunks 96] [--rounds 3]

Plain: sentence-transformers' defaults – float32, batches of 32, in the order given. Ours: as a library gets
its vectors, by length and so many at a time. Both ways get the same chunks with the same prompts, in turn,
after one warm-up each; medians of the rounds. Before each turn the machine rests, because ours uses only the
cores that others leave free, and the plain way is another.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent))

from rag.config import Settings
from rag.ingest.library import Library
from rag.ingest.vectorise import EMBED_BATCH, embedding_title
from rag.model.embedding import LocalEmbeddings
from rag.model.tuning import LOOK_S
from rag.model.weights import ModelStore

REST_S = 3 * LOOK_S


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--chunks", type=int, default=96)
    parser.add_argument("--rounds", type=int, default=3)
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

    plain_model = SentenceTransformer(
        str(folder), local_files_only=True, model_kwargs={"dtype": torch.float32}
    )
    ours = LocalEmbeddings(folder, "embedding")
    order = sorted(range(len(texts)), key=lambda i: len(texts[i]))

    def plain_way() -> Any:
        return plain_model.encode(prompted, normalize_embeddings=True, show_progress_bar=False)

    def our_way() -> Any:
        made = np.zeros((len(texts), plain_model.get_embedding_dimension()), np.float32)
        for i in range(0, len(order), EMBED_BATCH):
            batch = order[i : i + EMBED_BATCH]
            made[batch] = ours.vectors([texts[j] for j in batch], [titles[j] for j in batch])
        return made

    plain_model.encode(prompted[:4])
    ours.vectors(texts[:4], titles[:4])
    rates: dict[str, list[float]] = {"plain": [], "ours": []}
    for _ in range(arguments.rounds):
        for way, embed in (("plain", plain_way), ("ours", our_way)):
            time.sleep(REST_S)
            start = time.perf_counter()
            made = embed()
            rates[way].append(len(texts) / (time.perf_counter() - start))
            if way == "plain":
                plain = made
            else:
                vectors = made
    ours.close()
    cosines = (plain * vectors).sum(axis=1)
    characters = np.mean([len(p) for p in prompted])
    print(f"{len(texts)} chunks of {characters:.0f} characters with their titles")
    rate = {way: statistics.median(found) for way, found in rates.items()}
    print(
        f"chunks a second: plain {rate['plain']:.1f}, ours {rate['ours']:.1f}, ratio "
        f"{rate['ours'] / rate['plain']:.2f}"
    )
    print(f"cosine to the plain vectors: median {np.median(cosines):.4f}, smallest {cosines.min():.4f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
