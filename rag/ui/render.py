"""HTML of sources and answers, with texts out of the catalogue. Everything that comes from a document or a
model is escaped here.

Turn t of a conversation cites [n] as `#source-t-n`; the panel holds the sources of all turns and shows those
of one.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from pathlib import PurePosixPath

from rag.answer.phrases import page_name
from rag.ingest.loaders import MAY_BE_SCANS
from rag.library import tables
from rag.library.catalogue import Catalogue
from rag.library.records import Section
from rag.library.tables import Place
from rag.types import Answer, Citation
from rag.ui.export import reference
from rag.ui.strings import text

AROUND_CHARS = 220  # of the source's text shown before and after a quote
DRAWN_CHARS = 60  # the same where the page itself is drawn below
READER_CHARS = 30_000  # of a document that its reader shows before and after a quote


def answer_markdown(answer: Answer, turn: int, language: str) -> str:
    """Return the answer for the chat: citation numbers link to the sources beside it, unconfirmed sentences
    fold away below.
    """
    shown = plain(answer.text)
    shown = re.sub(
        r"\\\[(\d+)\\\]", lambda m: f'<a class="cite" href="#source-{turn}-{m[1]}">[{m[1]}]</a>', shown
    )
    if answer.understood:
        shown = f"<small>{plain(text(language, 'understood', question=answer.understood))}</small>\n\n{shown}"
    if scanned := [c.number for c in answer.sources if c.scanned]:
        numbers = ", ".join(f"[{number}]" for number in scanned)
        shown += f"\n\n<small>{plain(text(language, 'cites_scans', numbers=numbers))}</small>"
    if answer.unconfirmed:
        rows = "".join(
            f"<li><s>{html.escape(s.text)}</s> "
            f"<small>{html.escape(text(language, 'unconfirmed_why', why=s.why))}</small></li>"
            for s in answer.unconfirmed
        )
        summary = text(language, "unconfirmed", count=len(answer.unconfirmed))
        shown += f"\n\n<details><summary>{summary}</summary><ul>{rows}</ul></details>"
    return f"{shown}\n\n<small>{_times(answer, language)}</small>"


def plain(text_: str) -> str:
    """Make text of a model or document inert in Markdown: no HTML, images, links or emphasis.

    >>> plain("<b>가</b> ![x](http://a)")
    '&lt;b&gt;가&lt;/b&gt; \\\\!\\\\[x\\\\]\\\\(http://a\\\\)'
    """
    escaped = html.escape(text_, quote=False)
    return re.sub(r"([\\`*_{}\[\]()#+!|~$])", r"\\\1", escaped).replace("\n", "  \n")


def bold(words: str) -> str:
    """Set words in bold for the chat, by a tag: Markdown's ** fails between punctuation and a Korean
    particle.

    >>> bold("‘문서’")
    '<strong>‘문서’</strong>'
    """
    return f"<strong>{plain(words)}</strong>"


def aside(words: str) -> str:
    """Set words of the program itself apart from an answer's, for the chat.

    >>> aside("찾는 중 …")
    '<em>찾는 중 …</em>'
    """
    return f"<em>{plain(words)}</em>"


def panel_html(
    answers: Sequence[Answer], catalogue: Catalogue, language: str, found: Sequence[Citation] = ()
) -> str:
    """Return the source panel: one group a turn, the last one shown. `found`: quotes of a question that is
    still being answered.
    """
    groups = [_group(turn, answer, catalogue, language) for turn, answer in enumerate(answers)]
    if found:
        cards = "".join(_card(c, len(answers), catalogue, language) for c in found)
        groups.append(
            f'<section class="turn"><h3>{html.escape(text(language, "quotes_first"))}</h3>{cards}</section>'
        )
    if not groups:
        return f'<div class="sources empty">{html.escape(text(language, "no_sources"))}</div>'
    hidden = [
        group.replace('<section class="turn"', '<section class="turn" hidden', 1) for group in groups[:-1]
    ]
    return (
        f'<div class="sources" role="region" tabindex="0" '
        f'aria-label="{html.escape(text(language, "sources"))}">{"".join(hidden)}{groups[-1]}</div>'
    )


def _group(turn: int, answer: Answer, catalogue: Catalogue, language: str) -> str:
    shown = answer.citations or answer.nearest
    title = text(language, "sources" if answer.citations else "nearest")
    steps = ""
    if len(shown) > 1:
        steps = "".join(
            f'<button type="button" data-do="{do}" title="{text(language, do)} ({key})">{sign}</button>'
            for do, sign, key in _STEPS
        )
    head = f"<header class='turn-head'><h3>{html.escape(title)}</h3>{steps}</header>" if shown else ""
    cards = "".join(_card(c, turn, catalogue, language) for c in shown)
    return f'<section class="turn" id="turn-{turn}">{head}{cards}{_why(answer, language)}</section>'


_STEPS = (("previous", "◀", "["), ("next", "▶", "]"))


def _card(c: Citation, turn: int, catalogue: Catalogue, language: str) -> str:
    document = catalogue.document_id(c.path)
    heading = c.heading.removeprefix(c.title).removeprefix(" > ")
    scan = text(language, "from_scan") if c.scanned else ""
    place = [c.date, page_name(c.page, c.page_label, language), heading, scan]
    where = " · ".join(html.escape(part) for part in place if part)
    whole = catalogue.text(document) if document is not None else ""
    table = _marked_table(c, catalogue.sections(document), whole, language) if document is not None else ""
    there = f'data-path="{html.escape(c.path)}" data-start="{c.start}" data-end="{c.end}"'
    drawn = f' data-page="{c.page}"' if _is_drawn(c) else ""
    do = [("read", "open_document"), ("copy", "copy_quote")]
    if document is None:
        do, drawn = do[1:], ""
    if table:
        do.append(("table", "copy_table"))
    buttons = "".join(
        f'<button type="button" data-do="{name}">{html.escape(text(language, key))}</button>'
        for name, key in do
    )
    return (
        f'<article class="source" id="source-{turn}-{c.number}" tabindex="-1" {there}{drawn} '
        f'data-reference="{html.escape(reference(c))}">'
        f"<header><b>[{c.number}] {html.escape(c.title)}</b><div class='where'>{where}</div><div "
        f"class='file'>{html.escape(c.path)}</div></header>"
        f'{table or _marked_text(c, whole)}<div class="picture" '
        f'data-label="{html.escape(text(language, "page_picture"))}"></div><footer>{buttons}<span role="status" '
        f'aria-live="polite" data-copied="{html.escape(text(language, "copied"))}"></span></footer></article>'
    )


def _is_drawn(c: Citation) -> bool:
    """True where the page itself can be shown."""
    return c.page is not None and PurePosixPath(c.path.lower()).suffix in MAY_BE_SCANS


def _why(answer: Answer, language: str) -> str:
    """The panel that tells how the answer came about: passages that were considered, their scores, and the
    time it took.
    """
    if not answer.hits:
        return ""
    rows = []
    for rank, hit in enumerate(answer.hits, 1):
        c = hit.chunk
        used = any(x.path == c.path and x.start < c.end and c.start < x.end for x in answer.citations)
        bar = f'<meter min="0" max="1" value="{hit.score:.2f}"></meter> {hit.score:.2f}'
        page = page_name(c.page, c.page_label, language)
        place = html.escape(", ".join(filter(None, [c.title, page])))
        rows.append(
            f"<tr{' class=used' if used else ''}><td>{rank}</td><td>{place}<div>{html.escape(c.text[:60])}…</div></td>"
            f"<td>{bar}</td><td>{hit.bm25:.2f}</td><td>{hit.dense:.2f}</td><td>{'✓' if used else ''}</td></tr>"
        )
    head = "".join(
        f"<th scope=col>{html.escape(text(language, key))}</th>"
        for key in ("why_rank", "why_place", "why_score", "why_words", "why_sense", "why_cited")
    )
    t = answer.timings
    times = text(
        language,
        "why_times",
        search=f"{t.retrieve_s:.2f}",
        read=t.prompt_tokens,
        reused=t.reused_tokens,
        written=t.generated_tokens,
    )
    return (
        f'<details class="why"><summary>{html.escape(text(language, "why"))}</summary><div class="wide" '
        f'tabindex="0"><table><thead><tr>{head}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></div><p>{html.escape(times)}</p></details>"
    )


def document_html(title: str, text_: str, headings: Sequence[tuple[int, int]], start: int, end: int) -> str:
    """Return a document's text for reading, from READER_CHARS before a span to as much after it, the span
    marked, headings bold.
    """
    low, high = max(0, start - READER_CHARS), min(len(text_), end + READER_CHARS)
    cuts: list[tuple[int, str]] = [(start, "<mark>"), (end, "</mark>")] if end > start else []
    for a, b in headings:
        if low <= a and b <= high and not (a < end and start < b):
            cuts += [(a, "<strong>"), (b, "</strong>")]
    shown, at = "…" if low else "", low
    for position, tag in sorted(cuts, key=lambda cut: cut[0]):
        shown += _lines(text_[at:position]) + tag
        at = position
    shown += _lines(text_[at:high]) + ("…" if high < len(text_) else "")
    return f"<h2>{html.escape(title)}</h2><div class='text'>{shown}</div>"


def _times(answer: Answer, language: str) -> str:
    t = answer.timings
    taken = (("first_quote", t.first_quote_s), ("first_word", t.first_token_s), ("all", t.total_s))
    parts = [text(language, name, seconds=f"{seconds:.1f}") for name, seconds in taken if seconds is not None]
    return " · ".join([*parts, *([plain(answer.model)] if answer.model else [])])


def _marked_text(c: Citation, whole: str) -> str:
    if whole[c.start : c.end] != c.quote:  # the document was taken out since
        return f"<p><mark>{html.escape(c.quote)}</mark></p>"
    around = DRAWN_CHARS if _is_drawn(c) else AROUND_CHARS
    before = whole[max(0, c.start - around) : c.start]
    after = whole[c.end : c.end + around]
    lead = "…" if c.start > around else ""
    tail = "…" if c.end + around < len(whole) else ""
    return f"<p>{lead}{_lines(before)}<mark>{_lines(c.quote)}</mark>{_lines(after)}{tail}</p>"


def _marked_table(c: Citation, sections: Sequence[Section], whole: str, language: str) -> str:
    """Return the table that a quote lies in, "" for none: the cells marked that answer, with their headers
    lit, else the quoted rows.
    """
    section = next((s for s in sections if s.kind == "table" and s.start <= c.start < s.end), None)
    if section is None or section.table is None or whole[c.start : c.end] != c.quote:
        return ""
    answering = {place.at: place for place in tables.places(section, whole, c.cells)}
    lit = {head for place in answering.values() for head in place.heads}
    rows = ""
    for y, (row, span) in enumerate(zip(section.table, tables.row_spans(section, whole), strict=True)):
        quoted = not answering and span is not None and span[0] < c.end and span[1] > c.start
        cells = "".join(
            _marked_cell(said, answering[y, x], language)
            if (y, x) in answering
            else _cell(said, span is None, (y, x) in lit)
            for x, said in enumerate(row)
        )
        rows += f"<tr{' class=marked' if quoted else ''}>{cells}</tr>"
    return (
        f"<div class='wide' role='group' tabindex='0' aria-label='{html.escape(section.caption or c.title)}'>"
        f"<table><caption>{html.escape(section.caption)}</caption>{rows}</table></div>"
    )


def _cell(said: str, above: bool, lit: bool) -> str:
    """Return a cell that does not answer itself. Args: above: it is a header of its column."""
    tag = "th scope=col" if above else "th scope=row" if lit else "td"
    return f"<{tag}{' class=lit' if lit else ''}>{html.escape(said)}</{tag[:2]}>"


def _marked_cell(said: str, place: Place, language: str) -> str:
    """Return a cell that answers, its headers said with it for who cannot see them lit."""
    named = (("cell_row", place.row), ("cell_column", place.column))
    heads = "".join(f"{text(language, key, name=name)}, " for key, name in named if name)
    return f"<td class=answer><span class=unseen>{html.escape(heads)}</span><mark>{html.escape(said)}</mark></td>"


def _lines(piece: str) -> str:
    return html.escape(piece).replace("\n", "<br>")
