"""Answer from a table by code: a cell, the largest or smallest, sums, means, differences, ratios, whether
something rose, how many rows fulfil a condition.

What a question wants is known (`rag.question.operation`); here the cells are chosen that it means
(`rag.answer.slots`) and worked with. Where it is not plain which cells those are, where one is missing,
units differ, or the table has what looks like a sum among its parts, nothing is computed.
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
from rag.question.wording import Wording
from rag.text.dates import Date
from rag.text.numbers import Number, numbers, same_measure

MOST_CITED = 10  # cells that are cited one by one; of more, their range
SMALL = 20  # a figure below it is often the sum of its neighbours by chance


class Growth(StrEnum):
    """Kinds of ratio: how many times as much, growth in percent."""

    TIMES = "times"
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
class TableLine:
    """Cells of a column or a row. `name`: of that; `named`: the question names each of them; `along`: it is
    a row.
    """

    name: str
    items: tuple[Item, ...]
    named: bool
    along: bool


@dataclass(frozen=True, slots=True)
class Computed:
    """What was computed.

    Attributes:
        line: what names the row or column that all items stand in. items: that the result rests on, in the
            table's order; the answer itself first for extremes. among: of how many items. result: None where
            a cell answers. kind: of a ratio. limit, bound: that rows were counted by: >=, <=, > or <.
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


def compute(asked: Wording, operation: Operation, table: Table, setting: Setting) -> Computed | None:
    """Work on a table as a question wants; None where it is not plain what with, or nothing can be."""
    work = _WORK.get(operation)
    if work is None:
        return None
    question = slots.asked(asked, setting.written)
    if question.refused or (question.ranged and operation not in _OF_TWO):
        return None
    if question.of_change and operation not in _OF_TWO:
        return None
    meant = slots.named(question, table, setting, totals=operation in {*_OF_TWO, Operation.VALUE})
    done = None if meant.unclear else work(question, meant)
    if done is None:
        return None
    labels = [done.line, *(item.name for item in (done.items if operation is not Operation.SERIES else ()))]
    if not slots.accounted(question, operation, table, labels, setting):
        return None
    own = " ".join([*labels, table.corner, table.section.caption, table.section.heading])
    return replace(done, accounted=slots.letters_in(question, own))


def work_on(operation: Operation, question: Asked, meant: Named) -> Computed | None:
    """Work with cells that are known to be meant; None where it cannot be done with them."""
    return _WORK[operation](question, meant)


def _line(meant: Named) -> TableLine | None:
    """Return the line of cells that a question means: a column through all rows, or those that it names, or
    a row through the columns of figures.
    """
    table = meant.table
    columns = slots.values_of(table)
    if any(x not in columns for x in meant.columns):
        return None
    fixed = meant.columns if len(meant.columns) == 1 else tuple(columns) if len(columns) == 1 else ()
    if fixed and (len(meant.rows) != 1 or meant.together):
        x = fixed[0]
        several = len(meant.rows) > 1 and not meant.together
        if table.open and not several:
            return None
        items = [
            Item(table.rows[y].name, table.rows[y].cells[x], y)
            for y in meant.rows or range(len(table.rows))
            if several or not (table.rows[y].total or table.rows[y].aside)
        ]
        return TableLine(table.columns[x], tuple(items), several, False)
    if len(meant.rows) == 1 and not meant.together and len(meant.columns) != 1:
        (y,) = meant.rows
        chosen = meant.columns or [x for x in columns if not table.totals(x)]
        items = [Item(table.columns[x], table.rows[y].cells[x], y) for x in chosen]
        if len(items) > 1 and (meant.columns or all(map(_date, items))):
            return TableLine(table.rows[y].name, tuple(items), bool(meant.columns), True)
    return None


def _date(item: Item) -> Date | None:
    return tables.date_of(item.name)


def _grain(item: Item) -> tuple[bool, ...] | None:
    """Return which parts of a date an item's name has, None for none."""
    date = _date(item)
    return tuple(part is not None for part in date) if date else None


def _alike(items: Sequence[Item]) -> bool:
    """True where each item is a number of its own cell, all of one unit, their names differ, and their
    periods are of one length.
    """
    return (
        len(items) > 1
        and all(item.cell.value is not None for item in items)
        and len({item.cell.unit for item in items}) == 1
        and len({item.name for item in items}) == len(items) == len({item.cell.start for item in items})
        and len(set(map(_grain, items))) == 1
    )


def _parts_only(items: Sequence[Item]) -> bool:
    """True where no item looks like the sum of others: of all, or of a run beside it."""
    values = [item.value for item in items]
    digits = max(max(0, -int(value.as_tuple().exponent)) for value in values)
    for i, value in enumerate(values):
        if value < SMALL and digits == 0:
            continue
        slack = Decimal(1).scaleb(-digits) / 2
        if len(values) > 3 and abs(sum(values) - 2 * value) <= slack * len(values):
            return False
        for run in (values[i + 1 :], values[:i][::-1]):
            total, count = Decimal(0), 0
            for other in run:
                total, count = total + other, count + 1
                if count > 1 and abs(total - value) <= slack * count:
                    return False
    return True


def _extreme(largest: bool) -> Callable[[Asked, Named], Computed | None]:
    def work(question: Asked, meant: Named) -> Computed | None:
        line = _line(meant)
        if line is None or not all(item.cell.missing or item.cell.value is not None for item in line.items):
            return None
        known = [item for item in line.items if item.cell.value is not None]
        dated = all(map(_date, line.items))
        if len(known) * 2 < len(line.items) or not _alike(known) or (question.when and not dated):
            return None
        if not line.named and not dated and not tables.is_rate(line.name) and not _parts_only(known):
            return None
        if "".join(line.name.split()).endswith(("순위", "등수")):
            return None  # the first is the least
        best = (max if largest else min)(known, key=lambda item: item.value)
        winners = tuple(item for item in known if item.value == best.value)
        operation = Operation.LARGEST if largest else Operation.SMALLEST
        return (
            Computed(operation, meant.table, line.name, winners, tuple(known)) if len(winners) <= 3 else None
        )

    return work


def _total(mean: bool) -> Callable[[Asked, Named], Computed | None]:
    def work(question: Asked, meant: Named) -> Computed | None:
        line = _line(meant)
        if (
            line is None
            or not _alike(line.items)
            or any(map(tables.is_rate, (line.name, *(item.name for item in line.items))))
        ):
            return None
        items, unit = line.items, line.items[0].cell.unit
        if "%" in unit or (not line.named and (not unit or not _parts_only(items))):
            return None
        total = sum((item.value for item in items), Decimal(0))
        if not line.named and not _agrees(total, meant.table, line):
            return None
        operation = Operation.AVERAGE if mean else Operation.SUM
        result = total / len(items) if mean else total
        return Computed(operation, meant.table, line.name, items, items, result)

    return work


def _agrees(total: Decimal, table: Table, line: TableLine) -> bool:
    """True where a table's own sum of the whole column, if it has one, is the sum of a column's items."""
    if line.along:
        return True
    x = table.columns.index(line.name)
    sums = [row.cells[x].value for row in table.rows if row.total and row.cells[x].value is not None]
    whole = len(line.items) == sum(not (row.total or row.aside) for row in table.rows)
    slack = Decimal("0.1") * len(line.items)
    return not (sums and whole) or any(abs(Decimal(repr(value)) - total) <= slack for value in sums)


def _pair(meant: Named) -> TableLine | None:
    """Return the two cells that a question compares; those of two periods in time's order."""
    line = _line(meant)
    if line is None or len(line.items) != 2 or not _alike(line.items):
        return None
    dates = [_date(item) for item in line.items]
    if all(dates):
        first, second = (tuple(part or 0 for part in date or ()) for date in dates)
        if first == second:
            return None
        if first > second:
            return replace(line, items=line.items[::-1])
    return line


def _difference(question: Asked, meant: Named) -> Computed | None:
    line = _pair(meant)
    if not line:
        return None
    result = abs(line.items[0].value - line.items[1].value)
    return Computed(Operation.DIFFERENCE, meant.table, line.name, line.items, line.items, result)


def _direction(question: Asked, meant: Named) -> Computed | None:
    line = _pair(meant)
    if not line:
        return None
    return Computed(Operation.DIRECTION, meant.table, line.name, line.items, line.items)


def _ratio(question: Asked, meant: Named) -> Computed | None:
    line = _pair(meant)
    if not line or any(item.value <= 0 for item in line.items) or "%" in line.items[0].cell.unit:
        return None
    first, second = (item.value for item in line.items)
    times = question.times
    if times and not question.of_change:
        result, kind = max(first, second) / min(first, second), Growth.TIMES
    elif not times and question.of_change and all(map(_date, line.items)):
        result, kind = (second - first) / first * 100, Growth.GROWTH
    else:
        return None
    return Computed(Operation.RATIO, meant.table, line.name, line.items, line.items, result, kind)


def _count(question: Asked, meant: Named) -> Computed | None:
    """Count, or list, the rows whose figure is over or under one that the question states."""
    bounds = [n for n in question.figures if n.bound]
    table = meant.table
    if len(bounds) != 1 or (meant.rows and not meant.together) or table.open:
        return None
    (bound,) = bounds
    columns = [
        x
        for x in meant.columns or slots.values_of(table)
        if any(_measured(row.cells[x], bound) is not None for row in table.rows)
    ]
    if len(columns) != 1:
        return None
    (x,) = columns
    items = tuple(
        Item(table.rows[y].name, table.rows[y].cells[x], y)
        for y in meant.rows or range(len(table.rows))
        if not (table.rows[y].total or table.rows[y].aside)
    )
    if not _alike(items) or not _parts_only(items):
        return None
    measured = [value for item in items if (value := _measured(item.cell, bound)) is not None]
    scales = [
        value / item.cell.value for item, value in zip(items, measured, strict=False) if item.cell.value
    ]
    if len(measured) < len(items) or not scales:
        return None
    holds = _BOUNDS[bound.bound]
    fits = tuple(item for item, value in zip(items, measured, strict=True) if holds(value, bound.value))
    limit = f"{bound.value / scales[0]:,.12g}{items[0].cell.unit}"
    return Computed(Operation.COUNT, table, table.columns[x], fits, items, limit=limit, bound=bound.bound)


def _measured(cell: Cell, bound: Number) -> float | None:
    """Return a cell's value in the unit of a bound, None where it is of another dimension."""
    if cell.value is None or not cell.unit:
        return None
    found = numbers(f"{abs(cell.value):f}{cell.unit}")
    if len(found) != 1 or not same_measure(found[0], bound):
        return None
    return found[0].value if cell.value >= 0 else -found[0].value


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
    line = _line(meant)
    if line is None or len(set(map(_grain, line.items))) > 1:
        return None
    known = tuple(item for item in line.items if not item.cell.missing)
    return Computed(Operation.SERIES, meant.table, line.name, known, line.items) if len(known) > 1 else None


_OF_TWO = {Operation.DIFFERENCE, Operation.RATIO, Operation.DIRECTION}
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
