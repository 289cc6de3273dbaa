"""Answer from a table by code: a cell, the largest or smallest, sums, means, differences, ratios, whether something
rose, how many rows fulfil a condition.

What a question wants is known (`rag.question.operation`); here the cells are chosen that it means
(`rag.answer.slots`) and worked with. Where it is not plain which cells those are, where a value is missing or units
differ, nothing is computed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum

from rag.answer import slots
from rag.answer.slots import Asked, Named, Setting
from rag.library import tables
from rag.library.tables import Cell, Table
from rag.question.operation import Operation
from rag.text.numbers import Number, numbers, same_measure

MOST_CITED = 10  # cells that are cited one by one; of more, their range


class Growth(StrEnum):
    """Kinds of ratio: how many times as much, a share of the whole, growth in percent."""

    TIMES = "times"
    SHARE = "share"
    GROWTH = "growth"


@dataclass(frozen=True, slots=True)
class Item:
    """A cell with what names it along the line that was looked through; `row`: its row's number."""

    name: str
    cell: Cell
    row: int

    @property
    def value(self) -> Decimal:
        """Its number, exactly as it is written."""
        return Decimal(repr(self.cell.value))


@dataclass(frozen=True, slots=True)
class Computed:
    """What was computed.

    Attributes:
        line: what names the row or column that all items stand in. items: that the result rests on, in the table's
            order; the answer itself first for extremes. among: of how many items. result: None where a cell answers.
            kind: of a ratio. limit, bound: that rows were counted by: >=, <=, > or <.
        accounted: see `slots.letters_in`, of the labels, caption and headings.
    """

    operation: Operation
    table: Table
    line: str
    items: tuple[Item, ...]
    among: tuple[Item, ...]
    result: Decimal | None = None
    kind: Growth | None = None
    limit: str = ""
    bound: str = ""
    accounted: int = 0


def compute(text: str, operation: Operation, table: Table, setting: Setting) -> Computed | None:
    """Work on a table as a question wants; None where it is not plain what with, or nothing can be."""
    work = _WORK.get(operation)
    if work is None:
        return None
    question = slots.asked(text, setting.written)
    meant = slots.named(question, table, setting)
    done = work(question, meant)
    if done is None:
        return None
    labels = [done.line, *(item.name for item in done.items)]
    if not slots.accounted(question, table, labels, setting):
        return None
    own = " ".join([*labels, table.corner, table.section.caption, table.section.heading])
    return replace(done, accounted=slots.letters_in(question, own))


def _line(question: Asked, meant: Named) -> tuple[str, list[Item]] | None:
    """Return the line of cells that a question means, with its name: a column through all rows, or those that it
    names, or a row through the columns of figures.
    """
    table = meant.table
    columns = slots.values_of(table)
    if any(x not in columns for x in meant.columns):
        return None
    fixed = meant.columns if len(meant.columns) == 1 else tuple(columns) if len(columns) == 1 else ()
    if fixed and (len(meant.rows) != 1 or meant.together):
        x = fixed[0]
        chosen = meant.rows if meant.rows else range(len(table.rows))
        single = len(meant.rows) > 1 and not meant.together
        items = [
            Item(table.rows[y].name, table.rows[y].cells[x], y)
            for y in chosen
            if single or not (table.rows[y].total or table.rows[y].aside)
        ]
        return table.columns[x], items
    if len(meant.rows) == 1 and not meant.together and len(meant.columns) != 1:
        (y,) = meant.rows
        chosen_columns = meant.columns or [x for x in columns if not table.totals(x)]
        if len(chosen_columns) > 1 and (meant.columns or _periods(table, chosen_columns)):
            items = [Item(table.columns[x], table.rows[y].cells[x], y) for x in chosen_columns]
            return table.rows[y].name, items
    return None


def _periods(table: Table, columns: Sequence[int]) -> bool:
    """True where columns are the same measure at other times."""
    return all(tables.date_of(table.columns[x]) is not None for x in columns)


def _whole(items: Sequence[Item]) -> bool:
    """True where each item is a number, all of one unit, and no name stands twice."""
    return (
        len(items) > 1
        and all(item.cell.value is not None for item in items)
        and len({item.cell.unit for item in items}) == 1
        and len({item.name for item in items}) == len(items)
    )


def _extreme(largest: bool) -> Callable[[Asked, Named], Computed | None]:
    def work(question: Asked, meant: Named) -> Computed | None:
        found = _line(question, meant)
        if found is None:
            return None
        line, items = found
        known = [item for item in items if item.cell.value is not None]
        if len(known) * 2 < len(items) or not _whole(known):
            return None
        if question.when and not all(tables.date_of(item.name) for item in known):
            return None
        best = (max if largest else min)(known, key=lambda item: item.value)
        winners = tuple(item for item in known if item.value == best.value)
        operation = Operation.LARGEST if largest else Operation.SMALLEST
        return Computed(operation, meant.table, line, winners, tuple(known)) if len(winners) <= 3 else None

    return work


def _total(mean: bool) -> Callable[[Asked, Named], Computed | None]:
    def work(question: Asked, meant: Named) -> Computed | None:
        found = _line(question, meant)
        if found is None or not _whole(found[1]) or "%" in found[1][0].cell.unit:
            return None
        line, items = found
        total = sum((item.value for item in items), Decimal(0))
        operation = Operation.AVERAGE if mean else Operation.SUM
        result = total / len(items) if mean else total
        return Computed(operation, meant.table, line, tuple(items), tuple(items), result)

    return work


def _pair(question: Asked, meant: Named) -> tuple[str, list[Item]] | None:
    """Return the two cells that a question compares, with the name of what both have in common."""
    found = _line(question, meant)
    return found if found and len(found[1]) == 2 and _whole(found[1]) else None


def _difference(question: Asked, meant: Named) -> Computed | None:
    found = _pair(question, meant)
    if not found:
        return None
    line, items = found
    result = abs(items[0].value - items[1].value)
    return Computed(Operation.DIFFERENCE, meant.table, line, tuple(items), tuple(items), result)


def _direction(question: Asked, meant: Named) -> Computed | None:
    found = _pair(question, meant)
    if not found:
        return None
    line, items = found
    return Computed(
        Operation.DIRECTION, meant.table, line, tuple(items), tuple(items), items[1].value - items[0].value
    )


def _ratio(question: Asked, meant: Named) -> Computed | None:
    found = _pair(question, meant)
    if not found or any(item.value <= 0 for item in found[1]) or "%" in found[1][0].cell.unit:
        return None
    line, items = found
    first, second = items[0].value, items[1].value
    if "배" in question.text:
        high, low = max(first, second), min(first, second)
        return Computed(
            Operation.RATIO, meant.table, line, tuple(items), tuple(items), high / low, Growth.TIMES
        )
    if all(tables.date_of(item.name) for item in items):
        growth = (second - first) / first * 100
        return Computed(Operation.RATIO, meant.table, line, tuple(items), tuple(items), growth, Growth.GROWTH)
    return None


def _count(question: Asked, meant: Named) -> Computed | None:
    """Count, or list, the rows whose figure is over or under one that the question states."""
    bounds = [n for n in question.figures if n.bound]
    if len(bounds) != 1 or (meant.rows and not meant.together):
        return None
    (bound,) = bounds
    table = meant.table
    columns = [
        x
        for x in meant.columns or slots.values_of(table)
        if any(_measured(row.cells[x], bound) is not None for row in table.rows)
    ]
    if len(columns) != 1:
        return None
    (x,) = columns
    chosen = meant.rows or range(len(table.rows))
    items = [
        Item(table.rows[y].name, table.rows[y].cells[x], y)
        for y in chosen
        if not (table.rows[y].total or table.rows[y].aside)
    ]
    measured = [_measured(item.cell, bound) for item in items]
    if any(value is None for value in measured) or len({item.name for item in items}) < len(items):
        return None
    holds = _BOUNDS[bound.bound]
    fits = tuple(
        item
        for item, value in zip(items, measured, strict=True)
        if value is not None and holds(value, bound.value)
    )
    scale = next(
        value / item.cell.value
        for item, value in zip(items, measured, strict=True)
        if value and item.cell.value
    )
    limit = f"{bound.value / scale:,.12g}{items[0].cell.unit}"
    return Computed(
        Operation.COUNT, table, table.columns[x], fits, tuple(items), limit=limit, bound=bound.bound
    )


def _measured(cell: Cell, bound: Number) -> float | None:
    """Return a cell's value in the unit of a bound, None where it is of another dimension."""
    if cell.value is None or not cell.unit:
        return None
    found = numbers(f"{cell.value:f} {cell.unit}" if cell.unit[0].isalpha() else f"{cell.value:f}{cell.unit}")
    return found[0].value if len(found) == 1 and same_measure(found[0], bound) else None


def _value(question: Asked, meant: Named) -> Computed | None:
    """The cell where the one row and the one column cross that a question names."""
    table = meant.table
    others = range(table.n_labels, len(table.columns))
    columns = meant.columns or (tuple(others) if len(others) == 1 else ())
    if len(meant.rows) != 1 or meant.together or len(columns) != 1 or not meant.sure:
        return None
    (y,), (x,) = meant.rows, columns
    cell = table.rows[y].cells[x]
    if not any(map(str.isdigit, cell.text)):
        return None
    item = Item(table.rows[y].name, cell, y)
    return Computed(Operation.VALUE, table, table.columns[x], (item,), (item,))


def _series(question: Asked, meant: Named) -> Computed | None:
    found = _line(question, meant)
    if found is None:
        return None
    line, items = found
    known = [item for item in items if item.cell.value is not None]
    return (
        Computed(Operation.SERIES, meant.table, line, tuple(known), tuple(items)) if len(known) > 1 else None
    )


_BOUNDS: dict[str, Callable[[float, float], bool]] = {
    ">=": lambda value, bound: value >= bound,
    "<=": lambda value, bound: value <= bound,
    ">": lambda value, bound: value > bound,
    "<": lambda value, bound: value < bound,
}
_WORK: dict[Operation, Callable[[Asked, Named], Computed | None]] = {
    Operation.VALUE: _value,
    Operation.LARGEST: _extreme(True),
    Operation.SMALLEST: _extreme(False),
    Operation.SUM: _total(False),
    Operation.AVERAGE: _total(True),
    Operation.DIFFERENCE: _difference,
    Operation.RATIO: _ratio,
    Operation.DIRECTION: _direction,
    Operation.COUNT: _count,
    Operation.LIST: _count,
    Operation.SERIES: _series,
}
