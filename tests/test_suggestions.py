"""The questions that the library suggests."""

from __future__ import annotations

from rag.ui.suggestions import suggest


def test_suggestions_come_from_several_documents_and_stand_by_themselves() -> None:
    texts = [
        ("가 계획", "소버린 AI란 능력을 뜻한다. 이 모델의 값은 3억 원이다."),
        ("나 계획", "2025년 2분기 이용자는 13,900명으로 늘었다."),
        ("다", "아무것도 없다."),
    ]
    assert suggest(texts) == [
        "소버린 AI란 무엇인가요?",
        "2025년 2분기 이용자는 몇 명인가요?",
        "가 계획을 세 줄로 요약해 줘",
    ]
    assert suggest([]) == []
