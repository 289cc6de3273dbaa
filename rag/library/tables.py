"""Tables as data: the columns of a table with the headers above each, its rows with the labels that name
them, and each cell with its value and its place in the document's text.

A section keeps its table as the page shows it, rows of cells with merged ones repeated, and spells every row
below the headers out as a line of the text (`rag.ingest.loaders.tables`). Both are laid beside each other
here.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from rag.caches import remember
from rag.library.catalogue import Section
from rag.text.dates import Date
from rag.text.numbers import numbers
from rag.text.vocabulary import alternatives, vocabulary

_WORDS = vocabulary(__file__)
_RATE = re.compile("(?:" + alternatives(_WORDS["rates"].words()) + r")\s*(?:\([^()]*\))?$")
_MISSING = re.compile(r"[-–—−…·.xX×*]*")
_TOTAL = re.compile(alternatives(_WORDS["totals"].words()))
_PARTIAL = re.compile(alternatives(_WORDS["subtotals"].words()))
_ALL = re.compile(r"전\s\S")
_MEAN = re.compile(alternatives(_WORDS["means"].words()))
_YEAR = re.compile(r"(?:19|20)\d\d")
_UNIT = re.compile(r"단위\s*[:：]?\s*([^)\]\n|]+)")
_MINUS = re.compile(r"[△▲▽▼\-−–‑]\s*")
_MARKS = re.compile(r"[*※]|\([^()]*\)|\d{0,2}\)$")  # behind a label
_NOTE = re.compile(r"\s*(?:[※*]|주\s?\d?\)|자료\s?:|주\s?:)")
_ASIDE = re.compile(r"\([^()]*\)")
_UNITS = re.compile(r"단\s?위")  # heads a column of units
_IN_BRACKETS = re.compile(r"\(([^()]{1,20})\)\s*$")


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a row.

    Attributes:
        start, end: of what stands in it in the document's text, or of what stands there for it, where a
            merged cell is said once.
        value: its number as it is written, None for words and where it is empty or missing. unit: written
            with it, else in its column's header, else in the caption; "" where none is, or the caption names
            several.
    """

    text: str
    start: int
    end: int
    value: float | None = None
    unit: str = ""

    @property
    def missing(self) -> bool:
        """True where it is empty or says that there is no value: -, …."""
        return _MISSING.fullmatch(self.text.strip()) is not None


@dataclass(frozen=True, slots=True)
class Row:
    """A row below the headers.

    Attributes:
        labels: what names it, from the outside in. start, end: of its line in the document's text.
        total: it sums others up, or is their mean. aside: its figures stand in brackets, beside those of the
            row above: (△3.1).
    """

    labels: tuple[str, ...]
    cells: tuple[Cell, ...]
    start: int
    end: int
    total: bool
    aside: bool = False

    @property
    def name(self) -> str:
        """What names it, in one line."""
        return " ".join(dict.fromkeys(self.labels))


@dataclass(frozen=True, slots=True)
class Table:
    """A table.

    Attributes:
        columns: the headers above each column, joined; "" for none. n_labels: how many columns at the left
            name the rows. open: it may go on in another table.
    """

    section: Section
    columns: tuple[str, ...]
    n_labels: int
    rows: tuple[Row, ...]
    open: bool = False

    @property
    def corner(self) -> str:
        """What stands above the labels of its rows."""
        return " ".join(dict.fromkeys(self.columns[: self.n_labels]))

    def totals(self, column: int) -> bool:
        """True for a column that sums others up, or is their mean."""
        return _sums_up(self.columns[column].split(" "))


@dataclass(frozen=True, slots=True)
class Place:
    """A cell's place in the table of its section, as the page shows it.

    Attributes:
        at: its row and column, from 0, those of headers counted. heads: so of the cells that head its column
            and name its row. row, column: what they say, "" where there are none.
    """

    at: tuple[int, int]
    heads: tuple[tuple[int, int], ...]
    row: str
    column: str


def table_of(section: Section, text: str) -> Table | None:
    """Return a section's table as data; None for a section that is none, and for a form without headers.

    Args:
        text: of the section's document.
    """
    grid = section.table
    if section.kind != "table" or not grid or not grid[0]:
        return None
    places = row_spans(section, text)
    spans = [span for span in places if span is not None]
    head = len(grid) - len(spans)
    if not 0 < head < len(grid):
        return None
    columns = tuple(
        " ".join(dict.fromkeys(row[x] for row in grid[:head] if row[x])) for x in range(len(grid[0]))
    )
    caption = _units_of_caption(section.caption)
    read = [_cells(row, columns, text, span) for row, span in zip(grid[head:], spans, strict=True)]
    n_labels = _n_labels(columns, read)
    rows: list[Row] = []
    group = ""
    for cells, span in zip(read, spans, strict=True):
        said = {cell.text for cell in cells if cell.text}
        if len(said) == 1 and len(cells) > 1 and all(cell.text for cell in cells):
            (alone,) = said  # a line of its own above the rows of a part
            group = "" if _NOTE.match(alone) else alone
            continue
        own = [cell.text for cell in cells[:n_labels] if cell.text]
        if _sums_up(own) and not any(_PARTIAL.fullmatch("".join(label.split())) for label in own):
            group = ""  # what sums all parts up belongs to none
        labels = tuple(filter(None, [group, *own]))
        of_row = next((c.text for c, head in zip(cells, columns, strict=True) if _UNITS.fullmatch(head)), "")
        cells = tuple(
            cell
            if cell.value is None or cell.unit
            else replace(cell, unit=_unit(columns[x], labels[-1] if labels else "", caption, of_row))
            for x, cell in enumerate(cells)
        )
        figures = [cell.text for cell in cells[n_labels:] if cell.value is not None]
        aside = bool(figures) and all(_ASIDE.fullmatch(figure) for figure in figures)
        rows.append(Row(labels, cells, *span, _sums_up(labels), aside))
    return Table(section, columns, n_labels, tuple(rows)) if rows else None


def row_spans(section: Section, text: str) -> list[tuple[int, int] | None]:
    """Return where each row of a section's table is spelled out in its document's text, None for headers."""
    grid, lines = section.table or [], _lines(section, text)
    head = _n_headers(grid, [text[a:b] for a, b in lines])
    return [None] * head + list(lines[len(lines) - (len(grid) - head) :])


def places(section: Section, text: str, cells: Sequence[tuple[int, int]]) -> list[Place]:
    """Return where cells of a section's table, as spans of its document's text, stand in it: a merged one in
    every place that it covers in its row, one whose own place in the text is not known (`Cell`) in none.
    """
    table = table_of(section, text) if cells else None
    grid = section.table
    if table is None or grid is None:
        return []
    lines = row_spans(section, text)
    n_heads = lines.count(None)
    found: list[Place] = []
    for row in table.rows:
        named = set(cells) - {(row.start, row.end)}
        columns = [x for x, cell in enumerate(row.cells) if (cell.start, cell.end) in named]
        if not columns:
            continue
        y = lines.index((row.start, row.end))
        labels = [(y, x) for x in range(table.n_labels) if grid[y][x]]
        if len(row.labels) > len(labels):  # the line above the rows of its part names it, too
            part = max(above for above in range(y) if set(grid[above]) == {row.labels[0]})
            labels += [(part, x) for x in range(len(grid[part]))]
        for x in columns:
            heads = [*((above, x) for above in range(n_heads) if grid[above][x]), *labels]
            others = tuple(head for head in heads if head != (y, x))
            found.append(Place((y, x), others, row.name, table.columns[x]))
    return found


def date_of(header: str) -> Date | None:
    """Return the period that a header or label names, None for none or more than one.

    >>> [date and tuple(date) for date in map(date_of, ("2022년 1분기", "2024 최종예산", "서울"))]
    [(2022, 1, None, None), (2024, None, None, None), None]
    """
    read = numbers(header)
    found = [n.date for n in read if n.date is not None]
    if not found and (years := [n for n in read if not n.unit and _YEAR.fullmatch(header[n.start : n.end])]):
        found = [Date(int(n.value)) for n in years]
    return found[0] if len(found) == 1 else None


def _lines(section: Section, text: str) -> list[tuple[int, int]]:
    """Return the spans of a table's lines in the document's text, without its caption."""
    spans: list[tuple[int, int]] = []
    at = section.start
    for line in text[section.start : section.end].split("\n"):
        spans.append((at, at + len(line)))
        at += len(line) + 1
    first = text[slice(*spans[0])]
    return spans[1:] if section.caption and first == section.caption else spans


def _n_headers(grid: Sequence[Sequence[str]], lines: Sequence[str]) -> int:
    """Return how many rows of a grid are headers: each other row is a line, and headers above nothing are one
    more.
    """
    head = len(grid) - len(lines)
    if head < 0 or (head + 1 < len(grid) and lines and not _tells(lines[0], grid[head])):
        head += 1
    return max(0, min(head, len(grid)))


def _tells(line: str, row: Sequence[str]) -> bool:
    """True where a line spells a row out."""
    return all(cell in line for cell in row)


def _cells(row: Sequence[str], columns: Sequence[str], text: str, span: tuple[int, int]) -> tuple[Cell, ...]:
    """Return a row's cells, each with its place in the line that spells them out."""
    cells: list[Cell] = []
    at, end = span
    for x, said in enumerate(row):
        place = -1
        if said:
            for spelled in (f"{columns[x]}: {said}", said):
                if (found := text.find(spelled, at, end)) >= 0:
                    place = found + len(spelled) - len(said)
                    break
        if place >= 0:
            at = place + len(said)
            start, stop = place, at
        else:  # merged, and said before
            same = [cell for cell in cells if cell.text == said and said]
            start, stop = (same[-1].start, same[-1].end) if same else span
        cells.append(Cell(said, start, stop, *_value(said)))
    return tuple(cells)


@remember(50_000)  # a table is read to be computed with, and again for each citation that shows it
def _value(text: str) -> tuple[float | None, str]:
    """Return the number of a cell and its unit; None where it is anything but one number, its sign and unit,
    perhaps with another one in brackets behind it.

    >>> _value("1,234"), _value("△ 3.1%"), _value("200만 원"), _value("78.1 (△3.1)"), _value("(5.5)")
    ((1234.0, ''), (-3.1, '%'), (2000000.0, '원'), (78.1, ''), (5.5, ''))
    >>> [_value(text)[0] for text in ("-", "제3호", "35.21)", "50+", "±3", "100 이상", "2024년")]
    [None, None, None, None, None, None, None]
    """
    outside = re.sub(r"(?<=\S)\s*\([^()]*\)$", "", text.strip())
    if bracket := _ASIDE.fullmatch(outside):
        outside = bracket[0][1:-1].strip()
    sign = _MINUS.match(outside)
    bare = outside[sign.end() :] if sign else outside
    found = numbers(bare)
    if len(found) != 1 or not bare[:1].isdigit():
        return None, ""
    (number,) = found
    plain = not (number.date or number.article or number.bound or number.part or number.about)
    if not plain or number.end != len(bare):
        return None, ""
    return (-number.value if sign else number.value), number.unit


def _is_unit(text: str) -> bool:
    """True where a text is what stands behind a figure: 억 원, %, 명.

    >>> _is_unit("억 원"), _is_unit("잠정")
    (True, False)
    """
    found = numbers(f"3{text.strip()}")  # 3월 is a date
    whole = len(found) == 1 and found[0].end == len(text.strip()) + 1
    return whole and bool(found[0].unit) and found[0].date is None and not re.search(r"\d", text)


def _unit(column: str, label: str, caption: Sequence[str], of_row: str = "") -> str:
    """Return the unit of the cells of a column and row: of the header's brackets, the label's, or of the
    caption.

    Of several units of a caption % is that of rates, the other one, where there is one, that of what is none.

    >>> caption = _units_of_caption("수출 (단위: 억 달러, %)")
    >>> _unit("2024년", "수출액", caption), _unit("2024년", "증감률", caption)
    ('억 달러', '%')
    >>> _unit("수(개)", "서울", caption)
    '개'
    """
    for header in (column, label):
        bracket = _IN_BRACKETS.search(header)
        if bracket and _is_unit(bracket[1]):
            return bracket[1].strip()
    if of_row:
        return of_row
    shares, others = [[unit for unit in caption if ("%" in unit) == share] for share in (True, False)]
    chosen = shares if is_rate(column) or is_rate(label) else others
    if not chosen and shares and len(caption) == 1:
        chosen = shares
    return chosen[0] if len(chosen) == 1 else ""


def is_rate(header: str) -> bool:
    """True for a header or label of shares, rates, ranks and the like, which are not added up."""
    return "%" in header or _RATE.search(header.strip()) is not None


def _units_of_caption(caption: str) -> list[str]:
    """Return the units that a caption names."""
    named = _UNIT.search(caption)
    return [unit.strip() for unit in re.split(r"[,·](?!\d)", named[1])] if named else []


def _n_labels(columns: Sequence[str], rows: Sequence[Sequence[Cell]]) -> int:
    """Return how many columns at the left name the rows: all before the first of figures, at least one."""
    for x in range(1, len(columns)):
        filled = [row[x] for row in rows if row[x].text]
        if filled and sum(cell.value is not None for cell in filled) * 2 > len(filled):
            return x
    return 1


def _sums_up(labels: Sequence[str]) -> bool:
    """True for labels of a total or a mean: 합 계, 소계1), 도 전체, 전 산업, 평균."""
    bare = [_MARKS.sub("", label).strip() for label in labels]
    flat = ["".join(label.split()) for label in bare]
    last = [label.split()[-1] for label in bare if label]
    if any(_TOTAL.fullmatch(word) for word in [*flat, "".join(flat), *last]):
        return True
    return any(_MEAN.fullmatch(label) for label in flat) or any(_ALL.match(label) for label in bare)


def continues(last: Section, first: Table, second: Table, between: str) -> bool | None:
    """Tell whether a table, of which `last` is the last part, goes on in the next: at the top of the next
    page, with the same headers and no caption of its own; None where it may.

    Args:
        between: what is said between the two.
    """
    here = second.section
    again = here.caption in ("", first.section.caption) or "계속" in here.caption
    if not again or first.columns != second.columns or re.search(r"[가-힣]{2}", between):
        return False
    return True if last.page is not None and here.page == last.page + 1 else None


def joined(first: Table, second: Table) -> Table:
    """Return a table with the rows of the one that continues it, in the units of the first."""
    caption = _units_of_caption(first.section.caption)
    rows = tuple(
        replace(
            row,
            cells=tuple(
                replace(cell, unit=_unit(first.columns[x], row.labels[-1] if row.labels else "", caption))
                if cell.value is not None and not cell.unit
                else cell
                for x, cell in enumerate(row.cells)
            ),
        )
        for row in second.rows
    )
    return replace(first, rows=(*first.rows, *rows))
