"""Vectors for chunks that have none: what the embedding model sees of each, and the loop that asks it."""

from __future__ import annotations

from collections.abc import Callable

from rag.ingest.splitting import Span
from rag.library.catalogue import Catalogue
from rag.model.embedding import LocalEmbeddings
from rag.types import Chunk, Progress

EMBED_BATCH = 16  # vectors made and kept at a time, about a second; an interrupted sync loses no more


def embedding_title(title: str, span: Span | Chunk) -> str:
    """Return what the embedding sees above a chunk: title, headings and caption."""
    return " > ".join(part for part in dict.fromkeys([title, span.heading, span.caption]) if part)


def vectorise(
    catalogue: Catalogue,
    embeddings: LocalEmbeddings,
    progress: Progress | None,
    between: Callable[[], None],
    stopped: Callable[[], bool],
) -> bool:
    """Give a vector to every chunk that has none, and keep it in the catalogue.

    Args:
        progress, between: see `rag.ingest.library.Library.sync`. stopped: asked before each batch; True ends
            the work.
    Returns: False where it was stopped before the end.
    """
    waiting = catalogue.without_vector(embeddings.name)  # by length, so that little is padded
    for i in range(0, len(waiting), EMBED_BATCH):
        if stopped():
            return False
        if progress:
            progress("embed", i, len(waiting))
        between()
        batch = list(catalogue.chunks(waiting[i : i + EMBED_BATCH]).values())
        vectors = embeddings.vectors([c.text for c in batch], [embedding_title(c.title, c) for c in batch])
        catalogue.add_vectors(embeddings.name, [c.id for c in batch], vectors)
    if waiting and progress:
        progress("embed", len(waiting), len(waiting))
    return True
