"""Columns of a page: which of its letters are read before which.

A recursive XY-cut on runs of letters (Nagy & Seth 1984, "Hierarchical representation of optically scanned
documents"; Ha, Haralick & Phillips 1995, "Recursive X-Y cut using bounding boxes of connected components"):
a white band that runs from top to bottom between two pieces of running text is a gutter. What stands across
it (a heading, a table, a footnote) cuts the page into bands, each with columns of its own.

Unlike the plain cut it leaves alone what only looks like columns. The rows of a table, a form, a table of
contents or a list with wide gaps have white bands, too, but no running text on both sides of it: their
entries are short, ragged, or figures. Nothing here reads a word.
"""

from __future__ import annotations

import re
from bisect import bisect
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import NamedTuple

from rag.ingest.box import Box

BLANK = 0.7  # of a letter's height, from which a gap parts two runs of letters; a blank is a third or a half
GUTTER = 8.0  # points, and no less than a letter's height
MIN_WIDTH = 8.0  # letters' heights, of a column: the entries of most tables are narrower
MIN_SHARE = 0.3  # of the wider column's width that the narrower one has at least
MIN_LINES = 4  # of a column; fewer are an address or the head of a form
MIN_RUN = 4  # letters of a piece, on average
FILLED = 0.7  # of a column's width that a line of running text fills
MAX_GAPPED = 0.35  # of the lines, with gaps inside: more are the rows of a table
APART = 1.0  # letters' heights between a running head and what stands below it
MAX_CUTS = 12  # white bands tried for one part of a page
MAX_TRIES = 300  # and for a page, at a millisecond or two each
MAX_FLOWS = 20  # of a page, each drawn from top to bottom; one with more is a form or a drawing
MAX_PIECES = 1500  # of a page; one with more is a drawing
_PAGE_NUMBER = re.compile(r"[-–—|]*\d{0,4}[-–—|]*")


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter of a page: its place in the order of drawing, and where it stands, in points."""

    index: int
    text: str
    box: Box


@dataclass(frozen=True, slots=True)
class Piece:
    """Letters that stand close together on one line, or a table (by its number)."""

    box: Box
    letters: tuple[Letter, ...] = ()
    table: int | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a page that is read as it is drawn; `column`: its lines are as wide as a column."""

    pieces: tuple[Piece, ...]
    column: bool = False

    @property
    def tables(self) -> list[int]:
        """The numbers of the tables that stand in it."""
        return [piece.table for piece in self.pieces if piece.table is not None]

    @property
    def indices(self) -> list[int]:
        """The places of its letters in the order of drawing."""
        return sorted(letter.index for piece in self.pieces for letter in piece.letters)


def reading_order(letters: Sequence[Letter], tables: Sequence[Box] = ()) -> list[Part]:
    """Part a page where it has columns.

    Args:
        letters: in the order of drawing, without blanks. tables: their boxes; letters inside are left out.
    Returns: the parts in the order in which they are read; a single one where the page has no columns, or
    where its drawing goes through them in pieces of several lines: that order is the writer's.
    """
    free = [letter for letter in letters if not any(stands_in(letter.box, box) for box in tables)]
    if len(free) < 2 * MIN_LINES * MIN_WIDTH:
        return [Part(tuple(_runs(free, 0.0)))]
    height = _height(free)
    pieces = [*_runs(free, height), *(Piece(box, table=number) for number, box in enumerate(tables))]
    if len(pieces) > MAX_PIECES or not _may_have_columns(pieces):
        return [Part(tuple(pieces))]
    page = _Page(height, iter(range(MAX_TRIES)), {})
    parts = list(_in_order(pieces, page, False))
    if next(page.tries, None) is None:  # half a cut would mix what a whole one parts
        return [Part(tuple(pieces))]
    lines, visits = _drawing_order(parts)
    line_by_line = lines < 2 * visits
    whole = visits == sum(part.column for part in parts)
    return parts if line_by_line or (whole and tables) else [Part(tuple(pieces))]


def as_it_stands(letters: Sequence[Letter]) -> list[list[Letter]]:
    """Part a page without columns where something was drawn later that stands in a gap of what was drawn
    before: a number or date in a box above the text, which programs draw last.

    Args:
        letters: in the order of drawing, without blanks.
    Returns: the parts from top to bottom; a single one where nothing was drawn later, or no gap has room
        for it.
    """
    if len(letters) < 2:
        return [list(letters)]
    height = _height(letters)
    flows: list[list[Letter]] = [[letters[0]]]
    for above, letter in pairwise(letters):
        if above.box.top - letter.box.bottom > height:
            flows.append([])
        flows[-1].append(letter)
    if not 1 < len(flows) <= MAX_FLOWS:
        return [list(letters)]
    parts = [flows[0]]
    for flow in flows[1:]:
        top, bottom = min(a.box.top for a in flow), max(a.box.bottom for a in flow)
        place = next((n for n, part in enumerate(parts) if _has_room(part, top, bottom)), None)
        if place is None:
            parts.append(flow)
        else:
            part = parts[place]
            above_it = [a for a in part if a.box.bottom <= top]
            parts[place : place + 1] = [above_it, flow, [a for a in part if a.box.top >= bottom]]
    return parts if len(parts) > len(flows) else [list(letters)]


def _has_room(part: Sequence[Letter], top: float, bottom: float) -> bool:
    """True where a part of a page has something above a place, something below it, and nothing beside it."""
    sides = [(a.box.bottom <= top, a.box.top >= bottom) for a in part]
    return all(map(any, sides)) and any(a for a, _ in sides) and any(b for _, b in sides)


def _may_have_columns(pieces: Sequence[Piece]) -> bool:
    """True where the drawing goes to the right over a gap often enough, or a table may stand in a column."""
    drawn = [piece.box for piece in pieces if piece.letters]
    if sum(len(piece.letters) for piece in pieces) < MIN_RUN * len(drawn):
        return False  # written from top to bottom, or a drawing
    jumps = sum(b.left - a.right >= GUTTER for a, b in pairwise(drawn))
    width = _width(pieces)
    return jumps >= MIN_LINES or any(p.box.width < width / 2 for p in pieces if p.table is not None)


def _drawing_order(parts: Sequence[Part]) -> tuple[int, int]:
    """Return how many lines the columns have, and how often the drawing enters one of them."""
    columns = [part for part in parts if part.column]
    lines = sum(len(_lines(part.pieces)) for part in columns)
    owner = sorted((index, number) for number, part in enumerate(columns) for index in part.indices)
    return lines, sum(a[1] != b[1] for a, b in pairwise(owner)) + bool(owner)


def stands_in(box: Box, outer: Box) -> bool:
    """True where the middle of a box lies in another."""
    return outer.holds(*box.middle)


def lines_of(letters: Sequence[Letter], height: float) -> list[tuple[Box, list[Letter]]]:
    """Put letters, in the order of drawing, into lines from top to bottom.

    Args:
        height: of its tall letters, as which stops and dashes count: alone on a line they reach no other
            letter.
    """
    tall = [replace(letter, box=_at_least(letter.box, height)) for letter in letters]
    own = {letter.index: letter for letter in letters}
    return [
        (row.box, [own[letter.index] for piece in row.pieces for letter in piece.letters])
        for row in _rows(list(_runs(tall, height)))
    ]


def _at_least(box: Box, height: float) -> Box:
    """Return a box, made higher on both sides where it is not half as high as tall letters are."""
    if box.height >= height / 2:
        return box
    middle = box.middle[1]
    return Box(box.left, middle - height / 2, box.right, middle + height / 2)


def _height(letters: Sequence[Letter]) -> float:
    """The height of the tall letters of the running text."""
    heights = sorted(letter.box.height for letter in letters)
    return max(heights[int(len(heights) * 0.8)], 1.0)


def _runs(letters: Iterable[Letter], height: float) -> Iterator[Piece]:
    """Put letters together that follow each other without a wide gap."""
    run: list[Letter] = []
    box = Box(0.0, 0.0, 0.0, 0.0)
    for letter in letters:
        if run and not (
            _on_line(box, letter.box) and -height <= letter.box.left - box.right < BLANK * height
        ):
            yield Piece(box, tuple(run))
            run = []
        box = _union(box, letter.box) if run else letter.box
        run.append(letter)
    if run:
        yield Piece(box, tuple(run))


def _on_line(line: Box, letter: Box) -> bool:
    """True where a letter stands on a line; commas and quotes reach below and above it."""
    if overlap(line, letter) >= 0.5:
        return True
    reach = 0.3 * line.height
    return letter.height < line.height / 2 and line.top - reach <= letter.middle[1] <= line.bottom + reach


def _union(a: Box, b: Box) -> Box:
    return Box(min(a.left, b.left), min(a.top, b.top), max(a.right, b.right), max(a.bottom, b.bottom))


def overlap(a: Box, b: Box) -> float:
    """How much of the lower one's height two boxes share, 0 to 1."""
    _, a_top, _, a_bottom = a  # quicker than by name: this is asked for each letter of a page
    _, b_top, _, b_bottom = b
    shared = min(a_bottom, b_bottom) - max(a_top, b_top)
    return max(0.0, shared) / max(0.01, min(a_bottom - a_top, b_bottom - b_top))


@dataclass(frozen=True, slots=True)
class _Page:
    """The height of a page's letters, the cuts that may still be tried on it, and those that are made, by
    the identities of the pieces.
    """

    height: float
    tries: Iterator[int]
    cuts: dict[frozenset[int], list[_Band] | None]


class _Row(NamedTuple):
    """Pieces that stand at one height, and the box around them."""

    box: Box
    pieces: list[Piece]


@dataclass(frozen=True, slots=True)
class _Band:
    """What stands between two things that stand across a gutter: left of it, right of it, and in it; or one
    of those things.
    """

    left: list[Piece]
    right: list[Piece]
    middle: list[Piece]
    across: list[Piece]

    @property
    def pieces(self) -> list[Piece]:
        return [*self.left, *self.right, *self.middle, *self.across]


def _in_order(pieces: list[Piece], page: _Page, column: bool) -> Iterator[Part]:
    """Yield the parts of a part of a page in the order of reading."""
    bands = _best_bands(pieces, page)
    if bands is None:
        if pieces:
            yield Part(tuple(pieces), column)
        return
    for band in bands:
        if band.across:
            yield from _in_order(band.across, page, column)
        else:
            yield from _in_order(band.left, page, True)
            yield from _in_order(band.right, page, True)
            if band.middle:
                yield Part(tuple(band.middle), column)


def _best_bands(pieces: list[Piece], page: _Page) -> list[_Band] | None:
    """Cut at the gutter beside which most lines stand; nothing where there is none."""
    key = frozenset(map(id, pieces))
    if key in page.cuts:
        return page.cuts[key]
    best: tuple[int, list[_Band]] | None = None
    for x, most in _gutters(pieces, page.height):
        if (best and most <= best[0]) or next(page.tries, None) is None:
            break
        bands = _bands(pieces, x, page)
        lines = sum(len(_lines(b.left)) + len(_lines(b.right)) for b in bands if not b.across)
        if lines and (best is None or lines > best[0]):
            best = lines, bands
    page.cuts[key] = best and best[1]
    return page.cuts[key]


def _gutters(pieces: Sequence[Piece], height: float) -> list[tuple[float, int]]:
    """Return where gutters may be, and how many pieces stand beside each, most first."""
    half = max(GUTTER, height) / 2
    begins, ends = sorted(piece.box.left for piece in pieces), sorted(piece.box.right for piece in pieces)
    candidates: dict[tuple[int, int], list[float]] = {}
    for x in sorted({round(end + half, 0) for end in ends}):
        left = bisect(ends, x - half + 0.5)
        right = len(begins) - bisect(begins, x + half - 0.5)
        if left >= MIN_LINES and right >= MIN_LINES:
            candidates.setdefault((left, right), []).append(x)
    ranked = sorted(candidates, key=sum, reverse=True)[:MAX_CUTS]
    return [(candidates[pair][len(candidates[pair]) // 2], sum(pair)) for pair in ranked]


def _bands(pieces: Sequence[Piece], x: float, page: _Page) -> list[_Band]:
    """Cut a part of a page at x into bands; what is not columns stands across."""
    half = max(GUTTER, page.height) / 2 - 0.5
    across, middle, left, right = [], [], [], []
    for piece in pieces:
        if piece.box.right <= x - half:
            left.append(piece)
        elif piece.box.left >= x + half:
            right.append(piece)
        elif piece.table is None and _PAGE_NUMBER.fullmatch(_text(piece)):
            middle.append(piece)
        else:
            across.append(piece)
    blocks = [_Row(row.box, list(row.pieces)) for row in _rows(across)]
    feet = [row.box.bottom for row in blocks]
    slots: list[tuple[list[Piece], list[Piece], list[Piece]]] = [([], [], []) for _ in range(len(blocks) + 1)]
    for side, group in enumerate((left, right, middle)):
        for piece in group:
            slot = bisect(feet, (piece.box.top + piece.box.bottom) / 2)
            near = range(max(0, slot - 1), min(slot + 2, len(blocks)))
            beside = next((i for i in near if overlap(piece.box, blocks[i].box) >= 0.5), None)
            (slots[slot][side] if beside is None else blocks[beside].pieces).append(piece)
    bands: list[_Band] = []
    pending: list[Piece] = []  # across, from above
    for number, (on_left, on_right, between) in enumerate(slots):
        if number and (tail := _tail(blocks[number - 1], on_left, on_right)):
            pending += tail
            on_left = [piece for piece in on_left if piece not in tail]
        for band in _columns(on_left, on_right, between, page):
            if band.across:
                pending += band.across
            else:
                if pending:
                    bands.append(_Band([], [], [], pending))
                bands.append(band)
                pending = []
        if number < len(blocks):
            pending += blocks[number].pieces
    if pending:
        bands.append(_Band([], [], [], pending))
    return bands


def _tail(above: _Row, left: list[Piece], right: list[Piece]) -> list[Piece]:
    """Return the short last line of what stands across above, which else would count to the left column."""
    rows, other = _rows(left), _rows(right)
    if len(rows) < 2 or not other or any(piece.table is not None for piece in above.pieces):
        return []
    first, second, beside = rows[0].box, rows[1].box, other[0].box
    begins = overlap(second, beside) >= 0.5 and first.bottom <= beside.top
    close = first.top - above.box.bottom <= 1.2 * (second.top - first.bottom)
    return rows[0].pieces if begins and close else []


def _columns(left: list[Piece], right: list[Piece], middle: list[Piece], page: _Page) -> Iterator[_Band]:
    """Yield the columns of a band, between what stands above and below them; all of it in one where there
    are none.
    """
    above: list[Piece] = []
    below: list[Piece] = []
    while left and right:
        rows = (_rows(left), _rows(right))
        heads = [r for r in rows if len(r) > MIN_LINES]
        if len(heads) == 2 and all(r[1].box.top - r[0].box.bottom > APART * page.height for r in rows):
            first = overlap(rows[0][0].box, rows[1][0].box) >= 0.5
            if first:
                above += [piece for r in rows for piece in r[0].pieces]
                left, right = ([p for line in r[1:] for p in line.pieces] for r in rows)
                continue
        if len(heads) == 2 and all(r[-1].box.top - r[-2].box.bottom > APART * page.height for r in rows):
            last = overlap(rows[0][-1].box, rows[1][-1].box) >= 0.5
            if last:
                below += [piece for r in rows for piece in r[-1].pieces]
                left, right = ([p for line in r[:-1] for p in line.pieces] for r in rows)
                continue
        # a date, at the right above
        if len(rows[1]) > MIN_LINES and rows[1][0].box.bottom <= rows[0][0].box.top:
            above += rows[1][0].pieces
            right = [p for line in rows[1][1:] for p in line.pieces]
            continue
        break
    if not _are_columns(left, right, page):
        if everything := [*above, *left, *right, *middle, *below]:
            yield _Band([], [], [], everything)
        return
    if above:
        yield _Band([], [], [], above)
    yield _Band(left, right, middle, [])
    if below:
        yield _Band([], [], [], below)


def _are_columns(left: list[Piece], right: list[Piece], page: _Page) -> bool:
    """True where running text stands on both sides."""
    widths = [_width(side) for side in (left, right)]
    if min(widths) < max(MIN_WIDTH * page.height, MIN_SHARE * max(widths)):
        return False
    gutter = min(p.box.left for p in right) - max(p.box.right for p in left)
    rows = [_rows(side) for side in (left, right)]
    alone = [not any(overlap(a.box, b.box) >= 0.7 for b in rows[0]) for a in rows[1]]
    # a table's rows stand at one height on both sides, each with an entry on both
    share = 0.5 if any(alone) or len(rows[0]) != len(rows[1]) else 0.7
    running = [_is_running_text(side, gutter, page.height, share) for side in (left, right)]
    return any(running) and all(
        runs or (width >= 2 * MIN_WIDTH * page.height and _best_bands(side, page) is not None)
        for side, runs, width in zip((left, right), running, widths, strict=True)
    )


def _is_running_text(side: list[Piece], gutter: float, height: float, share: float) -> bool:
    """True where enough lines fill the column, without gaps as wide as a table's, and in letters."""
    rows = _lines(side)
    width = _width(side)
    if len(rows) < MIN_LINES:
        return False
    filled = sum(row.box.width >= FILLED * width for row in rows)
    gap = max(0.6 * gutter, height)
    gapped = sum(
        any(
            b.box.left - a.box.right >= gap
            for a, b in pairwise(row.pieces)
            if len(_text(a)) > 2  # the number or mark of an item
        )
        for row in rows
    )
    said = "".join(_text(piece) for piece in side)
    words = sum(c.isalpha() for c in said)
    return filled >= share * len(rows) and gapped <= MAX_GAPPED * len(rows) and words * 2 >= len(said)


def _text(piece: Piece) -> str:
    return "".join(letter.text for letter in piece.letters)


def _width(side: Sequence[Piece]) -> float:
    written = [piece.box for piece in side if piece.table is None]
    return max(b.right for b in written) - min(b.left for b in written) if written else 0.0


def _lines(side: Sequence[Piece]) -> list[_Row]:
    return _rows([piece for piece in side if piece.table is None])


def _rows(side: Sequence[Piece]) -> list[_Row]:
    """Put pieces that stand at one height into rows, from top to bottom, each from left to right."""
    rows: list[_Row] = []
    for piece in sorted(side, key=lambda p: (p.box.top + p.box.bottom) / 2):
        if rows and overlap(rows[-1].box, piece.box) >= 0.5:
            rows[-1] = _Row(_union(rows[-1].box, piece.box), [*rows[-1].pieces, piece])
        else:
            rows.append(_Row(piece.box, [piece]))
    return [_Row(row.box, sorted(row.pieces, key=lambda p: p.box.left)) for row in rows]
