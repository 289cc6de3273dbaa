"""False sentences of sign, myriad and percentage points read as other numbers, and nothing else in them changes."""

from __future__ import annotations

import random

import pytest

from benchmarks.mutations import myriad, points, sign
from rag.text.numbers import numbers
from rag.text.quantity import missing_numbers

SENTENCES = [
    "시의 올해 예산은 4억 5천만 원이고 이용자는 3만명이다.",
    "물가 상승률은 2.5%, 실업률은 0.3%p 올라 3.1퍼센트였다.",
    "통합재정수지 비율은 △0.7%이고 기금은 1,200억원이다.",
]


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("mutate", [sign, myriad, points])
def test_a_changed_number_is_not_in_the_sentence_that_it_was_made_of(mutate, seed: int) -> None:
    made = [(sentence, mutate(sentence, "", random.Random(seed))) for sentence in SENTENCES]
    assert any(false for _, false in made)
    for sentence, false in made:
        assert false is None or missing_numbers(numbers(false), numbers(sentence)), false


def test_a_sign_is_not_turned_round_beside_a_word_of_loss() -> None:
    assert sign("수출은 0.7% 감소했다.", "", random.Random(1)) is None


def test_a_glued_myriad_is_dropped() -> None:
    assert "이용자는 3명이다." in {
        myriad("이용자는 3만명이다.", "", random.Random(seed)) for seed in range(20)
    }
