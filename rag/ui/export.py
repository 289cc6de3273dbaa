"""An answer or a conversation as a file that goes on: Markdown, DOCX and HWPX with footnotes, and the terse
style of Korean reports.

Each citation becomes a footnote: document, date, page or section, file, and the words it stands on.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Sequence
from typing import Any

from rag.answer import style
from rag.answer.phrases import page_name
from rag.types import Answer, Citation

_MARKER = re.compile(r"\s*\[(\d{1,3})\]")
_NOT_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def reference(c: Citation) -> str:
    """Return a citation as a footnote says it.

    >>> reference(Citation(1, "a.pdf", "돌봄 계획", "2025-03-02", 4, "1. 예산", 0, 3, "3억 원"))
    '「돌봄 계획」, 2025-03-02, 4쪽, 1. 예산 (a.pdf): “3억 원”'
    """
    heading = c.heading.removeprefix(c.title).removeprefix(" > ")
    scan = "스캔에서 읽음" if c.scanned else ""
    place = [f"「{c.title}」", c.date, page_name(c.page, c.page_label, "ko"), heading, scan]
    return f"{', '.join(part for part in place if part)} ({c.path}): “{' '.join(c.quote.split())}”"


def markdown(answers: Sequence[Answer], title: str) -> str:
    """Return the conversation as Markdown with footnotes numbered through."""
    lines, notes = [f"# {_inert(_flat(title))}", ""], []
    for answer in answers:
        lines += [f"## {_inert(_flat(answer.question))}", ""]
        for paragraph in _paragraphs(answer):
            shown = ""
            for text, citations in paragraph:
                item = "- " if text.startswith("- ") else ""
                shown += item + _inert(text.removeprefix(item))
                for citation in citations:
                    notes.append(reference(citation))
                    shown += f"[^{len(notes)}]"
            lines += [shown, ""]
    return "\n".join([*lines, *(f"[^{n}]: {_inert(note)}" for n, note in enumerate(notes, 1)), ""])


def brief(answers: Sequence[Answer]) -> str:
    """Return the answers in the terse style of reports (개조식): one line a sentence, nominal endings, the
    source in brackets.
    """
    lines = []
    for answer in answers:
        lines.append(f"□ {_flat(answer.question)}")
        for sentence in answer.sentences:
            cited = [c for c in answer.citations if c.number in sentence.citations]
            where = "; ".join(_place(c) for c in cited)
            said = _flat(_item(sentence.text))
            if not said.endswith(("”", "”.")):  # the source's own words stay as they are
                said = style.nominal(said)
            lines.append(f" ○ {said}{f' ({where})' if where else ''}")
        if not answer.sentences:
            lines += [f" ○ {_flat(line).removeprefix('- ')}" for line in answer.text.split("\n")]
    return "\n".join(lines)


def _place(c: Citation) -> str:
    """Return a citation as a line of a report says it."""
    named = " ".join(filter(None, [c.title, page_name(c.page, c.page_label, "ko")]))
    return ", ".join(filter(None, [named, c.date]))


def _item(text: str) -> str:
    """Return a sentence without the mark of a list, and without the lead of which it is the first item.

    >>> _item("문서에는 이렇게 적혀 있습니다:\\n- “가”"), _item("- “나”"), _item("다.")
    ('“가”', '“나”', '다.')
    """
    return text.rpartition("\n- ")[2].removeprefix("- ")


def docx(answers: Sequence[Answer], title: str) -> bytes:
    """Return the conversation as a Word document with real footnotes."""
    import docx as word
    from docx.opc.constants import RELATIONSHIP_TYPE
    from docx.opc.packuri import PackURI
    from docx.opc.part import Part
    from docx.oxml import parse_xml
    from docx.oxml.ns import qn

    document = word.Document()
    document.core_properties.title = _flat(title)
    document.core_properties.author = ""
    document.add_heading(_flat(title), 0)
    notes: list[str] = []
    for answer in answers:
        document.add_heading(_flat(answer.question), 1)
        for pieces in _paragraphs(answer):
            listed = pieces[0][0].startswith("- ")
            paragraph = document.add_paragraph(style="List Bullet" if listed else None)
            for text, citations in pieces:
                paragraph.add_run(_flat(text).removeprefix("- ") if listed else _flat(text))
                for citation in citations:
                    notes.append(reference(citation))
                    run = paragraph.add_run()
                    run.font.superscript = True
                    mark = run._r.makeelement(qn("w:footnoteReference"), {qn("w:id"): str(len(notes))})
                    run._r.append(mark)
    xml = f'<w:footnotes xmlns:w="{_W}">'
    for number, kind in ((-1, "separator"), (0, "continuationSeparator")):
        xml += f'<w:footnote w:type="{kind}" w:id="{number}"><w:p><w:r><w:{kind}/></w:r></w:p></w:footnote>'
    for number, note in enumerate(notes, 1):
        mark = '<w:r><w:rPr><w:vertAlign w:val="superscript"/></w:rPr><w:footnoteRef/></w:r>'
        xml += (
            f'<w:footnote w:id="{number}"><w:p>{mark}<w:r><w:t xml:space="preserve"> '
            f"{_xml(note)}</w:t></w:r></w:p></w:footnote>"
        )
    blob = (xml + "</w:footnotes>").encode()
    parse_xml(blob)  # well-formed, or no file
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml"
    part = Part(PackURI("/word/footnotes.xml"), kind, blob, document.part.package)
    document.part.relate_to(part, RELATIONSHIP_TYPE.FOOTNOTES)
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def hwpx(answers: Sequence[Answer], title: str) -> bytes:
    """Return the conversation as an HWPX document with real footnotes."""
    from hwpx import HwpxDocument

    document = HwpxDocument.new()

    def paragraph() -> Any:
        return document.add_paragraph("", style="바탕글")

    paragraph().add_run(_flat(title), bold=True, size=18)
    for answer in answers:
        paragraph()
        paragraph().add_run(_flat(answer.question), bold=True, size=12)
        for pieces in _paragraphs(answer):
            written = paragraph()
            for text, citations in pieces:
                written.add_run(_flat(text))
                for citation in citations:
                    written.add_footnote(_flat(reference(citation)))
    made: bytes = document.to_bytes()
    return made


FORMATS: dict[str, Callable[[Sequence[Answer], str], bytes]] = {
    "md": lambda answers, title: markdown(answers, title).encode(),
    "docx": docx,
    "hwpx": hwpx,
}


def _paragraphs(answer: Answer) -> list[list[tuple[str, list[Citation]]]]:
    """Cut the shown text of an answer into paragraphs of (text, the citations that follow it)."""
    by_number = {c.number: c for c in answer.sources}
    paragraphs = []
    for line in answer.text.split("\n"):
        pieces: list[tuple[str, list[Citation]]] = []
        at = 0
        for match in _MARKER.finditer(line):
            text = line[at : match.start()]
            cited = [by_number[int(match[1])]] if int(match[1]) in by_number else []
            if text or not pieces:
                pieces.append((text, cited))
            else:
                pieces[-1][1].extend(cited)
            at = match.end()
        if line[at:].strip() or not pieces:
            pieces.append((line[at:], []))
        if line.strip():
            paragraphs.append(pieces)
    return paragraphs


def _inert(text: str) -> str:
    """Let Markdown show text as it is.

    >>> _inert("3~5명, 7~9명 **[1]**")
    '3\\\\~5명, 7\\\\~9명 \\\\*\\\\*\\\\[1\\\\]\\\\*\\\\*'
    """
    return re.sub(r"([\\`*_\[\]<>#|~$&])", r"\\\1", text)


def _flat(text: str) -> str:
    """One line, without what XML cannot hold."""
    return re.sub(r"\s+", " ", _NOT_XML.sub("", text))


def _xml(text: str) -> str:
    from xml.sax.saxutils import escape

    return escape(_flat(text))
