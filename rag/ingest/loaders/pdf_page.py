"""A page of a PDF: its text by pypdfium2; its ruled tables by pdfplumber, only where it has ruled lines."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium_c

from rag.ingest.box import Box
from rag.ingest.loaders.columns import Letter, Part, as_it_stands, reading_order, stands_in
from rag.ingest.loaders.letters import page_letters, text_of, whole_words
from rag.ingest.loaders.pdf_lines import join_lines, lines_of
from rag.ingest.loaders.running_tables import Rule, RunningTable, running_tables
from rag.ingest.loaders.tables import SourceCell

log = logging.getLogger(__name__)
RULED_PATHS = range(6, 400)  # fewer lines are no table, more are a drawing that takes seconds to analyse
MIN_UPRIGHT = 3  # lines of a table of running text that goes on from the page before
EDGE = 2.0  # points; ruled lines closer than this are one


@dataclass(frozen=True, slots=True)
class RuledTable:
    """A ruled table: its box and its columns' left edges, in points, and its rows."""

    box: Box
    lefts: tuple[float, ...]
    rows: list[list[SourceCell]]
    rest: str = ""  # text in its box that stands in no cell
    running: bool = (
        False  # of running text: its cells' lines are not joined yet, paragraphs stand a blank line apart
    )

    def goes_on(self, other: RuledTable) -> bool:
        """True where another table, on the next page, has the same columns."""
        places = ((*self.lefts, self.box.right), (*other.lefts, other.box.right))
        return len(places[0]) == len(places[1]) and all(
            abs(a - b) <= 2 * EDGE for a, b in zip(*places, strict=True)
        )


def running_on(pages: Sequence[Sequence[str | RuledTable]]) -> tuple[float, ...]:
    """Return where the upright rules of a table of running text stand that ends the last page, or all but its
    foot.
    """
    tables = [part for part in (pages[-1] if pages else ()) if isinstance(part, RuledTable)]
    return (*tables[-1].lefts, tables[-1].box.right) if tables and tables[-1].running else ()


def page_parts(
    document: Any, index: int, plumbed: Any, page_texts: list[str], before: Sequence[float]
) -> Iterator[str | RuledTable]:
    """Yield a page's text and tables from top to bottom.

    Args:
        page_texts: takes all text of the page.
        before: of a table of running text that may go on here (`running_on`).
    """
    try:
        page = document[index]
        textpage = page.get_textpage()
    except pypdfium2.PdfiumError:
        page_texts.append("")
        return
    try:
        page_texts.append(whole_words(textpage.get_text_range()))
        width, height = page.get_size()
        whole = Box(0.0, 0.0, width, height)
        letters = page_letters(page, textpage)
        tables = _ruled_tables(page, textpage, plumbed, index, letters, before) if plumbed else []
        order = reading_order(letters, [table.box for table in tables])
        if len(order) > 1:
            yield from _in_order(textpage, letters, order, tables, whole)
        elif tables:
            yield from _parts(lambda box: _bounded(textpage, height, box), tables, whole)
        elif len(parts := as_it_stands(letters)) > 1:
            yield from (text_of(textpage, letters, part) for part in parts)
        elif page_texts[-1].strip():
            yield page_texts[-1]
    finally:
        textpage.close()
        page.close()


def _bounded(textpage: Any, height: float, box: Box) -> str:
    """Return the text in a box of a page, whose height is in points."""
    return whole_words(textpage.get_text_bounded(box.left, height - box.bottom, box.right, height - box.top))


class ColumnText(str):
    """Text whose lines are as wide as a column of its page."""


def _in_order(
    textpage: Any, letters: Sequence[Letter], order: Sequence[Part], tables: Sequence[RuledTable], box: Box
) -> Iterator[str | RuledTable]:
    """Yield the text and tables of a page with columns; text that runs on in the next column is one."""
    running: list[str] = []
    for part in order:
        inside = [tables[number] for number in part.tables]
        if running and (inside or not part.column):
            yield ColumnText("\n".join(running))
            running = []
        if inside:
            chosen = [letter for piece in part.pieces for letter in piece.letters]

            def text_in(box: Box, chosen: Sequence[Letter] = chosen) -> str:
                return text_of(textpage, letters, [c for c in chosen if stands_in(c.box, box)])

            for item in _parts(text_in, inside, box):
                yield ColumnText(item) if isinstance(item, str) and part.column else item
        else:
            text = text_of(textpage, letters, [letter for piece in part.pieces for letter in piece.letters])
            if part.column:
                running.append(text)
            else:
                yield text
    if running:
        yield ColumnText("\n".join(running))


def _parts(
    text_in: Callable[[Box], str], tables: Sequence[RuledTable], box: Box
) -> Iterator[str | RuledTable]:
    """Yield the text and tables of a part of a page: from top to bottom, where tables stand side by side from
    left to right.

    Args:
        text_in: the text of a box.
    """
    x0, top, x1, bottom = box
    bands = _runs(tables, 1)
    if len(bands) > 1 or not tables:
        for band in bands:
            first, end = min(t.box.top for t in band), max(t.box.bottom for t in band)
            if (above := text_in(Box(x0, top, x1, first))).strip():
                yield above
            yield from _parts(text_in, band, Box(x0, first, x1, end))
            top = end
        if (below := text_in(Box(x0, top, x1, bottom))).strip():
            yield below
        return
    strips = _runs(tables, 0)
    left, first, end = x0, min(t.box.top for t in tables), max(t.box.bottom for t in tables)
    if first > top and (above := text_in(Box(x0, top, x1, first))).strip():
        yield above
    for strip in strips:
        begin, stop = min(t.box.left for t in strip), max(t.box.right for t in strip)
        if (beside := text_in(Box(left, first, begin, end))).strip():
            yield beside
        if len(strips) > 1 and len(strip) > 1:
            yield from _parts(text_in, strip, Box(begin, first, stop, end))
        else:
            for i, table in enumerate(strip):  # tables drawn over each other are read once
                if i == 0 or table.box.top >= strip[i - 1].box.bottom:
                    yield table
                    if table.rest:
                        yield table.rest
            if (
                strip[-1].box.bottom < end
                and (under := text_in(Box(begin, strip[-1].box.bottom, stop, end))).strip()
            ):
                yield under
        left = stop
    if (beside := text_in(Box(left, first, x1, end))).strip():
        yield beside
    if end < bottom and (below := text_in(Box(x0, end, x1, bottom))).strip():
        yield below


def _runs(tables: Sequence[RuledTable], axis: int) -> list[list[RuledTable]]:
    """Group tables that overlap along an axis (0: from left to right, 1: from top to bottom), in its
    order.
    """
    runs: list[list[RuledTable]] = []
    end = 0.0
    for table in sorted(tables, key=lambda t: t.box[axis]):
        if runs and table.box[axis] < end - EDGE:
            runs[-1].append(table)
        else:
            runs.append([table])
        end = max(end, table.box[axis + 2])
    return [sorted(run, key=lambda t: t.box.top) for run in runs]


def _ruled_tables(
    page: Any,
    textpage: Any,
    plumbed: Any,
    index: int,
    letters: Sequence[Letter],
    before: Sequence[float],
) -> list[RuledTable]:
    """Return the page's tables, from top to bottom."""
    paths = 0
    for thing in page.get_objects(max_depth=2):
        paths += thing.type == pdfium_c.FPDF_PAGEOBJ_PATH
        if paths >= RULED_PATHS.stop:
            break
    if not (MIN_UPRIGHT if before else RULED_PATHS.start) <= paths < RULED_PATHS.stop:
        return []
    height = page.get_height()
    found = []
    try:
        plumbed_page = plumbed.pages[index]
        finder = plumbed_page.debug_tablefinder()
        tables = finder.tables
        upright, lying = (_rules(finder.edges, way) for way in "vh")
    except Exception as error:  # as where the file is opened, for one page
        log.info("page %d is read without tables (%s)", index + 1, type(error).__name__)
        return []
    for table in tables:
        if len(table.rows) > 1 and len(table.columns) > 1:
            texts = {box: _bounded(textpage, height, box) for box in (Box(*cell) for cell in table.cells)}
            box = Box(*table.bbox)
            rest = _text_outside_cells(_bounded(textpage, height, box), texts.values())
            found.append(RuledTable(box, tuple(_edges(cell.left for cell in texts)), _spans(texts), rest))
    plumbed_page.close()
    running = [
        RuledTable(t.box, t.edges[:-1], _cells_of(t), running=True)
        for t in running_tables(
            upright, lying, letters, lambda chosen: text_of(textpage, letters, chosen), before
        )
    ]
    found = [*running, *(t for t in found if not any(_contains(o.box, t.box) for o in running))]
    inside = [
        t for t in found if any(o is not t and _contains(o.box, t.box) for o in found)
    ]  # a cell with lines of its own
    return sorted((t for t in found if t not in inside), key=lambda t: t.box.top)


def _rules(edges: Sequence[dict[str, Any]], way: str) -> list[Rule]:
    """Return what pdfplumber found of rules that stand upright ("v") or lie ("h")."""
    at, start, end = ("x0", "top", "bottom") if way == "v" else ("top", "x0", "x1")
    return [Rule(edge[at], edge[start], edge[end]) for edge in edges if edge["orientation"] == way]


def _cells_of(table: RunningTable) -> list[list[SourceCell]]:
    return [
        [
            SourceCell("\n\n".join("\n".join(lines) for lines in cell), header=table.headed and number == 0)
            for cell in row
        ]
        for number, row in enumerate(table.rows)
    ]


def _text_outside_cells(table_text: str, cells: Iterable[str]) -> str:
    """Return what of a table's text stands in none of its cells: the words that no cell holds, line by
    line.
    """
    cell_text = "".join("".join(cells).split())
    if len("".join(table_text.split())) <= len(cell_text):
        return ""
    lines = (
        " ".join(word for word in line.split() if word not in cell_text) for line in lines_of(table_text)
    )
    return "\n".join(line for line in lines if line)


def _contains(outer: Box, inner: Box) -> bool:
    return (
        outer.left - EDGE <= inner.left
        and outer.top - EDGE <= inner.top
        and inner.right <= outer.right + EDGE
        and inner.bottom <= outer.bottom + EDGE
        and outer != inner
    )


def _spans(texts: dict[Box, str]) -> list[list[SourceCell]]:
    """Turn cell boxes into rows of cells with their spans: a merged cell's box covers several rows or
    columns.
    """
    tops, lefts = _edges(box.top for box in texts), _edges(box.left for box in texts)
    rows: list[list[SourceCell]] = [[] for _ in tops]
    for box in sorted(texts, key=lambda b: (b.top, b.left)):
        rowspan = sum(box.top - EDGE <= top < box.bottom - EDGE for top in tops)
        colspan = sum(box.left - EDGE <= left < box.right - EDGE for left in lefts)
        row = max(0, sum(top <= box.top + EDGE for top in tops) - 1)
        rows[row].append(
            SourceCell(
                join_lines(texts[box].replace("\r\n", "\n").split("\n")), max(1, rowspan), max(1, colspan)
            )
        )
    return [row for row in rows if row]


def _edges(positions: Iterable[float]) -> list[float]:
    """Return distinct positions; those closer than EDGE are one line drawn twice."""
    edges: list[float] = []
    for position in sorted(positions):
        if not edges or position - edges[-1] > EDGE:
            edges.append(position)
    return edges
