"""What a document or a model wrote stays text on the page."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from rag.answer import phrases
from rag.config import ROOT
from rag.ingest.library import Library
from rag.types import Answer, Citation, Sentence, Status, Timings
from rag.ui.render import answer_markdown, aside, bold, document_html, panel_html, plain
from rag.ui.strings import STRINGS


def _citing(citation: Citation) -> Answer:
    return Answer("q", "가 [1]", Status.ANSWERED, (), (), (citation,))


HOSTILE = "<img src=x onerror=alert(1)> ![a](http://evil/x.png) [b](javascript:alert(1)) <script>alert(1)</script> `c` **d**"


def test_text_in_an_answer_is_inert() -> None:
    answer = Answer(
        "q", f"{HOSTILE} [1]", Status.ANSWERED, unconfirmed=(Sentence(HOSTILE, False, (), HOSTILE),)
    )
    shown = answer_markdown(answer, 2, "ko")
    assert "<img" not in shown and "<script" not in shown
    assert '<a class="cite" href="#source-2-1">[1]</a>' in shown
    assert r"\!\[a\]\(http://evil/x.png\)" in shown


def test_only_times_that_there_were_are_told() -> None:
    refused = Answer("q", "없음", Status.NONE, timings=Timings(first_quote_s=0.2, total_s=1.5))
    assert answer_markdown(refused, 0, "ko").endswith("<small>첫 원문 0.2초 · 전체 1.5초</small>")
    assert "first word 0.9 s · all 2.0 s" in answer_markdown(
        Answer("q", "a", Status.ANSWERED, timings=Timings(first_token_s=0.9, total_s=2.0)), 0, "en"
    )


@pytest.mark.parametrize("language", ["ko", "en"])
def test_a_quote_is_marked_in_its_text_and_escaped(library: Library, language: str) -> None:
    (library.settings.documents / "a.txt").write_text(
        f"앞 문장이다.\n{HOSTILE} 문장이다.\n뒤 문장이다.\n", encoding="utf-8"
    )
    library.sync()
    document = library.catalogue.document_id("a.txt")
    assert document is not None
    text = library.catalogue.text(document)
    start, end = text.index("<img"), text.index(" 문장이다.\n뒤")
    shown = panel_html(
        [_citing(Citation(1, "a.txt", "<b>제목</b>", "", 3, "", start, end, text[start:end]))],
        library.catalogue,
        language,
    )
    assert (
        "<mark>&lt;img" in shown
        and "<img" not in shown
        and "<b>제목" not in shown
        and 'id="source-0-1"' in shown
    )


def test_a_quoted_row_is_marked_in_its_table(library: Library) -> None:
    (library.settings.documents / "a.md").write_text(
        "| 구분 | 2024년 |\n|---|---|\n| 예산 | 3억 |\n| 인원 | 9명 |\n", encoding="utf-8"
    )
    library.sync()
    document = library.catalogue.document_id("a.md")
    assert document is not None
    text = library.catalogue.text(document)
    start = text.index("인원")
    shown = panel_html(
        [_citing(Citation(1, "a.md", "표", "", None, "", start, len(text), text[start:]))],
        library.catalogue,
        "ko",
    )
    assert "<tr class=marked><td>인원</td><td>9명</td></tr>" in shown and "<tr><td>예산</td>" in shown


MERGED = """<table><caption>표 1. 살림</caption>
<tr><th rowspan=2>부서</th><th rowspan=2>구분</th><th colspan=2>2024년</th><th>2025년</th><th rowspan=2 colspan=2>비고</th></tr>
<tr><th>상반기</th><th>하반기</th><th>상반기</th></tr>
<tr><td colspan=7>본청</td></tr>
<tr><td rowspan=2>복지국</td><td>예산</td><td>310</td><td>320</td><td>330</td><td>가</td><td>나</td></tr>
<tr><td>인원</td><td colspan=2>12</td><td>15</td><td colspan=2>늘어남</td></tr>
</table>"""


def _citing_row(library: Library, row: str, *cells: str, quote: str = "") -> str:
    """The panel of an answer that cites the line of a row, and was computed from cells in it."""
    (library.settings.documents / "a.html").write_text(MERGED, encoding="utf-8")
    library.sync()
    document = library.catalogue.document_id("a.html")
    assert document is not None
    text = library.catalogue.text(document)
    start = text.index(row)
    end = text.index("\n", start) if "\n" in text[start:] else len(text)
    spans = tuple((at := text.index(cell, start, end), at + len(cell)) for cell in cells)
    quote = quote or text[start:end]
    citation = Citation(1, "a.html", "표", "", None, "", start, end, quote, cells=spans)
    return panel_html([_citing(citation)], library.catalogue, "ko")


def test_a_cell_that_answers_is_marked_with_its_headers_lit_and_said(library: Library) -> None:
    shown = _citing_row(library, "복지국 | 예산", "320")
    assert "<td class=answer><span class=unseen>행: 본청 복지국 예산, 열: 2024년 하반기, </span>" in shown
    assert re.findall("<mark>(.*?)</mark>", shown) == ["320"] and "class=marked" not in shown
    lit = ["2024년", "하반기", *["본청"] * 7, "복지국", "예산"]
    assert re.findall(r"<th scope=\w+ class=lit>(.*?)</th>", shown) == lit
    assert "<th scope=col>2025년</th>" in shown and "<td>인원</td>" in shown
    assert 'data-do="table">표 복사</button>' in shown
    assert '<span role="status" aria-live="polite" data-copied="복사했습니다."></span>' in shown


def test_several_cells_of_a_row_are_marked_and_a_merged_one_where_its_headers_name_it(
    library: Library,
) -> None:
    several = _citing_row(library, "복지국 | 예산", "310", "330")
    assert re.findall("<mark>(.*?)</mark>", several) == ["310", "330"]
    assert "열: 2024년 상반기, " in several and "열: 2025년 상반기, " in several
    merged = _citing_row(library, "복지국 | 인원", "늘어남")
    assert re.findall("<mark>(.*?)</mark>", merged) == ["늘어남", "늘어남"]
    assert merged.count("class=lit>비고</th>") == 4  # two columns, two rows of headers


def test_what_is_no_cell_leaves_the_row_marked(library: Library) -> None:
    for words in ([], ["310 | 2024년 하반기: 320"], ["2024년 하반기"]):
        shown = _citing_row(library, "복지국 | 예산", *words)
        assert shown.count("<tr class=marked><td>복지국</td><td>예산</td>") == 1 and "<mark>" not in shown


def test_a_table_that_was_changed_since_is_not_marked(library: Library) -> None:
    shown = _citing_row(library, "복지국 | 예산", "320", quote="복지국 | 예산 | 2024년 하반기: 999")
    assert "<p><mark>복지국 | 예산 | 2024년 하반기: 999</mark></p>" in shown and "<table" not in shown
    assert 'data-do="table"' not in shown


def test_plain_text_keeps_its_words() -> None:
    assert plain("예산은 3억 원이다.") == "예산은 3억 원이다."


def test_each_turn_keeps_its_own_sources_and_the_last_is_shown(library: Library) -> None:
    (library.settings.documents / "a.txt").write_text("첫 문장이다. 둘째 문장이다.\n", encoding="utf-8")
    library.sync()
    answers = [
        _citing(Citation(1, "a.txt", "a", "", None, "", 0, 7, "첫 문장이다.")),
        _citing(Citation(1, "a.txt", "a", "", None, "", 8, 16, "둘째 문장이다.")),
    ]
    shown = panel_html(answers, library.catalogue, "ko")
    assert (
        '<section class="turn" hidden id="turn-0">' in shown and '<section class="turn" id="turn-1">' in shown
    )
    assert 'id="source-0-1"' in shown and 'id="source-1-1"' in shown


def test_a_document_is_read_at_its_quote() -> None:
    text = "1. 제목\n" + "앞" * 50_000 + "\n<b>인용</b>\n뒤"
    start = text.index("<b>")
    shown = document_html("<제목>", text, [(0, 5)], start, start + 9)
    assert (
        "<mark>&lt;b&gt;인용&lt;/b&gt;</mark>" in shown
        and len(shown) < 31_000
        and "1. 제목" not in shown
        and "&lt;제목&gt;" in shown
    )
    assert document_html("t", text, [(0, 5)], 0, 0).startswith(
        "<h2>t</h2><div class='text'><strong>1. 제목</strong>"
    )


SAID = {
    **{f"{language}-{key}": words for language, table in STRINGS.items() for key, words in table.items()},
    **{
        f"{name}-{language}": words
        for name, table in vars(phrases).items()
        if name.isupper()
        for language, words in table.items()
    },
}


def rendered(markdown: str) -> str:
    """The words that a reader of CommonMark sees."""
    return re.sub("<[^>]*>", "", MarkdownIt("commonmark").render(markdown))


@pytest.mark.parametrize("key", SAID)
def test_no_string_of_the_page_shows_marks_of_emphasis(key: str) -> None:
    shown = rendered(re.sub(r"\{\w+\}", "‘값’", SAID[key]))
    assert not re.search(r"[*_`]", shown), shown


@pytest.mark.parametrize("language", STRINGS)
def test_the_first_page_has_what_it_names_in_bold(language: str) -> None:
    assert MarkdownIt("commonmark").render(STRINGS[language]["welcome"]).count("<strong>") == 3


@pytest.mark.parametrize("words", ["‘문서’", "찾는 중 …", "질문을 받았습니다. *a_b*.pdf", "(가) [1]"])
@pytest.mark.parametrize("emphasised", [bold, aside])
def test_emphasis_holds_before_a_particle_and_takes_words_as_they_are(
    emphasised: Callable[[str], str], words: str
) -> None:
    assert rendered(f"가{emphasised(words)}에 있다").strip() == f"가{words}에 있다"


@pytest.mark.parametrize("file", sorted((ROOT / "rag" / "ui").glob("*.py")), ids=lambda file: file.name)
def test_emphasis_is_written_by_tags_alone(file: Path) -> None:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    documented = {
        node.body[0].value
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.FunctionDef | ast.ClassDef) and ast.get_docstring(node)
    }
    parts = {part for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in documented:
            assert "**" not in node.value and not (node in parts and "*" in node.value), node.value
