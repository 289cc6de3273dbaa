"""Tables of running text whose rows nobody ruled: columns between upright rules, lines as wide as a column.

Such is the table at the end of a bill that shows the wording in force beside the proposed one. Its rules run
from the head of a page to its foot, a cell goes on over pages, and between rows there is nothing but the
height at which both sides begin anew. What no table finder takes for rows is read here; a table with a rule
below each row is left to it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from rag.ingest.box import Box
from rag.ingest.loaders.columns import Letter, lines_of, overlap
from rag.ingest.loaders.wrapping import begins_item

EDGE = 2.0  # points; rules closer than this are one
MIN_WIDTH = 8.0  # letters' heights, of a column of running text
MIN_LINES = 4  # of a column of running text
FILLED = 0.4  # of a column's width that a line has at least that goes on in the next
MIN_REACH = 0.7  # of a column's width, that its longest line spans where that tells the right margin
MAX_PADDING = 3.0  # letters' heights between the margin and the rule at its right, where no line tells
SHORT_OF = 2.0  # letters' heights before the right margin at which a line ends its paragraph
GAP = 1.5  # distances of lines from which one stands apart
MAX_HEAD_LINES = 2  # of the row of headers
_PLACEHOLDER = re.compile(r"[<〈\[][가-힣\s]{2,8}[>〉\]]|\([가-힣\s]{2,8}\)$")  # <신 설>: a cell of its own


@dataclass(frozen=True, slots=True)
class Rule:
    """A line of a page that stands upright, at x = `at`, or lies, at y = `at`; from `start` to `end`, in
    points.
    """

    at: float
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class RunningTable:
    """A table on one page.

    Attributes:
        edges: where its upright rules stand. rows: their cells, each as its paragraphs, those as their lines.
        headed: the first row are headers.
    """

    box: Box
    edges: tuple[float, ...]
    rows: tuple[tuple[tuple[tuple[str, ...], ...], ...], ...]
    headed: bool


@dataclass(frozen=True, slots=True)
class _Line:
    box: Box
    text: str
    full: bool  # it reaches the right margin
    begins: bool  # a paragraph, as far as it and the line above tell
    apart: bool  # it begins an item, or stands apart from the line above


def running_tables(
    upright: Sequence[Rule],
    lying: Sequence[Rule],
    letters: Sequence[Letter],
    text_of: Callable[[Sequence[Letter]], str],
    before: Sequence[float] = (),
) -> list[RunningTable]:
    """Return the tables of running text of a page, from top to bottom.

    Args:
        upright, lying: its rules. letters: all of the page. text_of: the text of some.
        before: edges of one at the foot of the page before, which may go on here with a line or two.
    """
    found = []
    for group in _side_by_side(upright):
        edges = tuple(rule.at for rule in group)
        box = Box(edges[0], group[0].start, edges[-1], group[0].end)
        inside = _inside(letters, box)
        cuts = sorted(
            rule.at
            for rule in lying
            if rule.start <= box.left + EDGE
            and rule.end >= box.right - EDGE
            and box.top - EDGE <= rule.at <= box.bottom + EDGE
        )
        goes_on = _same(edges, before)
        if inside and (table := _read(box, edges, cuts, inside, text_of, goes_on=goes_on)):
            found.append(table)
    return sorted(found, key=lambda table: table.box.top)


def _side_by_side(upright: Sequence[Rule]) -> list[list[Rule]]:
    """Group rules that begin and end at one height, of which three or more bound columns."""
    groups: list[list[Rule]] = []
    for rule in sorted(upright, key=lambda r: r.at):
        for group in groups:
            if abs(group[0].start - rule.start) <= EDGE and abs(group[0].end - rule.end) <= EDGE:
                if rule.at - group[-1].at > EDGE:
                    group.append(rule)
                break
        else:
            groups.append([rule])
    return [group for group in groups if len(group) >= 3]


def _same(edges: Sequence[float], before: Sequence[float]) -> bool:
    return len(edges) == len(before) and all(
        abs(a - b) <= 2 * EDGE for a, b in zip(edges, before, strict=True)
    )


def _read(
    box: Box,
    edges: tuple[float, ...],
    cuts: Sequence[float],
    inside: Sequence[Letter],
    text_of: Callable[[Sequence[Letter]], str],
    *,
    goes_on: bool,
) -> RunningTable | None:
    """Read what stands between rules; None where it is no running text, or each row is ruled."""
    heights = sorted(letter.box.height for letter in inside)
    height = max(heights[int(len(heights) * 0.8)], 1.0)
    tops = [box.top, *(cut for cut in cuts if box.top + EDGE < cut < box.bottom - EDGE), box.bottom]
    bands = list(pairwise(tops))
    closed = _near(box.top, cuts), _near(box.bottom, cuts)
    spaces = [[Box(left, top, right, bottom) for top, bottom in bands] for left, right in pairwise(edges)]
    lines = [
        [_lines(_inside(inside, space), space, height, text_of) for space in column] for column in spaces
    ]
    headed = len(bands) > 1 and closed[0] and all(0 < len(c[0]) <= MAX_HEAD_LINES for c in lines)
    body = range(1 if headed else 0, len(bands))
    if all(closed) and len(body) != 1:
        return None  # a rule below each row
    written = [[line for n in body for line in column[n]] for column in lines]
    narrow = any(right - left < MIN_WIDTH * height for left, right in pairwise(edges))
    if narrow or not (goes_on or any(_runs(column) for column in written)):
        return None
    rows = [[column[0] for column in lines]] if headed else []
    for number in body:
        band = [column[number] for column in lines]
        rows += _rows(band) if len(body) == 1 else [band]
    cells = tuple(tuple(_paragraphs(cell) for cell in row) for row in rows if any(row))
    return RunningTable(box, edges, cells, headed) if len(cells) > headed else None


def _near(at: float, cuts: Sequence[float]) -> bool:
    return any(abs(at - cut) <= EDGE for cut in cuts)


def _inside(letters: Sequence[Letter], space: Box) -> list[Letter]:
    return [letter for letter in letters if space.holds(*letter.box.middle)]


def _lines(
    letters: Sequence[Letter], space: Box, height: float, text_of: Callable[[Sequence[Letter]], str]
) -> list[_Line]:
    """Return the lines that stand in a column between two rules."""
    rows = lines_of(letters, height)
    margin = max((box.right for box, _ in rows), default=0.0)
    if margin - space.left < MIN_REACH * space.width:
        margin = space.right - MAX_PADDING * height
    steps = sorted(b.top - a.top for (a, _), (b, _) in pairwise(rows))
    step = steps[len(steps) // 2] if steps else 2 * height
    texts = [" ".join(text_of(found).split()) for _, found in rows]
    lines: list[_Line] = []
    for number, ((box, _), text) in enumerate(zip(rows, texts, strict=True)):
        if not text:
            continue
        room = SHORT_OF * height
        if number + 1 < len(rows) and texts[number + 1]:  # a word that had no room here
            below = texts[number + 1]
            room = max(room, rows[number + 1][0].width * len(below.split()[0]) / len(below))
        full = box.right + room >= margin and box.width >= FILLED * space.width
        above = rows[number - 1][0].top if number else space.top
        item = begins_item(text) or _PLACEHOLDER.match(text) is not None
        apart = item or box.top - above > GAP * step
        begins = apart or not lines or not lines[-1].full
        lines.append(_Line(box, text, full, begins, apart))
    return lines


def _runs(lines: Sequence[_Line]) -> bool:
    """True for running text: enough lines that fill their column, in letters."""
    said = "".join(line.text for line in lines)
    words = sum(c.isalpha() for c in said)
    full = sum(line.full for line in lines)
    return len(lines) >= MIN_LINES and 2 * full >= len(lines) and 2 * words >= len(said)


def _rows(band: Sequence[Sequence[_Line]]) -> list[list[list[_Line]]]:
    """Part columns into rows where two of them begin anew at one height, one of them plainly."""
    starts: list[float] = []
    for number, column in enumerate(band):
        for line in column:
            if line.begins:
                beside = [
                    other
                    for others in band[number + 1 :]
                    for other in others
                    if other.begins and overlap(line.box, other.box) >= 0.5
                ]
                if any(line.apart or other.apart for other in beside):
                    starts.append(min(line.box.top, *(other.box.top for other in beside)))
    parts = [*sorted(set(starts)), float("inf")]
    rows = [[[line for line in column if line.box.middle[1] < parts[0]] for column in band]]
    for top, bottom in pairwise(parts):
        rows.append([[line for line in column if top <= line.box.middle[1] < bottom] for column in band])
    return [row for row in rows if any(row)]


def _paragraphs(lines: Sequence[_Line]) -> tuple[tuple[str, ...], ...]:
    paragraphs: list[list[str]] = []
    for line in lines:
        if paragraphs and not line.begins:
            paragraphs[-1].append(line.text)
        else:
            paragraphs.append([line.text])
    return tuple(map(tuple, paragraphs))
