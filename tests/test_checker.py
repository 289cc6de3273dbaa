"""The checker against false sentences made from true ones in ten ways, and against true ones said in other words."""

from __future__ import annotations

import random

import pytest

from benchmarks.checker import paraphrases, respelled, sources
from benchmarks.mutations import MUTATIONS
from rag import citing, korean
from rag.style import polite

CASES = sources(None)


@pytest.mark.parametrize("kind", MUTATIONS)
def test_false_sentences_are_flagged(kind: str) -> None:
    rng = random.Random(11)
    drawn = {(MUTATIONS[kind](sentence, passage, rng), passage, title) for sentence, passage, title in CASES * 3}
    made = sorted((f, p, t) for f, p, t in drawn if f and korean.normalise(f) not in korean.normalise(p))
    made = rng.sample(made, min(40, len(made)))
    assert len(made) >= 8
    missed = [case[0] for case in made if citing.check(*case).supported]
    assert len(missed) <= 0.05 * len(made), missed


def test_true_sentences_in_other_words_are_kept() -> None:
    said = [(t, passage, title) for rewrite in (polite, respelled) for sentence, passage, title in CASES if (t := rewrite(sentence)) and t != sentence]
    lost = [case[0] for case in [*said, *paraphrases()] if not citing.check(*case).supported]
    assert len(said) > 60 and len(lost) <= 0.03 * (len(said) + len(paraphrases())), lost
