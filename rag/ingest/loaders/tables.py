"""Tables: merged cells expanded, header rows found, every row spelled out with its column headers.

A row of a ministry's table means nothing by itself ("미국 | 91.8 | 72.4"). Spelled out it can be found, read
and cited alone:

    미국 | 2022년 1분기: 91.8 | 2022년 2분기: 72.4

Headers of several storeys are joined ("2022년 1분기"), merged cells are repeated in every place that they
cover. The caption and the unit are not repeated in each row; they are in the Document's metadata, which
retrieval and reading see.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile

MAX_SPAN = 200  # a span beyond this is a fault of the file or an attack
_NUMERIC = re.compile(
    r"^[(\[]?[△▲▽▼+\-−±~≤≥<>]?\s?[\d,.]+\s?(%|%p|명|개|건|원|천원|억|조|만|년|월|일|배|위|점|시간|분|세|회)?[)\]]?$"
)
_CONTACT = re.compile(r"\d{2,4}-\d{3,4}-\d{4}|@")
_LABEL = re.compile(r"^(구\s?분|항\s?목|내\s?용|분\s?류|No\.?|번호|순번|연번|)$")


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell as the file has it. Spans count rows and columns, from 1; `tables` are those that stand in it,
    as rows of cells; `header`: the file says that it heads its column.
    """

    text: str
    rowspan: int = 1
    colspan: int = 1
    tables: tuple[Sequence[Sequence[Cell]], ...] = ()
    header: bool = False


def expand(rows: Sequence[Sequence[Cell]]) -> list[list[str]]:
    """Lay merged cells out on the grid, repeating their text.

    >>> expand([[Cell("구분", rowspan=2), Cell("2024년", colspan=2)], [Cell("1분기"), Cell("2분기")]])
    [['구분', '2024년', '2024년'], ['구분', '1분기', '2분기']]
    """
    grid: dict[tuple[int, int], str] = {}
    width = 0
    for y, x, cell in origins(rows):
        for dy in range(min(cell.rowspan, len(rows) - y, MAX_SPAN)):
            for dx in range(min(cell.colspan, MAX_SPAN)):
                grid.setdefault((y + dy, x + dx), cell.text)
        width = max(width, x + min(cell.colspan, MAX_SPAN))
    return [[grid.get((y, x), "") for x in range(width)] for y in range(len(rows))]


def origins(rows: Sequence[Sequence[Cell]]) -> list[tuple[int, int, Cell]]:
    """Return the row and column of each cell's upper left corner on the grid."""
    taken: set[tuple[int, int]] = set()
    found = []
    for y, row in enumerate(rows):
        x = 0
        for cell in row:
            while (y, x) in taken:
                x += 1
            taken |= {
                (y + dy, x + dx)
                for dy in range(min(cell.rowspan, len(rows) - y, MAX_SPAN))
                for dx in range(min(cell.colspan, MAX_SPAN))
            }
            found.append((y, x, cell))
            x += min(cell.colspan, MAX_SPAN)
    return found


def is_layout(grid: Sequence[Sequence[str]]) -> bool:
    """Tell a frame drawn around text (one row or one column) from a table of values."""
    return len(grid) == 1 or all(len(set(row)) == 1 for row in grid) or len(grid[0]) == 1


def header_rows(rows: Sequence[Sequence[Cell]], grid: Sequence[Sequence[str]]) -> int:
    """Return how many rows at the top are headers: 0 for a form (label, value, label, value), else 1 or more."""
    first = rows[0] if rows else ()
    said = sum(1 for _ in takewhile(lambda row: row and all(cell.header for cell in row), rows))
    if 0 < said < min(len(grid), 5):
        return said
    if any(_CONTACT.search(cell) for row in grid[:2] for cell in row):
        return 0
    filled = [cell for cell in grid[0] if cell]
    if sum(
        bool(_NUMERIC.match(cell)) and not re.match(r"^(19|20)\d\d년?$", cell) for cell in filled
    ) * 2 > len(filled):
        return 0
    if len(set(filled)) == 2 and not _LABEL.match(filled[0]):
        values = [row[-1] for row in grid[1:] if row[-1]]
        if sum(bool(_NUMERIC.match(value)) for value in values) * 2 <= len(values):
            return 0  # label and value in each row
    storeys = first[0].rowspan if first else 1
    if (
        storeys == 1
        and any(cell.colspan > 1 for cell in first)
        and len(grid) > 2
        and not any(_NUMERIC.match(c) for c in grid[1])
    ):
        storeys = 2
    return max(1, min(storeys, len(grid) - 1, 4))


def spell_rows(grid: Sequence[Sequence[str]], head: int) -> list[str]:
    """Spell every row below the headers out as one line; headers above nothing stand in a line of their own.

    >>> spell_rows([["구분", "2024년", "2025년"], ["이용자(만 명)", "31.2", "40.7"]], 1)
    ['이용자(만 명) | 2024년: 31.2 | 2025년: 40.7']
    """
    headers = [
        " ".join(dict.fromkeys(grid[y][x] for y in range(head) if grid[y][x])) for x in range(len(grid[0]))
    ]
    empty = [x for x in range(len(headers)) if head and not any(row[x] for row in grid[head:])]
    alone = dict.fromkeys(headers[x] for x in empty if not _LABEL.match(headers[x]))
    lines = [" | ".join(alone)] if alone else []
    for row in grid[head:]:
        parts: list[str] = []
        for x, cell in enumerate(row):
            if not cell or (x and cell == row[x - 1] and headers[x] == headers[x - 1]):
                continue
            part = (
                cell
                if _LABEL.match(headers[x]) or headers[x] == cell or not head
                else f"{headers[x]}: {cell}"
            )
            if part not in parts:
                parts.append(part)
        if parts:
            lines.append(" | ".join(parts))
    return lines
