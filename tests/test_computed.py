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
    ("남구", "문화과", "다온센터", "30억 원", "미완료"),
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
        ("사업 예산의 평균은?", "374.2억 원", ["나래터널", "가온대교", "한내도로", "누리쉼터", "다온센터"]),
        ("미완료 사업은 모두 몇 개야?", "모두 1개", ["다온센터"]),
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
        "완료되지 않은 사업은 모두 몇 개야?",
        "완료 안 된 사업은 모두 몇 개야?",
        "도시과가 아닌 사업의 예산 합계는?",
        "예산이 100억 원 이상이 아닌 사업을 모두 알려줘",
        "도시과를 뺀 예산 합계는?",
        "평균보다 예산이 많은 사업은?",
        "예산이 평균 이상인 사업은?",
        "도시과보다 예산이 많은 사업을 모두 알려줘",
        "예산 합계가 가장 큰 부서는?",
        "부서별 예산 합계는?",
        "사업이 가장 많은 부서는?",
        "가장 긴 사업은?",
        "도시과의 총 예산은 얼마야?",
        "도시과 예산은 모두 얼마야?",
        "완료된 것은 모두 몇 건이고 언제야?",
        "도시과와 복지과 예산 합계는?",
        "가장 큰 문제는?",
        "두 번째로 예산이 큰 사업은?",
    ],
)
def test_what_a_table_does_not_explain_is_not_computed(library: Library, question: str) -> None:
    assert answer(library, question) is None


SHEETS = {
    "소계가 둘째 칸에 있는 예산": "분야,세부,예산\n복지,노인,100\n복지,아동,200\n복지,소계,300\n교통,버스,50\n교통,소계,50\n",
    "손익": "지점,순이익\n강동,500\n강서,(700)\n강남,100\n",
    "착공": "사업,착공일\n가온,2024.9\n나래,2024.10\n다온,2024.2\n",
    "대학": "대학,순위\n가온대,1\n나래대,2\n다온대,3\n",
    "증가": "지점,증가율(%)\n강동,10\n강서,15\n강남,10\n",
    "연도별 매출": "연도,지점,매출\n2024년,강동,100\n2025년,강동,50\n2025년,강서,60\n",
    "이름이 같은 칸": "지점,매출,매출\n강동,1,9\n강서,2,8\n강남,3,7\n",
    "겹치는 이름": "지역,부서\n남구,복지과\n남구,복지과\n남구,문화과\n북구,환경과\n",
    "막대": "요금제,요금\n가,2000 | 3000\n나,2500\n다,1000\n",
    "전국을 더한 표": "지역,인구\n전국,350\n동부,100\n서부,250\n총 합계,350\n",
}


@pytest.mark.parametrize(
    ("name", "question", "said"),
    [
        ("소계가 둘째 칸에 있는 예산", "복지 예산 합계는?", "300"),
        ("소계가 둘째 칸에 있는 예산", "예산이 가장 큰 세부는?", "아동(200)"),
        ("손익", "순이익이 가장 큰 지점은?", None),
        ("착공", "착공일이 가장 늦은 사업은?", None),
        ("대학", "순위가 가장 높은 대학은?", None),
        ("증가", "증가율 합계는?", None),
        ("증가", "증가율이 가장 높은 지점은?", "강서(15%)"),
        ("연도별 매출", "2025년 매출 합계는?", None),
        ("이름이 같은 칸", "매출이 가장 많은 지점은?", None),
        ("겹치는 이름", "남구 부서는 모두 몇 개야?", None),
        ("막대", "요금이 가장 비싼 요금제는?", None),
        ("전국을 더한 표", "인구 합계는?", "350"),
    ],
)
def test_figures_are_not_misread(tmp_path: Path, name: str, question: str, said: str | None) -> None:
    settings = Settings(documents=tmp_path / "문서", data=tmp_path / "자료")
    settings.documents.mkdir()
    (settings.documents / f"{name}.csv").write_text(SHEETS[name], encoding="utf-8")
    library = Library(settings, None)
    library.sync()
    found = answer(library, question)
    assert (found is None) if said is None else (found is not None and said in found.text), (
        found and found.text
    )


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
