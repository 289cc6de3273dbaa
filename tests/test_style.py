"""Polite endings and whole sentences; nothing else of a sentence changes."""

from __future__ import annotations

import pytest

from rag.answer.style import completed, polite
from rag.question.wording import Wording


@pytest.mark.parametrize(
    ("plain", "expected"),
    [
        ("예산은 3억 원이다.", "예산은 3억 원입니다."),
        ("시는 도서관을 열지 않았다.", "시는 도서관을 열지 않았습니다."),
        ("드론이 주요 수단이 되었다.", "드론이 주요 수단이 됐습니다."),
        ("세 곳입니다.", "세 곳입니다."),
        ("캐나다", "캐나다"),
        ("The licence is MIT.", "The licence is MIT."),
    ],
)
def test_endings_become_polite(plain: str, expected: str) -> None:
    assert polite(plain).replace("되었습니다", "됐습니다") == expected


@pytest.mark.parametrize(
    ("bare", "question", "expected"),
    [
        ("5천만 원", "H100 한 장의 가격은 얼마인가요?", "H100 한 장의 가격은 5천만 원입니다."),
        ("27명", "포럼에 참석한 여야 의원은 몇 명인가요?", "포럼에 참석한 여야 의원은 27명입니다."),
        ("구글", "제프리 힌튼은 어느 회사의 연구직에서 물러났나요?", ""),
        ("없음", "왜 그런가요?", ""),
    ],
)
def test_a_bare_answer_takes_the_words_of_its_question(bare: str, question: str, expected: str) -> None:
    assert completed(bare, Wording(question)) == expected
