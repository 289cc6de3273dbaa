"""Guessing ahead: from the longest match, as far as all places agree, and only as many guesses as pay on this machine."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.model.prompt_lookup import LONGEST, MOST, SIZES, USUAL, Guesser, looked_up, worth

FLAT, STEEP = (1.0,) * len(SIZES), tuple(float(size) for size in SIZES)


def test_the_longest_match_is_followed() -> None:
    assert looked_up([1, 2, 3, 70, 9, 2, 3, 80, 1, 2, 3]) == ([70, 9, 2, 3, 80, 1, 2, 3], 3)


def test_places_that_match_alike_are_followed_as_far_as_they_agree() -> None:
    assert looked_up([1, 2, 30, 40, 5, 1, 2, 30, 50, 6, 1, 2]) == ([30], 2)
    assert looked_up([2, 30, 2, 40, 2]) == ([], 1)


@given(st.lists(st.integers(0, 3), max_size=40))
def test_it_is_what_a_plain_search_finds(tokens: list[int]) -> None:
    following, matched = looked_up(tokens)
    lengths = [
        n
        for n in range(1, min(LONGEST, len(tokens) - 1) + 1)
        if any(tokens[i : i + n] == tokens[-n:] for i in range(len(tokens) - n))
    ]
    assert matched == max(lengths, default=0)
    ends = (
        [i + matched for i in range(len(tokens) - matched) if tokens[i : i + matched] == tokens[-matched:]]
        if matched
        else []
    )
    agreed = itertools.takewhile(
        lambda nexts: len(set(nexts)) == 1, zip(*(tokens[end : end + MOST] for end in ends), strict=False)
    )
    assert following == [nexts[0] for nexts in agreed]


def test_cheap_batches_are_filled_and_dear_ones_are_left() -> None:
    assert worth(FLAT, 0.5) == list(range(MOST + 1))
    assert worth(STEEP, 0.99) == [0] * (MOST + 1)
    copied = [*range(10, 60), *range(10, 30)]
    assert Guesser(FLAT).guess(copied, 60) == list(range(30, 45))
    assert Guesser(STEEP).guess(copied, 60) == []


def test_a_short_match_is_trusted_less_than_a_long_one() -> None:
    guesser = Guesser(USUAL)
    short, long = [*range(10, 60), 7, 10, 11], [*range(10, 60), *range(10, 30)]
    assert 0 < len(guesser.guess(short, 60)) < len(guesser.guess(long, 60)) == MOST


@pytest.mark.parametrize("room", [-1, 0, 1, 4])
def test_there_are_never_more_guesses_than_room(room: int) -> None:
    assert len(Guesser(FLAT).guess([*range(10, 60), *range(10, 30)], room)) == max(0, room)


def test_guesses_end_with_the_sentence() -> None:
    copied = [*range(10, 60), *range(10, 30)]
    assert Guesser(FLAT, lambda token: token == 33).guess(copied, 60) == [30, 31, 32, 33]
