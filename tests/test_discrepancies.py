"""Two sentences are versions of one statement when all but their numbers is the same, and the period, too."""

from __future__ import annotations

import pytest

from rag.answer.discrepancies import differs
from rag.text.grammar import parse
from rag.text.numbers import numbers


@pytest.mark.parametrize(
    ("a", "b", "above_a", "above_b", "expected"),
    [
        ("2025년 2분기 이용자는 14,260명이다.", "2025년 2분기 이용자는 13,900명이다.", "", "", True),
        ("2025년 2분기 이용자는 14,260명이다.", "2025년 3분기 이용자는 13,900명이다.", "", "", False),
        ("2025년 2분기 이용자는 14,260명이다.", "2025년 2분기 강좌는 342개이다.", "", "", False),
        ("2분기 만족도는 86.9%였다.", "2분기 만족도는 87.5%였다.", "2025년 4분기", "2025년 2분기", True),
        ("2분기 만족도는 86.9%였다.", "2분기 만족도는 87.5%였다.", "2024년 4분기", "2025년 2분기", False),
        ("만족도는 86.9%였다.", "만족도는 87.5%였다.", "", "", False),
        ("2025년 2분기 이용자는 14,260명이다.", "2025년 2분기 이용자는 14,260명이다.", "", "", False),
    ],
)
def test_versions(a: str, b: str, above_a: str, above_b: str, expected: bool) -> None:
    assert differs(parse(a), parse(b), numbers(above_a), numbers(above_b)) == expected
