"""What the evidence model learns from is what it seems: labels, changed questions, the tokens of the words that answer."""

from __future__ import annotations

import random
import sys
from dataclasses import replace

import pytest

from rag.config import ROOT

sys.path.insert(0, str(ROOT / "models" / "reader"))

from data import SHEETS, Candidate, Sample, label, of_sheets

TEXT = "군은 회관 열두 곳을 고친다. 비용은 18억 원이다. 작년 비용은 3억 원이었다."
SENTENCES = [(0, 16), (17, 29), (30, 44)]


def candidate(labels: list[int], rank: int = 0) -> Candidate:
    return Candidate("a.md", "회관", TEXT, SENTENCES, labels, any(labels), rank, 0.9)


@pytest.mark.parametrize(
    ("row", "labels"),
    [
        ({"spans": ["18억"], "evidence": ["비용은 18억 원이다."]}, [0, 1, 0]),
        (
            {"spans": ["3억"], "evidence": ["작년 비용은 3억 원이었다."]},
            [0, 0, 1],
        ),  # amid the evidence, not wherever the figure stands
        (
            {"spans": ["18억", "열두"], "evidence": ["군은 회관 열두 곳을 고친다. 비용은 18억 원이다."]},
            [1, 1, 0],
        ),
        ({"spans": ["40억"], "evidence": ["비용은 40억 원이다."]}, [0, 0, 0]),
        ({"spans": ["18억"], "evidence": ["비용", "18억"], "doc": "a.hwp"}, [0, 1, 0]),  # cells of a row
        ({"spans": ["18억", "3억"], "rows": [["비용은", "18억"], ["작년", "3억"]]}, [0, 1, 1]),  # two rows
    ],
)
def test_a_sentence_answers_that_holds_the_words_amid_the_evidence(
    row: dict[str, object], labels: list[int]
) -> None:
    assert label(row, TEXT, SENTENCES) == labels


def test_lessons_of_a_question() -> None:
    from train import lessons

    right, wrong = (
        candidate([0, 1, 0]),
        Candidate("b.md", "다른 글", "다리를 놓는다.", [(0, 8)], [0], False, 1, 0.5),
    )
    sample = Sample(
        "1",
        "public",
        "number",
        "2025년 회관을 고치는 비용은 얼마인가요?",
        True,
        0,
        "a.md",
        ["18억"],
        [right, wrong],
    )
    seen = [lesson for seed in range(40) for lesson in lessons(sample, random.Random(seed))]
    answered, refused = [x for x in seen if x.spans], [x for x in seen if not x.spans]
    changed = [x for x in refused if x.passages == [right]]
    cut = [x for x in refused if x not in changed]
    assert (
        len(answered) == 40
        and all(x.passages[0] is right for x in answered)
        and any(wrong in x.passages for x in answered)
    )
    assert 2 <= len(changed) <= 20 and all("2025" not in x.question for x in changed)
    assert 2 <= len(cut) <= 25 and all(
        "18억" not in p.text and not p.answers for x in cut for p in x.passages
    )
    near_miss = Sample(
        "2", "public", "near miss", "회관은 몇 층인가요?", False, 0, "a.md", [], [candidate([0, 0, 0])]
    )
    assert [x.spans for x in lessons(near_miss, random.Random(0))] == [[]]


def test_a_passage_without_its_answer_keeps_the_other_sentences() -> None:
    from train import without_answer

    cut = without_answer(candidate([0, 1, 0]), ["18억원"])
    assert cut and cut.text == f"{TEXT[0:16]} {TEXT[30:44]}" and cut.labels == [0, 0]
    assert [cut.text[a:b] for a, b in cut.sentences] == [TEXT[0:16], TEXT[30:44]]
    assert not without_answer(candidate([0, 1, 0]), ["비용은"])  # what is left holds the words, too
    assert not without_answer(replace(candidate([1]), sentences=SENTENCES[:1]), ["열두"])  # nothing is left


def test_the_tokens_of_the_words_that_answer_are_those_in_the_right_sentence() -> None:
    from train import said_tokens

    offsets = [(i, i + 1) for i in range(len(TEXT))]
    said = said_tokens(candidate([0, 0, 1]), offsets, 0, ["3억 원"])
    assert "".join(c for c, mark in zip(TEXT, said.tolist(), strict=True) if mark) == "3억 원"
    assert not said_tokens(candidate([0, 1, 0]), offsets, 0, ["3억 원"]).any()


def test_every_row_that_answers_a_question_on_sheets_stands_in_its_document() -> None:
    rows = of_sheets()
    texts = {file.name: file.read_text(encoding="utf-8") for file in SHEETS.glob("*.md")}
    assert len(rows) == len({row["id"] for row in rows}) > 1000
    for row in rows:
        assert bool(row["rows"]) == bool(row["spans"]) == row["answerable"], row["id"]
        assert all(cell in texts[row["doc"]] for cells in row["rows"] for cell in cells), row["id"]
        assert all(any(span in piece for piece in row["evidence"]) for span in row["spans"]), row["id"]
