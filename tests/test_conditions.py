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
        ("H100 한 장의 예산은 얼마인가요?", []),  # one is a measure, not what is told
        ("H100 두 장의 예산은 얼마인가요?", ["두 장"]),
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
        ("감독은 누가 맡나요?", "군수가 감독한다.", True),  # no list of endings holds all who do something
        ("배급소는 누가 운영하나요?", "마을 어르신들이 돌아가며 운영한다.", True),
        ("왜 그런가요?", "비용 때문이다.", True),
    ],
)
def test_a_quote_must_be_of_the_kind_that_is_asked_for(question: str, text: str, expected: bool) -> None:
    assert answers_kind(question, text) == expected


FALSE = [  # question, source, the wrong name
    ("삼성전자 김필수 상무는 무엇을 발표했나요?", SOURCE, "삼성전자"),
    ("삼성전자의 김필수 상무는 무엇을 발표했나요?", SOURCE, "삼성전자"),
    ("삼성전자 클라우드사업부 김필수 상무는 누구인가요?", "발표자는 네이버클라우드 김필수 상무다.", "삼성전자"),
    ("김필수 삼성전자 상무는 무엇을 발표했나요?", SOURCE, "삼성전자"),
    ("삼성전자 김필수 상무는 무엇을 발표했나요?", "김필수 네이버클라우드 상무가 발표했다.", "삼성전자"),
    ("삼성전자 김필수 상무는 무엇을 발표했나요?", "김필수(네이버클라우드) 상무가 발표했다.", "삼성전자"),
    ("삼성전자 김필수 상무는 무엇을 발표했나요?", "발표자: 김필수 상무 | 소속: 네이버클라우드", "삼성전자"),
    ("애플을 그만둔 제프리 힌튼은 무엇을 경고했나요?", "구글을 떠난 제프리 힌튼은 위험을 경고했다.", "애플"),
    ("가온일보가 보도한 마테엔게의 사연은 무엇인가요?", "나래신문이 보도한 마테엔게는 케냐에서 일했다.", "가온일보"),
    ("교육부 최상목 장관은 무엇을 밝혔나요?", "기획재정부 최상목 장관은 예산을 늘린다고 밝혔다.", "교육부"),
]
TRUE = [
    ("네이버클라우드 김필수 상무는 무엇을 발표했나요?", SOURCE),
    ("삼성전자의 예산은 얼마인가요?", SOURCE),
    ("기재부 최상목 장관은 무엇을 밝혔나요?", "기획재정부 최상목 장관은 예산을 늘린다고 밝혔다."),
    ("중소벤처기업부 오영주 장관은 무엇을 밝혔나요?", "중기부 오영주 장관은 예산을 늘린다고 밝혔다."),
    ("삼성전자 김필수 상무는 무엇을 발표했나요?", "김필수 상무는 세 가지를 꼽았다."),  # nobody says whose he is
    ("삼성전자 김필수 상무는 무엇을 발표했나요?", "김필수 상무는 세 가지를 꼽았다. 네이버클라우드는 값을 내렸다."),  # nor does another sentence
    ("삼성전자 김필수 상무는 무엇을 발표했나요?", "이날 김필수 상무는 네이버클라우드에 대해 말했다."),  # nor what he speaks of
    ("김필수 상무는 삼성전자에 대해 무엇을 말했나요?", SOURCE),
    ("삼성전자를 방문한 김필수 상무는 무엇을 말했나요?", SOURCE),
    ("네이버 검색사업부 김필수 상무는 무엇을 발표했나요?", SOURCE),
    ("네이버 하이퍼클로바의 특징은 무엇인가요?", "클로바 하이퍼클로바는 빠르다. 카카오 하이퍼클로바도 있다."),
    ("제프리 힌튼은 누구인가요?", "구글을 떠난 힌튼은 위험을 경고했다."),
    ("2024년 삼성전자 매출은 얼마인가요?", "2024년 네이버 매출은 9조 원이다."),
]


@pytest.mark.parametrize(("question", "source", "wrong"), FALSE)
def test_somebody_whom_a_sentence_ties_to_another_is_a_false_premise(question: str, source: str, wrong: str) -> None:
    premise = false_premise(question, [source])
    assert premise is not None and premise[0] == wrong
    assert false_premise(question, [source], lambda name: True) is None, "not where the library knows the name"
    assert false_premise(question, [source, f"{wrong}도 참여했다."]) is None, "nor where it stands in what was found"


@pytest.mark.parametrize(("question", "source"), TRUE)
def test_what_no_sentence_contradicts_is_no_false_premise(question: str, source: str) -> None:
    assert false_premise(question, [source]) is None


def test_a_wrong_name_is_cut_out_with_its_tie() -> None:
    assert without("애플을 그만둔 제프리 힌튼은 누구인가요?", "애플") == "제프리 힌튼은 누구인가요?"


@pytest.mark.parametrize(
    ("question", "text", "answers"),
    [("몇 시에 시작하나요?", "회의는 14:30에 시작한다.", True), ("몇 배인가요?", "이용자는 150%가 되었다.", True), ("몇 년 걸리나요?", "24개월이 걸린다.", True),
     ("몇 시에 시작하나요?", "회의는 3일에 시작한다.", False), ("몇 명인가요?", "제3조에 따른다.", False)],
)  # fmt: skip
def test_a_unit_of_the_same_dimension_answers(question: str, text: str, answers: bool) -> None:
    assert answers_kind(question, text) is answers
