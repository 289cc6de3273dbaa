"""Tables as data, what a question means of them, and what is computed from them."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from rag.answer import computing, table_answers
from rag.answer.computing import Computed
from rag.answer.slots import Setting
from rag.ingest.loaders import file_text, parse
from rag.library.catalogue import Section
from rag.library.tables import Table, date_of, table_of
from rag.question.operation import Operation

BUDGET = """# 나루시 살림살이

나루시는 네 부서의 예산을 아래와 같이 정했습니다.

표 1. 부서별 예산 (단위: 억 원)

| 부서 | 2023년 | 2024년 | 2025년 |
|---|---|---|---|
| 복지국 | 1,200.5 | 1,310.0 | 1,405.5 |
| 교통국 | 840.0 | 800.0 | 910.0 |
| 환경국 | 300.0 | 320.0 | 310.5 |
| 합계 | 2,340.5 | 2,430.0 | 2,626.0 |

## 이용료

| 시설 | 평일 | 주말 | 쉬는 날 |
|---|---|---|---|
| 나루수영장 | 4,000원 | 5,500원 | 월요일 |
| 나루도서관 | - | - | 금요일 |
| 나루체육관 | 3,000원 | 3,500원 | 월요일 |
"""


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[Table, str]]:
    file = tmp_path_factory.mktemp("tables") / "살림.md"
    file.write_text(BUDGET, encoding="utf-8")
    documents = parse(file, file.parent)
    text = file_text(documents)
    found = []
    for document in documents:
        m = document.metadata
        end = m["start"] + len(document.page_content)
        section = Section(m["start"], end, m["page"], m["heading"], m["kind"], m["caption"], m["table"])
        if table := table_of(section, text):
            found.append((table, text))
    return found


def work(
    tables: list[tuple[Table, str]], question: str, operation: Operation, number: int = 0
) -> Computed | None:
    table, text = tables[number]
    above = f"나루시 살림살이 {table.section.heading} {table.section.caption}"
    return computing.compute(question, operation, table, Setting(above, cells="".join(text.split())))


def test_every_cell_stands_where_the_text_says_it(tables: list[tuple[Table, str]]) -> None:
    cells = [(cell, text) for table, text in tables for row in table.rows for cell in row.cells if cell.text]
    assert len(cells) == 28
    for cell, text in cells:
        assert text[cell.start : cell.end] == cell.text
    budget, fees = tables[0][0], tables[1][0]
    assert budget.columns == ("부서", "2023년", "2024년", "2025년") and budget.corner == "부서"
    assert [(row.name, row.total) for row in budget.rows][2:] == [("환경국", False), ("합계", True)]
    assert budget.rows[0].cells[1].value == 1200.5 and budget.rows[0].cells[1].unit == "억 원"
    assert (fees.rows[0].cells[1].value, fees.rows[0].cells[1].unit) == (4000, "원")
    assert [cell.value for cell in fees.rows[1].cells] == [None] * 4


def test_rows_in_brackets_stand_beside_the_one_above_and_parts_have_a_line_of_their_own() -> None:
    grid = [
        ["구분", "2023년", "2024년"],
        ["본청", "본청", "본청"],
        ["전기료", "12", "15"],
        ["전기료", "(△3.1)", "(25.0)"],
        ["사업소", "사업소", "사업소"],
        ["전기료", "7", "9"],
    ]
    lines = [
        "본청",
        "전기료 | 2023년: 12 | 2024년: 15",
        "전기료 | 2023년: (△3.1) | 2024년: (25.0)",
        "사업소",
        "전기료 | 2023년: 7 | 2024년: 9",
    ]
    text = "\n".join(lines)
    table = table_of(Section(0, len(text), None, "", "table", "", grid), text)
    assert table is not None
    assert [(row.name, row.aside) for row in table.rows] == [
        ("본청 전기료", False),
        ("본청 전기료", True),
        ("사업소 전기료", False),
    ]
    assert table.rows[1].cells[1].value == -3.1
    found = computing.compute("사업소 전기료 2024년 값은?", Operation.VALUE, table, Setting(""))
    assert found is not None and found.items[0].cell.text == "9"
    assert computing.compute("전기료 2024년 값은?", Operation.VALUE, table, Setting("")) is None  # whose?


def test_a_form_is_no_table() -> None:
    grid = [["담당", "김나루"], ["전화", "02-123-4567"]]
    text = "담당 | 김나루\n전화 | 02-123-4567"
    assert table_of(Section(0, len(text), None, "", "table", "", grid), text) is None
    assert date_of("2024년") is not None and date_of("비고") is None


@pytest.mark.parametrize(
    ("question", "operation", "said"),
    [
        (
            "나루시 교통국 2024년 예산은 얼마야?",
            Operation.VALUE,
            "교통국의 ‘2024년’ 값은 800.0억 원입니다.",
        ),
        (
            "2025년 예산이 제일 많은 부서는?",
            Operation.LARGEST,
            "‘2025년’ 값이 가장 큰 것은 복지국입니다: 1,405.5억 원 (3개 가운데).",
        ),
        (
            "환경국 예산이 가장 적었던 해는?",
            Operation.SMALLEST,
            "‘환경국’ 값이 가장 작은 것은 2023년입니다: 300.0억 원 (3개 가운데).",
        ),
        (
            "2024년 교통국이랑 환경국 합치면?",
            Operation.SUM,
            "‘2024년’ 값을 모두 더하면 1,120.0억 원입니다(800.0 + 320.0, 계산함).",
        ),
        (
            "복지국 예산 2023년하고 2025년 차이",
            Operation.DIFFERENCE,
            "‘복지국’ 값의 차이는 205.0억 원입니다: 2023년 1,200.5억 원, 2025년 1,405.5억 원 "
            "(1,405.5 − 1,200.5, 계산함).",
        ),
        (
            "교통국 예산 2023년에서 2024년에 늘었어 줄었어?",
            Operation.DIRECTION,
            "‘교통국’ 값은 줄었습니다: 2023년 840.0억 원, 2024년 800.0억 원.",
        ),
        (
            "2025년 예산은 복지국이 교통국의 몇 배야",
            Operation.RATIO,
            "‘2025년’ 값은 1.5배입니다: 복지국 1,405.5억 원, 교통국 910.0억 원 (1,405.5 ÷ 910.0, 계산함).",
        ),
        (
            "2024년 예산이 500억 원 넘는 부서는 몇 개야",
            Operation.COUNT,
            "3개 가운데 ‘2024년’ 값이 500억 원 초과인 것은 2개입니다: 복지국, 교통국.",
        ),
        (
            "2024년 예산 평균",
            Operation.AVERAGE,
            "‘2024년’ 값의 평균은 810.00억 원입니다((1,310.0 + 800.0 + 320.0) ÷ 3, 계산함).",
        ),
    ],
)
def test_what_is_computed_is_said_with_its_cells(
    tables: list[tuple[Table, str]], question: str, operation: Operation, said: str
) -> None:
    computed = work(tables, question, operation)
    assert computed is not None
    assert "\n".join(table_answers.said(computed, "ko")) == said


@pytest.mark.parametrize(
    ("question", "operation"),
    [
        ("문화국 2024년 예산은?", Operation.VALUE),  # no such row
        ("교통국 2026년 예산은?", Operation.VALUE),  # no such year
        ("교통국 예산은?", Operation.VALUE),  # of which year
        ("교통국 2024년 직원 수는?", Operation.VALUE),  # another measure
        ("가람시 교통국 2024년 예산은?", Operation.VALUE),  # another place
        ("교통국 2024년 1분기 예산은?", Operation.VALUE),  # a part of it
        ("예산이 제일 많은 부서는?", Operation.LARGEST),  # in which year
        ("2024년 예산이 제일 많은 공원은?", Operation.LARGEST),  # of something else
        ("2024년 예산이 500명 넘는 부서는 몇 개야", Operation.COUNT),  # of another dimension
        ("2024년에 교통국이랑 문화국 합치면?", Operation.SUM),
    ],
)
def test_what_is_not_plain_is_not_computed(
    tables: list[tuple[Table, str]], question: str, operation: Operation
) -> None:
    assert work(tables, question, operation) is None


def test_figures_are_exact_and_missing_ones_are_not_taken_for_nothing(
    tables: list[tuple[Table, str]],
) -> None:
    computed = work(tables, "2023년 예산을 다 더하면?", Operation.SUM)
    assert computed is not None and computed.result == Decimal("2340.5")  # without the row of the sum
    assert work(tables, "주말 이용료 다 더하면?", Operation.SUM, 1) is None  # one has none
    lowest = work(tables, "평일 이용료가 가장 싼 시설", Operation.SMALLEST, 1)
    assert lowest is not None and [item.name for item in lowest.items] == ["나루체육관"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "documents").mkdir()
    (tmp_path / "documents" / "살림.md").write_text(BUDGET, encoding="utf-8")
    return tmp_path
