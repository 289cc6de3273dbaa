"""Tables of running text in PDFs: two columns between upright rules, each cell whole, on its side, over pages."""

from __future__ import annotations

from pathlib import Path

import pytest
from test_losses import pdf, read, written

from rag.ingest.loaders.blocks import Block, assemble
from rag.ingest.loaders.drawing import draw_page
from rag.ingest.loaders.tables import SourceCell
from rag.text import korean

LEFT, MIDDLE, RIGHT, TOP = 20, 200, 380, 380


def rules(top: float, bottom: float, *lying: float) -> str:
    """Three upright rules and some that lie across them, each a little in its parts as programs draw them."""
    upright = "".join(f"{x} {top} m {x} {bottom} l S\n" for x in (LEFT, MIDDLE, RIGHT))
    across = "".join(f"{a} {y} m {b} {y} l S\n" for y in lying for a, b in ((LEFT, MIDDLE), (MIDDLE, RIGHT)))
    return upright + across


def side(x: float, top: float, *lines: str) -> str:
    """A side's lines, one below the other; "" leaves one out."""
    return "".join(written(x + 5, top - 15 * y, line) for y, line in enumerate(lines) if line)


OLD = ("1. The mayor may pick who sits", "on the board from lists handed", "in. It is done in May.")
NEW = ("1. The mayor has to pick who", "sits there from the lists.")


def headers() -> str:
    return (
        rules(TOP, TOP - 22, TOP, TOP - 22)
        + side(LEFT, TOP - 15, "Current")
        + side(MIDDLE, TOP - 15, "Proposed")
    )


def test_each_sentence_of_a_side_is_a_line_of_its_own_and_names_its_side(tmp_path: Path) -> None:
    drawn = written(20, 390, "Old and new") + headers() + rules(TOP, 200, 200)
    drawn += side(LEFT, TOP - 40, *OLD, "2. It meets twice a year in the", "town house.")
    drawn += side(MIDDLE, TOP - 40, *NEW, "", "2. It meets four times a year", "in the town house.")
    text = read(pdf(tmp_path, drawn + written(20, 150, "The end.")))
    assert text.split("\n\n")[1].split("\n") == [
        "Current: 1. The mayor may pick who sits on the board from lists handed in.",
        "Current: It is done in May.",
        "Proposed: 1. The mayor has to pick who sits there from the lists.",
        "Current: 2. It meets twice a year in the town house.",
        "Proposed: 2. It meets four times a year in the town house.",
    ]
    assert text.index("Old and new") < text.index("Current") < text.index("The end.")


def test_a_cell_that_goes_on_over_the_page_is_whole(tmp_path: Path) -> None:
    first = headers() + rules(TOP, 20)
    first += side(LEFT, TOP - 40, *OLD) + side(MIDDLE, TOP - 40, *NEW)
    first += side(LEFT, 60, "2. The board reads each plan", "of the town before the council")
    first += side(MIDDLE, 60, "2. The board reads and marks", "all of the plans.")
    second = rules(TOP, 320, 320) + side(LEFT, TOP - 15, "votes on it.", "3. (as it is)")
    second += side(MIDDLE, TOP - 15, "", "3. The board tells all of it.")
    lines = read(pdf(tmp_path, first, second)).split("\n")
    assert "Current: 2. The board reads each plan of the town before the council votes on it." in lines
    assert "Proposed: 2. The board reads and marks all of the plans." in lines
    assert "Current: 3. (as it is) | Proposed: 3. The board tells all of it." in lines


def test_what_is_not_running_text_stays_as_it_was(tmp_path: Path) -> None:
    figures = [(f"{n}", f"{n * 7}") for n in range(11, 19)]
    drawn = headers() + rules(TOP, 220, 220)
    for y, (left, right) in enumerate(figures):
        drawn += side(LEFT, TOP - 40 - 15 * y, left) + side(MIDDLE, TOP - 40 - 15 * y, right)
    words = read(pdf(tmp_path, drawn)).split()
    assert all(words.count(number) == 1 for pair in figures for number in pair)
    ruled = headers() + rules(TOP, 300, 330, 300)
    ruled += side(LEFT, 345, "11") + side(MIDDLE, 345, "77") + side(LEFT, 315, "12") + side(MIDDLE, 315, "84")
    assert "Current: 11 | Proposed: 77\nCurrent: 12 | Proposed: 84" in read(pdf(tmp_path, ruled))


def test_a_quote_of_one_side_is_marked_there(tmp_path: Path) -> None:
    drawn = headers() + rules(TOP, 200, 200)
    drawn += side(LEFT, TOP - 40, *OLD) + side(MIDDLE, TOP - 40, *NEW)
    quote = "Proposed: 1. The mayor has to pick who sits there from the lists."
    file = pdf(tmp_path, drawn)
    assert quote in read(file).split("\n")
    _, at = draw_page(file, 1, quote)
    assert at is not None and 0.1 < at < 0.17


@pytest.mark.parametrize(
    ("line", "whole"),
    [
        ("개정안: ③ 시장은 위원을 위촉한다. ④ 위원은 열 명으로 한다.", True),
        ("현행: 제3조(위원회) ① ㆍ ② (생략)", True),
        ("③ 시장은 위원을 위촉한다. ④ 위원은 열 명으로 한다.", False),
    ],
)
def test_a_line_that_names_its_side_is_one_sentence(line: str, whole: bool) -> None:
    assert (korean.sentences(line) == [(0, len(line))]) is whole
    assert (korean.analyse([line])[0].sentences == [(0, len(line))]) is whole


def test_a_comparison_in_any_format_has_a_row_for_each_line_of_its_text() -> None:
    rows = [
        [SourceCell("현 행"), SourceCell("개 정 안")],
        [SourceCell("제3조(위원회) ① 위원은 열 명으로 한다.\n② 위원은 시장이 뽑는다. 다만, 한 명은 주민이 뽑는다."), SourceCell("제3조(위원회) ① -------------스무 명-----.")],
        [SourceCell("<신 설>"), SourceCell("③ 위원은 두 해 동안 일한다.\n④ 위원은 다시 뽑힐 수 있다.")],
        [SourceCell("④ (생 략)"), SourceCell("⑤ (현행 제4항과 같음)")],
    ]  # fmt: skip
    (document,) = assemble([Block("table", rows=rows)], path="안.docx", title="안", format="docx")
    lines = document.page_content.split("\n")
    assert lines == [
        "현행: 제3조(위원회) ① 위원은 열 명으로 한다.",
        "현행: ② 위원은 시장이 뽑는다.",
        "현행: 다만, 한 명은 주민이 뽑는다.",
        "개정안: 제3조(위원회) ① -------------스무 명-----.",
        "현행: <신 설> | 개정안: ③ 위원은 두 해 동안 일한다.",
        "현행: <신 설> | 개정안: ④ 위원은 다시 뽑힐 수 있다.",
        "현행: ④ (생 략) | 개정안: ⑤ (현행 제4항과 같음)",
    ]
    grid = document.metadata["table"]
    assert len(grid) == len(lines) + 1
    assert all(cell in line for line, row in zip(lines, grid[1:], strict=True) for cell in row)
    questions = [
        [SourceCell("질문"), SourceCell("답변")],
        [SourceCell("언제 여나? 봄인가?"), SourceCell("봄에 연다. 늘 연다.")],
    ]
    (document,) = assemble([Block("table", rows=questions)], path="안.docx", title="안", format="docx")
    assert document.page_content.split("\n")[-1].count(" | ") == 1
