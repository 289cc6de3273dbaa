"""Split Documents into chunks: by structure first, then by sentences to about 300 characters.

A chunk never crosses a heading, a page or a table's edge (each is a Document of its own, see
`rag.ingest.loaders.blocks`). Inside, sentences are packed whole; the next chunk repeats the last sentences
up to the overlap. A table's rows are packed without overlap, its caption goes with the first. Offsets are
exact: `file_text[start:end]` is the chunk.

Small chunks beat large ones on Korean PDFs (300/50 best of 300 to 2,000 in a published study of 300
questions); what reads better in context is joined again when it is read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from langchain_core.documents import Document
from langchain_text_splitters import RecursiveCharacterTextSplitter

from rag.text import korean

MAX_STRETCH = 1.5  # a sentence may stretch its chunk to this multiple of the size before it is cut


@dataclass(frozen=True, slots=True)
class Span:
    """A chunk before it has an identity: a span of the file's text and what stands above it."""

    start: int
    end: int
    page: int | None
    heading: str
    caption: str
    section: int  # ordinal of the Document that it lies in


def split(
    documents: Sequence[Document],
    sentences: Sequence[Sequence[tuple[int, int]]] | None = None,
    *,
    chunk_chars: int = 300,
    overlap_chars: int = 50,
) -> list[Span]:
    """Split the Documents of one file.

    Args:
        documents: of one file, in order, with the metadata of `rag.ingest.loaders.blocks`.
        sentences: (start, end) of those of each Document, where they are known; else they are found.
        chunk_chars: size to aim at. overlap_chars: of text chunks; tables have none.
    Returns: spans in reading order; headings that stand above something are not chunks of their own.
    """
    spans: list[Span] = []
    for ordinal, document in enumerate(documents):
        meta = document.metadata
        if meta["kind"] == "heading":
            continue
        table = meta["kind"] == "table"
        text = document.page_content
        pieces = _pieces(
            text, sentences[ordinal] if sentences else korean.sentences(text), int(chunk_chars * MAX_STRETCH)
        )
        for start, end in _pack(pieces, chunk_chars, 0 if table else overlap_chars):
            spans.append(
                Span(
                    meta["start"] + start,
                    meta["start"] + end,
                    meta["page"],
                    meta["heading"],
                    meta["caption"],
                    ordinal,
                )
            )
    return spans


def _pieces(text: str, sentences: Sequence[tuple[int, int]], limit: int) -> list[tuple[int, int]]:
    """Sentences, those beyond the limit cut at blanks."""
    pieces: list[tuple[int, int]] = []
    cutter = RecursiveCharacterTextSplitter(
        chunk_size=limit, chunk_overlap=0, add_start_index=True, separators=["\n", ". ", ", ", " ", ""]
    )
    for start, end in sentences:
        if end - start <= limit:
            pieces.append((start, end))
            continue
        for part in cutter.create_documents([text[start:end]]):
            at = start + part.metadata["start_index"]
            pieces.append((at, at + len(part.page_content)))
    return pieces


def _pack(pieces: Sequence[tuple[int, int]], size: int, overlap: int) -> list[tuple[int, int]]:
    """Pack pieces greedily into spans of about `size`.

    >>> _pack([(0, 40), (41, 80), (81, 120)], 90, 45)
    [(0, 80), (41, 120)]
    """
    spans: list[tuple[int, int]] = []
    first = 0
    while first < len(pieces):
        last = first
        while last + 1 < len(pieces) and pieces[last + 1][1] - pieces[first][0] <= size:
            last += 1
        spans.append((pieces[first][0], pieces[last][1]))
        if last + 1 == len(pieces):
            break
        again = last + 1
        while again - 1 > first and pieces[last][1] - pieces[again - 1][0] <= overlap:
            again -= 1
        first = again
    return spans
