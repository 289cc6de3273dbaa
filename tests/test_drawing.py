"""A page of a PDF with the quote marked: the marked place is where pdfplumber, another library, finds the words."""

from __future__ import annotations

import io
from pathlib import Path

import pdfplumber
import pytest
from PIL import Image
from test_losses import by_turns, column, pdf

from rag.config import ROOT
from rag.errors import LoadError
from rag.ingest.loaders.drawing import MARK, draw_page
from rag.ingest.loaders.sandbox import Sandbox

BRIEF = ROOT / "documents" / "05_딥시크_충격.pdf"


def marked_rows(picture: bytes) -> tuple[float, float]:
    """Where the marks begin and end on the page, 0 top to 1 bottom."""
    image = Image.open(io.BytesIO(picture))
    rows = [
        y
        for y in range(image.height)
        for x in range(0, image.width, 2)
        if _near(image.getpixel((x, y)), MARK)
    ]
    return min(rows) / image.height, max(rows) / image.height


def _near(pixel: object, colour: tuple[int, int, int]) -> bool:
    assert isinstance(pixel, tuple)
    return all(abs(a - b) < 40 for a, b in zip(pixel, colour, strict=True))


@pytest.mark.parametrize(
    "quote",
    ["가장 큰 모델의 매개변수는\n6,710억 개이다.", "평가: MATH-500 | 무엇을 재는가: 문장형 수학 문제"],
)
def test_the_quote_is_marked_where_it_stands(quote: str) -> None:
    picture, top = draw_page(BRIEF, 1, quote)
    word = "6,710억" if "6,710억" in quote else "MATH-500"
    with pdfplumber.open(BRIEF) as document:
        page = document.pages[0]
        found = next(w for w in page.extract_words() if word in w["text"])
        begins, ends = found["top"] / float(page.height), found["bottom"] / float(page.height)
    low, high = marked_rows(picture)
    assert low <= begins + 0.01 and ends - 0.01 <= high and high - low < 0.08
    assert top == pytest.approx(low, abs=0.01)


def test_words_that_are_not_there_are_not_marked() -> None:
    picture, top = draw_page(BRIEF, 1, "김치를 담그는 방법은 집마다 다르다.")
    assert top is None and Image.open(io.BytesIO(picture)).width == 1000


def test_a_page_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(LoadError, match="Page 99"):
        draw_page(BRIEF, 99, "가")
    broken = tmp_path / "깨짐.pdf"
    broken.write_bytes(BRIEF.read_bytes()[:300])
    with Sandbox() as sandbox, pytest.raises(LoadError, match=r"깨짐\.pdf"):
        sandbox.draw(broken, 1, "가")


def test_a_quote_that_runs_on_in_a_column_is_marked_in_that_column(tmp_path: Path) -> None:
    left, right = column(20, 340, "L", 8), column(210, 340, "R", 8)
    file = pdf(tmp_path, by_turns(left, right))
    words = "of the house is paid by the town"
    picture, _ = draw_page(file, 1, f"R2 {words} R3 {words} R4 {words}")
    image = Image.open(io.BytesIO(picture))
    marked = [
        x / image.width * 400 for x in range(image.width) for y in range(0, image.height, 2)
        if _near(image.getpixel((x, y)), MARK)
    ]  # fmt: skip
    low, high = marked_rows(picture)
    assert min(marked) > 205 and 0.15 < low < 0.2 and 0.26 < high < 0.3
