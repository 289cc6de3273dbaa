"""Plain text: any Korean encoding, form feeds as page breaks, numbered headings, page furniture removed."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import frontmatter
import yaml
from charset_normalizer import from_bytes

from rag.errors import LoadError
from rag.ingest.loaders.blocks import Block, heading_level
from rag.ingest.loaders.coverage import Present, counted
from rag.ingest.loaders.furniture import drop_furniture, dropped
from rag.ingest.loaders.parsed import Parsed
from rag.ingest.loaders.titles import bill_title, text_title
from rag.text.cleaning import clean, count_hidden
from rag.text.items import mark_of, without_mark
from rag.text.korean import glue_lines

_BREAKS_OFF = re.compile(r"[가-힣A-Za-z0-9,]$(?<![다요음함])")
_MARKDOWN_HEADING = re.compile(r"^(#{1,6})\s+(.*)")


def read_text(data: bytes, name: str) -> str:
    """Decode text: UTF-8 strictly (with or without BOM), then by the bytes' own evidence.

    Raises:
        LoadError: the bytes are no text, or no encoding reads them without loss.
    """
    if not data.strip():
        raise LoadError("file-empty", file=name)
    wide = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else ""
    if not wide and data[:4096].count(0) > len(data[:4096]) // 4:
        wide = "utf-16-le" if data[1:2] == b"\x00" else "utf-16-be"
    try:
        return data.decode(wide or "utf-8-sig")
    except UnicodeDecodeError:
        if wide:
            raise LoadError("encoding-broken", file=name) from None
    try:  # cp949 holds euc-kr; Korean text in any other 8-bit encoding is not seen in the wild
        text = data.decode("cp949")
        if re.search("[가-힣]{2}", text):
            return text
    except UnicodeDecodeError:
        pass
    best = from_bytes(data[:200_000]).best()
    if best is None or best.encoding in ("ascii",):
        raise LoadError("encoding-unknown", file=name)
    try:
        return data.decode(best.encoding)
    except UnicodeDecodeError:
        raise LoadError("encoding-mixed", file=name) from None


def parse_text(path: Path) -> Parsed:
    """Parse a .txt file."""
    text = read_text(path.read_bytes(), path.name).replace("\r\n", "\n").replace("\r", "\n")
    whole = [
        clean(line) for line in text.split("\n")
    ]  # with front matter: lines between two rules may look the same
    title, date, text = front_matter(text)
    pages = text.split("\f")
    blocks: list[Block] = []
    menus: Counter[str] = Counter()
    for number, page_text in enumerate(pages, 1):
        page = number if len(pages) > 1 else None
        lines = [clean(line) for line in page_text.split("\n")]
        kept = drop_furniture(lines)
        menus += dropped(lines, kept)
        for line in rejoined(kept):
            if match := _MARKDOWN_HEADING.match(line):
                blocks.append(Block("heading", match[2], len(match[1]), page))
            elif line:
                blocks.append(Block("text", line, page=page))
    top = drop_furniture([clean(line) for line in pages[0].split("\n")])
    title = (
        title
        or _heading_title(blocks)
        or text_title(top)
        or bill_title([line for line in top if line])
        or _first_line_title(blocks, path)
    )
    present = Present([line for line in whole if line not in menus], counted(menu_lines=menus.total()))
    return Parsed(blocks, title, date, hidden=count_hidden(text), present=present)


def front_matter(text: str) -> tuple[str, str, str]:
    """Split YAML front matter off: (title, ISO date, the rest). Broken front matter is left in the text."""
    try:
        metadata, rest = frontmatter.parse(text)
    except (yaml.YAMLError, ValueError, AttributeError):
        return "", "", text
    title = clean(str(metadata.get("title") or ""))
    date = str(metadata.get("date") or metadata.get("last_modified_at") or "")[:10]
    return title, date if re.fullmatch(r"\d{4}-\d\d-\d\d", date) else "", rest


def rejoined(lines: list[str]) -> list[str]:
    """Join hard-wrapped lines: one that is about as wide as the widest and breaks off in mid-sentence goes on
    in the next, never across a blank line or into an item.
    """
    widths = sorted(len(line) for line in lines if line)
    full = max(12.0, 0.7 * widths[int(0.9 * len(widths))]) if widths else 0.0
    joined: list[str] = []
    for above, line in zip(["", *lines], lines, strict=False):
        last = joined[-1] if joined else ""
        wrapped = (
            len(above) >= full
            and _BREAKS_OFF.search(last)
            and not mark_of(last)
            and heading_level(last) is None
        )
        if (
            line
            and wrapped
            and not mark_of(line)
            and not _MARKDOWN_HEADING.match(line)
            and heading_level(line) is None
            and " | " not in last + line
        ):
            joined[-1] = glue_lines([last, line])
        else:
            joined.append(line)
    return joined


def _heading_title(blocks: list[Block]) -> str:
    """The heading that a text begins with, written as Markdown's highest."""
    return blocks[0].text if blocks and blocks[0].kind == "heading" and blocks[0].level == 1 else ""


def _first_line_title(blocks: list[Block], path: Path) -> str:
    """A file whose name says nothing (a number, a hash) is called by its first short line, so that a person
    can tell it.
    """
    if re.search("[가-힣]{2}|[A-Za-z]{4}", re.sub(r"[0-9a-f]{8,}", "", path.stem)):
        return ""
    lines = [without_mark(b.text) for b in blocks[:8]]
    short = next((line for line in lines if 8 <= len(line) <= 90 and not line.endswith((":", "."))), "")
    return short or (f"{lines[0][:40]}…" if lines else "")
