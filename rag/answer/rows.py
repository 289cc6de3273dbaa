"""Rows of tables in the passages that are read: where they stand, which of them a question names, and of
which periods their cells are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rag.answer import slots
from rag.answer.slots import Asked
from rag.library import tables
from rag.library.catalogue import Catalogue
from rag.library.tables import Cell, Row, Table
from rag.question.wording import Wording
from rag.text import korean
from rag.text.dates import Date
from rag.types import Passage, Quote


@dataclass(frozen=True, slots=True)
class ReadRow:
    """A row of a table that stands in a passage, at least in part.

    Attributes:
        document, number: of the document, and of the row in its table. written: the document's date.
        columns: the table's columns whose cells stand in the passage, each in a place of its own.
        first: the place of the first of these among the passage's spans (`spans_of`).
    """

    document: int
    table: Table
    number: int
    written: Date | None
    columns: tuple[int, ...]
    first: int

    @property
    def line(self) -> Row:
        """The row as its table has it."""
        return self.table.rows[self.number]

    @property
    def cells(self) -> list[Cell]:
        """Its cells in `columns`."""
        return [self.line.cells[x] for x in self.columns]

    @property
    def values(self) -> list[int]:
        """Those of `columns` that do not name the row."""
        return [x for x in self.columns if x >= self.table.n_labels]

    def holds(self, quote: Quote) -> bool:
        """True for a quote that begins in it."""
        same = self.document == quote.passage.chunk.document_id
        return same and self.line.start <= quote.start < self.line.end

    def periods(self, column: int) -> list[Date]:
        """Return what a cell's period may be: that of its column and row, each filled up from the other and
        from what stands above the table.
        """
        section = self.table.section
        of_row = [date for label in self.line.labels if (date := tables.date_of(label))][-1:]
        of_column = [date] if (date := tables.date_of(self.table.columns[column])) else []
        above = tables.date_of(section.caption) or tables.date_of(section.heading.split(" > ")[-1])
        if not (of_row or of_column):
            return [above] if above else []
        pairs = ((of_column, of_row), (of_row, of_column))
        periods = [_filled(first[0], *second) for first, second in pairs if first]
        return [*periods, *(_filled(period, above) for period in periods if above)]

    def tells_all(self, asked: Asked, *columns: int) -> bool:
        """True where each period that is asked for is that of one of some cells, or they have none."""
        periods = [period for x in columns for period in self.periods(x)]
        return not periods or all(is_said(date, periods) for date in asked.dates)


def rows_of(catalogue: Catalogue, passages: Sequence[Passage]) -> list[list[ReadRow]]:
    """Return the rows of tables that stand in each passage, in order, with the cells that are whole there."""
    in_documents = {
        number: _tables_in(catalogue, number, [p for p in passages if p.chunk.document_id == number])
        for number in {passage.chunk.document_id for passage in passages}
    }
    return [_rows_in(passage, in_documents[passage.chunk.document_id]) for passage in passages]


def _tables_in(catalogue: Catalogue, document: int, passages: Sequence[Passage]) -> list[Table]:
    """Return the tables of a document that stand in passages of it."""
    sections = [
        section
        for section in catalogue.sections(document)
        if section.kind == "table" and any(section.start < p.end and p.start < section.end for p in passages)
    ]
    text = catalogue.text(document) if sections else ""
    return [table for section in sections if (table := tables.table_of(section, text))]


def _rows_in(passage: Passage, in_document: Sequence[Table]) -> list[ReadRow]:
    start, end = passage.start, passage.start + len(passage.text)
    written = tables.date_of(passage.chunk.date)
    rows: list[ReadRow] = []
    first = 0
    for table in in_document:
        for y, row in enumerate(table.rows):
            if row.end <= start or end <= row.start:
                continue
            columns = tuple(
                x
                for x, cell in enumerate(row.cells)
                if cell.text
                and start <= cell.start
                and cell.end <= end
                and (cell.start, cell.end) != (row.start, row.end)
            )
            rows.append(ReadRow(passage.chunk.document_id, table, y, written, columns, first))
            first += len(columns)
    return rows


def spans_of(passage: Passage, rows: Sequence[ReadRow]) -> list[tuple[int, int]]:
    """Return where the cells of rows stand in their passage's text, in the rows' order."""
    return [(cell.start - passage.start, cell.end - passage.start) for row in rows for cell in row.cells]


def of_the_named(
    question: Wording, chosen: Sequence[Quote], rows: Sequence[Sequence[ReadRow]]
) -> list[Quote]:
    """Return the sentences that were chosen, of a table's rows only those that a question names, if it names
    one.
    """
    every = [row for of_passage in rows for row in of_passage]
    held = [next((row for row in every if row.holds(quote)), None) for quote in chosen]
    named = [row is not None and row_is_named(row.line, question.normalised) for row in held]
    if not any(named):
        return list(chosen)
    kept = (is_named or row is None or not row.line.labels for row, is_named in zip(held, named, strict=True))
    return [quote for quote, keep in zip(chosen, kept, strict=True) if keep]


def row_is_named(row: Row, text: str) -> bool:
    """True where a normalised text names a row by its own label."""
    return bool(row.labels) and is_named(row.labels[-1], text)


def is_named(label: str, text: str) -> bool:
    """True where a normalised text holds the letters of a label, or of what it is without its brackets."""
    parts = ["".join(part.split()) for part in slots.parts_of(korean.normalise(label))[:2]]
    return any(len(part) > 1 and slots.stands(part, text) for part in parts)


def is_said(date: Date, periods: Sequence[Date]) -> bool:
    """True where a date that is asked for is one of some periods, or one lies in it."""
    return any(slots.same_period(period, date) or _lies_in(period, date) for period in periods)


def _lies_in(period: Date, date: Date) -> bool:
    return all(asked is None or asked == own for asked, own in zip(date, period, strict=True))


def _filled(date: Date, *others: Date) -> Date:
    """Return a date with the parts that it leaves open taken from another."""
    for other in others:
        date = Date(*(a if a is not None else b for a, b in zip(date, other, strict=True)))
    return date
