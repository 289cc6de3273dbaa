"""What a question demands of its evidence."""

from __future__ import annotations

import pytest

from rag.conditions import false_premise, focus_missing, missing_conditions, unmet, without

SOURCE = "네이버클라우드 김필수 상무의 발표. 2024년 2분기 예산은 3억 원이고 H100은 30장이다."


@pytest.mark.parametrize(
    ("question", "missing"),
    [
        ("김필수 상무의 2024년 2분기 예산은?", []),
        ("2025년 2분기 예산은 얼마인가요?", ["2025년 2분기"]),
        ("2024년 예산은 얼마인가요?", ["2024년"]),  # a year is not its quarter
        ("H200은 몇 장인가요?", ["h200"]),
        ("부산의 예산은 얼마인가요?", ["부산"]),
    ],
)
def test_names_numbers_and_periods_must_stand_in_the_source(question: str, missing: list[str]) -> None:
    assert missing_conditions(question, SOURCE) == missing


@pytest.mark.parametrize(("quoted", "wrong"), [("2분기 예산은 3억 원이다.", ""), ("3분기 예산은 4억 원이다.", "2024년 2분기"), ("예산은 3억 원이다.", "")])
def test_a_sentence_about_another_period_does_not_meet_the_question(quoted: str, wrong: str) -> None:
    assert unmet("2024년 2분기 예산은 얼마인가요?", quoted, "") == wrong


@pytest.mark.parametrize(
    ("question", "missing"), [("예산은 얼마인가요?", False), ("집행률은 몇 퍼센트인가요?", True), ("김필수 상무의 나이는 몇 살인가요?", True)]
)
def test_what_is_asked_for_must_be_named(question: str, missing: bool) -> None:
    assert focus_missing(question, SOURCE) == missing


def test_a_person_given_another_employer_is_a_false_premise() -> None:
    assert false_premise("삼성전자 김필수 상무는 무엇을 발표했나요?", [SOURCE]) == ("삼성전자", "김필수")
    assert false_premise("네이버클라우드 김필수 상무는 무엇을 발표했나요?", [SOURCE]) is None
    assert false_premise("삼성전자의 예산은 얼마인가요?", [SOURCE]) is None
    assert without("애플을 그만둔 제프리 힌튼은 누구인가요?", "애플") == "제프리 힌튼은 누구인가요?"
