"""HWP 5 and HWPX, by unhwp; 배포용 (distribution) files, which unhwp returns as a placeholder, by dochan.

Headings carry no style in most Korean documents: numbering makes them (see `blocks.heading_level`), and the
largest letters near the top are the title. No library gives true page numbers, so `page` is None and
citations name the section.
"""

from __future__ import annotations

import json
import logging
import re
import struct
import zipfile
from pathlib import Path
from typing import Any

import olefile

from rag.errors import LoadError
from rag.ingest.loaders.blocks import Block
from rag.ingest.loaders.coverage import Present
from rag.ingest.loaders.equations import linear
from rag.ingest.loaders.hwpx import parse_hwpx
from rag.ingest.loaders.parsed import Parsed
from rag.ingest.loaders.raised import raised
from rag.ingest.loaders.tables import SourceCell
from rag.text.cleaning import clean

log = logging.getLogger(__name__)
ENCRYPTED, DISTRIBUTION = 1 << 1, 1 << 2  # properties of an HWP 5 FileHeader, u32 at offset 36


def parse_hwp(path: Path) -> Parsed:
    """Parse an .hwp or .hwpx file.

    Raises:
        LoadError: password-protected or damaged.
    """
    import unhwp

    if zipfile.is_zipfile(path) and not _encrypted_hwpx(path):
        return parse_hwpx(path)
    flags = _flags(path)
    if flags & ENCRYPTED or _encrypted_hwpx(path):
        raise LoadError("file-password", file=path.name)
    if flags & DISTRIBUTION:
        return _parse_distribution(path)
    try:
        with unhwp.parse(path) as result:
            tree = json.loads(result.json)
    except unhwp.UnhwpError as error:
        if error.kind == unhwp.ErrorKind.ENCRYPTED:
            raise LoadError("file-password", file=path.name) from error
        if error.kind == unhwp.ErrorKind.DISTRIBUTION_RESTRICTED:
            raise LoadError("file-distribution", file=path.name) from error
        # its sentence is English and names the folder; a kind that is newer than this library is a number
        kind = getattr(error.kind, "name", error.kind)
        log.info("unhwp on %s: %s", path.name, error)
        raise LoadError("file-not-hwp", file=path.name, reason=kind) from error
    dropped = _drop_struck(tree)
    blocks: list[Block] = []
    sizes: list[tuple[float, str]] = []
    for section in tree["sections"]:
        for item in section["content"]:
            _add(item, blocks, sizes)
    # in the records nothing tells what is struck out, so that it would pass for lost
    return Parsed(blocks, _title(sizes), dropped=dropped, present=Present() if dropped else None)


def _drop_struck(tree: Any) -> int:
    """Take struck-out text out of a document, and return how many characters it has."""
    if isinstance(tree, dict):
        text = tree.get("Text")
        if isinstance(text, dict) and (text.get("style") or {}).get("strikethrough"):
            said, text["text"] = text["text"], ""
            return len(said.strip())
        return sum(map(_drop_struck, tree.values()))
    return sum(map(_drop_struck, tree)) if isinstance(tree, list) else 0


def _flags(path: Path) -> int:
    """Return the property bits of an HWP 5 file, 0 for anything else."""
    if not olefile.isOleFile(str(path)):
        return 0
    try:
        with olefile.OleFileIO(str(path)) as ole, ole.openstream("FileHeader") as stream:
            header = stream.read(40)
    except (OSError, ValueError, IndexError) as error:
        raise LoadError("file-container-damaged", file=path.name) from error
    return int(struct.unpack_from("<I", header, 36)[0]) if len(header) == 40 else 0


def _encrypted_hwpx(path: Path) -> bool:
    if not zipfile.is_zipfile(path):
        return False
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        return (
            "META-INF/manifest.xml" in names
            and b"encryption-data" in archive.read("META-INF/manifest.xml")[:1_000_000]
        )


def _parse_distribution(path: Path) -> Parsed:
    from dochan import Dochan

    from rag.ingest.loaders.markdown import markdown_blocks

    reader = Dochan(str(path))  # never raises: errors are collected
    text = reader.to_markdown()
    if reader.errors or not text.strip():
        raise LoadError("file-distribution", file=path.name)
    blocks = markdown_blocks(text)
    return Parsed(blocks, present=Present())  # its text lies encrypted: in the place of it stands a notice


def _add(item: dict[str, Any], blocks: list[Block], sizes: list[tuple[float, str]]) -> None:
    if paragraph := item.get("Paragraph"):
        text = _text(paragraph)
        level = int(paragraph["style"].get("heading_level") or 0)
        for line in text.split("\n"):
            if line.strip():
                blocks.append(
                    Block("heading", line, level)
                    if level and len(line) <= 80
                    else Block("text", _marker(paragraph) + line)
                )
        _measure(paragraph, text, sizes)
    elif table := item.get("Table"):
        blocks.append(Block("table", rows=_rows(table, sizes)))


def _marker(paragraph: dict[str, Any]) -> str:
    head = paragraph["style"].get("head")
    return f"{head} " if isinstance(head, str) and head.strip() else ""


def _text(paragraph: dict[str, Any]) -> str:
    parts = []
    for run in paragraph.get("content", []):
        if run == "LineBreak":
            parts.append("\n")
        elif isinstance(run, dict) and (text := run.get("Text")):
            said = text["text"]
            high = (text.get("style") or {}).get("superscript")
            parts.append(raised(said, "".join(parts[-4:])[-8:]) if high else said)
        elif isinstance(run, dict) and (link := run.get("Link")):
            parts.append(str(link.get("text", "")))
        elif isinstance(run, dict) and (equation := run.get("Equation")):
            parts.append(linear(str(equation.get("script", ""))))
    return "".join(parts)


def _rows(table: dict[str, Any], sizes: list[tuple[float, str]]) -> list[list[SourceCell]]:
    return [[_cell(cell, sizes) for cell in row["cells"]] for row in table["rows"]]


def _cell(cell: dict[str, Any], sizes: list[tuple[float, str]]) -> SourceCell:
    texts = []
    for paragraph in cell["content"]:
        if "style" in paragraph:
            texts.append(_text(paragraph))
    if len(cell["content"]) < 5 and cell["content"] and "style" in cell["content"][0]:
        _measure(cell["content"][0], " ".join(texts), sizes)
    return SourceCell(
        "\n".join(t for t in texts if t.strip()),
        int(cell.get("rowspan", 1)),
        int(cell.get("colspan", 1)),
        tuple(_rows(table, []) for table in cell.get("nested_tables") or ()),
    )


def _measure(paragraph: dict[str, Any], text: str, sizes: list[tuple[float, str]]) -> None:
    """Note the size of the letters of the first paragraphs, for the title."""
    if len(sizes) < 40 and 4 <= len(clean(text)) <= 120:
        points = [
            run["Text"]["style"].get("font_size") or 0
            for run in paragraph.get("content", [])
            if isinstance(run, dict) and "Text" in run
        ]
        sizes.append((max(points, default=0), clean(text)))


def _title(sizes: list[tuple[float, str]]) -> str:
    """The line in the largest letters, where it stands out from the rest."""
    if not sizes:
        return ""
    if not any(size for size, _ in sizes):  # HWPX keeps letter sizes in styles that unhwp does not resolve
        first = next(
            (
                text
                for _, text in sizes[:6]
                if len(text) >= 8 and not re.match(r"보도|배포|\d{4}[.년-]", text)
            ),
            "",
        )
        return "" if first.endswith(("다.", ":")) else first.replace("\n", " ")
    largest, text = max(sizes, key=lambda pair: pair[0])
    usual = sorted(size for size, _ in sizes)[len(sizes) // 2]
    return text.replace("\n", " ") if largest > usual * 1.15 else ""
