"""PDF: the text and tables of its pages (`pdf_page`), whose lines become paragraphs (`pdf_lines`)."""

from __future__ import annotations

import contextlib
import logging
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import pdfplumber
import pypdfium2
import pypdfium2.raw as pdfium_c

from rag.errors import LoadError
from rag.ingest.box import Box
from rag.ingest.loaders.blocks import Block
from rag.ingest.loaders.coverage import Present
from rag.ingest.loaders.dates import pdf_date
from rag.ingest.loaders.parsed import Parsed
from rag.ingest.loaders.pdf_lines import (
    full_width,
    gluer,
    heads_and_feet,
    is_indented,
    lines_of,
    paragraphs,
    repeated_shapes,
    runs_on,
    shape_of,
    to_sentence_end,
)
from rag.ingest.loaders.pdf_page import ColumnText, RuledTable, page_parts, running_on
from rag.ingest.loaders.scans import is_scan, own_boxes, recognised_blocks, states
from rag.ingest.loaders.tables import SourceCell
from rag.ingest.loaders.wrapping import may_go_on
from rag.messages import Message
from rag.text.cleaning import clean

log = logging.getLogger(__name__)
logging.getLogger("pdfminer").setLevel(logging.ERROR)  # it warns of every font without a bounding box
MAX_PAGES = 10_000
_NUMBER_BEFORE = re.compile(r"^-\s?\d{1,4}\s?-\s+(?=\S)")  # of the page, before its first line
MAX_LABEL = 12  # characters; longer ones are names of files and the like
NO_LABEL = (
    1000  # characters, from which the rest are not asked for: a megabyte a page takes a minute for them all
)


def parse_pdf(path: Path, *, tables: bool = True, scans: str = "") -> Parsed:
    """Parse a .pdf file.

    Args:
        tables: look for ruled tables; the sandbox tries again without when a file takes too long.
        scans: folder of what was read of its pages that are pictures.

    Raises:
        LoadError: password-protected, damaged, too long, without text and pictures, or with fonts that cannot
        be mapped to text.
    """
    try:
        document = pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError as error:
        if error.err_code == pdfium_c.FPDF_ERR_PASSWORD:
            raise LoadError("file-password", file=path.name) from error
        raise LoadError("file-not-kind", file=path.name, kind=Message("kind-pdf")) from error
    try:
        if len(document) > MAX_PAGES:
            raise LoadError("pdf-too-long", file=path.name, pages=len(document), limit=MAX_PAGES)
        title = _title(document.get_metadata_value("Title"))
        made = pdf_date(document.get_metadata_value("CreationDate"))
        page_labels = dict(_page_labels(document))
        with _plumbed(path) if tables else contextlib.nullcontext() as plumbed:
            shown: list[str] = []  # all text of each page
            pages: list[list[str | RuledTable]] = []
            for i in range(len(document)):
                pages.append(list(page_parts(document, i, plumbed, shown, running_on(pages))))
        pictures = dict(_pictures(document, pages))
    finally:
        document.close()
    texts = [part for page in pages for part in page if isinstance(part, str)]
    cells = [
        cell.text
        for page in pages
        for t in page
        if isinstance(t, RuledTable)
        for row in t.rows
        for cell in row
    ]
    _require_text(path, [*texts, *cells], len(pages), bool(pictures))
    furniture = heads_and_feet(pages)
    glue, full, indents = gluer(texts), full_width(texts), is_indented(texts)
    blocks: list[Block] = []
    last: RuledTable | None = None  # at the foot of the page before
    last_page = 0
    flowing: list[list[list[SourceCell]]] = []  # the rows of tables of running text
    heads = repeated_shapes(pages)
    end: _End | None = None  # of the text above a page's foot
    for number, parts in enumerate(pages, 1):
        for part in parts:
            if isinstance(part, str):
                lines = [
                    _NUMBER_BEFORE.sub("", line) for line in lines_of(part) if (number, line) not in furniture
                ]
                wide = full_width([part]) if isinstance(part, ColumnText) else full
                said = list(paragraphs(lines, wide, glue, indents))
                if lines and end and blocks[end.block].page != number and end.page == number - 1:
                    heading = shape_of(lines[0]) in heads or shape_of(end.line) in heads
                    if not heading and runs_on(end.line, lines[0]):
                        head, said[0] = to_sentence_end(said[0])
                        blocks[end.block] = replace(
                            blocks[end.block], text=glue([blocks[end.block].text, head])
                        )
                blocks += [Block("text", text, page=number) for text in said if text]
                if lines:
                    end = _End(len(blocks) - 1, number, lines[-1])
                last = None if lines else last
            else:
                on = last is not None and last_page != number and last.goes_on(part)
                if on and part.running and flowing:
                    _carry(flowing[-1], part.rows)
                if part.rows:
                    blocks.append(Block("table", rows=part.rows, page=number, continues=on))
                if part.running and part.rows:
                    flowing.append(part.rows)
                last, last_page = part, number
                end = None
        if number in pictures:
            blocks += recognised_blocks(scans, number, pictures[number])
    for rows in flowing:
        rows[:] = [[replace(cell, text=_flowed(cell.text, glue)) for cell in row] for row in rows]
    seen = [
        line
        for number, text in enumerate(shown, 1)
        for line in lines_of(text)
        if (number, line) not in furniture
    ]
    return Parsed(
        blocks,
        title,
        made=made,
        present=Present(seen),
        scans=states(scans, list(pictures)),
        n_pages=len(pages),
        page_labels=page_labels,
    )


def _plumbed(path: Path) -> Any:
    """Open a file with pdfplumber; nothing where it fails over a file that pdfium reads: text without tables
    is better than neither.
    """
    try:
        plumbed = pdfplumber.open(path)
        len(plumbed.pages)  # which would else fail when it is closed
        return plumbed
    except Exception as error:  # pdfminer raises its own kinds and many of Python's on damage
        log.info("%s is read without tables (%s)", path.name, type(error).__name__)
        return contextlib.nullcontext()


def _title(title: str) -> str:
    """The title that the file states, unless a program left a file's name or nothing of use there."""
    return (
        ""
        if re.search(r"\.\w{2,4}$|^Microsoft|^untitled|^제목 없음", title, re.I) or len(title) < 4
        else title
    )


def _page_labels(document: Any) -> Iterator[tuple[int, str]]:
    """Yield the pages that the file calls otherwise than by their number, such as "iv" before page 1 of the
    text: that is what is printed on them. What nobody could print there is passed over.
    """
    for number in range(1, len(document) + 1):
        with contextlib.suppress(UnicodeDecodeError):
            label = document.get_page_label(number - 1)
            stripped = label.strip()
            if len(label) > NO_LABEL:
                return
            if stripped != str(number) and 0 < len(stripped) <= MAX_LABEL and label.isprintable():
                yield number, clean(label)


def _pictures(document: Any, pages: Sequence[Sequence[object]]) -> Iterator[tuple[int, list[Box]]]:
    """Yield the pages that are pictures of text, with the boxes of letters of their own."""
    for number, parts in enumerate(pages, 1):
        if len(parts) <= 1 and not any(isinstance(part, RuledTable) for part in parts):
            with contextlib.suppress(pypdfium2.PdfiumError):
                page = document[number - 1]
                textpage = page.get_textpage()
                if is_scan(page, textpage):
                    yield number, own_boxes(page, textpage)
                textpage.close()
                page.close()


def _carry(above: list[list[SourceCell]], rows: list[list[SourceCell]]) -> None:
    """Let the cells of the row above a page break end there that go on behind it."""
    pairs = list(zip(above[-1], rows[0], strict=True))
    on = [bool(a.text and b.text) and may_go_on(a.text, b.text) for a, b in pairs]
    if not any(on) or any(cell.header for cell in rows[0]):
        return
    above[-1][:] = [
        replace(a, text=f"{a.text}\n{b.text}") if goes_on else a
        for (a, b), goes_on in zip(pairs, on, strict=True)
    ]
    rest = [replace(b, text="") if goes_on else b for (_, b), goes_on in zip(pairs, on, strict=True)]
    rows[:1] = [rest] if any(cell.text for cell in rest) else []


def _flowed(text: str, glue: Any) -> str:
    """Return the paragraphs of a cell of running text, each in one line."""
    return "\n".join(glue(_undashed(paragraph.split("\n"))) for paragraph in text.split("\n\n"))


def _undashed(lines: list[str]) -> list[str]:
    """Join lines that end and begin with the dashes that stand for what stays."""
    joined: list[str] = []
    for line in lines:
        if joined and joined[-1].endswith("-") and line.startswith("-"):
            joined[-1] += line
        else:
            joined.append(line)
    return joined


def _require_text(path: Path, texts: list[str], n_pages: int, pictures: bool) -> None:
    """Refuse scans and fonts without a Unicode map, so that no garbage is indexed."""
    letters = "".join("".join(texts).split())
    if not pictures and len(letters) < 4 * max(1, n_pages // 4):
        raise LoadError("pdf-needs-ocr", file=path.name)
    strange = sum(unicodedata.category(c) in ("Co", "Cn", "Cc", "Cs") or c == "\ufffd" for c in letters)
    if strange > len(letters) * 0.2:
        raise LoadError("pdf-fonts", file=path.name)


class _End(NamedTuple):
    """The last line of a page's text, with the number of its block and its page."""

    block: int
    page: int
    line: str
