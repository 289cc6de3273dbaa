"""HTML of sources and answers. Pure; everything that comes from a document or a model is escaped here."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence

from rag.catalogue import Catalogue
from rag.types import Answer, Citation
from rag.ui.strings import text

AROUND_CHARS = 220  # of the source's text shown before and after a quote


def answer_markdown(answer: Answer, language: str) -> str:
    """Return the answer for the chat: citation numbers link to the sources beside it, unconfirmed sentences fold away below."""
    shown = plain(answer.text)
    shown = re.sub(r"\\\[(\d+)\\\]", lambda m: f'<a class="cite" href="#source-{m[1]}">[{m[1]}]</a>', shown)
    if answer.understood:
        shown = f"<small>{plain(text(language, 'understood', question=answer.understood))}</small>\n\n{shown}"
    if answer.unconfirmed:
        rows = "".join(
            f"<li><s>{html.escape(s.text)}</s> <small>{html.escape(text(language, 'unconfirmed_why', why=s.why))}</small></li>" for s in answer.unconfirmed
        )
        shown += f"\n\n<details><summary>{text(language, 'unconfirmed', count=len(answer.unconfirmed))}</summary><ul>{rows}</ul></details>"
    return shown


def plain(text_: str) -> str:
    """Make text of a model or document inert in Markdown: no HTML, images, links or emphasis.

    >>> plain("<b>가</b> ![x](http://a)")
    '&lt;b&gt;가&lt;/b&gt; \\\\!\\\\[x\\\\]\\\\(http://a\\\\)'
    """
    escaped = html.escape(text_, quote=False)
    return re.sub(r"([\\`*_{}\[\]()#+!|~$])", r"\\\1", escaped).replace("\n", "  \n")


def sources_html(citations: Sequence[Citation], catalogue: Catalogue, language: str, title: str = "") -> str:
    """Return the source panel: each quote marked in its surrounding text, or in its table, with file, page and section."""
    if not citations:
        return f'<div class="sources empty">{html.escape(text(language, "no_sources"))}</div>'
    cards = [_card(citation, catalogue, language) for citation in citations]
    head = f"<h3>{html.escape(title)}</h3>" if title else ""
    return f'<div class="sources" role="region" aria-label="{html.escape(text(language, "sources"))}">{head}{"".join(cards)}</div>'


def _card(c: Citation, catalogue: Catalogue, language: str) -> str:
    document = catalogue.document_id(c.path)
    place = [c.date, text(language, "page", page=c.page) if c.page else "", c.heading]
    where = " · ".join(html.escape(part) for part in place if part)
    body = _marked_table(c, catalogue, document) or _marked_text(c, catalogue.text(document) if document is not None else "")
    return (
        f'<article class="source" id="source-{c.number}" tabindex="-1"><header><b>[{c.number}] {html.escape(c.title)}</b>'
        f"<div class='where'>{where}</div><div class='file'>{html.escape(c.path)}</div></header>{body}</article>"
    )


def _marked_text(c: Citation, whole: str) -> str:
    if whole[c.start : c.end] != c.quote:  # the document was taken out since
        return f"<p><mark>{html.escape(c.quote)}</mark></p>"
    before = whole[max(0, c.start - AROUND_CHARS) : c.start]
    after = whole[c.end : c.end + AROUND_CHARS]
    lead = "…" if c.start > AROUND_CHARS else ""
    tail = "…" if c.end + AROUND_CHARS < len(whole) else ""
    return f"<p>{lead}{_lines(before)}<mark>{_lines(c.quote)}</mark>{_lines(after)}{tail}</p>"


def _marked_table(c: Citation, catalogue: Catalogue, document: int | None) -> str:
    """Show the whole table with the quoted rows marked, where the quote lies in a table."""
    if document is None:
        return ""
    for start, end, _page, _heading, kind, caption, grid in catalogue.sections(document):
        if kind != "table" or grid is None or not start <= c.start < end:
            continue
        lines = catalogue.text(document)[start:end].split("\n")
        n_rows = len(lines) - (1 if caption and lines[0] == caption else 0)
        head = max(0, len(grid) - n_rows)
        at = start + (len(caption) + 1 if caption and lines[0] == caption else 0)
        rows = []
        for y, row in enumerate(grid):
            marked = False
            if y >= head:
                line = lines[len(lines) - len(grid) + y]
                marked = at < c.end and at + len(line) > c.start
                at += len(line) + 1
            tag = "th" if y < head else "td"
            rows.append(f"<tr{' class=marked' if marked else ''}>" + "".join(f"<{tag}>{html.escape(cell)}</{tag}>" for cell in row) + "</tr>")
        return f"<table><caption>{html.escape(caption)}</caption>{''.join(rows)}</table>"
    return ""


def _lines(piece: str) -> str:
    return html.escape(piece).replace("\n", "<br>")
