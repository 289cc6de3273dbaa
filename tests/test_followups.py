"""Questions that lean on the one before are completed; questions that stand by themselves are left alone."""

from __future__ import annotations

import pytest

from rag.assistant import Assistant
from rag.question.followups import complete
from rag.question.question import understand
from rag.types import Answer, Sentence, Status


def after(question: str, text: str = "") -> list[Answer]:
    return [Answer(question, text, Status.ANSWERED, (Sentence(text, True, (1,)),) if text else ())]


@pytest.mark.parametrize(
    ("before", "question", "expected"),
    [
        (
            "칼럼이 제안한 AI 개발사에 정부는 얼마를 내나요?",
            "민간은?",
            "칼럼이 제안한 AI 개발사에 민간은 얼마를 내나요?",
        ),
        ("2025년 4분기 이용자는 몇 명인가요?", "그럼 3분기는?", "2025년 3분기 이용자는 몇 명인가요?"),
        (
            "2022년에 중국은 몇 개에서 앞섰나요?",
            "2003~2007년에 미국은?",
            "2003~2007년에 미국은 몇 개에서 앞섰나요?",
        ),
        ("한내 배움터의 강사는 몇 명인가요?", "솔숲 배움터는?", "솔숲 배움터의 강사는 몇 명인가요?"),
        ("공공 부문의 AI 도입률은 얼마인가요?", "민간은?", "민간 부문의 AI 도입률은 얼마인가요?"),
        (
            "2024년 남성의 육아휴직 사용률은 얼마인가요?",
            "그럼 여성은?",
            "2024년 여성의 육아휴직 사용률은 얼마인가요?",
        ),
        ("비수도권에서 청년층은 얼마나 줄었나요?", "수도권은?", "수도권에서 청년층은 얼마나 줄었나요?"),
        (
            "2024년 남성의 육아휴직 사용률은 얼마인가요?",
            "여성은 어때요?",
            "2024년 여성의 육아휴직 사용률은 얼마인가요?",
        ),
        (
            "이해민 의원의 소속 정당은 어디인가요?",
            "그 사람은 어느 회사에서 일했나요?",
            "이해민 의원은 어느 회사에서 일했나요?",
        ),
        (
            "스타게이트 프로젝트는 누가 발표했나요?",
            "그 규모는 얼마야?",
            "스타게이트 프로젝트의 규모는 얼마야?",
        ),
        ("스타게이트 프로젝트는 누가 발표했나요?", "그건 얼마야?", "스타게이트 프로젝트는 얼마야?"),
        (
            "오픈소스 AI 연구 시설은 어디에서 영감을 얻었나요?",
            "거기에는 가속기가 몇 대 있나요?",
            "오픈소스 AI 연구 시설에는 가속기가 몇 대 있나요?",
        ),
        ("스타게이트 프로젝트는 누가 발표했나요?", "언제?", "스타게이트 프로젝트는 언제?"),
        ("청년 지원 센터는 누가 운영하나요?", "어디에 있나요?", "청년 지원 센터는 어디에 있나요?"),
    ],
)
def test_what_is_left_out_is_taken_from_the_question_before(
    before: str, question: str, expected: str
) -> None:
    assert complete(question, after(before)) == expected


def test_an_ordinal_takes_its_item_from_the_answer() -> None:
    said = after(
        "핵심 자원 세 가지는 무엇인가요?",
        "김 상무는 컴퓨팅 인프라, 데이터센터, 클라우드 세 가지를 꼽았습니다.",
    )
    assert "데이터센터" in complete("두 번째는?", said) and "클라우드" not in complete("두 번째는?", said)


@pytest.mark.parametrize(
    "question",
    [
        "H100 한 장의 가격은 얼마인가요?",
        "소버린 AI란 무엇을 뜻하나요?",
        "두 번째 제언은 무엇인가요?",
        "What is DeepSeek?",
        "이용자가 늘었어 줄었어?",
        "소득 기준이 있나",
        "온라인 신청도 됨?",
        "그럼 ?",
    ],
)
def test_a_whole_question_stays_as_it_is(question: str) -> None:
    assert complete(question, after("스타게이트 프로젝트는 누가 발표했나요?")) == question
    assert complete(question, []) == question


@pytest.mark.parametrize(
    ("before", "question", "expected"),
    [
        ("도서관 신관 공사는 언제 끝나나요?", "예산은?", "도서관 신관 공사 예산은?"),
        ("재난 지원금 신청 방법 알려 주세요", "담당자 연락처", "재난 지원금 신청 방법 담당자 연락처"),
        ("청년 수당은 얼마야?", "그럼 못 받는 사람은 어떻게 해?", "청년 수당 못 받는 사람은 어떻게 해?"),
        ("작년 수출액이 왜 줄었대?", "회복은 언제쯤", "작년 수출액 회복은 언제쯤"),
        ("2024년 공공 와이파이는 몇 곳인가요?", "2025년은?", "2025년 공공 와이파이는 몇 곳인가요?"),
        ("한내 배움터의 강사는 몇 명인가요?", "솔숲 배움터는?", "솔숲 배움터의 강사는 몇 명인가요?"),
        (
            "2024년 남성의 육아휴직 사용률은 얼마인가요?",
            "그럼 여성은?",
            "2024년 여성의 육아휴직 사용률은 얼마인가요?",
        ),
        (
            "What was the budget in 2024?",
            "And who decided it?",
            "What was the budget in 2024 And who decided it?",
        ),
    ],
)
def test_what_hangs_follows_what_the_question_before_was_about(
    before: str, question: str, expected: str
) -> None:
    assert complete(question, after(before), dependent=True) == expected


@pytest.mark.parametrize(
    "question",
    ["나루시에서 예산이 가장 많은 부서는?", "민간은?", "그건 얼마야?", "두 번째는?", "How much is it?"],
)
def test_what_stands_by_itself_takes_nothing(question: str) -> None:
    said = after("스타게이트 프로젝트는 누가 발표했나요?", "세 가지를 꼽았습니다: 돈, 사람, 땅.")
    assert complete(question, said, dependent=False) == question


def test_a_long_conversation_does_not_pile_up() -> None:
    def answered(question: str, understood: str = "") -> Answer:
        return Answer(question, "", Status.NONE, understood=understood)

    talk = [answered("주말 농장은 몇 구획인가요?"), answered("이용료는?", "주말 농장 이용료는?")]
    assert complete("왜 올랐어?", talk, dependent=True) == "주말 농장 이용료 왜 올랐어?"
    talk.append(answered("왜 올랐어?", "주말 농장 이용료 왜 올랐어?"))
    assert complete("누가 정했어?", talk, dependent=True) == "주말 농장 누가 정했어?"
    talk.append(answered("신청은 언제 해?", "주말 농장 신청은 언제 해?"))
    assert complete("담당자 연락처", talk, dependent=True) == "주말 농장 신청 담당자 연락처"


@pytest.mark.model
def test_what_hangs_is_told_by_the_questions_vector(briefs: Assistant) -> None:
    vector_of = briefs.models.vector_of
    assert vector_of is not None

    def understood(before: str, question: str) -> str:
        return understand(question, after(before), vector_of).text

    assert understood("체육관 대관료는 얼마예요?", "언제까지 신청해야 돼?").startswith("체육관 대관료 ")
    assert understood("마을버스 노선이 몇 개야?", "그럼 막차는?").startswith("마을버스 노선 ")
    for whole in ("육아휴직 급여의 상한액은?", "출생아 수가 가장 많은 자치구는?", "전기차 충전 요금 할인율"):
        assert understood("마을버스 노선이 몇 개야?", whole) == whole
