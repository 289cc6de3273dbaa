"""Tables as data: the rows of a document's tables with their cells by header, read from its spelled-out lines
(`rag.ingest.loaders.tables`), so that every cell has a place in the document's text.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from rag.library.catalogue import Catalogue

MIN_ROWS = 3  # below that there is nothing to compute
_TOTAL = re.compile(r"(총|합|소|누)?계|합산|전체|총합계?|평균|전국|total|sum|average", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Row:
    """A row: `labels` without a header, `cells` by header, and its span in the document's text."""

    labels: tuple[str, ...]
    cells: dict[str, str]
    start: int
    end: int

    @property
    def is_total(self) -> bool:
        """True for a row of sums or means."""
        named = (
            re.sub(r"\([^)]*\)$", "", "".join(name.split())) for name in (*self.labels, *self.cells.values())
        )
        return any(_TOTAL.fullmatch(name) for name in named)


@dataclass(frozen=True, slots=True)
class Table:
    """A table: what stands above it (`context`: title, headings, caption), and its rows in order."""

    document_id: int
    context: str
    caption: str
    rows: tuple[Row, ...]

    @property
    def headers(self) -> list[str]:
        """Its columns' headers, in order; "" is that of the labels, where there are any."""
        named = [""] if any(row.labels for row in self.rows) else []
        return named + list(dict.fromkeys(header for row in self.rows for header in row.cells))

    def column(self, header: str) -> list[str]:
        """Return the cells of a column, "" where a row has none; of "" the labels."""
        return [" ".join(row.labels) if header == "" else row.cells.get(header, "") for row in self.rows]


def tables_of(catalogue: Catalogue, document_id: int, title: str) -> Iterator[Table]:
    """Yield a document's tables of at least MIN_ROWS rows with headers; parts of one table that pages or
    empty rows cut, with the same headers, as one. Those whose rows cannot be told apart by header are left.
    """
    text = catalogue.text(document_id)
    open_table: Table | None = None
    for start, end, _page, heading, kind, caption, _grid in catalogue.sections(document_id):
        if kind != "table":
            continue
        rows = tuple(_rows(text[start:end], start))
        table = Table(document_id, f"{title}\n{heading}\n{caption}", caption, rows)
        if open_table and table.headers == open_table.headers and table.context == open_table.context:
            open_table = Table(document_id, table.context, caption, open_table.rows + rows)
            continue
        if open_table and len(open_table.rows) >= MIN_ROWS:
            yield open_table
        open_table = table if rows else None
    if open_table and len(open_table.rows) >= MIN_ROWS:
        yield open_table


def _rows(text: str, start: int) -> list[Row]:
    rows: list[Row] = []
    lines = [(match.start(), match[0]) for match in re.finditer(r"[^\n]+", text)]
    counted = Counter(
        part.partition(": ")[0] for _, line in lines for part in line.split(" | ") if ": " in part
    )
    for at, line in lines:
        labels: list[str] = []
        cells: dict[str, str] = {}
        for part in line.split(" | "):
            header, colon, value = part.partition(": ")
            if colon and (counted[header] > 1 or len(lines) < MIN_ROWS):
                if header in cells:  # two columns of one name
                    return []
                cells[header] = value.strip()
            elif cells:  # a cell without a header, or one that holds the sign between cells
                return []
            else:
                labels.append(part.strip())
        if cells:
            rows.append(Row(tuple(labels), cells, start + at, start + at + len(line)))
    return rows
