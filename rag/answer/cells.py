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
from rag.answer.rows import ReadRow, is_named, is_said, row_is_named
from rag.answer.slots import Asked, Named
from rag.caches import remember
from rag.errors import ConfigError
from rag.library import tables
from rag.question.operation import Operation
from rag.question.question import Question
from rag.root import ROOT
from rag.text import korean
from rag.types import Quote

FILE = ROOT / "models" / "cells" / "weights.json"
FEATURES = ("words", "header_share", "header_named", "same_period", "other_period", "header_similarity")
LONGEST = 40  # letters of a cell that is stated: of those that the weights were fitted on none has more
Similarity = Callable[[str, Sequence[str]], Sequence[float]]


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


def features(
    question: Question, row: ReadRow, scores: Sequence[float | None], similarity: Similarity
) -> NDArray[np.float64]:
    """Return what each cell of a row is like: (n_cells, n_features).

    Args:
        scores: of each cell, see `rag.model.evidence_model.Scores.spans`.
        similarity: of a question to texts, each -1 to 1.
    """
    headers = [row.table.columns[x] for x in row.columns]
    least = min((score for score in scores if score is not None), default=0.0)
    asked = slots.asked(question, row.written)
    alike = similarity(question.text, headers)
    found = []
    for x, header, score, likeness in zip(row.columns, headers, scores, alike, strict=True):
        periods = row.periods(x)
        same = any(slots.same_period(period, date) for period in periods for date in asked.dates)
        other = bool(asked.dates and periods) and not any(is_said(date, periods) for date in asked.dates)
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
        if best in each.quotes and row.holds(best) and row.columns
    ]
    if not found:
        return Look()
    row, scores = found[0]
    asked = slots.asked(question, row.written)
    wanted = _wanted(question.operation, asked, row)
    if computed := _along_the_row(wanted, asked, row):
        return Look(computed, row.document)
    fitted = weights()
    chances = probabilities(features(question, row, scores, similarity), fitted.weights)
    column = row.columns[int(chances.argmax())]
    if computed := _down_the_column(wanted, asked, row, column):
        return Look(computed, row.document)
    compares = wanted in _OF_SEVERAL
    own = compares and _is_own(wanted, row, column)
    sure = chances.max() >= fitted.stated and column >= row.table.n_labels and row.tells_all(asked, column)
    cell = row.line.cells[column]
    if sure and len(cell.text) <= LONGEST and (own or wanted is Operation.VALUE):
        header = row.table.columns[column]
        item = Item(row.line.name, cell, row.number)
        return Look(Computed(Operation.VALUE, row.table, header, (item,), (item,)), row.document)
    return Look(lacks_computation=compares and not own)


def _wanted(operation: Operation, asked: Asked, row: ReadRow) -> Operation:
    """Return what a question wants of a row; what it names tells that better than how it is put: "모두 몇 명"
    of one row is a cell, and of two years it is said what both were.
    """
    if operation in (Operation.VALUE, Operation.NONE):
        two = len(set(asked.dates)) == 2 and _along_the_row(Operation.DIRECTION, asked, row)
        return Operation.DIRECTION if two else Operation.VALUE
    if operation in (Operation.SUM, Operation.AVERAGE) and not _names_several(asked, row):
        return Operation.VALUE
    return operation


def _names_several(asked: Asked, row: ReadRow) -> bool:
    """True where a question names several rows, columns or periods, or none of a table's rows."""
    rows = [each for each in row.table.rows if row_is_named(each, asked.text)]
    columns = [column for column in row.table.columns if is_named(column, asked.text)]
    return len(rows) != 1 or len(columns) > 1 or len(set(asked.dates)) > 1 or asked.ranged


def _is_own(operation: Operation, row: ReadRow, column: int) -> bool:
    """True for a cell in which a table says itself what would be computed: a sum, a mean, growth."""
    if operation in (Operation.SUM, Operation.AVERAGE):
        return row.line.total or row.table.totals(column)
    return tables.is_rate(row.table.columns[column]) or tables.is_rate(row.line.name)


_OF_SEVERAL = frozenset(
    {Operation.SUM, Operation.AVERAGE, Operation.DIFFERENCE, Operation.RATIO, Operation.DIRECTION}
)


def _along_the_row(operation: Operation, asked: Asked, row: ReadRow) -> Computed | None:
    """Return what is computed from the cells of a row that a question names by their periods or headers."""
    if operation not in _OF_SEVERAL or asked.refused:
        return None
    table = row.table
    dated = [x for x in row.values if any(is_said(date, row.periods(x)) for date in asked.dates)]
    headed = [x for x in row.values if is_named(table.columns[x], asked.text)]
    several = dated if len(dated) > 1 and len(dated) == len(set(asked.dates)) else headed
    named = _named_rows(asked, row)
    if len(several) < 2 or named not in ([], [row.number]) or not row.tells_all(asked, *several):
        return None
    return computing.work_on(operation, asked, Named(table, (row.number,), tuple(several)))


def _down_the_column(operation: Operation, asked: Asked, row: ReadRow, column: int) -> Computed | None:
    """Return what is computed from the rows that a question names, in one column."""
    named = _named_rows(asked, row)
    if operation not in _OF_SEVERAL or asked.refused or row.number not in named or len(named) < 2:
        return None
    if not row.tells_all(asked, column):
        return None
    return computing.work_on(operation, asked, Named(row.table, tuple(named), (column,)))


def _named_rows(asked: Asked, row: ReadRow) -> list[int]:
    return [y for y, each in enumerate(row.table.rows) if row_is_named(each, asked.text)]


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
