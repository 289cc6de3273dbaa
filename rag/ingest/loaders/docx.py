"""DOCX by its own XML (WordprocessingML, ECMA-376), which python-docx opens: the final view of a document.

What is read: text with accepted insertions, content controls, results of fields, links, text boxes, formulas,
notes (each behind its paragraph), the numbers that Word draws ("제3조"), tables with spans and tables in
cells. What is not: deletions of tracked changes and struck-out text (counted), comments, running heads and
feet.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from lxml import etree

from rag.ingest.loaders.blocks import Block
from rag.ingest.loaders.markup import MAX_NESTING, local_name
from rag.ingest.loaders.numbering import Counters, Level
from rag.ingest.loaders.office import opened
from rag.ingest.loaders.parsed import Parsed
from rag.ingest.loaders.raised import raised
from rag.ingest.loaders.tables import SourceCell
from rag.ingest.loaders.unseen import unseen_docx
from rag.messages import Message

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
# what Word's own corrections put for arrows, in Wingdings
_SYMBOLS = {"E0": "→", "DF": "←", "E1": "↑", "E2": "↓", "F3": "⇔", "A8": "□", "FE": "☑", "FC": "✓", "9F": "·"}
_KIND = Message("kind-docx")
_DELETED = ("del", "moveFrom")
_HEADING = re.compile(r"(?:heading|제목)\s?(\d)", re.IGNORECASE)
_XML = etree.XMLParser(resolve_entities=False, no_network=True)


def parse_docx(path: Path) -> Parsed:
    """Parse a .docx file."""
    import docx

    document = opened(path, lambda: docx.Document(str(path)), _KIND)
    reader = opened(path, lambda: _Reader(document), _KIND)
    blocks = opened(path, lambda: reader.blocks(document.element.body, 0), _KIND)
    title = (document.core_properties.title or "").strip() or reader.title
    return Parsed(blocks, title, unseen=unseen_docx(document.element.body), dropped=reader.dropped)


def _value(element: Any, path: str) -> str:
    """Return the `val` of an element below another, "" where there is none."""
    found = element.find("/".join(_W + step for step in path.split("/"))) if element is not None else None
    return str(found.get(_W + "val", "")) if found is not None else ""


def _on(element: Any, name: str) -> bool:
    """True where a property is switched on."""
    found = element.find(_W + name) if element is not None else None
    return found is not None and found.get(_W + "val", "1") not in ("0", "false", "none")


@dataclass
class _Text:
    """A paragraph while it is read, and what hangs on it."""

    parts: list[str] = field(default_factory=list)
    after: list[Block] = field(default_factory=list)


class _Reader:
    """Walks through a document. `title`: of a paragraph in the style "Title"; `dropped`: characters left
    out.
    """

    def __init__(self, document: Any) -> None:
        self.title = ""
        self.dropped = 0
        self._names: dict[str, str] = {}
        self._style_numbers: dict[str, Any] = {}
        self._notes: dict[str, Any] = {}
        self._levels: dict[str, dict[int, Level]] = {}
        self._lists: dict[str, str] = {}  # what counts together: an abstract numbering, or one begun anew
        self._counters = Counters()
        for relation in document.part.rels.values():
            kind = str(relation.reltype).rpartition("/")[2]
            if kind in ("styles", "numbering", "footnotes", "endnotes") and not relation.is_external:
                root = etree.fromstring(relation.target_part.blob, _XML)
                getattr(self, f"_take_{kind}")(root)

    def _take_styles(self, root: Any) -> None:
        for style in root.iter(_W + "style"):
            key = style.get(_W + "styleId", "")
            self._names[key] = _value(style, "name")
            if (numbers := style.find(f"{_W}pPr/{_W}numPr")) is not None:
                self._style_numbers[key] = numbers

    def _take_footnotes(self, root: Any, kind: str = "footnote") -> None:
        for note in root.iter(_W + kind):
            if note.get(_W + "type") is None:  # the others are lines drawn above notes
                self._notes[kind + note.get(_W + "id", "")] = note

    def _take_endnotes(self, root: Any) -> None:
        self._take_footnotes(root, "endnote")

    def _take_numbering(self, root: Any) -> None:
        drawn = {
            abstract.get(_W + "abstractNumId"): {
                int(level.get(_W + "ilvl", "0")): Level(
                    _value(level, "lvlText"),
                    _value(level, "numFmt"),
                    int(_value(level, "start") or 1),
                )
                for level in abstract.iter(_W + "lvl")
            }
            for abstract in root.iter(_W + "abstractNum")
        }
        for number in root.iter(_W + "num"):
            key, abstract = number.get(_W + "numId", ""), _value(number, "abstractNumId")
            levels = dict(drawn.get(abstract, {}))
            anew = {
                int(one.get(_W + "ilvl", "0")): int(_value(one, "startOverride"))
                for one in number.iter(_W + "lvlOverride")
                if _value(one, "startOverride").isdigit()
            }
            for level, start in anew.items():
                if level in levels:
                    levels[level] = replace(levels[level], start=start)
            self._levels[key] = levels
            self._lists[key] = f"{abstract}/{key}" if anew else abstract

    def blocks(self, element: Any, depth: int) -> list[Block]:
        """Return the blocks of a body, cell, box, note or content control."""
        found: list[Block] = []
        for child in element if depth <= MAX_NESTING else ():
            name = local_name(child)
            if name == "p":
                found += self._paragraph(child, depth + 1)
            elif name == "tbl":
                found.append(Block("table", rows=self._rows(child, depth + 1)))
            elif name in ("sdt", "sdtContent", "customXml", "ins", "moveTo"):
                found += self.blocks(child, depth + 1)
            elif name in _DELETED:
                self._drop(child)
        return found

    def _drop(self, element: Any) -> None:
        texts = element.iter(_W + "t", _W + "delText")
        self.dropped += len("".join(text.text or "" for text in texts).strip())

    def _paragraph(self, element: Any, depth: int) -> list[Block]:
        text = _Text()
        self._runs(element, text, depth)
        said = "".join(text.parts).strip()
        style = self._names.get(_value(element, "pPr/pStyle"), "")
        if not said:
            self._number_or_bullet(element)  # an empty paragraph counts, too
            return text.after
        if match := _HEADING.match(style):
            return [Block("heading", self._number_or_bullet(element) + said, int(match[1])), *text.after]
        if style.lower() in ("title", "제목"):
            self.title = self.title or said
            return [Block("heading", said, 1), *text.after]
        drawn = self._number_or_bullet(element) or ("- " if style.startswith("List") else "")
        return [Block("text", drawn + said), *text.after]

    def _number_or_bullet(self, element: Any) -> str:
        """Return the number or bullet that Word draws before a paragraph, with a blank; "" for none."""
        numbers = element.find(f"{_W}pPr/{_W}numPr")
        if numbers is None:
            numbers = self._style_numbers.get(_value(element, "pPr/pStyle"))
        key = _value(numbers, "numId")
        levels = self._levels.get(key, {})
        level = int(_value(numbers, "ilvl") or 0)
        if level not in levels:
            return ""
        if levels[level].form == "bullet":
            return "- "
        drawn = self._counters.draw(self._lists.get(key, key), levels, level)
        return f"{drawn} " if drawn.strip() else ""

    def _runs(self, element: Any, text: _Text, depth: int) -> None:
        """Add what stands in a paragraph."""
        for child in element if depth <= MAX_NESTING else ():
            name = local_name(child)
            if name == "r":
                self._run(child, text, depth + 1)
            elif name in _DELETED:
                self._drop(child)
            elif name == "oMath" or name == "oMathPara":
                text.parts.append(" " + _formula(child) + " ")
            elif name not in ("pPr", "sdtPr", "sdtEndPr"):
                self._runs(child, text, depth + 1)

    def _run(self, run: Any, text: _Text, depth: int) -> None:
        properties = run.find(_W + "rPr")
        if _on(properties, "strike") or _on(properties, "dstrike"):
            self._drop(run)
            return
        high = _value(properties, "vertAlign") == "superscript"
        for child in run:
            name = local_name(child)
            if name == "t":
                said = child.text or ""
                text.parts.append(raised(said, "".join(text.parts[-4:])[-8:]) if high else said)
            elif name in ("br", "cr"):
                text.parts.append("\n")
            elif name in ("tab", "ptab"):
                text.parts.append(" ")
            elif name == "sym":
                text.parts.append(_SYMBOLS.get(child.get(_W + "char", "").upper()[-2:], " "))
            elif name == "ruby":
                for base in child.iterfind(_W + "rubyBase"):
                    self._runs(base, text, depth + 1)
            elif name == "noBreakHyphen":
                text.parts.append("-")
            elif name in ("footnoteReference", "endnoteReference"):
                note = self._notes.pop(name.removesuffix("Reference") + child.get(_W + "id", ""), None)
                text.after += self.blocks(note, depth + 1) if note is not None else []
            elif name in ("AlternateContent", "drawing", "pict", "object"):
                text.after += self._boxes(child, depth + 1)

    def _boxes(self, element: Any, depth: int) -> list[Block]:
        """Return the text boxes of a drawing, once: Word writes each in a new and in an old way."""
        if depth > MAX_NESTING:
            return []
        found: list[Block] = []
        for child in element:
            name = local_name(child)
            if name == "txbxContent":
                found += self.blocks(child, depth + 1)
            elif name != "Fallback" or not found:
                found += self._boxes(child, depth + 1)
        return found

    def _rows(self, table: Any, depth: int) -> list[list[SourceCell]]:
        """Return a table's rows; a cell that goes on from above (vMerge) makes that one longer."""
        rows: list[list[SourceCell]] = []
        above: dict[int, tuple[int, int]] = {}  # where the cell stands that covers a column
        for row in _rows_of(table):
            cells: list[SourceCell] = []
            at = int(_value(row, "trPr/gridBefore") or 0)
            if at:
                cells.append(SourceCell("", 1, at))
            for cell in _cells_of(row):
                width = int(_value(cell, "tcPr/gridSpan") or 1)
                merge = cell.find(f"{_W}tcPr/{_W}vMerge")
                if merge is not None and merge.get(_W + "val", "continue") == "continue" and at in above:
                    y, x = above[at]
                    old = rows[y][x]
                    rows[y][x] = replace(old, rowspan=old.rowspan + 1)
                else:
                    above[at] = (len(rows), len(cells))
                    heads = _on(row.find(_W + "trPr"), "tblHeader")
                    cells.append(replace(self._cell(cell, width, depth + 1), header=heads))
                at += width
            rows.append(cells)
        return rows

    def _cell(self, cell: Any, width: int, depth: int) -> SourceCell:
        blocks = self.blocks(cell, depth + 1)
        return SourceCell(
            "\n".join(block.text for block in blocks if block.kind != "table"),
            1,
            max(1, width),
            tuple(block.rows for block in blocks if block.kind == "table"),
        )


def _rows_of(element: Any) -> Iterator[Any]:
    """Yield a table's rows, also those in content controls, without deleted ones."""
    for child in element:
        if local_name(child) == "tr" and child.find(f"{_W}trPr/{_W}del") is None:
            yield child
        elif local_name(child) in ("sdt", "sdtContent", "customXml", "ins"):
            yield from _rows_of(child)


def _cells_of(element: Any) -> Iterator[Any]:
    for child in element:
        if local_name(child) == "tc":
            yield child
        elif local_name(child) in ("sdt", "sdtContent", "customXml", "ins"):
            yield from _cells_of(child)


def _formula(element: Any) -> str:
    """Spell a formula as text: fractions with a stroke, powers with ^, indices with _."""
    name = local_name(element)
    if name == "t":
        return element.text or ""
    if name.endswith("Pr"):
        return ""
    parts = [(local_name(child), _formula(child)) for child in element]
    by_name = dict(parts)
    before = ""

    def grouped(part: str) -> str:
        said = by_name.get(part, "")
        return said if len(said) < 2 or said.isalnum() else f"({said})"

    whole = ""
    for part, said in parts:  # x² 3 is not x²³
        whole += " " + said if said[:1].isdigit() and before.startswith("sS") else said
        before = part
    if name == "f":
        return f"{grouped('num')} / {grouped('den')}"
    if name in ("sSup", "sSub", "sSubSup"):
        index = f"_{grouped('sub')}" if by_name.get("sub") else ""
        return by_name.get("e", "") + index + (f"^{grouped('sup')}" if by_name.get("sup") else "")
    if name == "rad":
        return f"{by_name.get('deg', '')}√({by_name.get('e', '')})"
    if name == "d":
        return f"{_mark(element, 'begChr', '(')}{whole}{_mark(element, 'endChr', ')')}"
    if name == "nary":
        limits = "".join(f"{s}{grouped(p)}" for s, p in (("_", "sub"), ("^", "sup")) if by_name.get(p))
        return f"{_mark(element, 'chr', '∫')}{limits} {by_name.get('e', '')}"
    return whole


def _mark(element: Any, name: str, usual: str) -> str:
    """Return a sign that a formula's part is written with."""
    for child in element.iter():
        if local_name(child) == name:
            return next((value for key, value in child.attrib.items() if key.endswith("}val")), usual)
    return usual
