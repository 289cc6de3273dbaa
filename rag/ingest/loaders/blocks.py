"""From the blocks of a file (headings, paragraphs, tables) to LangChain Documents with fixed metadata.

Every loader yields Blocks in reading order; `assemble` is the one place that turns them into Documents. The
text of a file is the page_contents of its Documents joined by SEPARATOR, and each Document knows its `start`
there, so a span of the file's text means the same to everyone who holds the offsets.

Metadata of a Document:
    path     relative to the documents folder, with "/"
    title    what the file calls itself, else its name
    page     1-based, or None
    heading  the headings above, joined by " > "
    format   "pdf", "hwp", …
    date     ISO 8601 date that the file states for itself, or "" (filled in by `rag.ingest.loaders.parse`)
    start    offset of page_content in the file's text
    kind     "text", "table" or "heading" (a heading's own line, which is already in `heading` of what
             follows)
    caption  of a table, with its unit, or ""
    table    rows of cells as the page can show them, or None
    hidden   how many invisible characters were taken out of the file (filled in by
             `rag.ingest.loaders.parse`)
    unseen   how many characters a reader of the file may not see (the same)
    dropped  how many were left out, as deleted, struck out or a remark (the same)
    unopened names of attachments that were not read (the same)
    coverage share of the file's visible letters that its text holds, None where that is not counted (the
    same)
    missing  how many things of a kind ("pictures", "charts") no text was made of (the same)
    scans    the pages that are pictures: (page, state) with the states of `rag.ingest.scan_pages` (the same)
    n_pages  how many pages there are, where some are pictures (the same)
    page_label  what the file calls the page, "" where that is its number (the same)
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from langchain_core.documents import Document

from rag.ingest.loaders.tables import (
    SourceCell,
    by_sides,
    continued,
    expand,
    header_rows,
    is_layout,
    origins,
    spell_rows,
)
from rag.text.cleaning import clean

SEPARATOR = "\n\n"
MAX_DEPTH = 10  # of tables in cells of tables
MAX_NAME = 60  # characters of a row's name above a table that stands in it


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of a file. `level` is 1 (highest) to 9 for headings, 0 for the name of an attachment; `rows`
    are a table's cells with their spans, and its `text` is the caption that the file ties to it; one that
    `continues` the last table has no header of its own, or the same again.
    """

    kind: Literal["heading", "text", "table"]
    text: str = ""
    level: int = 0
    page: int | None = None
    rows: Sequence[Sequence[SourceCell]] = ()
    continues: bool = False


# Numbering that makes a short line a heading, with its level; the first match wins. 제N조 keeps its own
# text, see `_article`.
_NUMBERED = [
    (re.compile(r"^제\s?\d+\s?편(\s|$)"), 1),
    (re.compile(r"^제\s?\d+\s?장(\s|$)"), 2),
    (re.compile(r"^(부\s?칙|별\s?첨|붙\s?임|별\s?표|별\s?지|참\s?고|첨\s?부)\s?\d*(\s|$|[<:.])"), 2),
    (re.compile(r"^법\s?률\s?제\s*\d*\s*호$"), 2),
    (re.compile(r"^제\s?안\s?이\s?유(\s?및\s?주\s?요\s?내\s?용)?$"), 2),
    (re.compile(r"^신\s?[ㆍ·・‧∙]?\s?구\s?(조문)?\s?대\s?비\s?표$"), 2),
    (re.compile(r"^\[(별표|별지|붙임|첨부|참고)[^\]]*\]"), 2),
    (re.compile(r"^[ⅠⅡⅢⅣⅤⅥⅦⅧⅨⅩ]+\s?[.]?\s"), 2),
    (re.compile(r"^제\s?\d+\s?절(\s|$)"), 3),
    (re.compile(r"^\d{1,2}\.\d{1,2}\.?\s+\D"), 5),
    (re.compile(r"^\d{1,2}\.\s+\D"), 4),
    (re.compile(r"^[가나다라마바사아자차카타파하]\.\s[^:：]{1,40}$"), 6),
    (re.compile(r"^[□■◆▣]\s[^:：]{1,40}$"), 6),
]
ARTICLE = re.compile(r"^(제\s?\d+\s?조(?:의\s?\d+)?\s?(?:\([^)]{1,60}\))?)")
SENTENCE_END = re.compile(r"다[.!?]?[”’\"')\]]*$|[.!?][”’\"')\]]*$|[.!?;,:]$|하고$|하며$")
_ITEM_NUMBER = re.compile(r"(\d{1,2})\.\s")
_SCOPE = re.compile(
    r"^[(〈<\[]\s*(?!단\s?위|자료|출처|주\b|참고|계속|이하)[^()〈〉<>\[\]:：]{2,30}\s*[)〉>\]]$"
)
_CAPTION = re.compile(
    r"^\s*(<.*>|\[.*\]|【.*】|표\s?\d|그림\s?\d|\(단위|[-ㅇ○]\s.{0,30}(현황|추이|동향|비교|실적|통계|내역|목록).{0,20}$)|\(?\s?단위\s?[:：]"
)


def heading_level(line: str) -> int | None:
    """Return the level of a line whose numbering makes it a heading, else None.

    >>> (heading_level("제2장 인공지능 산업의 육성"),
    ... heading_level("1. 사업개요"), heading_level("1. 사업을 시작하였다."))
    (2, 4, None)
    """
    if not 2 <= len(line) <= 60 or "\n" in line or SENTENCE_END.search(line):
        return None
    return next((level for pattern, level in _NUMBERED if pattern.match(line)), None)


def is_scope(line: str, after: str) -> bool:
    """True for a line in brackets that says of what all headings behind it speak, as it stands right above
    one of them: (순투자 기준).

    >>> is_scope("(순투자 기준)", "1. 분기별 동향"), is_scope("(단위 : 명)", "1. 현황")
    (True, False)
    >>> is_scope("(순투자 기준)", "다음과 같다.")
    False
    """
    return _SCOPE.match(line) is not None and heading_level(after) is not None


def assemble(blocks: Iterable[Block], *, path: str, title: str, format: str) -> list[Document]:
    """Turn blocks into Documents, one for every run of text below the same heading on the same page, one for
    every table.

    Args:
        path, title, format: metadata of the file, see the module.
    Returns: Documents in reading order; none is empty.
    """
    documents: list[Document] = []
    headings: list[tuple[float, str]] = []
    paragraphs: list[str] = []
    page: int | None = None
    offset = 0
    item = ""  # the paragraph above, also that of the page before

    def emit(text: str, kind: str, caption: str = "", table: list[list[str]] | None = None) -> None:
        nonlocal offset
        metadata: dict[str, object] = {
            "path": path,
            "title": title,
            "page": page,
            "heading": " > ".join(h for _, h in headings),
            "format": format,
        }
        metadata |= {"date": "", "start": offset, "kind": kind, "caption": caption, "table": table}
        documents.append(Document(page_content=text, metadata=metadata))
        offset += len(text) + len(SEPARATOR)

    def flush() -> None:
        if paragraphs:
            emit("\n".join(paragraphs), "text")
            paragraphs.clear()

    def add_heading(text: str, level: float) -> None:
        flush()
        headings[:] = [(lv, h) for lv, h in headings if lv < level] + [(level, text[:80])]
        emit(text, "heading")

    def add_text(text: str, after: str = "") -> None:
        """A numbered line is a heading unless its neighbour has the same kind of number: then both are items
        of a list.
        """
        nonlocal item
        level = heading_level(text)
        if is_scope(text, after) and (not paragraphs or any(_SCOPE.match(h) for _, h in headings)):
            add_heading(text, (heading_level(after) or 1) - 0.5)
            return
        above = paragraphs[-1] if paragraphs else ""
        alike = level in (heading_level(after), heading_level(above))
        if level and level >= 4 and (alike or _follows(text, after) or _follows(item, text)):
            level = None
        item = text if level is None else ""
        if level:
            add_heading(text, level)
        elif (article := ARTICLE.match(text)) and len(text) <= 40 and not SENTENCE_END.search(text):
            add_heading(text, 7)
        elif article:
            flush()
            headings[:] = [(lv, h) for lv, h in headings if lv < 7] + [(7, article[1].strip())]
            paragraphs.append(text)
        else:
            paragraphs.append(text)

    last: tuple[list[list[SourceCell]], str] = ([], "")  # headers and caption of the last table

    def add_table(
        rows: Sequence[Sequence[SourceCell]], caption: str, depth: int, continues: bool = False
    ) -> None:
        """A table, and behind it those that stand in its cells, each with the name of its row above it."""
        nonlocal last
        rows = [[replace(cell, text=clean(cell.text)) for cell in row] for row in rows]
        if continues and not depth:
            caption = caption or last[1]
            if _said(rows[:1]) != _said(last[0][:1]):
                rows = [*last[0], *rows]
        rows = [[replace(cell, text=cell.text.replace("\n", " ")) for cell in row] for row in by_sides(rows)]
        grid, merged = expand(rows), continued(rows)
        inner = [(y, x, table) for y, x, cell in origins(rows) for table in cell.tables]
        cells = [
            [cell for cell, goes_on in zip(row, same, strict=True) if not goes_on]
            for row, same in zip(grid, merged, strict=True)
            if any(row)
        ]
        layout = is_layout(cells)
        if cells:
            if layout:
                frame([[cell for cell in row if cell] for row in cells], caption)
            else:
                if not (depth and caption):
                    caption = " ".join(filter(None, [_take_caption(paragraphs), caption]))
                flush()
                filled = [row for row in grid if any(row)]
                head = header_rows(rows, filled)
                if not depth:
                    last = ([[replace(cell, header=True) for cell in row] for row in rows[:head]], caption)
                same = [goes_on for goes_on, row in zip(merged, grid, strict=True) if any(row)]
                lines = spell_rows(filled, head, same)
                emit("\n".join(([caption] if caption else []) + lines), "table", caption, filled)
        for y, x, table in inner if depth < MAX_DEPTH else ():
            labels = [label for label in grid[y][:x] if label] or [grid[y][x]]
            name = "" if layout else " ".join(dict.fromkeys(labels))
            add_table(table, name[:MAX_NAME], depth + 1)

    def frame(pieces: Sequence[Sequence[str]], caption: str) -> None:
        """What stands in a frame, given by rows of cells, is text."""
        short = len(pieces) == 1 and sum(map(len, pieces[0])) <= 100
        if caption:
            add_text(caption)
        for line in [" ".join(pieces[0])] if short else [cell for row in pieces for cell in row]:
            add_text(line)

    blocks = list(blocks)
    for index, block in enumerate(blocks):
        text = clean(block.text)
        if block.page != page:
            flush()
            page = block.page
        if block.kind == "table":
            add_table(block.rows, text.replace("\n", " "), 0, block.continues)
        elif block.kind == "heading" and text:
            add_heading(text.replace("\n", " "), block.level)
        elif text:
            after = (
                clean(blocks[index + 1].text)
                if index + 1 < len(blocks) and blocks[index + 1].kind == "text"
                else ""
            )
            add_text(text, after)
    flush()
    for document, after_it in zip(documents, [*documents[1:], None], strict=False):
        below = after_it is not None and after_it.metadata["heading"].startswith(document.metadata["heading"])
        if document.metadata["kind"] == "heading" and not below:
            document.metadata["kind"] = "text"  # nothing stands below it: the line itself is the content
    return documents


def _follows(item: str, line: str) -> bool:
    """True where a line is the item of a list behind another, however long they are: 2. behind 1."""
    numbers = [int(match[1]) if (match := _ITEM_NUMBER.match(said)) else 0 for said in (item, line)]
    return numbers[0] > 0 and numbers[1] == numbers[0] + 1


def _said(rows: Sequence[Sequence[SourceCell]]) -> list[str]:
    """Return what stands in cells, for a comparison that does not ask how it is spaced out."""
    return ["".join(cell.text.split()) for row in rows for cell in row]


def without_text(path: str, title: str, format: str) -> Document:
    """Return the one Document of a file in which there is no text yet."""
    metadata: dict[str, object] = {
        "path": path,
        "title": title,
        "page": None,
        "heading": "",
        "format": format,
    }
    return Document(
        page_content="",
        metadata=metadata | {"date": "", "start": 0, "kind": "text", "caption": "", "table": None},
    )


def file_text(documents: Sequence[Document]) -> str:
    """Return the text of a file, into which all offsets point."""
    return SEPARATOR.join(document.page_content for document in documents)


def _take_caption(paragraphs: list[str]) -> str:
    """Remove up to two short lines that stand directly above a table and describe it, and return them as its
    caption.
    """
    taken: list[str] = []
    while paragraphs and len(taken) < 2:
        last = paragraphs[-1].split("\n")[-1]
        if len(last) > 80 or "\n" in paragraphs[-1] or not _CAPTION.search(last):
            break
        taken.insert(0, re.sub(r"^<\s*|\s*>$", "", paragraphs.pop()))
    return " ".join(taken)
