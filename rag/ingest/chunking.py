"""From the Documents of a file to the chunks that are stored: spans, the words of each, and what names them.

A chunk's id is a hash of the file's content and its place in it, its `text_key` one of all that the embedding
sees: the same file gives the same ids whenever it is read, and the same text the same vector wherever it
stands.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

from langchain_core.documents import Document

from rag.ingest.loaders import file_text
from rag.ingest.splitting import Span, split
from rag.ingest.vectorise import embedding_title
from rag.library.records import NewChunk
from rag.text import korean

WINDOW_CHARS = 1200  # about a page


def chunks_of(
    sha256: str, documents: Sequence[Document], *, chunk_chars: int, overlap_chars: int
) -> list[NewChunk]:
    """Split the Documents of one file and find the words of each chunk.

    Args:
        sha256: of the file. chunk_chars, overlap_chars: see `rag.ingest.splitting.split`.
    Raises:
        ModelError: the analyser of Korean failed on the text.
    """
    read = korean.analyse([d.page_content for d in documents])
    spans = split(
        documents, [r.sentences for r in read], chunk_chars=chunk_chars, overlap_chars=overlap_chars
    )
    text = file_text(documents)
    title = documents[0].metadata["title"]
    stem = Path(documents[0].metadata["path"]).stem.replace("_", " ")
    name = title if stem in title else f"{title} {stem}"
    contexts = [" ".join(dict.fromkeys([name, span.heading, span.caption])) for span in spans]
    begin = [d.metadata["start"] for d in documents]
    words = [read[s.section].within(s.start - begin[s.section], s.end - begin[s.section]) for s in spans]
    above = list(dict.fromkeys(contexts))
    above_words = dict(zip(above, map(" ".join, korean.morphemes_of(above, urgent=False)), strict=True))
    return [
        NewChunk(
            id=_key(sha256, str(span.start), str(span.end)),
            section=span.section,
            start=span.start,
            end=span.end,
            page=span.page,
            heading=span.heading,
            caption=span.caption,
            text_key=_key(embedding_title(title, span), text[span.start : span.end]),
            words=" ".join(body),
            context_words=above_words[context],
            window=window,
        )
        for span, body, context, window in zip(spans, words, contexts, _windows(spans), strict=True)
    ]


def _windows(spans: Sequence[Span]) -> list[int]:
    """Number the windows that spans stand in: pages; without pages, runs of up to WINDOW_CHARS."""
    numbers: list[int] = []
    first: Span | None = None
    for span in spans:
        if (
            first is None
            or span.page != first.page
            or (span.page is None and span.end - first.start > WINDOW_CHARS)
        ):
            first = span
            numbers.append(numbers[-1] + 1 if numbers else 0)
        else:
            numbers.append(numbers[-1])
    return numbers


def _key(*parts: str) -> str:
    return hashlib.sha256("\x1f".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:24]
