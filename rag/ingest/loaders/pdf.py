"""PDF: text by pypdfium2, page by page; ruled tables by pdfplumber, only on pages that have ruled lines.

A line wrap in a Korean PDF may fall inside a word, and many files keep no space at a wrap at all. Where a
file keeps spaces at its wraps they are trusted; elsewhere Kiwi decides whether two lines are glued with or
without a space.
"""

from __future__ import annotations

import contextlib
import logging
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import pdfplumber
import pypdfium2
import pypdfium2.raw as pdfium_c

from rag.errors import LoadError
from rag.ingest.box import Box
from rag.ingest.loaders.blocks import Block, heading_level
from rag.ingest.loaders.columns import Letter, Part, as_it_stands, reading_order, stands_in
from rag.ingest.loaders.coverage import Present
from rag.ingest.loaders.dates import pdf_date
from rag.ingest.loaders.letters import page_letters, text_of, whole_words
from rag.ingest.loaders.parsed import Parsed
from rag.ingest.loaders.running_tables import Rule, RunningTable, running_tables
from rag.ingest.loaders.scans import is_scan, own_boxes, recognised_blocks, states
from rag.ingest.loaders.tables import SourceCell
from rag.ingest.loaders.wrapping import WordsSeen, may_go_on
from rag.messages import Message
from rag.text.cleaning import clean
from rag.text.korean import words_cut

log = logging.getLogger(__name__)
logging.getLogger("pdfminer").setLevel(logging.ERROR)  # it warns of every font without a bounding box
MAX_PAGES = 10_000
REPEATED = 0.4  # of the pages, from which a line at their edge is a running head: two may alternate
# behind a blank that no word was parted from: a program may put that of a wrap before the next line, too
_INDENTED = re.compile(r"\s+(?:제\s?\d|[가-하][.)]\s|[^\s가-힣:：,.;)\]])")
_LETTERED = re.compile(r"[가-하][.)]\s")  # an item, also where may_go_on takes it for the end of a word: 다.
_UNFINISHED = re.compile(
    r"(?:[을를은는,]|및|또는|에서|에게|으로|하여|하고|하며|해야|하여야|위한|위해|따른|따라|대한|관한|통해)$"
)
_NUMBER_BEFORE = re.compile(r"^-\s?\d{1,4}\s?-\s+(?=\S)")  # of the page, before its first line
_PAGE_NUMBER = re.compile(r"\s*[-–]?\s*\d{1,4}\s*[-–]?\s*")
RULED_PATHS = range(6, 400)  # fewer lines are no table, more are a drawing that takes seconds to analyse
MIN_REPEATED = 3  # pages at whose edge a line of one shape is a head or foot
MIN_CUT = 6  # letters of Hangul of a line, from which its last may be the beginning of a word that goes on
MIN_UPRIGHT = 3  # lines of a table of running text that goes on from the page before
MAX_LABEL = 12  # characters; longer ones are names of files and the like
NO_LABEL = (
    1000  # characters, from which the rest are not asked for: a megabyte a page takes a minute for them all
)
MAX_INDENTED = 0.5  # of the lines with a blank before them; more are no beginnings of paragraphs
EDGE = 2.0  # points; ruled lines closer than this are one


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
            pages: list[list[str | _Table]] = []
            for i in range(len(document)):
                pages.append(list(_page_parts(document, i, plumbed, shown, _running_on(pages))))
        pictures = dict(_pictures(document, pages))
    finally:
        document.close()
    texts = [part for page in pages for part in page if isinstance(part, str)]
    cells = [
        cell.text for page in pages for t in page if isinstance(t, _Table) for row in t.rows for cell in row
    ]
    _require_text(path, [*texts, *cells], len(pages), bool(pictures))
    furniture = _furniture(pages)
    glue, full, indents = _gluer(texts), _full_width(texts), _indents(texts)
    blocks: list[Block] = []
    last: _Table | None = None  # at the foot of the page before
    last_page = 0
    flowing: list[list[list[SourceCell]]] = []  # the rows of tables of running text
    heads = _repeated_shapes(pages)
    end: _End | None = None  # of the text above a page's foot
    for number, parts in enumerate(pages, 1):
        for part in parts:
            if isinstance(part, str):
                lines = [
                    _NUMBER_BEFORE.sub("", line) for line in _lines(part) if (number, line) not in furniture
                ]
                wide = _full_width([part]) if isinstance(part, _Column) else full
                said = list(_paragraphs(lines, wide, glue, indents))
                if lines and end and blocks[end.block].page != number and end.page == number - 1:
                    heading = _shape(lines[0]) in heads or _shape(end.line) in heads
                    if not heading and _runs_on(end.line, lines[0]):
                        head, said[0] = _to_sentence_end(said[0])
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
        for line in _lines(text)
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
        if len(parts) <= 1 and not any(isinstance(part, _Table) for part in parts):
            with contextlib.suppress(pypdfium2.PdfiumError):
                page = document[number - 1]
                textpage = page.get_textpage()
                if is_scan(page, textpage):
                    yield number, own_boxes(page, textpage)
                textpage.close()
                page.close()


@dataclass(frozen=True, slots=True)
class _Table:
    """A ruled table: its box and its columns' left edges, in points, and its rows."""

    box: Box
    lefts: tuple[float, ...]
    rows: list[list[SourceCell]]
    rest: str = ""  # text in its box that stands in no cell
    running: bool = (
        False  # of running text: its cells' lines are not joined yet, paragraphs stand a blank line apart
    )

    def goes_on(self, other: _Table) -> bool:
        """True where another table, on the next page, has the same columns."""
        places = ((*self.lefts, self.box.right), (*other.lefts, other.box.right))
        return len(places[0]) == len(places[1]) and all(
            abs(a - b) <= 2 * EDGE for a, b in zip(*places, strict=True)
        )


def _running_on(pages: Sequence[Sequence[str | _Table]]) -> tuple[float, ...]:
    """Return where the upright rules of a table of running text stand that ends the last page, or all but its
    foot.
    """
    tables = [part for part in (pages[-1] if pages else ()) if isinstance(part, _Table)]
    return (*tables[-1].lefts, tables[-1].box.right) if tables and tables[-1].running else ()


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


def _page_parts(
    document: Any, index: int, plumbed: Any, page_texts: list[str], before: Sequence[float]
) -> Iterator[str | _Table]:
    """Yield a page's text and tables from top to bottom.

    Args:
        page_texts: takes all text of the page.
        before: of a table of running text that may go on here (`_running_on`).
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


class _Column(str):
    """Text whose lines are as wide as a column of its page."""


def _in_order(
    textpage: Any, letters: Sequence[Letter], order: Sequence[Part], tables: Sequence[_Table], box: Box
) -> Iterator[str | _Table]:
    """Yield the text and tables of a page with columns; text that runs on in the next column is one."""
    running: list[str] = []
    for part in order:
        inside = [tables[number] for number in part.tables]
        if running and (inside or not part.column):
            yield _Column("\n".join(running))
            running = []
        if inside:
            chosen = [letter for piece in part.pieces for letter in piece.letters]

            def text_in(box: Box, chosen: Sequence[Letter] = chosen) -> str:
                return text_of(textpage, letters, [c for c in chosen if stands_in(c.box, box)])

            for item in _parts(text_in, inside, box):
                yield _Column(item) if isinstance(item, str) and part.column else item
        else:
            text = text_of(textpage, letters, [letter for piece in part.pieces for letter in piece.letters])
            if part.column:
                running.append(text)
            else:
                yield text
    if running:
        yield _Column("\n".join(running))


def _parts(text_in: Callable[[Box], str], tables: Sequence[_Table], box: Box) -> Iterator[str | _Table]:
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


def _runs(tables: Sequence[_Table], axis: int) -> list[list[_Table]]:
    """Group tables that overlap along an axis (0: from left to right, 1: from top to bottom), in its
    order.
    """
    runs: list[list[_Table]] = []
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
) -> list[_Table]:
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
    except Exception as error:  # as in _plumbed, for one page
        log.info("page %d is read without tables (%s)", index + 1, type(error).__name__)
        return []
    for table in tables:
        if len(table.rows) > 1 and len(table.columns) > 1:
            texts = {box: _bounded(textpage, height, box) for box in (Box(*cell) for cell in table.cells)}
            box = Box(*table.bbox)
            rest = _text_outside_cells(_bounded(textpage, height, box), texts.values())
            found.append(_Table(box, tuple(_edges(cell.left for cell in texts)), _spans(texts), rest))
    plumbed_page.close()
    running = [
        _Table(t.box, t.edges[:-1], _cells_of(t), running=True)
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
    lines = (" ".join(word for word in line.split() if word not in cell_text) for line in _lines(table_text))
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
            SourceCell(_join(texts[box].replace("\r\n", "\n").split("\n")), max(1, rowspan), max(1, colspan))
        )
    return [row for row in rows if row]


def _edges(positions: Iterable[float]) -> list[float]:
    """Return distinct positions; those closer than EDGE are one line drawn twice."""
    edges: list[float] = []
    for position in sorted(positions):
        if not edges or position - edges[-1] > EDGE:
            edges.append(position)
    return edges


def _require_text(path: Path, texts: list[str], n_pages: int, pictures: bool) -> None:
    """Refuse scans and fonts without a Unicode map, so that no garbage is indexed."""
    letters = "".join("".join(texts).split())
    if not pictures and len(letters) < 4 * max(1, n_pages // 4):
        raise LoadError("pdf-needs-ocr", file=path.name)
    strange = sum(unicodedata.category(c) in ("Co", "Cn", "Cc", "Cs") or c == "\ufffd" for c in letters)
    if strange > len(letters) * 0.2:
        raise LoadError("pdf-fonts", file=path.name)


def _lines(part: str) -> list[str]:
    return [line for line in part.replace("\r\n", "\n").split("\n") if clean(line)]


def _furniture(pages: Sequence[Sequence[str | _Table]]) -> set[tuple[int, str]]:
    """Return running heads and feet as (page, line): of a page's first and last lines those that come back
    word for word on most pages, or with no other change than a number that goes up with the pages; and page
    numbers alone.
    """
    edges: dict[str, list[tuple[int, str]]] = {}
    found: set[tuple[int, str]] = set()
    for page, parts in enumerate(pages, 1):
        lines = [line for part in parts if isinstance(part, str) for line in _lines(part)]
        for line in dict.fromkeys(lines[:2] + lines[-2:]):
            edges.setdefault(_shape(line), []).append((page, line))
    for places in edges.values():
        numbers = [[int(digits) for digits in re.findall(r"\d+", line)] for _, line in places]
        forms: list[list[tuple[str, int]]] = [[] for _ in places]
        for column in zip(*numbers, strict=True):  # each number stays, or goes up with the pages
            fixed = Counter(column).most_common(1)[0][1]
            lag = [value - page for value, (page, _) in zip(column, places, strict=True)]
            rising = Counter(lag).most_common(1)[0][1]
            for form, value, behind in zip(forms, column, lag, strict=True):
                form.append(("page", behind) if rising > fixed or behind == 0 else ("", value))
        (usual, count) = Counter(map(tuple, forms)).most_common(1)[0]
        alone = _PAGE_NUMBER.fullmatch(places[0][1]) is not None and usual[0][0] == "page"
        if (len(pages) >= 4 and count > len(pages) * REPEATED) or (alone and (count > 1 or usual[0][1] == 0)):
            found |= {place for place, form in zip(places, forms, strict=True) if tuple(form) == usual}
    return found


def _shape(line: str) -> str:
    return re.sub(r"\d+", "0", clean(line))


def _full_width(texts: list[str]) -> float:
    """Return the width from which a line of this file counts as reaching the right margin."""
    widths = sorted(_width(line) for text in texts for line in text.split("\n") if line.strip())
    return widths[int(len(widths) * 0.85)] * 0.85 if widths else 0.0


def _indents(texts: list[str]) -> bool:
    """True where a blank at a line's beginning tells that a paragraph begins: some lines have it, but most
    have not.
    """
    lines = [line for text in texts for line in text.split("\n") if line.strip()]
    return sum(line.startswith(" ") for line in lines) < MAX_INDENTED * len(lines)


class _End(NamedTuple):
    """The last line of a page's text, with the number of its block and its page."""

    block: int
    page: int
    line: str


def _repeated_shapes(pages: Sequence[Sequence[str | _Table]]) -> set[str]:
    """Return the shapes of lines at the edge of several pages: heads and feet, whose numbers may begin
    anew.
    """
    edges: Counter[str] = Counter()
    for parts in pages:
        lines = [line for part in parts if isinstance(part, str) for line in _lines(part)]
        edges.update({_shape(line) for line in (*lines[:2], *lines[-2:])})
    return {shape for shape, count in edges.items() if count >= MIN_REPEATED}


def _runs_on(before: str, line: str) -> bool:
    """True where what stands at a page's foot goes on on the next page: it ends within a word or a clause."""
    if not may_go_on(before, line) or heading_level(line):
        return False
    pair = _hangul_pair(before, line)
    return _is_unfinished(before) or any(words_cut([pair] if pair else []))


def _is_unfinished(line: str) -> bool:
    """True where a line ends with a particle or an ending that something follows."""
    return _UNFINISHED.search(line.strip()) is not None and len(re.findall("[가-힣]", line)) >= MIN_CUT


def _hangul_pair(before: str, line: str) -> tuple[str, str] | None:
    """Return two lines between which a word may go on, without blanks around them; None for others."""
    pair = before.strip(), line.strip()
    enough = len(re.findall("[가-힣]", pair[0])) >= MIN_CUT and _hangul_seam(*pair)
    return pair if enough and not _LETTERED.match(pair[1]) else None


def _to_sentence_end(text: str) -> tuple[str, str]:
    """Part a paragraph behind its first sentence."""
    match = re.search(r"(?<=[가-힣A-Za-z)]{2})[.?!][”’\"')]*(?=\s)", text)
    return (text[: match.end()], text[match.end() :].strip()) if match else (text, "")


def _paragraphs(lines: list[str], full: float, glue: Any, indents: bool) -> Iterator[str]:
    """Join wrapped lines: a line that reaches the right margin, or ends within a word, goes on in the next,
    unless that begins an item of its own, or a paragraph (`indents`: by the blank before it, see `_indents`).
    """
    group: list[str] = []
    pairs = {
        pair: (before, line)
        for before, line in pairwise(lines)
        if _width(before) < full and may_go_on(before, line) and (pair := _hangul_pair(before, line))
    }
    cut = {seam for seam, is_cut in zip(pairs.values(), words_cut(list(pairs)), strict=True) if is_cut}
    for line in lines:
        above = group[-1] if group else ""
        on = _width(above) >= full or (above, line) in cut or _is_unfinished(above)
        goes_on = group and on and may_go_on(above, line)
        goes_on = goes_on and not (indents and _INDENTED.match(line))
        if group and not goes_on:
            yield glue(group)
            group = []
        group.append(line)
    if group:
        yield glue(group)


def _width(line: str) -> int:
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line.strip())


def _gluer(texts: list[str]) -> Any:
    """Return how this file's lines are joined: by the spaces it keeps at line ends, or by how it writes the
    words elsewhere and by Kiwi."""
    ends = [line for text in texts for line in text.replace("\r\n", "\n").split("\n")[:-1] if len(line) > 20]
    spaced = sum(line.endswith(" ") for line in ends)
    if not ends or spaced > len(ends) * 0.2:
        return lambda lines: _join(lines, keep=True)
    seen = WordsSeen(line for text in texts for line in _lines(text))
    return lambda lines: _join(lines, seen=seen)


def _join(lines: list[str], keep: bool = False, seen: WordsSeen | None = None) -> str:
    """Join the lines of one paragraph or cell.

    Args:
        keep: a space at a line's end tells, none means none. seen: how the file writes words elsewhere.
    """
    lines = [line for line in lines if line.strip()]
    if len(lines) < 2:
        return "".join(lines)
    if keep:
        return "".join(line for line, _ in _pairs(lines))
    from rag.text.korean import glue_lines

    return glue_lines([line.strip() for line in lines], seen.one_word if seen else None)


def _pairs(lines: list[str]) -> Iterator[tuple[str, str]]:
    for i, line in enumerate(lines):
        after = lines[i + 1] if i + 1 < len(lines) else ""
        yield (line if not after or line.endswith(" ") or _hangul_seam(line, after) else line + " "), after


def _hangul_seam(line: str, after: str) -> bool:
    """True where two lines meet letter to letter in Hangul, so that the wrap may be inside a word."""
    return bool(re.search("[가-힣]$", line) and re.match("[가-힣]", after))
