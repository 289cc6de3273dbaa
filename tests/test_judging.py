"""Judging reads the answer's text by regular expressions and nothing else."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from rag import judging
from rag.judging import Outcome, documents, fold, interval, judge, judge_text, own_claim, patterns
from rag.types import Answer, Citation, Sentence, Status


def answer(
    text: str,
    *,
    refused: bool = False,
    sentences: tuple[Sentence, ...] = (),
    quotes: tuple[str, ...] = (),
    nearest: tuple[str, ...] = (),
) -> Answer:
    def cited(words: tuple[str, ...]) -> tuple[Citation, ...]:
        return tuple(
            Citation(n, "a", "", "", None, "", 0, len(quote), quote) for n, quote in enumerate(words, 1)
        )

    return Answer(
        "질문",
        text,
        Status.NONE if refused else Status.ANSWERED,
        sentences=sentences,
        citations=cited(quotes),
        nearest=cited(nearest),
    )


ROW = {"must": [r"12\.5\s*억"], "must_not": [r"3\.4\s*억"], "spans": ["12.5"]}


@pytest.mark.parametrize(
    ("given", "outcome"),
    [
        (answer("12.5억 달러입니다."), Outcome.RIGHT),
        (answer("3.4억 달러입니다."), Outcome.WRONG),
        (answer("12.5억 달러이고 3.4억 달러입니다."), Outcome.WRONG),
        (answer("찾지 못했습니다.", refused=True, nearest=("네덜란드 | 3.4 | 12.5",)), Outcome.SHOWN),
        (answer("찾지 못했습니다.", refused=True, nearest=("네덜란드 | 3.4",)), Outcome.LOST),
        (answer("12.5억 달러를 찾지 못했습니다.", refused=True), Outcome.LOST),
    ],
)
def test_there_are_four_outcomes_of_an_answerable_question(given: Answer, outcome: Outcome) -> None:
    assert judge(ROW, given) is outcome


def test_an_unanswerable_question_is_claimed_or_not_whatever_is_shown() -> None:
    row = {"answerable": False}
    assert judge(row, answer("3억 원입니다.")) is Outcome.INVENTED
    assert judge(row, answer("없습니다.", refused=True, nearest=("3억 원",))) is Outcome.DECLINED


def test_a_wrong_value_in_a_quoted_row_is_no_claim_unless_all_is_quoted() -> None:
    row = "네덜란드 | 3.4억 | 12.5억"
    quoted = Sentence(f"문서에는 이렇게 적혀 있습니다: “{row}”", True, (1,))
    both = answer(
        f"12.5억 달러입니다. {quoted.text}",
        sentences=(Sentence("12.5억 달러입니다.", True, (1,)), quoted),
        quotes=(row,),
    )
    assert own_claim(both) == "12.5억 달러입니다." and judge(ROW, both) is Outcome.RIGHT
    alone = answer(quoted.text, sentences=(quoted,), quotes=(row,))
    assert own_claim(alone) == "" and judge(ROW, alone) is Outcome.WRONG


def test_a_row_without_patterns_is_never_right() -> None:
    assert judge_text({}, "무엇이든", claimed=True) is Outcome.WRONG


def test_older_rows_are_read_as_patterns() -> None:
    row = {"keys": [["5천만", "5,000만"], ["칩"]], "denied": "애플"}
    assert judge(row, answer("‘애플’은 확인되지 않습니다. 칩은 5 천만 원입니다.")) is Outcome.RIGHT
    assert judge(row, answer("칩은 5천만 원입니다.")) is Outcome.WRONG
    assert (
        judge({"keys": [["3만"]]}, answer("13만 명")) is Outcome.WRONG
        and judge({"keys": [["2.5"]]}, answer("12.5%")) is Outcome.WRONG
    )
    assert patterns({"must": ["가"], "keys": [["나"]]}) == ["가"]


def test_folds_are_of_documents_not_of_questions() -> None:
    one, two = {"pages": ["law - 형사.pdf - 1"]}, {"pages": ["law - 형사.pdf - 9", "law - 민사.pdf - 1"]}
    assert fold(one) == fold(two) and documents(two) == ("law - 형사.pdf", "law - 민사.pdf")
    assert {fold({"doc": f"{n}.hwp"}) for n in range(100)} == set(range(judging.FOLDS))


def test_the_interval_is_wider_where_questions_share_documents() -> None:
    hits = [n % 2 == 0 for n in range(40)]
    apart = interval(hits, [str(n) for n in range(40)])
    together = interval(hits, ["right" if hit else "wrong" for hit in hits])
    assert 0.3 < apart[0] < 0.5 < apart[1] < 0.7 and together == (0.0, 1.0) and interval([], []) == (0.0, 1.0)
    assert interval([True] * 5, list("abcde")) == (1.0, 1.0)


def test_the_judge_knows_nothing_of_the_programs_own_reading() -> None:
    tree = ast.parse(Path(judging.__file__).read_text(encoding="utf-8"))
    imported = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)} | {
        name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names
    }
    assert not {name for name in imported if name and name.startswith("rag") and name != "rag.types"}
