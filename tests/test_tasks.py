"""What a question is after is learned; which documents it means, and how many sentences it wants, is looked up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from rag.answer.whole_documents import of_whole_documents, sources_again
from rag.config import Settings
from rag.ingest.library import Library
from rag.question.purpose import Purpose
from rag.question.question import Question, understand
from rag.question.tasks import Task, task
from rag.question.wording import Wording
from rag.types import Answer, Citation, Status

TITLES = ["소버린 AI – 기술을 전략 자산으로", "근로기준 안내서", "청년 지원 사업 시행 계획(2025)"]
PATHS = ["04_소버린_AI.hwpx", "근로기준_안내서.pdf", "2025/청년지원.docx"]


@pytest.mark.parametrize(
    ("question", "documents", "count"),
    [
        ("소버린 AI 문서를 두 문장으로 요약해줘", (0,), 2),
        ("Summarize 소버린 AI in five lines.", (0,), 5),
        ("근로기준_안내서.pdf를 요약해 줘", (1,), 3),
        ("소버린 AI와 근로기준 안내서를 요약해 줘", (0, 1), 3),
        ("청년 지원 사업 시행 계획은 뭐 하자는 거야?", (2,), 3),
        ("청년 지원 사업은 뭐 하자는 거야? 99줄", (2,), 10),
    ],
)
def test_the_documents_are_those_that_are_named_in_their_order(
    question: str, documents: tuple[int, ...], count: int
) -> None:
    assert task(Purpose.ABOUT, Wording(question), TITLES, PATHS) == Task(Purpose.ABOUT, documents, count)


def test_a_document_is_in_sight_that_is_pointed_at_or_the_only_one() -> None:
    def about(question: str, total: int = 3, cited: tuple[int, ...] = ()) -> tuple[int, ...]:
        found = task(Purpose.ABOUT, Wording(question), TITLES[:total], PATHS[:total], cited)
        return found.documents if found else ()

    assert about("이 문서를 요약해줘", cited=(1, 0)) == (1,)
    assert about("그거 뭔 소리야", cited=(1, 0)) == (1,)
    assert about("what is this about", cited=(1, 0)) == (1,)
    assert about("개정안이 뭐야", cited=(1, 0)) == (), "it may be of another than the last answer's"
    assert about("이 문서를 요약해줘") == (), "no document is in sight"
    titles, paths = ["이 법의 해설", "근로기준 안내서", "정부 문서"], ["a.md", "b.md", "c.md"]
    for question in ("이 문서는 무슨 내용이야?", "이 법은 무슨 내용이야?", "what is this about"):
        assert task(Purpose.ABOUT, Wording(question), titles, paths, (1,)) == Task(Purpose.ABOUT, (1,), 3), (
            question
        )
    assert about("요약해줘", total=1) == (0,)


def test_two_documents_are_compared_that_are_named_or_in_sight() -> None:
    def differ(question: str, total: int = 3, cited: tuple[int, ...] = ()) -> tuple[int, ...]:
        found = task(Purpose.DIFFERENCE, Wording(question), TITLES[:total], PATHS[:total], cited)
        return found.documents if found else ()

    assert differ("근로기준 안내서와 소버린 AI의 차이는?") == (1, 0)
    assert differ("두 문서의 차이는?", cited=(2, 0)) == (2, 0)
    assert differ("두 문서의 차이는?", total=2) == (0, 1)
    assert differ("얘네 둘은 뭐가 달라", total=2) == (0, 1)
    for question in ("뭐가 달라졌어?", "개정 전과 개정 후를 비교해 줘", "두 가지를 비교해 줘"):
        assert differ(question, total=2) == (), "it may be of two things in one document"
    assert differ("두 문서의 차이는?") == differ("근로기준 안내서랑 비교해 줘") == ()


def test_all_documents_are_listed_unless_one_is_named() -> None:
    assert task(Purpose.LIST, Wording("뭐 있어?"), TITLES, PATHS) == Task(Purpose.LIST, (0, 1, 2), 1)
    assert task(Purpose.LIST, Wording("근로기준 안내서에는 어떤 자료가 있어?"), TITLES, PATHS) is None
    assert task(Purpose.CONTENT, Wording("뭐 있어?"), TITLES, PATHS) is None


def test_a_name_that_two_documents_bear_names_neither() -> None:
    titles, paths = ["월간 동향 – 1월", "월간 동향 – 2월"], ["01.md", "02.md"]
    assert task(Purpose.ABOUT, Wording("월간 동향을 요약해 줘"), titles, paths) is None


def test_a_title_within_another_word_is_not_named() -> None:
    titles, paths = ["세금", "예산"], ["a.md", "b.md"]
    assert task(Purpose.ABOUT, Wording("세금계산서의 내용은 무엇인가요?"), titles, paths) is None
    assert task(Purpose.ABOUT, Wording("세금의 내용은 무엇인가요?"), titles, paths) == Task(
        Purpose.ABOUT, (0,), 3
    )


PURPOSES = {"차이": Purpose.DIFFERENCE, "요약": Purpose.ABOUT}


def test_a_question_on_about_documents_needs_nothing_of_the_question_before(
    library: Library, settings: Settings
) -> None:
    for name, text in (
        ("교통.md", "# 교통 계획\n\n버스 노선은 다음 달에 새로 짠다고 시는 밝혔다.\n"),
        ("돌봄.md", "# 돌봄 계획\n\n돌봄 로봇은 내년 봄부터 집마다 하나씩 나누어 준다.\n"),
    ):
        (settings.documents / name).write_text(text, encoding="utf-8")
    library.sync()

    def after(text: str) -> Purpose:
        return next((p for word, p in PURPOSES.items() if word in text), Purpose.CONTENT)

    def understood(asked: str, history: Sequence[Answer] = ()) -> Question:
        question = understand(asked, history)
        return replace(question, purpose=after(question.original_text), whole_purpose=after(question.text))

    before = of_whole_documents(library, understood("교통 계획을 요약해 줘"), None, 0.0)
    assert before is not None and "버스" in before.text

    def ask(asked: str) -> Answer | None:
        return of_whole_documents(library, understood(asked, [before]), None, 0.0)

    assert ask("그럼 벌칙은?") is None, "it names no document"
    both = ask("두 문서의 차이는?")
    assert (
        both is not None
        and {"버스", "돌봄"} <= {word for word in ("버스", "돌봄") if word in both.text}
        and not both.understood
    )
    again = ask("그 문서를 한 줄로 요약해 줘")
    assert again is not None and [c.path for c in again.citations] == ["교통.md"]
    other = ask("돌봄 계획은?")
    assert other is not None and [c.path for c in other.citations] == ["돌봄.md"]


def test_the_source_of_what_is_only_shown_can_be_asked_for() -> None:
    shown = Citation(1, "교통.md", "교통 계획", "2025-03-02", None, "", 0, 9, "버스가 는다.")
    before = Answer("버스는?", "…", Status.RELATED, nearest=(shown,))
    asked = replace(understand("그거 어디 나와?", [before]), purpose=Purpose.SOURCE)
    assert asked.asks_source
    answer = sources_again(asked, 0.0)
    assert answer.text == "교통 계획: “버스가 는다.” [1]" and answer.citations == (shown,)
    unanswered = understand("어디 나와?", [Answer("?", "…", Status.NONE)])
    assert not replace(unanswered, purpose=Purpose.SOURCE).asks_source
