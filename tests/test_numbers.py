"""Spellings of the same number, and numbers that only look alike."""

from __future__ import annotations

import pytest

from rag.numbers import missing_numbers, numbers

SAME = [
    ("6,710억 개", "671,000,000,000개"), ("5천만 원", "50,000,000원"), ("30%", "30퍼센트"), ("4억 5천만 원", "450,000,000원"), ("1조 3,000억 원", "1.3조 원"),
    ("40.7만 명", "407,000명"), ("5,000억 달러", "5천억 달러"), ("3만 장", "30,000장"),
    ("23.9.1에", "2023년 9월 1일"), ("23.4~8월", "2023년 4월부터 8월까지"), ("'23.4~8월", "23.4~8월"),
]  # fmt: skip
DIFFERENT = [
    ("5천만 원", "5천억 원"),
    ("30%", "30명"),
    ("제3조", "3조 원"),
    ("14.6%", "146%"),
    ("2024년", "2025년"),
    ("41%", "77%"),
    ("23.9.1", "2023년 9월 2일"),
    ("12.5.3절", "2012년 5월 3일"),
]


@pytest.mark.parametrize(("a", "b"), SAME)
def test_the_same_number_in_two_spellings(a: str, b: str) -> None:
    assert not missing_numbers(numbers(a), numbers(b))


@pytest.mark.parametrize(("a", "b"), DIFFERENT)
def test_different_numbers(a: str, b: str) -> None:
    assert missing_numbers(numbers(a), numbers(b))


def test_spans_are_exact() -> None:
    text = "예산은 4억 5천만 원이다."
    (number,) = numbers(text)
    assert text[number.start : number.end] == "4억 5천만 원"
