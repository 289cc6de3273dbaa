"""Names and denials that a question takes for given and its evidence contradicts."""

from __future__ import annotations

import pytest

from rag.question.premises import false_premise, without
from rag.question.wording import Wording

SOURCE = "네이버클라우드 김필수 상무의 발표. 2024년 2분기 예산은 3억 원이고 H100은 30장이다."


COUNTRIES = "국가별 수출 전망(%): (美) 2.1 → 1.5 (中) 5.4 → 4.6 (대만) 0.8 → 3.0"


FALSE = [  # question, source, the wrong name
    ("삼성전자 김필수 상무는 무엇을 발표했나요?", SOURCE, "삼성전자"),
    ("삼성전자의 김필수 상무는 무엇을 발표했나요?", SOURCE, "삼성전자"),
    (
        "삼성전자 클라우드사업부 김필수 상무는 누구인가요?",
        "발표자는 네이버클라우드 김필수 상무다.",
        "삼성전자",
    ),
    ("김필수 삼성전자 상무는 무엇을 발표했나요?", SOURCE, "삼성전자"),
    ("삼성전자 김필수 상무는 무엇을 발표했나요?", "김필수 네이버클라우드 상무가 발표했다.", "삼성전자"),
    ("삼성전자 김필수 상무는 무엇을 발표했나요?", "김필수(네이버클라우드) 상무가 발표했다.", "삼성전자"),
    ("삼성전자 김필수 상무는 무엇을 발표했나요?", "발표자: 김필수 상무 | 소속: 네이버클라우드", "삼성전자"),
    ("애플을 그만둔 제프리 힌튼은 무엇을 경고했나요?", "구글을 떠난 제프리 힌튼은 위험을 경고했다.", "애플"),
    (
        "가온일보가 보도한 마테엔게의 사연은 무엇인가요?",
        "나래신문이 보도한 마테엔게는 케냐에서 일했다.",
        "가온일보",
    ),
    ("교육부 최상목 장관은 무엇을 밝혔나요?", "기획재정부 최상목 장관은 예산을 늘린다고 밝혔다.", "교육부"),
]
TRUE = [
    ("네이버클라우드 김필수 상무는 무엇을 발표했나요?", SOURCE),
    ("삼성전자의 예산은 얼마인가요?", SOURCE),
    ("기재부 최상목 장관은 무엇을 밝혔나요?", "기획재정부 최상목 장관은 예산을 늘린다고 밝혔다."),
    ("중소벤처기업부 오영주 장관은 무엇을 밝혔나요?", "중기부 오영주 장관은 예산을 늘린다고 밝혔다."),
    (
        "삼성전자 김필수 상무는 무엇을 발표했나요?",
        "김필수 상무는 세 가지를 꼽았다.",
    ),  # nobody says whose he is
    (
        "삼성전자 김필수 상무는 무엇을 발표했나요?",
        "김필수 상무는 세 가지를 꼽았다. 네이버클라우드는 값을 내렸다.",
    ),  # nor does another sentence
    (
        "삼성전자 김필수 상무는 무엇을 발표했나요?",
        "이날 김필수 상무는 네이버클라우드에 대해 말했다.",
    ),  # nor what he speaks of
    ("김필수 상무는 삼성전자에 대해 무엇을 말했나요?", SOURCE),
    ("삼성전자를 방문한 김필수 상무는 무엇을 말했나요?", SOURCE),
    ("네이버 검색사업부 김필수 상무는 무엇을 발표했나요?", SOURCE),
    ("네이버 하이퍼클로바의 특징은 무엇인가요?", "클로바 하이퍼클로바는 빠르다. 카카오 하이퍼클로바도 있다."),
    ("제프리 힌튼은 누구인가요?", "구글을 떠난 힌튼은 위험을 경고했다."),
    ("2024년 삼성전자 매출은 얼마인가요?", "2024년 네이버 매출은 9조 원이다."),
]


@pytest.mark.parametrize(("question", "source", "wrong"), FALSE)
def test_somebody_whom_a_sentence_ties_to_another_is_a_false_premise(
    question: str, source: str, wrong: str
) -> None:
    premise = false_premise(Wording(question), [source])
    assert premise is not None and premise[0] == wrong
    assert false_premise(Wording(question), [source], lambda name: True) is None, (
        "not where the library knows the name"
    )
    assert false_premise(Wording(question), [source, f"{wrong}도 참여했다."]) is None, (
        "nor where it stands in what was found"
    )


@pytest.mark.parametrize(("question", "source"), TRUE)
def test_what_no_sentence_contradicts_is_no_false_premise(question: str, source: str) -> None:
    assert false_premise(Wording(question), [source]) is None


def test_a_wrong_name_is_cut_out_with_its_tie() -> None:
    assert without("애플을 그만둔 제프리 힌튼은 누구인가요?", "애플") == "제프리 힌튼은 누구인가요?"
