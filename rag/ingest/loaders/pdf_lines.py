"""The lines of a PDF: which are running heads and feet, and which are wraps of one paragraph.

A line wrap in a Korean PDF may fall inside a word, and many files keep no space at a wrap at all. Where a
file keeps spaces at its wraps they are trusted; elsewhere Kiwi decides whether two lines are glued with or
without a space.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

from rag.ingest.loaders.blocks import heading_level
from rag.ingest.loaders.wrapping import WordsSeen, may_go_on
from rag.text.cleaning import clean
from rag.text.korean import words_cut

REPEATED = 0.4  # of the pages, from which a line at their edge is a running head: two may alternate
# behind a blank that no word was parted from: a program may put that of a wrap before the next line, too
_INDENTED = re.compile(r"\s+(?:제\s?\d|[가-하][.)]\s|[^\s가-힣:：,.;)\]])")
_LETTERED = re.compile(r"[가-하][.)]\s")  # an item, also where may_go_on takes it for the end of a word: 다.
_UNFINISHED = re.compile(
    r"(?:[을를은는,]|및|또는|에서|에게|으로|하여|하고|하며|해야|하여야|위한|위해|따른|따라|대한|관한|통해)$"
)
_PAGE_NUMBER = re.compile(r"\s*[-–]?\s*\d{1,4}\s*[-–]?\s*")
MIN_REPEATED = 3  # pages at whose edge a line of one shape is a head or foot
MIN_CUT = 6  # letters of Hangul of a line, from which its last may be the beginning of a word that goes on
MAX_INDENTED = 0.5  # of the lines with a blank before them; more are no beginnings of paragraphs


def lines_of(part: str) -> list[str]:
    """Return the lines of a text that are not blank."""
    return [line for line in part.replace("\r\n", "\n").split("\n") if clean(line)]


def heads_and_feet(pages: Sequence[Sequence[object]]) -> set[tuple[int, str]]:
    """Return running heads and feet as (page, line): of a page's first and last lines those that come back
    word for word on most pages, or with no other change than a number that goes up with the pages; and page
    numbers alone.
    """
    edges: dict[str, list[tuple[int, str]]] = {}
    found: set[tuple[int, str]] = set()
    for page, parts in enumerate(pages, 1):
        lines = [line for part in parts if isinstance(part, str) for line in lines_of(part)]
        for line in dict.fromkeys(lines[:2] + lines[-2:]):
            edges.setdefault(shape_of(line), []).append((page, line))
    for places in edges.values():
        numbers = [[int(digits) for digits in re.findall(r"\d+", line)] for _, line in places]
        forms: list[list[tuple[str, int]]] = [[] for _ in places]
        for column in zip(*numbers, strict=True):  # each number stays, or goes up with the pages
            fixed = Counter(column).most_common(1)[0][1]
            lag = [value - page for value, (page, _) in zip(column, places, strict=True)]
            rising = Counter(lag).most_common(1)[0][1]
            for form, value, behind in zip(forms, column, lag, strict=True):
                form.append(("page", behind) if rising > fixed or behind == 0 else ("", value))
        (usual, count) = Counter(map(tuple, forms)).most_common(1)[0]
        alone = _PAGE_NUMBER.fullmatch(places[0][1]) is not None and usual[0][0] == "page"
        if (len(pages) >= 4 and count > len(pages) * REPEATED) or (alone and (count > 1 or usual[0][1] == 0)):
            found |= {place for place, form in zip(places, forms, strict=True) if tuple(form) == usual}
    return found


def shape_of(line: str) -> str:
    """Return a line with each of its numbers as 0."""
    return re.sub(r"\d+", "0", clean(line))


def full_width(texts: list[str]) -> float:
    """Return the width from which a line of this file counts as reaching the right margin."""
    widths = sorted(_width(line) for text in texts for line in text.split("\n") if line.strip())
    return widths[int(len(widths) * 0.85)] * 0.85 if widths else 0.0


def is_indented(texts: list[str]) -> bool:
    """True where a blank at a line's beginning tells that a paragraph begins: some lines have it, but most
    have not.
    """
    lines = [line for text in texts for line in text.split("\n") if line.strip()]
    return sum(line.startswith(" ") for line in lines) < MAX_INDENTED * len(lines)


def repeated_shapes(pages: Sequence[Sequence[object]]) -> set[str]:
    """Return the shapes of lines at the edge of several pages: heads and feet, whose numbers may begin
    anew.
    """
    edges: Counter[str] = Counter()
    for parts in pages:
        lines = [line for part in parts if isinstance(part, str) for line in lines_of(part)]
        edges.update({shape_of(line) for line in (*lines[:2], *lines[-2:])})
    return {shape for shape, count in edges.items() if count >= MIN_REPEATED}


def runs_on(before: str, line: str) -> bool:
    """True where what stands at a page's foot goes on on the next page: it ends within a word or a clause."""
    if not may_go_on(before, line) or heading_level(line):
        return False
    pair = _hangul_pair(before, line)
    return _is_unfinished(before) or any(words_cut([pair] if pair else []))


def _is_unfinished(line: str) -> bool:
    """True where a line ends with a particle or an ending that something follows."""
    return _UNFINISHED.search(line.strip()) is not None and len(re.findall("[가-힣]", line)) >= MIN_CUT


def _hangul_pair(before: str, line: str) -> tuple[str, str] | None:
    """Return two lines between which a word may go on, without blanks around them; None for others."""
    pair = before.strip(), line.strip()
    enough = len(re.findall("[가-힣]", pair[0])) >= MIN_CUT and _hangul_seam(*pair)
    return pair if enough and not _LETTERED.match(pair[1]) else None


def to_sentence_end(text: str) -> tuple[str, str]:
    """Part a paragraph behind its first sentence."""
    match = re.search(r"(?<=[가-힣A-Za-z)]{2})[.?!][”’\"')]*(?=\s)", text)
    return (text[: match.end()], text[match.end() :].strip()) if match else (text, "")


def paragraphs(lines: list[str], full: float, glue: Any, indents: bool) -> Iterator[str]:
    """Join wrapped lines: a line that reaches the right margin, or ends within a word, goes on in the next,
    unless that begins an item of its own, or a paragraph (`indents`: by the blank before it, see
    `is_indented`).
    """
    group: list[str] = []
    pairs = {
        pair: (before, line)
        for before, line in pairwise(lines)
        if _width(before) < full and may_go_on(before, line) and (pair := _hangul_pair(before, line))
    }
    cut = {seam for seam, is_cut in zip(pairs.values(), words_cut(list(pairs)), strict=True) if is_cut}
    for line in lines:
        above = group[-1] if group else ""
        on = _width(above) >= full or (above, line) in cut or _is_unfinished(above)
        goes_on = group and on and may_go_on(above, line)
        goes_on = goes_on and not (indents and _INDENTED.match(line))
        if group and not goes_on:
            yield glue(group)
            group = []
        group.append(line)
    if group:
        yield glue(group)


def _width(line: str) -> int:
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line.strip())


def gluer(texts: list[str]) -> Any:
    """Return how this file's lines are joined: by the spaces it keeps at line ends, or by how it writes the
    words elsewhere and by Kiwi."""
    ends = [line for text in texts for line in text.replace("\r\n", "\n").split("\n")[:-1] if len(line) > 20]
    spaced = sum(line.endswith(" ") for line in ends)
    if not ends or spaced > len(ends) * 0.2:
        return lambda lines: join_lines(lines, keep=True)
    seen = WordsSeen(line for text in texts for line in lines_of(text))
    return lambda lines: join_lines(lines, seen=seen)


def join_lines(lines: list[str], keep: bool = False, seen: WordsSeen | None = None) -> str:
    """Join the lines of one paragraph or cell.

    Args:
        keep: a space at a line's end tells, none means none. seen: how the file writes words elsewhere.
    """
    lines = [line for line in lines if line.strip()]
    if len(lines) < 2:
        return "".join(lines)
    if keep:
        return "".join(line for line, _ in _pairs(lines))
    from rag.text.korean import glue_lines

    return glue_lines([line.strip() for line in lines], seen.one_word if seen else None)


def _pairs(lines: list[str]) -> Iterator[tuple[str, str]]:
    for i, line in enumerate(lines):
        after = lines[i + 1] if i + 1 < len(lines) else ""
        yield (line if not after or line.endswith(" ") or _hangul_seam(line, after) else line + " "), after


def _hangul_seam(line: str, after: str) -> bool:
    """True where two lines meet letter to letter in Hangul, so that the wrap may be inside a word."""
    return bool(re.search("[가-힣]$", line) and re.match("[가-힣]", after))
