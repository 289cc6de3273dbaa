"""Tables as data, what a question means of them, and what is computed from them."""

from __future__ import annotations

from decimal import Decimal

import pytest
from makers import BUDGET

from rag.answer import computing, table_answers
from rag.answer.computing import Computed
from rag.answer.slots import Setting
from rag.ingest.loaders import file_text, parse
from rag.ingest.loaders.tables import spell_rows
from rag.library.records import Section
from rag.library.tables import Table, date_of, row_spans, table_of
from rag.question.operation import Operation
from rag.question.wording import Wording

PRICES = """
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
    file.write_text(BUDGET + PRICES, encoding="utf-8")
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
    table, _ = tables[number]
    above = f"나루시 살림살이 {table.section.heading} {table.section.caption}"
    return computing.compute(Wording(question), operation, table, Setting(above))


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
    found = computing.compute(Wording("사업소 전기료 2024년 값은?"), Operation.VALUE, table, Setting(""))
    assert found is not None and found.items[0].cell.text == "9"
    assert (
        computing.compute(Wording("전기료 2024년 값은?"), Operation.VALUE, table, Setting("")) is None
    )  # whose?


def test_rows_stand_behind_the_line_of_headers_above_nothing() -> None:
    grid = [["부서", "2024년", "비어 있는 칸"], ["복지국", "12", ""], ["교통국", "7", ""]]
    lines = spell_rows(grid, 1)
    assert lines[0] == "비어 있는 칸" and len(lines) == 3
    text = "\n".join(lines)
    spans = row_spans(Section(0, len(text), None, "", "table", "", grid), text)
    assert [span and text[slice(*span)] for span in spans] == [None, *lines[1:]]


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
            "‘복지국’ 값은 205.0억 원 늘었습니다: 2023년 1,200.5억 원, 2025년 1,405.5억 원 "
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
            "복지국의 ‘2025년’ 값은 교통국의 1.5배입니다: 1,405.5억 원, 910.0억 원 (1,405.5 ÷ 910.0, 계산함).",
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


def made(rows: list[str], caption: str = "", head: int = 1) -> Table:
    grid = [row.split("|") for row in rows]
    text = "\n".join(([caption] if caption else []) + spell_rows(grid, head))
    table = table_of(Section(0, len(text), None, "", "table", caption, grid), text)
    assert table is not None
    return table


BY_REGION = made(
    [
        "지역|2022년|2023년|2024년|2025년",
        "서울|100|120|130|90",
        "부산|50|60|40|45",
        "대구|30|20|25|35",
        "제주|5|6|7|8",
        "합계|185|206|202|178",
    ],
    "표 1. 지역별 예산 (단위: 억 원)",
)
TWO_STOREYS = made(
    [
        "지역|2023년|2023년|2024년|2024년",
        "지역|예산|집행|예산|집행",
        "서울|100|90|120|110",
        "부산|50|45|60|30",
    ],
    "연도별 예산 및 집행 현황 (단위: 억 원)",
    2,
)
BACKWARDS = made(["구분|2024년|2023년|2022년", "출생아|24|23|25"], "출생 (단위: 만 명)")
SIGNS = made(["부서|증감", "가국|△ 5", "나국|12", "다국|- 3", "라국|▽4", "마국|1"], "부서별 증감 (단위: 명)")
SIZES = made(
    ["규모|2023년|2024년", "10인 미만|100|105", "100인 이상|20|21", "300인 이상|5|6"], "사업체 (단위: 개)"
)
QUARTERS = made(["품목|1분기|2분기", "반도체|100|110", "자동차|50|60"], "2024년 수출 (단위: 억 달러)")
SUMS = made(["구분|2024년", "의무지출|100", "재량지출|80", "총지출|180"], "지출 (단위: 억 원)")
GROUPS = made(
    [
        "구분|세부|2024년",
        "수도권|서울|93",
        "수도권|경기|137",
        "수도권|소계|230",
        "비수도권|부산|32",
        "비수도권|대구|23",
        "비수도권|소계|55",
        "합계|합계|285",
    ],
    "인구 (단위: 만 명)",
)
KINDS = made(["구분|2024년", "매출액|1,200", "영업이익률|6.1", "종업원 수|32"], "경영 (단위: 억 원)")
ALIKE = made(
    ["사업|2024년", "청년 일자리 지원|110", "청년 주거 지원|55", "노인 일자리 지원|77"], "예산 (단위: 억 원)"
)
FEES = made(["구분|요금", "성인|5,000", "청소년|3,000", "경로|무료"], "요금표 (단위: 원)")


@pytest.mark.parametrize(
    ("table", "question", "operation", "said"),
    [
        (BY_REGION, "2024년 서울과 부산 예산 합계는?", Operation.SUM, "170억 원입니다(130 + 40, "),
        (BY_REGION, "2024년 서울 예산 합계", Operation.SUM, ""),
        (BY_REGION, "서울하고 부산 말고 2024년 예산 다 더하면?", Operation.SUM, ""),
        (BY_REGION, "서울 빼고 2024년 예산 합계는?", Operation.SUM, ""),
        (BY_REGION, "2024년 예산이 30억 원 이상인 지역 중 가장 적은 곳은?", Operation.SMALLEST, ""),
        (BY_REGION, "2024년 예산이 20억 원 이상인 지역의 평균은?", Operation.AVERAGE, ""),
        (BY_REGION, "2022~2025년 서울 예산 평균은?", Operation.AVERAGE, ""),
        (BY_REGION, "서울 예산 2022년부터 2025년까지 추이", Operation.SERIES, ""),
        (BY_REGION, "2024년 예산 증가율이 가장 높은 지역은?", Operation.LARGEST, ""),
        (BY_REGION, "2024년에 예산이 가장 많이 늘어난 지역은?", Operation.LARGEST, ""),
        (BY_REGION, "2024년 예산이 10억 원 이상 감소한 지역", Operation.LIST, ""),
        (BY_REGION, "2024년 서울 예산 비중은?", Operation.VALUE, ""),
        (BY_REGION, "2024년 서울 1인당 예산은?", Operation.VALUE, ""),
        (BY_REGION, "2024년 예산이 두 번째로 많은 지역은?", Operation.LARGEST, ""),
        (BY_REGION, "2024년 예산 상위 2개 지역은?", Operation.LARGEST, ""),
        (BY_REGION, "2024년 예산 다 더하면?", Operation.SUM, "202억 원입니다(130 + 40 + 25 + 7, "),
        (BY_REGION, "서울 예산 연도별로 알려줘", Operation.SERIES, "- 2025년: 90억 원"),
        (BY_REGION, "2025년 서울 예산은 2022년의 몇 %인가?", Operation.RATIO, ""),
        (BY_REGION, "서울 예산 2022년 대비 2025년 몇 % 줄었어?", Operation.RATIO, "-10.0%"),
        (TWO_STOREYS, "서울 2024년 집행은?", Operation.VALUE, "‘2024년 집행’ 값은 110억 원"),
        (TWO_STOREYS, "2024년 집행을 모두 더하면?", Operation.SUM, "140억 원"),
        (TWO_STOREYS, "서울 2024년 값은?", Operation.VALUE, ""),
        (BACKWARDS, "출생아 2022년에 비해 2024년 늘었어?", Operation.DIRECTION, "값은 줄었습니다"),
        (BACKWARDS, "출생아 2023년 대비 2024년 증가율", Operation.RATIO, "증감률은 4.3%"),
        (SIGNS, "부서별 증감이 가장 작은 부서는?", Operation.SMALLEST, ""),
        (SIZES, "2024년 10인 이상 사업체 수는?", Operation.VALUE, ""),
        (SIZES, "2024년 3000인 이상 사업체 수는?", Operation.VALUE, ""),
        (SIZES, "2024년 300인 이상 사업체 수는?", Operation.VALUE, "값은 6개입니다"),
        (QUARTERS, "2023년 1분기 반도체 수출은?", Operation.VALUE, ""),
        (QUARTERS, "2024년 1분기 반도체 수출은?", Operation.VALUE, "값은 100억 달러"),
        (QUARTERS, "2024년 반도체 수출은?", Operation.VALUE, ""),
        (SUMS, "2024년 지출이 가장 큰 것은?", Operation.LARGEST, ""),
        (SUMS, "2024년 지출을 다 더하면?", Operation.SUM, ""),
        (GROUPS, "2024년 비수도권 인구가 가장 많은 곳은?", Operation.LARGEST, "비수도권 부산입니다"),
        (GROUPS, "2024년 수도권 인구를 다 더하면?", Operation.SUM, "230만 명입니다(93 + 137, "),
        (GROUPS, "수도권 부산 2024년 인구", Operation.VALUE, ""),
        (GROUPS, "2024년 부산 인구", Operation.VALUE, "32만 명"),
        (KINDS, "2024년 경영에서 가장 큰 것은?", Operation.LARGEST, ""),
        (ALIKE, "2024년 청년 지원 예산은?", Operation.VALUE, ""),
        (ALIKE, "2024년 청년 주거 지원 예산은?", Operation.VALUE, "55억 원"),
        (FEES, "요금이 가장 싼 것은?", Operation.SMALLEST, ""),
    ],
)
def test_better_nothing_than_a_wrong_cell(
    table: Table, question: str, operation: Operation, said: str
) -> None:
    computed = computing.compute(Wording(question), operation, table, Setting(table.section.caption))
    told = "\n".join(table_answers.said(computed, "ko")) if computed else ""
    assert said in told if said else not told, told


def test_a_table_is_called_by_its_caption_unless_that_is_a_sentence() -> None:
    def name(caption: str, heading: str) -> str:
        section = Section(0, 0, None, heading, "table", caption, None)
        return table_answers.name_of(Table(section, (), 1, ()))

    assert name("표 1. 예산 (단위: 억 원)", "1부 > 살림") == "표 1. 예산"
    assert name("참여방법 안내 표입니다.", "1부 > 참여방법") == "참여방법"
    assert name("참여방법 안내 표입니다.", "") == "참여방법 안내 표입니다."
    assert name("", "1부 > 살림") == "살림"
