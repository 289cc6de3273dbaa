"""Three states from one probability, over all passages that were read."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag.answer.reader import Calibration, Evidence, calibration, decide, features, rank, word_shares
from rag.errors import ConfigError
from rag.question.demands import Demands
from rag.question.question import understand
from rag.types import Chunk, Hit, Passage, Quote, Status

QUESTION = understand("문장은 무엇인가요?")
FITTED = Calibration(
    rank=(1.0, 0.0, 0.0, 0.0),
    claim=(1.0, *(0.0,) * 8),
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
    passage = Passage(chunk, 0, len(text), text, Hit(chunk, 0.5, coverage=0.4))
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
    decision = decide(QUESTION, [evidence("a", score)], FITTED)
    assert decision.status is status and decision.probability == pytest.approx(1 / (1 + 2.718281828**-score))


def test_nothing_read_is_nothing_found() -> None:
    assert (
        decide(QUESTION, [], FITTED).status is Status.NONE
        and decide(QUESTION, [evidence("a")], FITTED).ranked == ()
    )


def test_further_sentences_of_the_same_passage_belong_to_the_answer_in_their_order() -> None:
    decision = decide(QUESTION, [evidence("a", 0.6, -1.0, 3.0), evidence("b", 2.9)], FITTED)
    assert [q.text for q in decision.chosen] == ["a 0번째 문장이다.", "a 2번째 문장이다."]
    assert [q.text for q in decision.ranked] == [
        "a 2번째 문장이다.",
        "b 0번째 문장이다.",
        "a 0번째 문장이다.",
        "a 1번째 문장이다.",
    ]


def test_the_words_are_those_of_the_sentence_that_was_picked() -> None:
    assert decide(QUESTION, [evidence("a", 3.0, words="3억 원")], FITTED).words == "3억 원"
    by_passage = Calibration(rank=(1.0, 1.0, 0.0, 0.0), claim=FITTED.claim, answered=0.5, related=0.1)
    picked = decide(
        QUESTION,
        [evidence("a", 2.0, words="틀린 말"), evidence("b", 1.0, answerable=3.0, words="맞는 말")],
        by_passage,
    )
    assert picked.words == "맞는 말" and picked.chosen[0].passage.chunk.path == "b"


def test_what_says_the_same_counts_once_and_is_no_rival() -> None:
    ranked = rank(
        [evidence("a", 2.0, same=True), evidence("b", 1.0, same=True), evidence("c", 0.5)], FITTED.rank
    )
    assert len(ranked) == 2
    assert features(QUESTION, ranked) == (2.0, 0.0, 1.5, 0.5, 0.4, 0.0, 0.0, 0.0, 0.0)
    assert features(QUESTION, ranked[:1])[2] == 10.0


def test_the_same_sentence_with_other_figures_is_no_rival() -> None:
    old, new = evidence("3월", 2.0), evidence("9월", 1.9)
    assert features(QUESTION, rank([old, new], FITTED.rank))[2] == 10.0
    assert features(QUESTION, rank([old, new, evidence("b", 1.5)], FITTED.rank))[2] == 0.5


def test_what_the_question_demands_and_the_passage_lacks_counts() -> None:
    found = rank([evidence("a", 2.0)], FITTED.rank)
    asked = understand("삼성전자는 2025년에 얼마를 냈나요?")
    assert features(asked, found)[6:] == (1.0, 1.0, 0.0)  # the name, the year; 0번째 is a figure
    sure = decide(QUESTION, [evidence("a", 2.0)], FITTED).probability
    held_back = Calibration(FITTED.rank, (1.0, *(0.0,) * 5, -1.0, -1.0, -1.0))
    assert decide(asked, [evidence("a", 2.0)], held_back).probability < sure


@pytest.mark.parametrize(
    ("question", "source", "sentence", "lacking"),
    [
        (
            "한전의 2024년 적자는 얼마야?",
            "한국전력공사(한전)는 2024년 3조 원 적자였다.",
            "2024년 3조 원 적자였다.",
            (0, 0, 0),
        ),
        (
            "한전의 2023년 적자는 얼마야?",
            "한국전력공사(한전)는 2024년 3조 원 적자였다.",
            "2024년 3조 원 적자였다.",
            (0, 1, 0),
        ),
        ("H200 한 장은 얼마야?", "H100 한 장은 5천만 원이다.", "H100 한 장은 5천만 원이다.", (1, 0, 0)),
        ("신청 기한은?", "신청은 군청에서 받는다.", "신청은 군청에서 받는다.", (0, 0, 1)),
        ("왜 줄었나요?", "사람이 줄었다.", "사람이 줄었다.", (0, 0, 0)),
        ("How much did KEPCO lose?", "한국전력공사는 3조 원을 잃었다.", "3조 원을 잃었다.", (0, 0, 0)),
    ],
)
def test_what_is_lacking_of_names_numbers_and_figures(
    question: str, source: str, sentence: str, lacking: tuple[int, int, int]
) -> None:
    assert Demands.of(question).lacking(source, sentence) == lacking


def test_what_ships_can_be_read_and_a_damaged_file_is_told(tmp_path: Path) -> None:
    shipped = calibration()
    assert (
        0 <= shipped.related <= shipped.answered <= 1 and len(shipped.rank) == 4 and len(shipped.claim) == 9
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
