"""HWPX by its own XML (OWPML, KS X 6101): sections, paragraphs and runs in reading order.

What is read: text with its line breaks and blanks, numbering and bullets that Hangul draws, tables with
spans, captions and tables in cells, text boxes, notes (each behind its paragraph), equations, text that is
still there after tracked changes. What is not: deleted and struck-out text, memos and hidden comments
(counted), running heads and feet, pictures.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lxml import etree

from rag.errors import LoadError
from rag.ingest.loaders.blocks import Block
from rag.ingest.loaders.coverage import of_hwpx
from rag.ingest.loaders.equations import linear
from rag.ingest.loaders.markup import MAX_NESTING, local_name
from rag.ingest.loaders.numbering import Counters, Level, spelled
from rag.ingest.loaders.parsed import Parsed
from rag.ingest.loaders.raised import raised
from rag.ingest.loaders.tables import SourceCell
from rag.text.cleaning import clean

MAX_PART = 200 << 20  # bytes of one section
_SECTION = re.compile(r"(?:^|/)section(\d+)\.xml$")
_INLINE = {"lineBreak": "\n", "tab": " ", "nbSpace": " ", "fwSpace": " ", "hyphen": "-"}


def parse_hwpx(path: Path) -> Parsed:
    """Parse an .hwpx file.

    Raises:
        LoadError: damaged, or no HWPX.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            names = {int(m[1]): n for n in archive.namelist() if (m := _SECTION.search(n))}
            if not names:
                raise LoadError("file-not-hwpx", file=path.name)
            head = next((n for n in archive.namelist() if n.endswith("header.xml")), "")
            styles = _root(archive, head) if head else None
            reader = _Reader(_Styles(styles))
            sections = [_root(archive, names[number]) for number in sorted(names)]
            for section in sections:
                reader.section(section)
    except (etree.XMLSyntaxError, zipfile.BadZipFile, KeyError, OSError, EOFError) as error:
        raise LoadError("file-text-damaged", file=path.name) from error
    present = of_hwpx(styles, sections)
    return Parsed(reader.blocks, reader.title(), dropped=reader.dropped, present=present)


def _root(archive: zipfile.ZipFile, name: str) -> Any:
    """Return the root of a part; of a damaged one what stands before the damage. Raises XMLSyntaxError."""
    with archive.open(name) as file:
        data = file.read(MAX_PART)
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, huge_tree=True, remove_comments=True, recover=True
    )
    root = etree.fromstring(data, parser)
    if root is None:
        raise etree.XMLSyntaxError(f"{name} is no XML", 0, 0, 0)
    return root


def _children(element: Any, name: str) -> Iterator[Any]:
    return (child for child in element if local_name(child) == name)


def _number(element: Any, name: str, default: int = 0) -> int:
    value = element.get(name, "") if element is not None else ""
    return int(value) if re.fullmatch(r"-?\d{1,9}", value) else default


class _Styles:
    """What header.xml says of paragraphs and letters: sizes, headings, bullets and numbering."""

    def __init__(self, root: Any | None) -> None:
        self.size: dict[str, int] = {}  # of letters, in hundredths of a point, by id
        self.raised: set[str] = set()  # ids of letters that stand high
        self.struck: set[str] = set()
        self.heading: dict[str, tuple[str, str, int]] = {}  # (type, id, level) of a paragraph's properties
        self.bullets: dict[str, str] = {}
        self.numbering: dict[str, dict[int, Level]] = {}  # by depth, from 0
        for element in root.iter() if root is not None else ():
            name, key = local_name(element), element.get("id", "")
            if name == "charPr":
                self.size[key] = _number(element, "height")
                for child in element:
                    if local_name(child) == "supscript":
                        self.raised.add(key)
                    elif local_name(child) == "strikeout" and child.get("shape", "NONE") not in (
                        "NONE",
                        "3D",
                    ):
                        self.struck.add(key)
            elif name == "paraPr":
                for head in _children(element, "heading"):
                    self.heading[key] = (head.get("type", ""), head.get("idRef", ""), _number(head, "level"))
            elif name == "bullet":
                self.bullets[key] = element.get("char", "")
            elif name == "numbering":
                self.numbering[key] = {
                    _number(level, "level", 1) - 1: Level(
                        "".join(level.itertext()).strip(),
                        level.get("numFormat", "DIGIT"),
                        _number(level, "start", 1),
                    )
                    for level in _children(element, "paraHead")
                }


@dataclass
class _Text:
    """A paragraph while it is read: its lines, and what hangs on it and follows it."""

    parts: list[str] = field(default_factory=list)
    has_number: bool = False  # its number or bullet stands in a line before already
    after: list[Block] = field(default_factory=list)


class _Reader:
    """Walks through sections and collects blocks."""

    def __init__(self, styles: _Styles) -> None:
        self.blocks: list[Block] = []
        self.dropped = 0
        self._styles = styles
        self._counters = Counters()
        self._outline = ""
        self._deleted = False
        self._sizes: list[tuple[int, str]] = []

    def section(self, root: Any) -> None:
        """Read one section."""
        for paragraph in _children(root, "p"):
            self.blocks += self._paragraph(paragraph, 0)

    def title(self) -> str:
        """Return the first of the paragraphs in the largest letters near the top, where they stand out."""
        if not self._sizes:
            return ""
        largest = max(size for size, _ in self._sizes)
        usual = sorted(size for size, _ in self._sizes)[len(self._sizes) // 2]
        first = next(text for size, text in self._sizes if size == largest)
        return first.replace("\n", " ") if largest > usual * 1.15 else ""

    def _paragraph(self, element: Any, depth: int) -> list[Block]:
        """Return a paragraph's blocks: text, then its tables, boxes and notes where they stand."""
        if depth > MAX_NESTING:
            return []
        found: list[Block] = []
        text = _Text()
        size = 0
        for run in _children(element, "run"):
            if outline := next((s.get("outlineShapeIDRef") for s in _children(run, "secPr")), None):
                self._outline = outline
            letters = run.get("charPrIDRef", "")
            mark = len(text.parts)
            for child in run:
                if letters in self._styles.struck and local_name(child) == "t":
                    self._drop(child)
                elif local_name(child) == "tbl" and _in_line(child):
                    found += [*self._lines(element, text), *text.after, self._table(child, depth + 1)]
                    text.parts.clear()
                    text.after.clear()
                    mark = 0
                else:
                    self._inline(child, text, depth + 1)
            said = "".join(text.parts[mark:])
            if letters in self._styles.raised:
                text.parts[mark:] = [raised(said, "".join(text.parts[max(0, mark - 4) : mark])[-8:])]
            if said.strip():
                size = max(size, self._styles.size.get(letters, 0))
        lines = self._lines(element, text)
        whole = clean("\n".join(block.text for block in lines))
        if size and len(self._sizes) < 40 and 4 <= len(whole) <= 120:
            self._sizes.append((size, whole))
        return [*found, *lines, *text.after]

    def _lines(self, element: Any, text: _Text) -> list[Block]:
        """Return the text of a paragraph so far, a block for each line, behind what Hangul draws before
        it.
        """
        lines = [line for line in "".join(text.parts).split("\n") if line.strip()]
        if not lines:
            return []
        kind, key, level = self._styles.heading.get(element.get("paraPrIDRef", ""), ("", "", 0))
        drawn = "" if text.has_number else self._number_or_bullet(kind, key, level)
        text.has_number = True
        lines[0] = f"{drawn} {lines[0].lstrip()}" if drawn else lines[0]
        if kind == "OUTLINE" and len(lines) == 1 and len(lines[0]) <= 60 and not lines[0].endswith("."):
            return [Block("heading", lines[0], min(9, level + 1))]
        return [Block("text", line) for line in lines]

    def _number_or_bullet(self, kind: str, key: str, level: int) -> str:
        """Return the bullet or number that Hangul draws before a paragraph."""
        if kind == "BULLET":
            bullet = self._styles.bullets.get(key, "")
            return "-" if not bullet.isprintable() or "\ue000" <= bullet[:1] <= "\uf8ff" else bullet
        if kind in ("NUMBER", "OUTLINE"):
            key = key if kind == "NUMBER" else key or self._outline
            return self._counters.draw(key, self._styles.numbering.get(key, {}), level)
        return ""

    def _inline(self, element: Any, text: _Text, depth: int) -> None:
        """Add what stands in a run: text, controls and shapes."""
        name = local_name(element)
        if depth > MAX_NESTING:
            return
        if name == "t":
            self._add_text(element, text)
        elif name == "ctrl":
            for child in element:
                self._control(child, text, depth + 1)
        elif name == "equation":
            script = "".join("".join(s.itertext()) for s in _children(element, "script"))
            text.parts.append(f" {linear(script)} ")
        elif name == "textart":
            text.parts.append(element.get("text", ""))
        elif name == "edit":
            text.parts.append("".join("".join(said.itertext()) for said in _children(element, "text")))
        elif name in ("checkBtn", "radioBtn", "btn"):
            text.parts.append(element.get("caption", ""))
        elif name == "compose":
            text.parts.append(element.get("composeText", ""))
        elif name == "dutmal":
            text.parts.append("".join("".join(m.itertext()) for m in _children(element, "mainText")))
        elif name == "tbl":
            text.after.append(self._table(element, depth + 1))
        elif name == "switch":
            for branch in [*_children(element, "default"), *_children(element, "case")][:1]:
                for child in branch:
                    self._inline(child, text, depth + 1)
        else:  # shapes: their boxes, captions and what is grouped in them
            initial = element.get("dropcapstyle", "None") != "None"
            for child in element:
                if local_name(child) in ("drawText", "caption"):
                    listed = self._listed(child, depth + 1)
                    if initial and not text.parts:  # the first letter of the paragraph, drawn large
                        text.parts += [block.text for block in listed]
                    else:
                        text.after += listed
                elif local_name(child) not in ("shapeComment", "secPr"):
                    self._inline(child, text, depth + 1)

    def _control(self, element: Any, text: _Text, depth: int) -> None:
        name = local_name(element)
        if name in ("footNote", "endNote"):
            kept, self._deleted = self._deleted, False
            note = self._listed(element, depth + 1)
            self._deleted = kept
            text.after += note
        elif name == "autoNum":
            text.parts.append(spelled(_number(element, "num", 1), _format(element)) + _suffix(element))
        elif name == "hiddenComment" or (name == "fieldBegin" and element.get("type") == "MEMO"):
            self._drop(element)

    def _drop(self, element: Any) -> None:
        self.dropped += len("".join("".join(t.itertext()) for t in element.iter("{*}t")).strip())

    def _add_text(self, element: Any, text: _Text) -> None:
        """Add the text of a `t`, without what tracked changes deleted."""

        def add(piece: str | None) -> None:
            if piece and self._deleted:
                self.dropped += len(piece.strip())
            elif piece:
                text.parts.append(piece.replace("\n", " "))

        add(element.text)
        for child in element:
            name = local_name(child)
            if name in ("deleteBegin", "deleteEnd"):
                self._deleted = name == "deleteBegin"
            elif name in _INLINE and not self._deleted:
                text.parts.append(_INLINE[name])
            add(child.tail)

    def _listed(self, element: Any, depth: int) -> list[Block]:
        """Return the blocks of a list of paragraphs in a box, note, caption or cell."""
        return [
            block
            for inner in _children(element, "subList")
            for paragraph in _children(inner, "p")
            for block in self._paragraph(paragraph, depth + 1)
        ]

    def _table(self, element: Any, depth: int) -> Block:
        caption = " ".join(
            block.text for c in _children(element, "caption") for block in self._listed(c, depth + 1)
        )
        rows = [
            [self._cell(cell, depth + 1) for cell in _children(row, "tc")] for row in _children(element, "tr")
        ]
        return Block("table", caption, rows=[row for row in rows if row])

    def _cell(self, element: Any, depth: int) -> SourceCell:
        span = next(_children(element, "cellSpan"), None)
        blocks = self._listed(element, depth + 1)
        return SourceCell(
            "\n".join(block.text for block in blocks if block.kind != "table"),
            max(1, _number(span, "rowSpan", 1)),
            max(1, _number(span, "colSpan", 1)),
            tuple(block.rows for block in blocks if block.kind == "table"),
            element.get("header") == "1",
        )


def _in_line(table: Any) -> bool:
    """True for a table that stands in the line like a letter; others float beside or below the paragraph."""
    return all(place.get("treatAsChar", "1") == "1" for place in _children(table, "pos"))


def _format(element: Any) -> str:
    return next((f.get("type", "DIGIT") for f in _children(element, "autoNumFormat")), "DIGIT")


def _suffix(element: Any) -> str:
    return next((f.get("suffixChar", "") for f in _children(element, "autoNumFormat")), "")
