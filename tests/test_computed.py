"""Answers that are computed over tables: the largest, sums, counts, lists – and what must not be computed."""

from __future__ import annotations

import random
from pathlib import Path

import openpyxl
import pytest

from rag.answer.computed import asks_for, computed
from rag.config import Settings
from rag.ingest.library import Library
from rag.library.tables import tables_of
from rag.question.question import understand
from rag.search.retriever import Found
from rag.types import Answer

ROWS = [
    ("북구", "도시과", "나래터널", "500억 원", "완료"),
    ("북구", "교통과", "가온대교", "1,234억 원", "추진"),
    ("남구", "도시과", "한내도로", "98억 원", "추진"),
    ("남구", "복지과", "누리쉼터", "9억 원", "완료"),
]
PRICES = (
    "지점,2024년 매출(천 원),2025년 매출(천 원)\n강동,1200,1500\n강서,900,2100\n강남,700,\n합계,2800,3600\n"
)
MIXED = "품목,무게\n사과,3kg\n배,500g\n감,2kg\n"


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    folder = tmp_path_factory.mktemp("computed")
    settings = Settings(documents=folder / "문서", data=folder / "자료")
    settings.documents.mkdir()
    lines = ["지역,부서,사업,예산,상태", *(",".join(f'"{cell}"' for cell in row) for row in ROWS)]
    for name, words in (("사업 현황.csv", "\n".join(lines)), ("매출.csv", PRICES), ("무게.csv", MIXED)):
        (settings.documents / name).write_text(words, encoding="utf-8")
    made = Library(settings, None)
    made.sync()
    return made


def answer(library: Library, question: str) -> Answer | None:
    catalogue = library.catalogue
    tables = [t for row in library.documents() for t in tables_of(catalogue, row.id, row.title)]
    found = computed(understand(question), tables, catalogue, Found((), (), {}), 0.0)
    for citation in found.citations if found else ():
        document = catalogue.document_id(citation.path)
        assert document is not None
        assert catalogue.text(document)[citation.start : citation.end] == citation.quote
    return found


@pytest.mark.parametrize(
    ("question", "said", "cited"),
    [
        ("예산이 가장 큰 사업은?", "가온대교(1,234억 원)", ["가온대교"]),
        ("예산이 제일 적은 사업이 뭐야?", "누리쉼터(9억 원)", ["누리쉼터"]),
        ("도시과 사업 중에서 예산이 가장 큰 것은?", "나래터널(500억 원)", ["나래터널"]),
        ("도시과 예산의 합계는 얼마인가요?", "598억 원", ["나래터널", "한내도로"]),
        ("사업 예산의 평균은?", "460.25억 원", ["나래터널", "가온대교", "한내도로", "누리쉼터"]),
        ("완료된 사업은 모두 몇 개야?", "모두 2개", ["나래터널", "누리쉼터"]),
        ("예산이 100억 원 이상인 사업을 모두 알려줘", "모두 2개", ["나래터널", "가온대교"]),
        ("2025년 매출이 가장 많은 지점은?", "강서(2,100천 원)", ["강서"]),
        ("2024년 매출이 가장 많은 지점은?", "강동(1,200천 원)", ["강동"]),
        ("2024년 매출 합계는?", "2,800천 원", ["강동", "강서", "강남"]),
    ],
)
def test_a_table_is_computed_over(library: Library, question: str, said: str, cited: list[str]) -> None:
    found = answer(library, question)
    assert found is not None and said in found.text, found and found.text
    assert [next(name for name in cited if name in c.quote) for c in found.citations] == cited


@pytest.mark.parametrize(
    "question",
    [
        "예산이 가장 큰 병원은?",  # no such column or word
        "2023년 매출이 가장 많은 지점은?",  # no such year
        "무게가 가장 큰 품목은?",  # mixed units
        "예산은 얼마야?",
        "가장 중요한 사업은?",
        "수원시 사업은 모두 몇 개야?",  # a condition that the table does not know
        "예산이 가장 빨리 늘어난 사업은?",
        "모두 몇 개야?",
        "예산이 최대 얼마까지 나와?",
    ],
)
def test_what_a_table_does_not_explain_is_not_computed(library: Library, question: str) -> None:
    assert answer(library, question) is None


def test_two_tables_that_fit_alike_are_not_guessed_between(tmp_path: Path) -> None:
    settings = Settings(documents=tmp_path / "문서", data=tmp_path / "자료")
    settings.documents.mkdir()
    for name, most in (("가", 71), ("나", 83)):
        text = f"지점,매출\n강동,42\n강서,31\n강남,{most}\n"
        (settings.documents / f"{name}.csv").write_text(text, encoding="utf-8")
    library = Library(settings, None)
    library.sync()
    assert answer(library, "매출이 가장 많은 지점은?") is None


def test_tables_of_different_sections_stay_apart(tmp_path: Path) -> None:
    settings = Settings(documents=tmp_path / "문서", data=tmp_path / "자료")
    settings.documents.mkdir()
    table = "| 지점 | 매출 |\n|---|---|\n| 강동 | 42 |\n| 강서 | {} |\n| 강남 | 12 |\n"
    text = f"# 현황\n\n## 도서\n\n{table.format(51)}\n\n## 음반\n\n{table.format(63)}\n"
    (settings.documents / "현황.md").write_text(text, encoding="utf-8")
    library = Library(settings, None)
    library.sync()
    found = answer(library, "음반 매출이 가장 많은 지점은?")
    assert found is not None and "강서(63)" in found.text
    assert answer(library, "매출이 가장 많은 지점은?") is None


def test_operations_are_told() -> None:
    for question, operation in (
        ("연봉이 가장 높은 직업은?", "largest"),
        ("가장 싼 요금제는?", "smallest"),
        ("예산 합계는?", "sum"),
        ("평균 나이는?", "mean"),
        ("모두 몇 곳이야?", "count"),
    ):
        asked = asks_for(question)
        assert asked is not None and asked.operation == operation
    assert asks_for("예산은 얼마야?") is None


def test_a_sheet_of_102_rows_is_computed_as_python_does(tmp_path: Path) -> None:
    rng = random.Random(7)
    places, offices = ("동구", "서구", "남구", "북구"), ("도시과", "교통과", "복지과", "문화과", "환경과")
    rows = [
        (
            f"사업{n:03}",
            rng.choice(places),
            rng.choice(offices),
            rng.randrange(100, 99_999),
            rng.randrange(1, 400),
        )
        for n in range(102)
    ]
    settings = Settings(documents=tmp_path / "문서", data=tmp_path / "자료")
    settings.documents.mkdir()
    book = openpyxl.Workbook()
    sheet = book.active
    for row in [("사업명", "자치구", "담당 부서", "예산(백만 원)", "참여 인원(명)"), *rows]:
        sheet.append(row)
    for line in sheet.iter_rows(min_row=2, min_col=4, max_col=5):
        for cell in line:
            cell.number_format = "#,##0"
    book.save(settings.documents / "사업 목록.xlsx")
    library = Library(settings, None)
    library.sync()
    asked = 0
    for column, name, unit in ((3, "예산", "백만 원"), (4, "참여 인원", "명")):
        for office in offices:
            own = [row for row in rows if row[2] == office]
            best = max(own, key=lambda row: row[column])
            least = min(own, key=lambda row: row[column])
            for question, said in (
                (f"{office}에서 {name}이 가장 많은 사업은?", f"{best[0]}({best[column]:,}{unit})"),
                (f"{office} 사업 가운데 {name}이 제일 적은 건 뭐야?", f"({least[column]:,}{unit})"),
                (f"{office} {name} 합계가 얼마야", f"{sum(row[column] for row in own):,}{unit}"),
            ):
                found = answer(library, question)
                assert found is not None and said in found.text, (question, found and found.text)
                asked += 1
    for place in places:
        count = sum(row[1] == place for row in rows)
        found = answer(library, f"{place} 사업은 모두 몇 개야?")
        assert found is not None and f"모두 {count}개입니다 (표의 102행 가운데)" in found.text
        assert len(found.citations) <= 11
    assert asked == 30
