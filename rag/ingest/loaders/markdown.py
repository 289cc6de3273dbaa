"""Markdown, by markdown-it-py: headings, lists, tables (pipe and HTML), front matter. Images and raw HTML
other than tables go.
"""

from __future__ import annotations

import re
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline, emphasis
from markdown_it.token import Token

from rag.ingest.loaders.blocks import Block
from rag.ingest.loaders.coverage import Present, attempt, counted, page_lines
from rag.ingest.loaders.furniture import drop_furniture, dropped
from rag.ingest.loaders.html import html_blocks
from rag.ingest.loaders.parsed import Parsed
from rag.ingest.loaders.tables import SourceCell
from rag.ingest.loaders.text import front_matter, read_text

MAX_COUNTED = 1_000_000  # characters; to count them takes half as long again as to read them
_HANGUL = re.compile("[가-힣]")


def parse_markdown(path: Path) -> Parsed:
    """Parse a .md file."""
    text = read_text(path.read_bytes(), path.name).replace("\r\n", "\n")
    title, date, body = front_matter(text)
    lines = body.split("\n")
    kept = drop_furniture(lines)
    body, menus = "\n".join(kept), dropped(lines, kept).total()
    blocks = markdown_blocks(body)
    first = next((b.text for b in blocks if b.kind == "heading" and b.level == 1), "")
    return Parsed(blocks, title or first, date, present=_present(body, menus, path.name))


def _present(body: str, menus: int, name: str) -> Present | None:
    """Return what the page shows that others make of a text. `menus`: lines that were left out of it."""
    if len(body) > MAX_COUNTED:
        return None
    parser = MarkdownIt("commonmark", {"maxNesting": 50}).enable("table")
    return attempt(
        lambda: Present(page_lines(parser.render(body.replace("\0", ""))), counted(menu_lines=menus)), name
    )


def markdown_blocks(text: str) -> list[Block]:
    """Return the blocks of a Markdown text."""
    parser = MarkdownIt("commonmark", {"maxNesting": 50}).enable("table")
    parser.inline.ruler.at("emphasis", _emphasis)
    return _from_tokens(parser.parse(text.replace("\0", "")))  # which CommonMark would make U+FFFD


def _emphasis(state: StateInline, silent: bool) -> bool:
    """CommonMark's rule, but ** between punctuation and Hangul counts too: a particle follows without a
    blank (**‘문서’**에).
    """
    start, known = state.pos, len(state.delimiters)
    found = emphasis.tokenize(state, silent)
    before, behind = state.src[:start][-1:], state.src[state.pos :][:1]
    for mark in state.delimiters[known:]:
        if mark.marker == ord("*") and mark.length > 1:  # a single one is rather a note's sign: 합계(%)*는
            mark.open |= bool(_HANGUL.match(before)) and bool(behind.strip())
            mark.close |= bool(_HANGUL.match(behind)) and bool(before.strip())
    return found


def _from_tokens(tokens: list[Token]) -> list[Block]:
    blocks: list[Block] = []
    rows: list[list[SourceCell]] = []
    lists: list[int | None] = []  # for each open list its next number, None for bullets
    marker = ""
    heading = 0
    in_table = False
    for token in tokens:
        match token.type:
            case "heading_open":
                heading = int(token.tag[1])
            case "bullet_list_open":
                lists.append(None)
            case "ordered_list_open":
                lists.append(int(token.attrGet("start") or 1))
            case "bullet_list_close" | "ordered_list_close":
                lists.pop()
            case "list_item_open":
                number = lists[-1]
                marker = "- " if number is None else f"{number}) "
                lists[-1] = None if number is None else number + 1
            case "table_open":
                rows, in_table = [], True
            case "tr_open":
                rows.append([])
            case "table_close":
                blocks.append(Block("table", rows=rows))
                in_table = False
            case "inline":
                text = _plain(token)
                if in_table:
                    rows[-1].append(SourceCell(text))
                elif heading:
                    blocks.append(Block("heading", text, heading))
                    heading = 0
                elif text.strip():
                    blocks.append(Block("text", marker + text))
                    marker = ""
            case "fence" | "code_block":
                blocks.append(Block("text", token.content))
            case "html_block":
                blocks += (
                    html_blocks(token.content)
                    if re.search(r"<(table|p|div|li)\b", token.content, re.I)
                    else []
                )
    return blocks


def _plain(token: Token) -> str:
    """The words of an inline token, without emphasis, links' addresses, images and HTML tags."""
    parts = []
    for child in token.children or []:
        if child.type in ("text", "code_inline"):
            parts.append(child.content)
        elif child.type in ("softbreak", "hardbreak"):
            parts.append(" " if child.type == "softbreak" else "\n")
    return "".join(parts)
