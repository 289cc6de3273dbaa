"""Chunks: exact offsets, structure kept, nothing lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag.config import ROOT
from rag.loaders import file_text, parse
from rag.splitting import split


@pytest.mark.parametrize("path", sorted(p for p in (ROOT / "documents").iterdir() if not p.name.startswith(".")), ids=lambda p: p.suffix)
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
