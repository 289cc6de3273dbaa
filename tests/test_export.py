"""What leaves the program can be read by others: python-docx, unhwp and lxml say what is in the files."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

from lxml import etree
from markdown_it import MarkdownIt

from rag.types import Answer, Citation, Sentence, Status
from rag.ui import export

CITATIONS = (
    Citation(1, "가.pdf", "돌봄 <계획>", "2025-03-02", 4, "1. 예산", 0, 3, "예산은 3억 원 & 더\n많다"),
    Citation(2, "나.hwp", "둘째", "", None, "", 0, 3, "노선이 늘었다"),
)
ANSWER = Answer(
    "예산은 <얼마>?\x00",
    "예산은 3억 원입니다. [1] 노선이 늘었습니다. [1] [2]\n- 목록 하나 [2]",
    Status.ANSWERED,
    (Sentence("예산은 3억 원입니다.", True, (1,)), Sentence("노선이 늘었습니다.", True, (1, 2))),
    (),
    CITATIONS,
)
NOTES = 4  # [1], [1], [2], [2]


def test_markdown_has_a_footnote_for_each_citation() -> None:
    made = export.markdown([ANSWER, ANSWER], "제목")
    assert "예산은 3억 원입니다.[^1] 노선이 늘었습니다.[^2][^3]" in made
    assert made.count("\n[^") == 2 * NOTES and "[^8]: 「둘째」 (나.hwp): “노선이 늘었다”" in made


def test_words_stand_in_markdown_as_they_are() -> None:
    words = "**‘가’**는 3~5명, 7~9명 2*3*4 <b>굵게</b> [링크](http://a) `코드` _밑줄_ a|b &lt; $x$ 끝"
    citation = Citation(1, "가_나_다.md", words, "", None, "", 0, 3, words)
    made = export.markdown(
        [Answer(words, f"{words}\n- {words} [1]", Status.ANSWERED, (), (), (citation,))], words
    )
    tokens = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(made)
    shown = [
        "".join(part.content for part in token.children or []) for token in tokens if token.type == "inline"
    ]
    assert shown == [words, words, words, f"{words}[^1]", f"[^1]: 「{words}」 (가_나_다.md): “{words}”"]


def test_a_word_document_has_real_footnotes() -> None:
    import docx

    made = export.docx([ANSWER], "제목")
    document = docx.Document(io.BytesIO(made))
    assert [p.text for p in document.paragraphs] == [
        "제목",
        "예산은 <얼마>?",
        "예산은 3억 원입니다. 노선이 늘었습니다.",
        "목록 하나",
    ]
    archive = zipfile.ZipFile(io.BytesIO(made))
    w = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
    notes = [
        note for note in etree.fromstring(archive.read("word/footnotes.xml")) if note.get(f"{w}type") is None
    ]
    marks = [
        mark.get(f"{w}id")
        for mark in etree.fromstring(archive.read("word/document.xml")).iter(f"{w}footnoteReference")
    ]
    assert marks == [note.get(f"{w}id") for note in notes] and len(marks) == NOTES
    assert (
        "".join(notes[0].itertext()).strip()
        == "「돌봄 <계획>」, 2025-03-02, 4쪽, 1. 예산 (가.pdf): “예산은 3억 원 & 더 많다”"
    )


def test_a_hangul_document_has_real_footnotes(tmp_path: Path) -> None:
    import unhwp
    from hwpx import HwpxDocument

    file = tmp_path / "답.hwpx"
    file.write_bytes(export.hwpx([ANSWER], "제목"))
    assert "예산은 3억 원입니다." in unhwp.to_markdown(str(file))
    notes = [
        note.text for paragraph in HwpxDocument.open(str(file)).paragraphs for note in paragraph.footnotes
    ]
    assert len(notes) == NOTES and notes[0] == export.reference(CITATIONS[0])


def test_notes_for_a_report_are_terse_and_sourced() -> None:
    assert export.brief([ANSWER]).splitlines()[1:] == [
        " ○ 예산은 3억 원임 (돌봄 <계획> 4쪽, 2025-03-02)",
        " ○ 노선이 늘었음 (돌봄 <계획> 4쪽, 2025-03-02; 둘째)",
    ]


def test_a_refusal_can_be_taken_along_too() -> None:
    refusal = Answer("달의 뒷면은?", "문서에서 찾지 못했습니다.", Status.NONE)
    assert "문서에서 찾지 못했습니다." in export.brief(
        [refusal]
    ) and "문서에서 찾지 못했습니다." in export.markdown([refusal], "t")
    assert export.docx([refusal], "t") and export.hwpx([refusal], "t")
