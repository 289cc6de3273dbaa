"""Chunks: exact offsets, structure kept, nothing lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag.config import ROOT
from rag.ingest.loaders import file_text, parse
from rag.ingest.splitting import split
from rag.text import korean


@pytest.mark.parametrize(
    "path",
    sorted(p for p in (ROOT / "documents").iterdir() if not p.name.startswith(".")),
    ids=lambda p: p.suffix,
)
def test_chunks_cover_all_text_below_headings_and_never_cross_a_section(path: Path) -> None:
    documents = parse(path, path.parent)
    text = file_text(documents)
    spans = split(documents)
    for ordinal, document in enumerate(documents):
        if document.metadata["kind"] == "heading":
            continue
        start = document.metadata["start"]
        end = start + len(document.page_content)
        inside = [s for s in spans if s.section == ordinal]
        assert inside and all(start <= s.start < s.end <= end for s in inside)
        covered = {i for s in inside for i in range(s.start, s.end)}
        assert not "".join(text[i] for i in range(start, end) if i not in covered).strip()
    assert all(s.end - s.start <= 450 for s in spans)
    assert split(documents) == spans


def test_a_sentence_without_end_is_cut(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("가나다라마바사 " * 1000, encoding="utf-8")
    spans = split(parse(tmp_path / "a.txt", tmp_path))
    assert len(spans) > 10 and all(s.end - s.start <= 450 for s in spans)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (
            "가. 원고는 2014. *. ** 설립되었다. 나. 피고는 거절하였다.",
            ["가. 원고는 2014. *. ** 설립되었다.", "나. 피고는 거절하였다."],
        ),
        (
            "도서관은 쉽니다. 배움터는 엽니다.\n이름 | 값\n①하나 ②둘",
            ["도서관은 쉽니다.", "배움터는 엽니다.", "이름 | 값", "①하나", "②둘"],
        ),
    ],
)
def test_sentences_of_offices_and_courts(text: str, found: list[str]) -> None:
    assert [text[a:b] for a, b in korean.sentences(text)] == found
    assert korean.analyse([text])[0].sentences == korean.sentences(text)


def test_one_analysis_finds_the_words_of_any_span() -> None:
    text = "온ㆍ오프라인 매장이 늘었다. LG전자는 2017. 2. 26. 공고하였다.\n이용자: 13,900명"
    (read,) = korean.analyse([text])
    assert read.within(0, len(text)) == read.words
    assert read.within(0, text.index(".")) == ["온", "오프라인", "매장", "늘"]
    assert {"lg", "전자", "공고", "13900"} <= set(read.words) and all(" " not in word for word in read.words)
