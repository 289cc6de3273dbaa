"""What a document or a model wrote stays text on the page."""

from __future__ import annotations

import pytest

from rag.index import Library
from rag.types import Answer, Citation, Sentence
from rag.ui.render import answer_markdown, plain, sources_html

HOSTILE = "<img src=x onerror=alert(1)> ![a](http://evil/x.png) [b](javascript:alert(1)) <script>alert(1)</script> `c` **d**"


def test_text_in_an_answer_is_inert() -> None:
    answer = Answer("q", f"{HOSTILE} [1]", False, unconfirmed=(Sentence(HOSTILE, False, (), HOSTILE),))
    shown = answer_markdown(answer, "ko")
    assert "<img" not in shown and "<script" not in shown
    assert '<a class="cite" href="#source-1">[1]</a>' in shown
    assert r"\!\[a\]\(http://evil/x.png\)" in shown


@pytest.mark.parametrize("language", ["ko", "en"])
def test_a_quote_is_marked_in_its_text_and_escaped(library: Library, language: str) -> None:
    (library.settings.documents / "a.txt").write_text(f"앞 문장이다.\n{HOSTILE} 문장이다.\n뒤 문장이다.\n", encoding="utf-8")
    library.sync()
    document = library.catalogue.document_id("a.txt")
    assert document is not None
    text = library.catalogue.text(document)
    start, end = text.index("<img"), text.index(" 문장이다.\n뒤")
    shown = sources_html([Citation(1, "a.txt", "<b>제목</b>", "", 3, "", start, end, text[start:end])], library.catalogue, language)
    assert "<mark>&lt;img" in shown and "<img" not in shown and "<b>제목" not in shown and 'id="source-1"' in shown


def test_a_quoted_row_is_marked_in_its_table(library: Library) -> None:
    (library.settings.documents / "a.md").write_text("| 구분 | 2024년 |\n|---|---|\n| 예산 | 3억 |\n| 인원 | 9명 |\n", encoding="utf-8")
    library.sync()
    document = library.catalogue.document_id("a.md")
    assert document is not None
    text = library.catalogue.text(document)
    start = text.index("인원")
    shown = sources_html([Citation(1, "a.md", "표", "", None, "", start, len(text), text[start:])], library.catalogue, "ko")
    assert "<tr class=marked><td>인원</td><td>9명</td></tr>" in shown and "<tr><td>예산</td>" in shown


def test_plain_text_keeps_its_words() -> None:
    assert plain("예산은 3억 원이다.") == "예산은 3억 원이다."
