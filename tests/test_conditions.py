"""What a question demands of its evidence."""

from __future__ import annotations

import pytest

from rag.conditions import answers_kind, false_premise, focus_missing, missing_conditions, unmet, without

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


COUNTRIES = "국가별 수출 전망(%): (美) 2.1 → 1.5 (中) 5.4 → 4.6 (대만) 0.8 → 3.0"


@pytest.mark.parametrize(
    ("question", "missing"),
    [
        ("미국과 중국의 수출 전망은?", []),  # offices write 美 and 中
        ("독일의 수출 전망은?", ["독일"]),
        ("미국, 중국, 독일, 대만의 수출 전망은?", []),  # most of what is asked for together
        ("독일, 인도, 영국, 대만의 수출 전망은?", ["독일", "영국", "인도"]),
    ],
)
def test_countries_in_one_letter_and_lists_of_names(question: str, missing: list[str]) -> None:
    assert sorted(missing_conditions(question, COUNTRIES)) == missing


def test_a_person_may_be_called_by_surname_and_title_where_the_document_names_them() -> None:
    here = "김 상무는 세 가지를 꼽았다."
    assert not missing_conditions("김필수 상무는 무엇을 꼽았나요?", here, f"네이버클라우드 김필수 상무의 발표. {here}")
    assert missing_conditions("김필수 상무는 무엇을 꼽았나요?", here, here) == ["김필수"]
    assert missing_conditions("김철수 상무는 무엇을 꼽았나요?", here, f"네이버클라우드 김필수 상무의 발표. {here}") == ["김철수"]


@pytest.mark.parametrize(("quoted", "wrong"), [("2분기 예산은 3억 원이다.", ""), ("3분기 예산은 4억 원이다.", "2024년 2분기"), ("예산은 3억 원이다.", "")])
def test_a_sentence_about_another_period_does_not_meet_the_question(quoted: str, wrong: str) -> None:
    assert unmet("2024년 2분기 예산은 얼마인가요?", quoted, "") == wrong


@pytest.mark.parametrize(
    ("question", "missing"),
    [("예산은 얼마인가요?", False), ("집행률은 몇 퍼센트인가요?", True), ("김필수 상무의 나이는 몇 살인가요?", True), ("발표의 내용은 무엇인가요?", False)],
)
def test_what_is_asked_for_must_be_named(question: str, missing: bool) -> None:
    assert focus_missing(question, SOURCE) == missing


@pytest.mark.parametrize(
    ("question", "text", "expected"),
    [
        ("몇 시간씩 일했나요?", "하루 9시간씩 일했다.", True),
        ("몇 시간씩 일했나요?", "불안과 우울증을 겪었다.", False),
        ("값은 얼마인가요?", "값은 5천만 원이다.", True),
        ("값은 얼마인가요?", "값이 올랐다.", False),
        ("언제 열렸나요?", "2024년 11월 12일에 열렸다.", True),
        ("기업 5곳의 이름은 무엇인가요?", "정부와 민간 기업 5곳이 낸다.", False),
        ("감독은 누가 맡나요?", "참여국이 뽑은 기관이 감독한다.", True),
        ("왜 그런가요?", "비용 때문이다.", True),
    ],
)
def test_a_quote_must_be_of_the_kind_that_is_asked_for(question: str, text: str, expected: bool) -> None:
    assert answers_kind(question, text) == expected


def test_a_person_given_another_employer_is_a_false_premise() -> None:
    assert false_premise("삼성전자 김필수 상무는 무엇을 발표했나요?", [SOURCE]) == ("삼성전자", "김필수")
    assert false_premise("네이버클라우드 김필수 상무는 무엇을 발표했나요?", [SOURCE]) is None
    assert false_premise("삼성전자의 예산은 얼마인가요?", [SOURCE]) is None
    assert without("애플을 그만둔 제프리 힌튼은 누구인가요?", "애플") == "제프리 힌튼은 누구인가요?"
