"""What a person sees: conditions lock passages out, bare answers are completed, what fails gives way to the source's words."""

from __future__ import annotations

import pytest

from rag.answering import CLEAR, CONVINCING, Draft, convincing, evidence
from rag.reading import Look
from rag.retrieval import Found
from rag.types import Chunk, Hit, Passage, Timings

TEXT = "시는 4월부터 도서관 12곳을 밤 10시까지 연다. 예산은 2024년에 3억 원, 2025년에 4억 5천만 원이다. 본보기는 캐나다이다."


def passage(text: str = TEXT, coverage: float = 0.5) -> Passage:
    chunk = Chunk("c", 1, "a.md", "도서관 운영 계획", "2025-03-02", None, "", "", 10, 10 + len(text), text)
    return Passage(chunk, 10, 10 + len(text), text, Hit(chunk, 0.9, coverage=coverage))


def draft(question: str) -> Draft:
    return Draft(question, "ko", Found((passage().hit,), (), {}), "model")


def test_a_confirmed_sentence_carries_the_sources_own_words() -> None:
    started = draft("도서관은 몇 시까지 여나요?")
    assert started.add("도서관 12곳은 밤 10시까지 연다.", passage())
    answer = started.finish([], [], Timings())
    assert answer.text == "도서관 12곳은 밤 10시까지 연다. [1]" and not answer.refused
    (citation,) = answer.citations
    assert citation.quote == "시는 4월부터 도서관 12곳을 밤 10시까지 연다." and citation.start == 10


@pytest.mark.parametrize("bare", ["밤 10시", "캐나다"])
def test_a_bare_answer_is_completed_by_the_source(bare: str) -> None:
    started = draft("도서관 사업의 때와 본보기는?")
    assert started.add(bare, passage())
    first, second = started.sentences
    assert first.text == bare and second.text.startswith("문서에는 이렇게 적혀 있습니다: “") and bare in second.text


def test_one_of_several_things_asked_for_gives_way_to_the_source() -> None:
    started = draft("2024년과 2025년 예산은 각각 얼마인가요?")
    assert started.add("2024년 예산은 3억 원이다.", passage())
    assert "4억 5천만 원" in started.sentences[0].text and [s.text for s in started.unconfirmed] == ["2024년 예산은 3억 원이다."]


@pytest.mark.parametrize("invented", ["예산은 7억 원이다.", "예산은 얼마인가요?", "삼성전자가 예산 3억 원을 낸다.", "없음"])
def test_what_is_not_confirmed_is_not_shown(invented: str) -> None:
    started = draft("예산은 얼마인가요?")
    assert not started.add(invented, passage())
    answer = started.finish([], [], Timings())
    assert answer.refused and not answer.citations and "도서관 운영 계획" in answer.text


def test_another_number_name_or_subject_is_no_evidence() -> None:
    sure = CLEAR - 1
    assert evidence(Look(passage(), sure), "2025년 도서관 예산은 얼마인가요?") == sure
    assert evidence(Look(passage(), sure), "2023년 도서관 예산은 얼마인가요?") > CONVINCING
    assert evidence(Look(passage(), sure), "부산 도서관의 예산은 얼마인가요?") > CONVINCING
    assert evidence(Look(passage(coverage=0.0), sure), "시장의 이름은 무엇인가요?") > CONVINCING
    assert not convincing([Look(passage(), CONVINCING + 1)], "도서관 예산은?")
