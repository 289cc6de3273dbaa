"""An item of a list is quoted with its list and with what announces that."""

from __future__ import annotations

import pytest

from rag.answer.lists import with_its_list
from rag.answer.reader import MAX_QUOTES
from rag.types import Chunk, Hit, Passage, Quote


def quotes_of(*sentences: str) -> list[Quote]:
    text = "\n".join(sentences)
    chunk = Chunk("a", 0, "안내.md", "안내", "", None, "", "", 0, len(text), text)
    passage = Passage(chunk, 0, len(text), text, Hit(chunk, 1.0))
    starts = [text.index(sentence) for sentence in sentences]
    return [Quote(passage, a, a + len(s), s, 0.0) for a, s in zip(starts, sentences, strict=True)]


PAPERS = ("낼 서류는 다음과 같다.", "- 신청서 1부", "- 도면 2부", "- 동의서 1부", "접수는 시청에서 한다.")


def test_all_items_come_with_the_line_that_announces_them() -> None:
    quotes = quotes_of(*PAPERS)
    assert [q.text for q in with_its_list(quotes[2], quotes, MAX_QUOTES)] == list(PAPERS[:4])


@pytest.mark.parametrize("n", [0, 4])
def test_a_sentence_that_is_no_item_comes_alone(n: int) -> None:
    quotes = quotes_of(*PAPERS)
    assert with_its_list(quotes[n], quotes, MAX_QUOTES) == []


def test_items_of_another_mark_are_another_list() -> None:
    quotes = quotes_of("가. 접수", "① 방문", "② 우편", "나. 심사")
    assert [q.text for q in with_its_list(quotes[1], quotes, MAX_QUOTES)] == ["① 방문", "② 우편"]


def test_what_announces_nothing_is_no_lead() -> None:
    quotes = quotes_of("지난해에는 비가 많이 왔다.", "1. 배수로 청소", "2. 나무 심기")
    assert [q.text for q in with_its_list(quotes[1], quotes, MAX_QUOTES)] == [
        "1. 배수로 청소",
        "2. 나무 심기",
    ]


def test_a_labelled_item_answers_alone() -> None:
    quotes = quotes_of("개요는 아래와 같다.", "가. 위치: 강변 공원", "나. 이용료: 하루 2천 원")
    assert [q.text for q in with_its_list(quotes[2], quotes, MAX_QUOTES)] == ["개요는 아래와 같다."]


def test_of_a_long_list_an_item_comes_with_its_lead_alone() -> None:
    quotes = quotes_of(
        "다음 각 호의 일은 빌릴 수 없다.", *(f"{n}. 제{n}작업실" for n in range(1, MAX_QUOTES + 2))
    )
    assert [q.text for q in with_its_list(quotes[3], quotes, MAX_QUOTES)] == [quotes[0].text]
