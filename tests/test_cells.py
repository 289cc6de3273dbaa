"""Which cell of a row answers, and what is computed from the cells that a question names."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from makers import BUDGET

from rag.answer import cells, table_answers
from rag.answer.reader import Evidence
from rag.answer.rows import ReadRow, of_the_named, rows_of, spans_of
from rag.assistant import Assistant
from rag.config import Settings
from rag.errors import ConfigError
from rag.ingest.library import Library
from rag.library import passages
from rag.model.weights import ModelStore
from rag.question.operation import Operation
from rag.question.question import Question, understand
from rag.types import Answer, Quote


def by_letters(question: str, texts: Sequence[str]) -> list[float]:
    """Stand for the vectors: how many letters a header shares with a question."""
    return [len(set(text) & set(question)) / 100 for text in texts]


@pytest.fixture
def rows(
    settings: Settings, library: Library
) -> Iterator[tuple[list[list[ReadRow]], list[Evidence], Library]]:
    (settings.documents / "살림.md").write_text(BUDGET, encoding="utf-8")
    library.sync()
    near = [p for p in passages.of_library(library.catalogue) if "복지국" in p.text]
    found = rows_of(library.catalogue, near)
    evidence = []
    for passage, of_passage in zip(near, found, strict=True):
        spans = spans_of(passage, of_passage)
        quotes = [Quote(passage, r.line.start, r.line.end, "", 0.0) for r in of_passage]
        evidence.append(Evidence(passage, 1.0, tuple(quotes), "", tuple(0.0 for _ in spans)))
    yield found, evidence, library


def asked(text: str, operation: Operation) -> Question:
    return replace(understand(text), operation=operation)


def stated(
    rows: tuple[list[list[ReadRow]], list[Evidence], Library], text: str, operation: Operation, row: str
) -> str | None:
    found, evidence, library = rows
    best = next(
        quote
        for read, each in zip(found, evidence, strict=True)
        for r, quote in zip(read, each.quotes, strict=True)
        if r.line.name == row
    )
    done = cells.look(asked(text, operation), best, evidence, found, by_letters)
    if done.computed is None:
        return "nothing" if done.lacks_computation else None
    answer: Answer = table_answers.answer(
        library.catalogue, asked(text, operation), done.computed, done.document
    )
    return answer.text


def test_the_cells_of_a_row_stand_where_their_spans_say(
    rows: tuple[list[list[ReadRow]], list[Evidence], Library],
) -> None:
    found, evidence, _ = rows
    for of_passage, each in zip(found, evidence, strict=True):
        spans = spans_of(each.passage, of_passage)
        told = [each.passage.text[a:b] for a, b in spans]
        assert told == [cell.text for row in of_passage for cell in row.cells]
        for row in of_passage:
            assert told[row.first : row.first + len(row.columns)] == [cell.text for cell in row.cells]
    assert sum(map(len, found)) == 4


def test_of_a_row_the_cell_of_the_period_that_is_asked_for_is_stated(
    rows: tuple[list[list[ReadRow]], list[Evidence], Library],
) -> None:
    answer = stated(rows, "2024년 교통국 예산은 얼마야?", Operation.VALUE, "교통국")
    assert answer is not None and "800.0억 원" in answer and "910" not in answer


def test_where_nothing_tells_the_cells_apart_none_is_stated(
    rows: tuple[list[list[ReadRow]], list[Evidence], Library],
) -> None:
    assert stated(rows, "교통국은 뭐 하는 곳이야?", Operation.VALUE, "교통국") is None
    assert stated(rows, "2024년에 가장 많이 받은 부서는?", Operation.LARGEST, "복지국") is None


def test_rows_that_a_question_names_are_set_against_each_other_in_the_column_it_means(
    rows: tuple[list[list[ReadRow]], list[Evidence], Library],
) -> None:
    answer = stated(rows, "2024년에 복지국은 교통국보다 얼마나 더 받았어?", Operation.DIFFERENCE, "복지국")
    assert answer is not None and "510.0억 원" in answer
    answer = stated(rows, "환경국 예산 2023년보다 2025년에 늘었어?", Operation.DIRECTION, "환경국")
    assert answer is not None and "300.0억 원" in answer and "310.5억 원" in answer
    question = "2023년이랑 2025년에 환경국 예산은 각각 얼마야?"
    assert stated(rows, question, Operation.VALUE, "환경국") == answer
    assert stated(rows, "복지국 예산은 그 사이에 늘었어?", Operation.DIRECTION, "복지국") == "nothing"


def test_a_period_that_the_table_lacks_is_not_answered_with_another(
    rows: tuple[list[list[ReadRow]], list[Evidence], Library],
) -> None:
    assert stated(rows, "2022년 교통국 예산은 얼마야?", Operation.VALUE, "교통국") is None
    question = "교통국 예산은 2022년보다 2023년에 늘었어?"
    assert stated(rows, question, Operation.DIRECTION, "교통국") == "nothing"


def test_running_text_is_no_value(settings: Settings, library: Library) -> None:
    told = "예금주는 나루시 복지재단이고 계좌는 여섯 은행에 있으며 모두 수수료가 없습니다."
    table = f"# 참여\n\n| 방법 | 내용 | 쓰는 곳 |\n|---|---|---|\n| 계좌 이체 | {told} | 복지 |\n| 전화 | 없음 | 복지 |\n"
    (settings.documents / "참여.md").write_text(table, encoding="utf-8")
    library.sync()
    near = [p for p in passages.of_library(library.catalogue) if "계좌 이체" in p.text]
    found = rows_of(library.catalogue, near)
    (row,) = [r for r in found[0] if r.line.name == "계좌 이체"]
    best = Quote(near[0], row.line.start, row.line.end, "", 0.0)
    evidence = [Evidence(near[0], 1.0, (best,), "", tuple(0.0 for _ in spans_of(near[0], found[0])))]
    question = asked("계좌 이체의 내용은?", Operation.VALUE)
    assert cells.look(question, best, evidence, found[:1], by_letters).computed is None
    question = asked("계좌 이체는 쓰는 곳이 어디야?", Operation.VALUE)
    computed = cells.look(question, best, evidence, found[:1], by_letters).computed
    assert computed is not None and computed.items[0].cell.text == "복지"


def test_a_sum_that_the_table_has_itself_is_its_cell(
    rows: tuple[list[list[ReadRow]], list[Evidence], Library],
) -> None:
    answer = stated(rows, "나루시 2025년 예산을 모두 합치면?", Operation.SUM, "합계")
    assert answer is not None and "2,626.0억 원" in answer
    assert stated(rows, "나루시 2025년 예산을 모두 합치면?", Operation.SUM, "복지국") == "nothing"


def test_how_many_in_all_of_one_row_is_its_cell(
    rows: tuple[list[list[ReadRow]], list[Evidence], Library],
) -> None:
    answer = stated(rows, "2025년 교통국 예산은 모두 얼마인가요?", Operation.SUM, "교통국")
    assert answer is not None and "910.0억 원" in answer


def test_of_rows_that_are_chosen_those_stay_that_the_question_names(
    rows: tuple[list[list[ReadRow]], list[Evidence], Library],
) -> None:
    found, evidence, _ = rows
    quotes = [quote for each in evidence for quote in each.quotes]
    assert len(quotes) == 4
    named = of_the_named(asked("교통국 예산은?", Operation.VALUE), quotes, found)
    assert [evidence[0].passage.text[q.start - q.passage.start :][:7] for q in named] == ["부서: 교통국"]
    assert of_the_named(asked("예산은?", Operation.VALUE), quotes, found) == quotes


def test_damaged_weights_are_named(tmp_path: Path) -> None:
    (tmp_path / "weights.json").write_text('{"weights": {}}', encoding="utf-8")
    with pytest.raises(ConfigError):
        cells.weights(tmp_path / "weights.json")


@pytest.mark.model
def test_a_question_for_a_figure_gets_its_cell_not_the_row(models: ModelStore, tmp_path: Path) -> None:
    (tmp_path / "documents").mkdir()
    (tmp_path / "documents" / "살림.md").write_text(BUDGET, encoding="utf-8")
    assistant = Assistant(Settings.load(documents=tmp_path / "documents", data=tmp_path / "data"))
    assistant.sync()
    try:
        answer = assistant.ask("나루시가 2025년에 교통국에 쓰는 돈은 얼마예요?")
    finally:
        assistant.close()
    assert "910.0억 원" in answer.text and "800" not in answer.text
    (citation,) = answer.citations
    assert citation.cells
