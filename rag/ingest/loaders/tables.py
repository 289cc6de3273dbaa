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
from dataclasses import dataclass, replace
from itertools import takewhile

from rag.text.sides import are_sides, name_of_side
from rag.text.vocabulary import alternatives, vocabulary

MAX_SPAN = 200  # a span beyond this is a fault of the file or an attack
MAX_PLACEHOLDER = 24  # characters of what stands for a side of a comparison
_BETWEEN = re.compile(
    r"(?<=[가-힣]{2}\.)\s+(?=\S)|(?<=[a-z]{2}\.)\s+(?=[A-Z])"
)  # sentences; 가. and 1. are marks of items
_WORDS = vocabulary(__file__)
_NUMERIC = re.compile(
    r"^[(\[]?[△▲▽▼+\-−±~≤≥<>]?\s?[\d,.]+\s?(" + alternatives(_WORDS["units"].words()) + r")?[)\]]?$"
)
_PERIOD = re.compile(
    r"(19|20)\d\d년?|\d{1,2}(" + alternatives(_WORDS["periods"].words()) + ")"
)  # heads a column, though a figure
_CONTACT = re.compile(r"\d{2,4}-\d{3,4}-\d{4}|@")
_LABEL = re.compile("^(" + _WORDS["labels"].pattern() + "|)$")


@dataclass(frozen=True, slots=True)
class SourceCell:
    """A cell as the file has it. Spans count rows and columns, from 1; `tables` are those that stand in it,
    as rows of cells; `header`: the file says that it heads its column.
    """

    text: str
    rowspan: int = 1
    colspan: int = 1
    tables: tuple[Sequence[Sequence[SourceCell]], ...] = ()
    header: bool = False


def expand(rows: Sequence[Sequence[SourceCell]]) -> list[list[str]]:
    """Lay merged cells out on the grid, repeating their text.

    >>> above = [SourceCell("구분", rowspan=2), SourceCell("2024년", colspan=2)]
    >>> expand([above, [SourceCell("1분기"), SourceCell("2분기")]])
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


def origins(rows: Sequence[Sequence[SourceCell]]) -> list[tuple[int, int, SourceCell]]:
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


def continued(rows: Sequence[Sequence[SourceCell]]) -> list[list[bool]]:
    """Tell of each place on the grid whether the cell to its left goes on there.

    >>> above = [SourceCell("2024년", colspan=2), SourceCell("12")]
    >>> continued([above, [SourceCell("12"), SourceCell("12"), SourceCell("15")]])
    [[False, True, False], [False, False, False]]
    """
    owner: dict[tuple[int, int], int] = {}
    width = 0
    for number, (y, x, cell) in enumerate(origins(rows)):
        for dy in range(min(cell.rowspan, len(rows) - y, MAX_SPAN)):
            for dx in range(min(cell.colspan, MAX_SPAN)):
                owner.setdefault((y + dy, x + dx), number)
        width = max(width, x + min(cell.colspan, MAX_SPAN))
    return [
        [x > 0 and (y, x) in owner and owner[y, x] == owner.get((y, x - 1)) for x in range(width)]
        for y in range(len(rows))
    ]


def is_layout(rows: Sequence[Sequence[str]]) -> bool:
    """Tell a frame drawn around text (one row or one column) from a table of values.

    Args:
        rows: the cells of each row, merged ones once.
    """
    return len(rows) == 1 or all(len(row) <= 1 for row in rows)


def by_sides(rows: Sequence[Sequence[SourceCell]]) -> list[list[SourceCell]]:
    """Let each sentence of a table that compares two wordings have a row of its own, on its side; beside a
    word or two that stand for a whole side ("<신 설>", "(생략)") the other side stays. Other tables are
    returned as they are.

    Args:
        rows: cells with their paragraphs as lines.

    >>> head = [SourceCell("현 행"), SourceCell("개 정 안")]
    >>> rows = [head, [SourceCell("갈 수 있다."), SourceCell("가야 한다.")]]
    >>> [[cell.text for cell in row] for row in by_sides(rows)]
    [['현행', '개정안'], ['갈 수 있다.', ''], ['', '가야 한다.']]
    """
    plain = [list(row) for row in rows]
    if len(plain) < 2 or not is_headed_by_sides(plain[0]):
        return plain
    found = [[replace(cell, text=name_of_side(cell.text), header=True) for cell in plain[0]]]
    for row in plain[1:]:
        if len(row) != 2 or any(cell.tables or cell.rowspan > 1 or cell.colspan > 1 for cell in row):
            found.append(row)
            continue
        left, right = (_sentences(cell.text) for cell in row)
        if _stands_for_all(left):
            found += [[SourceCell(" ".join(left)), SourceCell(said)] for said in right or [""]]
        elif _stands_for_all(right):
            found += [[SourceCell(said), SourceCell(" ".join(right))] for said in left]
        else:
            found += [[SourceCell(said), SourceCell("")] for said in left]
            found += [[SourceCell(""), SourceCell(said)] for said in right]
    return found


def is_headed_by_sides(row: Sequence[SourceCell]) -> bool:
    """True for the headers of a table that compares two wordings."""
    return len(row) == 2 and are_sides(row[0].text, row[1].text)


def _stands_for_all(sentences: Sequence[str]) -> bool:
    return len(sentences) < 2 and not any(s.endswith(".") or len(s) > MAX_PLACEHOLDER for s in sentences)


def _sentences(text: str) -> list[str]:
    return [said for line in text.split("\n") for said in _BETWEEN.split(line.strip()) if said]


def header_rows(rows: Sequence[Sequence[SourceCell]], grid: Sequence[Sequence[str]]) -> int:
    """Return how many rows at the top are headers: 0 for a form (label, value, label, value), else 1 or
    more.
    """
    first = rows[0] if rows else ()
    said = sum(1 for _ in takewhile(lambda row: row and all(cell.header for cell in row), rows))
    if 0 < said < min(len(grid), 5):
        return said
    if any(_CONTACT.search(cell) for row in grid[:2] for cell in row):
        return 0
    filled = [cell for cell in grid[0] if cell]
    if sum(bool(_NUMERIC.match(cell)) and not _PERIOD.fullmatch(cell) for cell in filled) * 2 > len(filled):
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


def spell_rows(
    grid: Sequence[Sequence[str]], head: int, merged: Sequence[Sequence[bool]] | None = None
) -> list[str]:
    """Spell every row below the headers out as one line; headers above nothing stand in a line of their own.

    Args:
        merged: see `continued`; what goes on from the left is said once, what is written twice is said twice.

    >>> spell_rows([["구분", "2024년", "2025년"], ["이용자(만 명)", "31.2", "31.2"]], 1)
    ['이용자(만 명) | 2024년: 31.2 | 2025년: 31.2']
    """
    headers = [
        " ".join(dict.fromkeys(grid[y][x] for y in range(head) if grid[y][x])) for x in range(len(grid[0]))
    ]
    empty = [x for x in range(len(headers)) if head and not any(row[x] for row in grid[head:])]
    alone = dict.fromkeys(headers[x] for x in empty if not _LABEL.match(headers[x]))
    lines = [" | ".join(alone)] if alone else []
    for y, row in enumerate(grid[head:], head):
        parts: list[str] = []
        for x, cell in enumerate(row):
            goes_on = merged is not None and merged[y][x] and headers[x] == headers[x - 1]
            if not cell or goes_on or (cell in parts and merged is not None and merged[y][x]):
                continue
            parts.append(
                cell
                if _LABEL.match(headers[x]) or headers[x] == cell or not head
                else f"{headers[x]}: {cell}"
            )
        if parts:
            lines.append(" | ".join(parts))
    return lines
