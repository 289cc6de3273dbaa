"""Workbooks and CSV are read as they are displayed, with sub-headings, in any Korean encoding. openpyxl and xlwt write what is read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlwt
from hypothesis import given
from hypothesis import strategies as st
from makers import zip_file

from rag.errors import LoadError
from rag.ingest.loaders import file_text, parse
from rag.ingest.loaders.sheets import UNCOMPUTED, displayed


def workbook(path: Path, rows: Sequence[Sequence[Any]], formats: dict[str, str] | None = None) -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "현황"
    for row in rows:
        sheet.append(list(row))
    for place, form in (formats or {}).items():
        sheet[place].number_format = form
    book.save(path)
    return path


def read(path: Path) -> str:
    return file_text(parse(path, path.parent))


@pytest.mark.parametrize(
    ("value", "form", "expected"),
    [
        (0.153, "0.0%", "15.3%"),
        (0.5, "0%", "50%"),
        (1234567.0, "#,##0,", "1,235"),
        (1234567.0, "#,##0", "1,234,567"),
        (100.0, '#,##0"명"', "100명"),
        (3.5, '"약 "0.0"배"', "약 3.5배"),
        (-3.0, "#,##0;△#,##0", "△3"),
        (-3.0, "#,##0", "-3"),
        (12.5, "#,##0.##", "12.5"),
        (12.0, "#,##0.##", "12"),
        (1234.5, '_-* #,##0_-;\\-* #,##0_-;_-* "-"_-;_-@_-', "1,235"),
        (5.0, "[$₩-412]#,##0", "5"),
        (50_000_000_000.0, "", "50000000000"),
        (123_456_789_012.0, "General", "123456789012"),
        (0.1 + 0.2, "", "0.3"),
        (1e-7, "", "0.0000001"),
        (7, "", "7"),
        (True, "", "TRUE"),
        (None, "", ""),
        ("", UNCOMPUTED, UNCOMPUTED),
        ("미정", "0.0%", "미정"),
        (date(2024, 5, 1), 'yyyy"년" m"월"', "2024년 5월"),
        (datetime(2024, 5, 1), "yyyy\\-mm\\-dd", "2024-05-01"),
        (datetime(2024, 5, 1, 14, 30), "", "2024-05-01 14:30"),
        (time(14, 30), "h:mm", "14:30"),
        (timedelta(hours=30), "[h]:mm", "30:00"),
    ],
)
def test_a_value_is_written_as_it_is_displayed(value: Any, form: str, expected: str) -> None:
    assert displayed(value, form) == expected


@given(st.integers(-(10**14), 10**14))
def test_no_digit_of_a_whole_number_is_lost(value: int) -> None:
    assert int(displayed(float(value))) == value
    assert int(displayed(float(value), "#,##0").replace(",", "")) == value


def test_a_workbook_is_read_as_it_is_displayed(tmp_path: Path) -> None:
    rows = [["구분", "비율", "예산", "개통"], ["가람시", 0.153, 50_000_000_000, date(2024, 5, 1)]]
    text = read(
        workbook(tmp_path / "a.xlsx", rows, {"B2": "0.0%", "C2": '#,##0"원"', "D2": 'yyyy"년" m"월"'})
    )
    assert "가람시 | 비율: 15.3% | 예산: 50,000,000,000원 | 개통: 2024년 5월" in text


def test_a_formula_without_a_result_is_told(tmp_path: Path) -> None:
    text = read(workbook(tmp_path / "a.xlsx", [["구분", "계"], ["가람시", "=SUM(1,2)"], ["나루시", 3]]))
    assert f"가람시 | 계: {UNCOMPUTED}" in text and "나루시 | 계: 3" in text


def test_formats_stand_where_the_sheet_does_not_begin_at_its_corner(tmp_path: Path) -> None:
    rows = [[], [], [None, None, "구분", "비율"], [None, None, "가람시", 0.25]]
    assert "가람시 | 비율: 25%" in read(workbook(tmp_path / "a.xlsx", rows, {"D4": "0%"}))


@pytest.mark.parametrize("gap", [[], ["사업소"]], ids=["empty row", "sub-heading"])
def test_rows_behind_a_gap_keep_their_columns_and_their_heading(tmp_path: Path, gap: list[str]) -> None:
    rows = [["구분", 2024, 2025], ["본청"], ["인건비", 10, 12], ["운영비", 5, 6], gap, ["인건비", 3, 4]]
    text = read(workbook(tmp_path / "a.xlsx", rows))
    assert "본청 인건비 | 2024: 10 | 2025: 12" in text
    assert f"{'사업소' if gap else '본청'} 인건비 | 2024: 3 | 2025: 4" in text


def test_a_second_table_and_a_note_stand_by_themselves(tmp_path: Path) -> None:
    rows = [["구분", 2024], ["쌀", 3], ["주: 잠정치"], [], ["종류", "2024"], ["콩", 5]]
    text = read(workbook(tmp_path / "a.xlsx", rows))
    assert (
        "쌀 | 2024: 3" in text
        and "\n주: 잠정치\n" in text
        and "콩 | 2024: 5" in text
        and "주: 잠정치 콩" not in text
    )


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp949", "utf-16"])
@pytest.mark.parametrize(
    ("delimiter", "suffix"), [(",", ".csv"), (";", ".csv"), ("\t", ".tsv"), ("|", ".csv")]
)
def test_csv_in_any_encoding(tmp_path: Path, encoding: str, delimiter: str, suffix: str) -> None:
    rows = [["지역", "시설", "이용자 수"], ["가람시", "배움터", "1234"], ["나루시", "도서관", "77"]]
    path = tmp_path / f"a{suffix}"
    path.write_bytes("\r\n".join(delimiter.join(row) for row in rows).encode(encoding))
    text = read(path)
    assert (
        "가람시 | 시설: 배움터 | 이용자 수: 1234" in text and "나루시 | 시설: 도서관 | 이용자 수: 77" in text
    )


def test_quoted_cells_keep_commas_and_line_breaks(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text('이름,주소,값\n"김, 가람","서울시\n중구",3\n', encoding="utf-8")
    text = read(tmp_path / "a.csv")
    assert "김, 가람" in text and "값: 3" in text


def test_an_old_workbook(tmp_path: Path) -> None:
    book = xlwt.Workbook()
    sheet = book.add_sheet("현황")
    for y, row in enumerate([["구분", "예산"], ["가람시", 50_000_000_000]]):
        for x, value in enumerate(row):
            sheet.write(y, x, value)
    book.save(str(tmp_path / "a.xls"))
    assert "가람시 | 예산: 50000000000" in read(tmp_path / "a.xls")


def test_an_opendocument_spreadsheet(tmp_path: Path) -> None:
    office = "urn:oasis:names:tc:opendocument:xmlns:office:1.0"
    table, words = office.replace("office:1", "table:1"), office.replace("office:1", "text:1")

    def cell(value: str) -> str:
        kind = (
            f'office:value-type="float" office:value="{value}"'
            if value.isdigit()
            else 'office:value-type="string"'
        )
        return f"<table:table-cell {kind}><text:p>{value}</text:p></table:table-cell>"

    rows = "".join(
        f"<table:table-row>{''.join(map(cell, row))}</table:table-row>"
        for row in (["구분", "예산"], ["가람시", "77"])
    )
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    files: dict[str, str | bytes] = {
        "mimetype": kind,
        "content.xml": f'<office:document-content xmlns:office="{office}" xmlns:table="{table}" xmlns:text="{words}">'
        f'<office:body><office:spreadsheet><table:table table:name="현황">{rows}</table:table></office:spreadsheet></office:body></office:document-content>',
        "META-INF/manifest.xml": "<manifest/>",
    }
    assert "가람시 | 예산: 77" in read(zip_file(tmp_path / "a.ods", files))


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.xls", b"\xd0\xcf\x11\xe0" + b"\x00" * 600),
        ("a.ods", b"PK\x03\x04" + b"\x01" * 300),
        ("a.csv", b"\x89PNG\r\n\x1a\n"),
    ],
)
def test_what_is_no_such_file_gets_one_sentence(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(LoadError, match=rf"{name} is ") as error:
        read(tmp_path / name)
    assert "\n" not in str(error.value)
