"""Three states from one probability, over all passages that were read."""

from __future__ import annotations

from dataclasses import replace
from math import exp, log
from pathlib import Path

import pytest

from rag.answer.reader import Calibration, Evidence, calibration, decide, features, rank, word_shares
from rag.errors import ConfigError
from rag.question.question import understand
from rag.types import Chunk, Hit, Passage, Quote, Status

QUESTION = understand("문장은 무엇인가요?")
FITTED = Calibration(
    rank=(1.0, 0.0, 0.0, 0.0),
    claim=(1.0, 1.0, 0.0, 0.0, 0.0),
    bias=0.0,
    answered=0.8,
    related=0.3,
)


def evidence(
    path: str, *scores: float, answerable: float = 0.0, words: str = "", same: bool = False
) -> Evidence:
    texts = [f"{'같은' if same else path} {n}번째 문장이다." for n in range(len(scores))]
    text = " ".join(texts)
    chunk = Chunk(path, 1, path, path, "", None, "", "", 0, len(text), text)
    passage = Passage(chunk, 0, len(text), text, Hit(chunk, 0.5))
    starts = [text.index(t) for t in texts]
    return Evidence(
        passage,
        answerable,
        tuple(Quote(passage, a, a + len(t), t, s) for a, t, s in zip(starts, texts, scores, strict=True)),
        words,
    )


@pytest.mark.parametrize(
    ("score", "status"), [(3.0, Status.ANSWERED), (0.0, Status.RELATED), (-3.0, Status.NONE)]
)
def test_a_probability_makes_three_states(score: float, status: Status) -> None:
    decision = decide([evidence("a", score)], FITTED)
    assert decision.status is status and decision.probability == pytest.approx(1 / (1 + 2.718281828**-score))


def test_nothing_read_is_nothing_found() -> None:
    assert decide([], FITTED).status is Status.NONE and decide([evidence("a")], FITTED).ranked == ()


def test_further_sentences_of_the_same_passage_belong_to_the_answer_in_their_order() -> None:
    decision = decide([evidence("a", 0.6, -1.2, 3.0), evidence("b", 2.9)], FITTED)
    assert [q.text for q in decision.chosen] == ["a 0번째 문장이다.", "a 2번째 문장이다."]
    assert [q.text for q in decision.ranked] == [
        "a 2번째 문장이다.",
        "b 0번째 문장이다.",
        "a 0번째 문장이다.",
        "a 1번째 문장이다.",
    ]


def test_the_words_are_those_of_the_sentence_that_was_picked() -> None:
    assert decide([evidence("a", 3.0, words="3억 원")], FITTED).words == "3억 원"
    by_passage = Calibration(rank=(1.0, 1.0, 0.0, 0.0), claim=FITTED.claim, answered=0.5, related=0.1)
    picked = decide(
        [evidence("a", 2.0, words="틀린 말"), evidence("b", 1.0, answerable=3.0, words="맞는 말")],
        by_passage,
    )
    assert picked.words == "맞는 말" and picked.chosen[0].passage.chunk.path == "b"


def test_what_says_the_same_counts_once() -> None:
    found = [evidence("a", 2.0, same=True), evidence("b", 1.0, same=True), evidence("c", 0.5)]
    ranked = rank(found, FITTED.rank)
    assert len(ranked) == 2
    every = exp(0) + exp(2.0) + exp(0.5)  # none, and the two that differ
    assert features(ranked) == pytest.approx(
        (2.0 - log(every), log(every), exp(2.0) / (exp(2.0) + exp(0.5)), 0.0, 0.0)
    )


@pytest.mark.parametrize(
    ("scores", "chosen"), [((3.0, -0.5), 2), ((3.0, -1.2), 1), ((-2.0, -3.0), 2), ((-2.0, -3.8), 1)]
)
def test_further_sentences_are_likely_or_close_to_the_best(scores: tuple[float, float], chosen: int) -> None:
    assert len(decide([evidence("a", *scores)], FITTED).chosen) == chosen


def test_the_place_of_the_passage_and_its_own_logit_count() -> None:
    first, second = evidence("a", 1.0), evidence("b", 2.0, answerable=3.0)
    second = replace(second, passage=replace(second.passage, hit=replace(second.passage.hit, score=0.4)))
    assert features(rank([first, second], FITTED.rank))[3:] == pytest.approx((3.0, -log(2)))


def test_the_same_sentence_of_another_document_with_other_figures_is_no_rival() -> None:
    old, new, other = evidence("3월", 2.0), evidence("9월", 1.9), evidence("b", 1.5)
    every = exp(0) + exp(2.0) + exp(1.9) + exp(1.5)
    share, any_answers, by_rank, *_ = features(rank([old, new, other], FITTED.rank))
    assert share == pytest.approx(log((exp(2.0) + exp(1.9)) / every)) and any_answers == pytest.approx(
        log(every)
    )
    assert by_rank == pytest.approx((exp(2.0) + exp(1.9)) / (every - 1))
    later = replace(new, passage=replace(new.passage, hit=replace(new.passage.hit, score=0.9)))
    assert features(rank([old, later], FITTED.rank))[4] == 0.0  # said in the first passage, too
    assert features(rank([old, replace(other, passage=later.passage)], FITTED.rank))[4] == pytest.approx(
        -log(2)
    )
    rows = evidence("표", 2.0, -1.9)  # of one document: its rows say different things
    assert features(rank([rows], FITTED.rank))[2] == pytest.approx(1 / (1 + exp(-3.9)))


def test_what_ships_can_be_read_and_a_damaged_file_is_told(tmp_path: Path) -> None:
    shipped = calibration()
    assert (
        0 <= shipped.related <= shipped.answered <= 1 and len(shipped.rank) == 4 and len(shipped.claim) == 5
    )
    for text in ("{", "[]", '{"strange": 1}'):
        (tmp_path / "calibration.json").write_text(text)
        with pytest.raises(ConfigError, match=r"calibration\.json"):
            calibration(tmp_path / "calibration.json")


def test_a_sentence_is_the_nearer_the_more_of_the_rarer_words_it_holds() -> None:
    texts = ["회관을 고친다. 승강기는 회관에 놓는다.", "회관이 많다."]
    first, second = word_shares(understand("회관 승강기는 어디에 놓나요?"), [("", text) for text in texts])
    shares = [first[at] for at in sorted(first)]
    assert len(shares) == 2 and shares[1] == max(shares) > shares[0] > 0
    assert max(second.values()) <= shares[0] < 0.5  # 회관 stands in both texts and tells least
