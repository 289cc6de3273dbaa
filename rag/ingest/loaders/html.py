"""HTML: the main text of a page, by trafilatura, with headings, lists and tables; short pages by
<main>/<article> alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import trafilatura
from lxml import etree, html
from lxml_html_clean import Cleaner

from rag.errors import LoadError
from rag.ingest.loaders.blocks import Block
from rag.ingest.loaders.furniture import drop_furniture
from rag.ingest.loaders.parsed import Parsed
from rag.ingest.loaders.raised import raised
from rag.ingest.loaders.tables import SourceCell
from rag.ingest.loaders.text import read_text
from rag.ingest.loaders.unseen import unseen_html

SHORT_CHARS = 500  # below this trafilatura keeps menus and drops tables
_FURNITURE = (
    "nav",
    "aside",
    "footer",
    "script",
    "style",
    "header",
    "noscript",
    "template",
    "svg",
    "iframe",
    "button",
    "select",
    "textarea",
    "option",
)
_STRUCK = ("del", "s", "strike")
_LEFT_OUT = (*_STRUCK, "rt", "rp")  # not in force; how a word is spoken
_BREAKS = frozenset(
    ("br", "p", "div", "li", "tr", "td", "th", "dt", "dd", "h1", "h2", "h3", "h4", "h5", "h6")
)
FORM_SHARE = 0.5  # of a page's letters, from which a form is the page itself
_HEADINGS = {f"h{n}": n for n in range(1, 7)}


def parse_html(path: Path) -> Parsed:
    """Parse a .html file. Nothing that it refers to is fetched."""
    data = path.read_bytes()
    declared = re.search(rb"charset=[\"']?([\w-]+)", data[:2048], re.I)
    try:
        text = data.decode(declared[1].decode()) if declared else read_text(data, path.name)
    except (LookupError, UnicodeDecodeError):
        text = read_text(data, path.name)
    text, dropped = _final(re.sub(r"^\s*<\?xml[^>]*\?>", "", text))
    root = _tree(text)
    if root is None:
        raise LoadError("html-unreadable", file=path.name)
    title = (root.findtext(".//title") or "").strip()
    metadata = trafilatura.extract_metadata(text)
    date = str(getattr(metadata, "date", "") or "") if re.search(r"\d{4}[-./]\d\d?[-./]\d\d?", text) else ""
    main = (
        trafilatura.extract(
            text, output_format="html", include_tables=True, include_formatting=False, include_comments=False
        )
        or ""
    )
    blocks = html_blocks(main) if main else []
    if sum(len(b.text) for b in blocks) < SHORT_CHARS or _tables(root) > sum(
        b.kind == "table" for b in blocks
    ):
        blocks = html_blocks(text)
    return Parsed(blocks, title, date, unseen=unseen_html(root), dropped=dropped)


def parse_message(text: str, name: str) -> Parsed:
    """Parse the page of a mail, all of which is its main part.

    Raises:
        LoadError: it is no HTML.
    """
    text, dropped = _final(re.sub(r"^\s*<\?xml[^>]*\?>", "", text))
    root = _tree(text)
    if root is None:
        raise LoadError("html-unreadable", file=name)
    return Parsed(html_blocks(text), unseen=unseen_html(root), dropped=dropped)


def html_blocks(text: str) -> list[Block]:
    """Return the blocks of an HTML text: of <main> or <article> where there is one, without menus, forms and
    scripts.
    """
    root = _tree(text)
    if root is None:
        return []
    body = root.find(".//main") if root.find(".//main") is not None else root.find(".//article")
    blocks: list[Block] = []
    _walk(root if body is None else body, blocks)
    kept = set(drop_furniture([b.text for b in blocks if b.kind == "text"]))
    return [b for b in blocks if b.kind != "text" or b.text in kept]


def _final(text: str) -> tuple[str, int]:
    """Return a page as it is in force, without struck-out text, marks of notes and the spelling of ruby, and
    how many characters were struck out; forms that hold the page become its parts, others go.
    """
    try:
        root = html.document_fromstring(text, parser=html.HTMLParser(huge_tree=False, no_network=True))
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return text, 0
    dropped, gone = 0, set()
    raisings: list[Any] = []
    letters = len("".join(_visible(root)).strip())
    for node in list(root.iter("sup", "form", *_LEFT_OUT)):
        if node in gone or node.getparent() is None:
            continue
        inside = "".join(node.itertext())
        if node.tag == "sup":
            before = node.getprevious()
            told = (
                (before.tail or "".join(before.itertext())) if before is not None else node.getparent().text
            )
            gone.update(node.iter())
            for child in list(node):
                node.remove(child)
            node.text = raised(inside, (told or "")[-8:])
            raisings.append(node)
        elif node.tag == "form" and (
            len(inside.strip()) > FORM_SHARE * letters or node.find(".//table") is not None
        ):
            gone.update(inner for inner in node.iter("form"))
            node.tag = "div"
        else:
            dropped += len(inside.strip()) if node.tag in _STRUCK else 0
            gone.update(node.iter())
            node.drop_tree()
    for node in raisings:
        node.tag = "span"  # which separates nothing
    return (str(html.tostring(root, encoding="unicode")), dropped) if gone else (text, 0)


def _visible(element: etree._Element) -> Iterator[str]:
    """Yield the texts in an element that a reader sees, blanks made one."""
    for node in element.iter():
        if isinstance(node.tag, str) and node.tag not in ("script", "style", "noscript", "template"):
            yield re.sub(r"\s+", " ", node.text or "")
        if node is not element:
            yield re.sub(r"\s+", " ", node.tail or "")


def _tree(text: str) -> Any:
    try:
        root = html.document_fromstring(text, parser=html.HTMLParser(huge_tree=False, no_network=True))
        title = root.findtext(".//title")
        Cleaner(kill_tags=_FURNITURE, safe_attrs_only=False, page_structure=False, meta=False)(
            root
        )  # in place
    except (etree.ParserError, etree.XMLSyntaxError, ValueError, RecursionError):
        return None
    if title and root.find(".//title") is None:
        etree.SubElement(root, "title").text = title
    return root


def _tables(root: etree._Element) -> int:
    return sum(len(t.findall(".//tr")) > 1 for t in root.findall(".//table"))


def _walk(root: etree._Element, blocks: list[Block]) -> None:
    """Collect blocks in reading order, without recursion: hostile pages nest deeply."""
    buffer: list[str] = []

    def flush(prefix: str = "") -> None:
        text = re.sub(r"\s+", " ", "".join(buffer)).strip()
        buffer.clear()
        if text:
            blocks.append(Block("text", prefix + text))

    prefix = ""
    skip: etree._Element | None = None
    for event, node in etree.iterwalk(root, events=("start", "end")):
        if not isinstance(node.tag, str):
            if event == "end" and skip is None:
                buffer.append(node.tail or "")
            continue
        if skip is not None:
            if event == "end" and node is skip:
                skip = None
                buffer.append(node.tail or "")
            continue
        block = node.tag in (
            "p",
            "div",
            "li",
            "ul",
            "ol",
            "section",
            "article",
            "blockquote",
            "dt",
            "dd",
            "br",
            "hr",
            "summary",
            "caption",
            "tr",
            "td",
            "th",
            "pre",
            "figcaption",
        )
        if event == "start":
            if node.tag == "table" and len(node.findall(".//tr")) > 1 and not node.findall(".//table"):
                flush(prefix)
                named = node.find("caption")
                caption = _text(named) if named is not None else ""
                blocks.append(Block("table", caption, rows=_rows(node)))
                skip = node
                continue
            if node.tag in _HEADINGS:
                flush(prefix)
                blocks.append(Block("heading", _text(node), _HEADINGS[node.tag]))
                skip = node
                continue
            if node.tag in ("title", "head"):
                skip = node
                continue
            if block:
                flush(prefix)
                prefix = "- " if node.tag == "li" else "" if node.tag != "p" else prefix
            buffer.append(node.text or "")
        else:
            if block:
                flush(prefix)
                prefix = ""
            if node is not root:
                buffer.append(node.tail or "")
    flush(prefix)


def _rows(table: etree._Element) -> list[list[SourceCell]]:
    def span(cell: etree._Element, name: str) -> int:
        value = cell.get(name, "1")
        return int(value) if value.isdigit() and int(value) > 0 else 1

    return [
        [
            SourceCell(_text(c), span(c, "rowspan"), span(c, "colspan"), header=c.tag == "th")
            for c in row
            if c.tag in ("td", "th")
        ]
        for row in table.findall(".//tr")
    ]


def _text(element: etree._Element) -> str:
    """Return an element's text in one line, with a blank where a line or a block ends."""
    parts: list[str] = []
    for event, node in etree.iterwalk(element, events=("start", "end")):
        if event == "end":
            parts.append(" " if node.tag in _BREAKS else "")
            parts.append((node.tail or "") if node is not element else "")
        elif isinstance(node.tag, str):
            parts += [" " if node.tag in _BREAKS else "", node.text or ""]
    return re.sub(r"\s+", " ", "".join(parts)).strip()
