"""Which cell of a table's row answers. The evidence model chooses a row; a question mostly asks for one of
its cells, and whoever is shown the whole row has to look for it.

What each cell of the row is like for the question (`features`) is weighed by a conditional logit (McFadden
1974) that `models/cells/train.py` fitted on questions about rows of other tables. Where it is not sure, the
row stands as it is. A question that compares or adds gets what is computed from the cells that it names in
that way (`rag.answer.computing`).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rag.answer import computing, slots
from rag.answer.computing import Computed, Item
from rag.answer.reader import Evidence
from rag.answer.slots import Asked, Named
from rag.caches import remember
from rag.errors import ConfigError
from rag.library import tables
from rag.library.catalogue import Catalogue
from rag.library.tables import Cell, Table
from rag.question.operation import Operation
from rag.question.question import Question
from rag.root import ROOT
from rag.text import korean
from rag.text.dates import Date
from rag.types import Passage, Quote

FILE = ROOT / "models" / "cells" / "weights.json"
FEATURES = ("words", "header_share", "header_named", "same_period", "other_period", "header_similarity")
Similarity = Callable[[str, Sequence[str]], Sequence[float]]


@dataclass(frozen=True, slots=True)
class ReadRow:
    """A row of a table that stands in a passage, at least in part.

    Attributes:
        document: its number. written: the document's date. columns: the table's columns whose cells stand
            in the passage, each in a place of its own; first: the place of the first of these among the
            passage's spans (`spans_of`).
    """

    document: int
    table: Table
    row: int
    written: Date | None
    columns: tuple[int, ...]
    first: int

    @property
    def start(self) -> int:
        """Where it begins in the document's text."""
        return self.table.rows[self.row].start

    @property
    def end(self) -> int:
        """Where it ends there."""
        return self.table.rows[self.row].end

    @property
    def cells(self) -> list[Cell]:
        """Its cells in `columns`."""
        return [self.table.rows[self.row].cells[x] for x in self.columns]


@dataclass(frozen=True, slots=True)
class Weights:
    """Fitted values: those of `FEATURES`, and the least probability of a cell that is stated."""

    weights: tuple[float, ...]
    stated: float


@dataclass(frozen=True, slots=True)
class Look:
    """What a row's cells say. `computed`: a cell, or what was computed of several, of a table of a document,
    by its number; None where it is not sure. `lacks_computation`: the question compares or adds, and that
    could not be done: a row by itself is no answer to it.
    """

    computed: Computed | None = None
    document: int = 0
    lacks_computation: bool = False


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


def features(
    question: Question, row: ReadRow, scores: Sequence[float | None], similarity: Similarity
) -> NDArray[np.float64]:
    """Return what each cell of a row is like: (n_cells, n_features).

    Args:
        scores: of each cell, see `rag.model.evidence_model.Scores.spans`. similarity: of a question to
        texts, each -1
            to 1.
    """
    table = row.table
    headers = [table.columns[x] for x in row.columns]
    known = [score for score in scores if score is not None]
    least = min(known, default=0.0)
    asked = slots.asked(question, row.written)
    alike = similarity(question.text, headers)
    found = []
    for x, header, score, likeness in zip(row.columns, headers, scores, alike, strict=True):
        periods = _periods(table, row.row, x)
        same = any(_is_asked(period, date) for period in periods for date in asked.dates)
        within = any(_is_part(period, date) for period in periods for date in asked.dates)
        other = bool(asked.dates and periods) and not same and not within
        found.append(
            [
                least if score is None else score,
                _share_of_question(question, header),
                _share_of_header(question, header),
                float(same),
                float(other),
                likeness if header else 0.0,
            ]
        )
    return np.array(found, np.float64).reshape(len(headers), len(FEATURES))


def probabilities(known: NDArray[np.float64], weights: Sequence[float]) -> NDArray[np.float64]:
    """Return the probability of each cell of a row being what is asked for, where one of them is:
    (n_cells,).
    """
    logits = known @ np.array(weights)
    odds = np.exp(logits - logits.max())
    return np.asarray(odds / odds.sum(), np.float64)


def look(
    question: Question,
    best: Quote,
    evidence: Sequence[Evidence],
    rows: Sequence[Sequence[ReadRow]],
    similarity: Similarity,
) -> Look:
    """Return what the cells of the row that answers say to a question.

    Args:
        best: the sentence that answers. evidence: of all that was read; rows: of each of these passages.
    """
    found = [
        (row, each.spans[row.first : row.first + len(row.columns)])
        for each, of_passage in zip(evidence, rows, strict=True)
        for row in of_passage
        if best in each.quotes and row.start <= best.start < row.end
    ]
    if not found or not found[0][0].columns:
        return Look()
    row, scores = found[0]
    asked = slots.asked(question, row.written)
    operation = question.operation
    if operation in (Operation.VALUE, Operation.NONE) and len(set(asked.dates)) == 2:
        operation = Operation.DIRECTION  # which says what both were
    if operation in _OF_SEVERAL and (computed := _of_several(operation, asked, row, None)):
        return Look(computed, row.document)
    fitted = weights()
    chances = probabilities(features(question, row, scores, similarity), fitted.weights)
    column = row.columns[int(chances.argmax())]
    several = question.operation in _OF_SEVERAL
    if question.operation in (
        Operation.SUM,
        Operation.AVERAGE,
    ):  # "모두 몇 명" is a cell of a row that is named
        several = _names_several(asked, row)
    if several and (computed := _of_several(question.operation, asked, row, column)):
        return Look(computed, row.document)
    sure = chances.max() >= fitted.stated and column >= row.table.n_labels and _tells_all(asked, row, column)
    own = several and _is_own(question.operation, row, column)
    one_cell = question.operation in (Operation.VALUE, Operation.NONE, Operation.SUM, Operation.AVERAGE)
    if sure and (own or (one_cell and not several)):
        header, line = row.table.columns[column], row.table.rows[row.row]
        item = Item(line.name, line.cells[column], row.row)
        return Look(Computed(Operation.VALUE, row.table, header, (item,), (item,)), row.document)
    return Look(lacks_computation=several and not own)


def _names_several(asked: Asked, row: ReadRow) -> bool:
    """True where a question names several rows, columns or periods, or none of a table's rows."""
    rows = [each for each in row.table.rows if each.labels and _is_named(each.labels[-1], asked.text)]
    columns = [column for column in row.table.columns if _is_named(column, asked.text)]
    return len(rows) != 1 or len(columns) > 1 or len(set(asked.dates)) > 1 or asked.ranged


def _is_own(operation: Operation, row: ReadRow, column: int) -> bool:
    """True for a cell in which a table says itself what would be computed: a sum, a mean, growth."""
    if operation in (Operation.SUM, Operation.AVERAGE):
        return row.table.rows[row.row].total or row.table.totals(column)
    return tables.is_rate(row.table.columns[column]) or tables.is_rate(row.table.rows[row.row].name)


def of_the_named(
    question: Question, chosen: Sequence[Quote], rows: Sequence[Sequence[ReadRow]]
) -> list[Quote]:
    """Return the sentences that were chosen, of a table's rows only those that a question names, if it
    names one.
    """
    labelled = [row for of_passage in rows for row in of_passage if row.table.rows[row.row].labels]

    def label(quote: Quote) -> str | None:
        row = next(
            (
                row
                for row in labelled
                if row.document == quote.passage.chunk.document_id and row.start <= quote.start < row.end
            ),
            None,
        )
        return row.table.rows[row.row].labels[-1] if row else None

    labels = [label(quote) for quote in chosen]
    named = [each is not None and _is_named(each, question.normalised) for each in labels]
    if not any(named):
        return list(chosen)
    return [q for q, each, is_named in zip(chosen, labels, named, strict=True) if is_named or each is None]


_OF_SEVERAL = (
    Operation.SUM,
    Operation.AVERAGE,
    Operation.DIFFERENCE,
    Operation.RATIO,
    Operation.DIRECTION,
)


def _of_several(operation: Operation, asked: Asked, row: ReadRow, column: int | None) -> Computed | None:
    """Return what is computed from the cells that a question names: of one row in several periods or
    columns, or, where the column is known, of several rows.
    """
    table = row.table
    named = [y for y, each in enumerate(table.rows) if each.labels and _is_named(each.labels[-1], asked.text)]
    values = [x for x in row.columns if x >= table.n_labels]
    dated = [x for x in values if any(_is_said(date, _periods(table, row.row, x)) for date in asked.dates)]
    headed = [x for x in values if _is_named(table.columns[x], asked.text)]
    if asked.refused:
        return None
    if column is None:
        several = dated if len(dated) > 1 and len(dated) == len(set(asked.dates)) else headed
        other_row = bool(named) and row.row not in named
        if len(several) < 2 or len(named) > 1 or other_row or not _tells_all(asked, row, *several):
            return None
        return computing.work_on(operation, asked, Named(table, (row.row,), tuple(several)))
    if row.row not in named or len(named) < 2 or not _tells_all(asked, row, column):
        return None
    return computing.work_on(operation, asked, Named(table, tuple(named), (column,)))


def _tells_all(asked: Asked, row: ReadRow, *columns: int) -> bool:
    """True where each period that is asked for is that of one of a row's cells, or they have none."""
    periods = [period for x in columns for period in _periods(row.table, row.row, x)]
    return not periods or all(_is_said(date, periods) for date in asked.dates)


def _is_said(date: Date, periods: Sequence[Date]) -> bool:
    """True where a date that is asked for is one of some periods, or one lies in it."""
    return any(_is_asked(period, date) or _is_part(period, date) for period in periods)


def _is_named(label: str, text: str) -> bool:
    """True where a normalised text holds the letters of a label, or of what it is without its brackets."""
    parts = ["".join(part.split()) for part in slots.parts_of(korean.normalise(label))[:2]]
    return any(len(part) > 1 and slots.stands(part, text) for part in parts)


def _periods(table: Table, row: int, column: int) -> list[Date]:
    """Return what a cell's period may be: that of its column and row, each filled up from the other and from
    what stands above the table.
    """
    of_row = [date for label in table.rows[row].labels if (date := tables.date_of(label))]
    of_column = [date] if (date := tables.date_of(table.columns[column])) else []
    above = tables.date_of(table.section.caption) or tables.date_of(table.section.heading.split(" > ")[-1])
    if not (of_row or of_column):
        return [above] if above else []
    periods = [
        _filled(first, second) for first, second in ((of_column, of_row), (of_row, of_column)) if first
    ]
    return [*periods, *(_filled([period], [above]) for period in periods if above)]


def _filled(first: Sequence[Date], second: Sequence[Date]) -> Date:
    """Return a date with the parts that it leaves open taken from another."""
    base = first[-1]
    for other in second[-1:]:
        base = Date(*(a if a is not None else b for a, b in zip(base, other, strict=True)))
    return base


def _is_asked(period: Date, date: Date) -> bool:
    """True where a period is the one that is asked for, which may leave its year away."""
    return period == date or (date.year is None and period[1:] == date[1:])


def _is_part(period: Date, date: Date) -> bool:
    """True where a period lies in the one that is asked for."""
    return all(asked is None or asked == own for asked, own in zip(date, period, strict=True))


def _share_of_question(question: Question, header: str) -> float:
    """Return how many of the letters of a question's words a header has, 0 to 1."""
    words = frozenset(question.words)
    flat, own = "".join(korean.normalise(header).split()), set(korean.morphemes(header))
    in_header = [word for word in words if word in own or (len(word) > 1 and word in flat)]
    return sum(map(len, in_header)) / max(1, sum(map(len, words)))


def _share_of_header(question: Question, header: str) -> float:
    """Return how many of the letters of a header's words a question has, 0 to 1."""
    words = korean.content(korean.morphemes(header))
    flat, asked = "".join(question.normalised.split()), frozenset(question.words)
    named = [word for word in words if word in asked or (len(word) > 1 and word in flat)]
    return sum(map(len, named)) / max(1, sum(map(len, words)))


@remember(2)
def weights(file: Path = FILE) -> Weights:
    """Return the fitted values. Raises ConfigError for a damaged file."""
    try:
        values = json.loads(file.read_text(encoding="utf-8"))
        return Weights(tuple(float(values["weights"][name]) for name in FEATURES), float(values["stated"]))
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise ConfigError("weights-unreadable", file=file, reason=error) from error
