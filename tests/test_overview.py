"""Whole-document questions: recognised, and answered by sentences from all over the document."""

from __future__ import annotations

import pytest

from rag.overview import contrast, recognise, summarise

TITLES = ["소버린 AI – 기술을 전략 자산으로", "딥시크 충격 – 싸고 열린 AI가 바꾼 판"]
PATHS = ["04_소버린_AI.hwpx", "05_딥시크_충격.pdf"]
TEXT = (
    "시는 도서관을 밤까지 열기로 했다.\n도서관 이용자는 해마다 늘고 있다고 시는 밝혔다.\n도서관 예산은 4억 원으로 정해졌다고 한다.\n"
    "버스 노선은 다음 달에 새로 짠다고 한다.\n버스 요금은 그대로 두기로 시가 결정했다.\n버스 이용자는 조금 줄었다고 한다."
)
HALF = TEXT.index("버스")


@pytest.mark.parametrize(
    ("question", "kind", "documents", "count"),
    [
        ("무슨 문서가 있어?", "list", (0, 1), 2),
        ("소버린 AI 문서를 세 줄로 요약해줘", "summary", (0,), 3),
        ("딥시크 충격을 두 문장으로 요약해줘", "summary", (1,), 2),
        ("딥시크 충격과 소버린 AI의 차이는?", "difference", (1, 0), 2),
        ("What documents do you have?", "list", (0, 1), 2),
    ],
)
def test_a_question_about_whole_documents_is_recognised(question: str, kind: str, documents: tuple[int, ...], count: int) -> None:
    task = recognise(question, TITLES, PATHS)
    assert task is not None and (task.kind, task.documents, task.count) == (kind, documents, count)


@pytest.mark.parametrize(
    "question", ["소버린 AI란 무엇을 뜻하나요?", "두 기술의 차이는 무엇인가요?", "H100의 가격은?", "미국과 중국을 비교해줘", "핵심 자원 세 가지는 무엇인가요?"]
)
def test_other_questions_are_left_to_the_passages(question: str) -> None:
    assert recognise(question, TITLES, PATHS) is None


def test_this_document_is_the_one_in_sight() -> None:
    task = recognise("이 문서를 요약해줘", TITLES, PATHS, [1])
    assert task is not None and task.documents == (1,)
    assert recognise("이 문서를 요약해줘", TITLES, PATHS) is None


def test_a_summary_comes_from_all_sections_in_their_order() -> None:
    spans = summarise(TEXT, [(0, HALF), (HALF, len(TEXT))], 2)
    assert len(spans) == 2 and spans[0][0] < HALF <= spans[1][0]


def test_a_contrast_says_of_each_what_the_other_does_not_say() -> None:
    first, second = contrast([TEXT[:HALF], TEXT[HALF:]], [[(0, HALF)], [(0, len(TEXT) - HALF)]], 1)
    assert "도서관" in TEXT[slice(*first[0])] and "버스" in TEXT[HALF:][slice(*second[0])]
