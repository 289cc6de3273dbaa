"""PPTX by python-pptx: text and tables in reading order, nothing run; and what all office files need."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rag.errors import LoadError
from rag.ingest.loaders.blocks import Block
from rag.ingest.loaders.parsed import Parsed
from rag.ingest.loaders.tables import SourceCell
from rag.messages import Message


def opened(path: Path, opener: Callable[[], Any], kind: Message) -> Any:
    """Do something with a file, translating whatever a library raises on damage into one sentence.

    Raises:
        LoadError
    """
    try:
        return opener()
    except (
        Exception
    ) as error:  # python-docx, -pptx, lxml and zipfile each raise their own kinds on damaged files
        raise LoadError("file-not-kind", file=path.name, kind=kind) from error


def parse_pptx(path: Path) -> Parsed:
    """Parse a .pptx file; a slide is a page, its title a heading, its notes text."""
    import pptx

    deck = opened(path, lambda: pptx.Presentation(str(path)), Message("kind-pptx"))
    blocks: list[Block] = []
    for number, slide in enumerate(deck.slides, 1):
        heading = slide.shapes.title
        if heading is not None and heading.text_frame.text.strip():
            blocks.append(Block("heading", heading.text_frame.text, 1, number))
        for shape in _shapes(slide.shapes):
            if heading is not None and shape.shape_id == heading.shape_id:
                continue
            if shape.has_table:
                rows = [
                    [
                        SourceCell(
                            c.text,
                            c.span_height if c.is_merge_origin else 1,
                            c.span_width if c.is_merge_origin else 1,
                        )
                        for c in row.cells
                        if not c.is_spanned
                    ]
                    for row in shape.table.rows
                ]
                blocks.append(Block("table", rows=rows, page=number))
            elif shape.has_text_frame:
                blocks += [
                    Block("text", p.text, page=number) for p in shape.text_frame.paragraphs if p.text.strip()
                ]
        if (
            slide.has_notes_slide
            and (notes := slide.notes_slide.notes_text_frame) is not None
            and notes.text.strip()
        ):
            blocks.append(Block("text", notes.text, page=number))
    first = next((b.text for b in blocks if b.kind == "heading"), "")
    return Parsed(
        blocks, (deck.core_properties.title or "").replace("PowerPoint Presentation", "").strip() or first
    )


def _shapes(shapes: Any, depth: int = 0) -> list[Any]:
    flat = []
    for shape in shapes:
        flat += (
            _shapes(shape.shapes, depth + 1) if shape.shape_type == 6 and depth < 10 else [shape]
        )  # 6: a group
    return flat


def _head(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    with archive.open(info) as member:
        return member.read(4096)


def check_archive(path: Path, limit_mb: int = 500) -> None:
    """Refuse zip archives that unpack to far more than they hold, or that name files outside themselves.

    Raises:
        LoadError: a bomb, a hostile name or a broken archive.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            infos = archive.infolist()
            if any(info.flag_bits & 1 for info in infos):
                raise LoadError("file-password", file=path.name)
            size = sum(info.file_size for info in infos)
            declared = any(
                b"<!DOCTYPE" in _head(archive, i) or b"<!ENTITY" in _head(archive, i)
                for i in infos
                if i.filename.endswith((".xml", ".hpf", ".rels"))
            )
            offsets = {info.header_offset for info in infos}
    # all that zipfile raises on archives that are cut, flipped or made up; RuntimeError is its word for a
    # password
    except (
        zipfile.BadZipFile,
        zlib.error,
        OSError,
        EOFError,
        ValueError,
        NotImplementedError,
        RuntimeError,
    ) as error:
        raise LoadError("file-archive-damaged", file=path.name) from error
    ratio = size / max(1, path.stat().st_size)
    if (
        size > limit_mb << 20
        or (ratio > 200 and size > 50 << 20)
        or len(infos) > 20_000
        or len(offsets) < len(infos)
    ):
        raise LoadError("archive-bomb", file=path.name, size=size / 1e6)
    if declared:
        raise LoadError("archive-entities", file=path.name)
    if any(
        info.filename.startswith(("/", "\\")) or ".." in Path(info.filename.replace("\\", "/")).parts
        for info in infos
    ):
        raise LoadError("archive-leaves-itself", file=path.name)
