"""Passages: what the model reads, a chunk with its neighbours of the same section.

The same passages come out whatever was asked, so that what the evidence model has read once is
known again (`rag.model.evidence_model`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rag.library.catalogue import Catalogue
from rag.types import Chunk, DocumentStatus, Hit, Passage

PASSAGE_CHARS = 450  # short neighbouring chunks of a section are read together up to this length


def of_hits(catalogue: Catalogue, hits: Sequence[Hit]) -> list[Passage]:
    """Return the passages that the hits lie in, best first, each once."""
    passages: list[Passage] = []
    for hit in hits:
        chunk = hit.chunk
        if any(
            p.chunk.document_id == chunk.document_id and p.start <= chunk.start and chunk.end <= p.end
            for p in passages
        ):
            continue
        section = catalogue.section_chunks(chunk.document_id, chunk.page, chunk.heading)
        group = next(
            (g for g in join_chunks(section, PASSAGE_CHARS) if any(c.id == chunk.id for c in g)), [chunk]
        )
        passages.append(_passage(catalogue.text(chunk.document_id), group, hit))
    return passages


def of_library(catalogue: Catalogue) -> Iterator[Passage]:
    """Yield every passage of every document."""
    for row in catalogue.documents():
        if row.status != DocumentStatus.READY:
            continue
        text = catalogue.text(row.id)
        sections: dict[tuple[int | None, str], list[Chunk]] = {}
        for chunk in catalogue.document_chunks(row.id):
            sections.setdefault((chunk.page, chunk.heading), []).append(chunk)
        for section in sections.values():
            for group in join_chunks(section, PASSAGE_CHARS):
                yield _passage(text, group, Hit(group[0], 0.0))


def at(catalogue: Catalogue, document_id: int, start: int, end: int) -> Passage:
    """Return a span of a document as a passage, with the chunk that it begins in."""
    chunk = catalogue.chunk_at(document_id, start)
    text = catalogue.text(document_id)
    return Passage(chunk, start, end, text[start:end], Hit(chunk, 1.0))


def join_chunks(chunks: Sequence[Chunk], limit: int) -> list[list[Chunk]]:
    """Join neighbouring chunks of a section up to `limit` characters."""
    groups: list[list[Chunk]] = []
    for chunk in chunks:
        if groups and groups[-1][0].caption == chunk.caption and chunk.end - groups[-1][0].start <= limit:
            groups[-1].append(chunk)
        else:
            groups.append([chunk])
    return groups


def _passage(text: str, group: Sequence[Chunk], hit: Hit) -> Passage:
    start, end = group[0].start, max(c.end for c in group)
    return Passage(hit.chunk, start, end, text[start:end], hit)
