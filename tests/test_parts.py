"""A question that asks several things is taken apart, one that asks one thing is not."""

from __future__ import annotations

import pytest

from rag.question.parts import questions_in

CASES = [
    ("심야버스는 몇 개 노선이며, 요금은 얼마인가요?", ["심야버스는 몇 개 노선인가요?", "요금은 얼마인가요?"]),
    (
        "새 도서관의 역할은 무엇인가요? 그리고 언제 문을 여나요?",
        ["새 도서관의 역할은 무엇인가요?", "새 도서관의 역할은 언제 문을 여나요?"],
    ),
    (
        "누가 이 법을 발의했으며 이를 통해 무엇이 바뀌는지 설명하세요.",
        ["누가 이 법을 발의했나요?", "이를 통해 무엇이 바뀌는지 설명하세요."],
    ),
    (
        "지난해 배움터는 어떤 강좌를 열었고, 이와 별개로 강사는 몇 명인가요?",
        ["지난해 배움터는 어떤 강좌를 열었나요?", "강사는 몇 명인가요?"],
    ),
    (
        "새 도서관은 어떤 때에 문을 닫으며, 그 종류는 무엇인가요?",
        ["새 도서관은 어떤 때에 문을 닫나요?", "새 도서관의 종류는 무엇인가요?"],
    ),
    # what the first part is about goes on to hold: another period or place would be evidence about something else
    (
        "2025년 2분기 이용자는 몇 명이며, 강사는 몇 명인가요?",
        ["2025년 2분기 이용자는 몇 명인가요?", "2025년 2분기 강사는 몇 명인가요?"],
    ),
    (
        "가온시 배움터의 이용자는 몇 명이며, 강사는 몇 명인가요?",
        ["가온시 배움터의 이용자는 몇 명인가요?", "가온시 배움터의 강사는 몇 명인가요?"],
    ),
    (
        "2025년 서울의 예산은 얼마이며, 부산의 예산은 얼마인가요?",
        ["2025년 서울의 예산은 얼마인가요?", "2025년 부산의 예산은 얼마인가요?"],
    ),
    (
        "2025년 2분기 이용자는 몇 명이며, 2026년 1분기 강사는 몇 명인가요?",
        ["2025년 2분기 이용자는 몇 명인가요?", "2026년 1분기 강사는 몇 명인가요?"],
    ),
    ("What is the fund, and when does it start?", ["What is the fund", "when does it start?"]),
]
WHOLE = [
    "도서관은 몇 시에 열고 닫나요?",
    "무엇이 늘어나고 있나요?",
    "예산과 인원은 얼마인가요?",
    "버스가 늘고 요금이 오른 까닭은 무엇인가요?",
    "누가 언제 발표했나요?",
    "예산은 얼마인가요? 인원은 몇 명인가요? 2024년 것만.",
    "How many users were there in 2025, and who runs it?",
    "",
]


@pytest.mark.parametrize(("question", "found"), CASES)
def test_several_things_are_taken_apart(question: str, found: list[str]) -> None:
    assert questions_in(question) == found


@pytest.mark.parametrize("question", WHOLE)
def test_one_thing_stays_whole(question: str) -> None:
    assert questions_in(question) == [question]
