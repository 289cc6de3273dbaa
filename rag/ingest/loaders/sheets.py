"""Workbooks (XLSX, XLS, ODS by python-calamine) and CSV: a sheet is a page, its name a heading, its used
cells tables.

Values are given as a spreadsheet shows them: python-calamine reads values, openpyxl how an XLSX formats them
and which formulas were saved without a result.
"""

from __future__ import annotations

import csv
import io
import re
import warnings
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

from rag.errors import LoadError
from rag.ingest.loaders.blocks import Block
from rag.ingest.loaders.coverage import Present
from rag.ingest.loaders.parsed import Parsed
from rag.ingest.loaders.tables import SourceCell
from rag.ingest.loaders.text import read_text
from rag.messages import Message

MAX_ROWS = 100_000
MAX_FORMATTED = 300_000  # cells of a workbook whose formats are looked at, which takes seconds
UNCOMPUTED = "(계산되지 않은 수식)"
_YEAR = re.compile(r"(19|20)\d\d(년|\.)?$")
_NUMBER = re.compile(r"[△▲+\-−]?\s?[\d,.]+\s?[^\d\s]{0,4}$")
_UNSHOWN = re.compile(r"\[[^\]]*\]|_.|\*.")  # of a number format: colours and conditions, gaps, fillers
_LITERAL = re.compile(r'"([^"]*)"|\\(.)')
_DIGITS = re.compile(r"[#0?][#0?,.]*")
_DATE_PART = re.compile(r"y+|m+|d+", re.IGNORECASE)


def parse_workbook(path: Path) -> Parsed:
    """Parse an .xlsx, .xls or .ods file. Raises LoadError: damaged, protected, or too many rows."""
    from python_calamine import CalamineWorkbook, PasswordError

    try:
        book = CalamineWorkbook.from_path(str(path))
        sheets = [(name, book.get_sheet_by_name(name)) for name in book.sheet_names]
    except PasswordError as error:
        raise LoadError("file-password", file=path.name) from error
    except Exception as error:  # one kind for each format and each damage
        raise LoadError("file-not-kind", file=path.name, kind=Message("kind-workbook")) from error
    for name, sheet in sheets:
        if sheet.height > MAX_ROWS:
            raise LoadError("sheet-too-long", file=path.name, sheet=name, rows=sheet.height, limit=MAX_ROWS)
    small = sum(sheet.height * sheet.width for _, sheet in sheets) <= MAX_FORMATTED
    formats = _formats(path) if path.suffix.lower() == ".xlsx" and small else {}
    blocks: list[Block] = []
    for number, (name, sheet) in enumerate(sheets, 1):
        y0, x0 = sheet.start or (0, 0)
        shown = formats.get(name, {})
        rows = [
            [displayed(value, shown.get((y + y0, x + x0), "")) for x, value in enumerate(row)]
            for y, row in enumerate(sheet.to_python(skip_empty_area=True))
        ]
        blocks.append(Block("heading", name, 1, number))
        blocks += _blocks(rows, sheet, number)
    return Parsed(blocks)


def parse_csv(path: Path) -> Parsed:
    """Parse a .csv or .tsv file: any Korean encoding; comma, semicolon, tab or bar between the cells. Raises
    LoadError: no text, or too many rows.
    """
    text = read_text(path.read_bytes(), path.name)
    try:
        dialect: Any = csv.Sniffer().sniff(text[:20_000], delimiters=",;\t|")
    except csv.Error:
        dialect = csv.excel_tab if path.suffix.lower() == ".tsv" else csv.excel
    csv.field_size_limit(1 << 24)
    try:
        rows = [[cell.strip() for cell in row] for row in csv.reader(io.StringIO(text), dialect)]
    except csv.Error as error:
        raise LoadError("file-not-csv", file=path.name, reason=error) from error
    if len(rows) > MAX_ROWS:
        raise LoadError("csv-too-long", file=path.name, rows=len(rows), limit=MAX_ROWS)
    return Parsed(list(_blocks(rows, None, None)), present=Present(text.splitlines()))


def _formats(path: Path) -> dict[str, dict[tuple[int, int], str]]:
    """Return for each sheet the formats of its numbers and dates by (row, column) from 0, UNCOMPUTED for a
    formula that was saved without a result; nothing where openpyxl cannot read the file.
    """
    import openpyxl

    found: dict[str, dict[tuple[int, int], str]] = {}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of extensions that it does not know
            book = openpyxl.load_workbook(path, read_only=True)
            for sheet in book.worksheets:
                found[sheet.title] = {
                    (cell.row - 1, cell.column - 1): UNCOMPUTED
                    if cell.data_type == "f"
                    else cell.number_format
                    for row in sheet.iter_rows()
                    for cell in row
                    if cell.value is not None
                    and (cell.data_type == "f" or cell.number_format not in ("General", "@", None))
                }
            formulas = {
                name: {place for place, form in cells.items() if form == UNCOMPUTED}
                for name, cells in found.items()
            }
            if any(formulas.values()):  # their formats, and those of them that have a result
                for sheet in openpyxl.load_workbook(path, read_only=True, data_only=True).worksheets:
                    for row in sheet.iter_rows():
                        for cell in row:
                            place = (cell.row - 1, cell.column - 1) if cell.value is not None else None
                            if place in formulas[sheet.title]:
                                found[sheet.title][place] = cell.number_format
    except Exception:  # python-calamine has read the values, which stand as they are
        return {}
    return found


def displayed(value: Any, form: str = "") -> str:
    """Write a cell's value as a spreadsheet shows it.

    Args:
        form: a number format of Office Open XML (ECMA-376, 18.8.31), "" for none. What it says beyond
            percent, thousands, decimals, units and years, months, days is passed over.

    >>> displayed(0.153, "0.0%"), displayed(50_000_000_000.0)
    ('15.3%', '50000000000')
    >>> displayed(100.0, '#,##0"명"'), displayed(-3.0, "0;△0")
    ('100명', '△3')
    """
    if value is None or value == "":
        return UNCOMPUTED if form == UNCOMPUTED else ""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, int | float):
        return _number(value, form)
    if isinstance(value, datetime):
        day, hour = value.date(), value.time()
        return _day(day, form) if not (hour.hour or hour.minute or hour.second) else f"{day} {_time(hour)}"
    if isinstance(value, date):
        return _day(value, form)
    if isinstance(value, time):
        return _time(value)
    if isinstance(value, timedelta):
        minutes = round(value.total_seconds() / 60)
        return f"{minutes // 60}:{minutes % 60:02}"
    return str(value)


def _number(value: float, form: str) -> str:
    exact = Decimal(f"{value:.15g}")
    sections = form.split(";")
    negative = value < 0 and len(sections) > 1 and bool(sections[1].strip())
    section = _UNSHOWN.sub("", sections[1] if negative else sections[0])
    bare = _LITERAL.sub("", section)
    digits = _DIGITS.search(bare)
    if digits is None or "E" in bare or "/" in bare or re.search("[ymdhs]", bare, re.IGNORECASE):
        return f"{exact:f}"
    pattern = digits[0]
    scaled = exact * 100 ** bare.count("%")
    whole = pattern.rstrip(",")
    scaled /= 1000 ** (len(pattern) - len(whole))
    decimals = whole.split(".", 1)[1] if "." in whole else ""
    rounded = scaled.quantize(Decimal(1).scaleb(-len(decimals)), ROUND_HALF_UP)
    written = f"{abs(rounded) if negative else rounded:{',' if ',' in whole.split('.')[0] else ''}f}"
    if decimals.endswith(("#", "?")):
        written = written.rstrip("0").rstrip(".")
    literal = _LITERAL.sub(lambda m: m[1] if m[1] is not None else m[2], section)
    return " ".join(_DIGITS.sub(lambda _: written, literal, count=1).split())


def _day(day: date, form: str) -> str:
    """Write a date: by its format where that names year, month or day in words, else by ISO 8601."""
    section = _UNSHOWN.sub("", form.split(";")[0])
    if not re.search("[년월일]", section):
        return day.isoformat()

    def part(match: re.Match[str]) -> str:
        kind = match[0][0].lower()
        if kind == "y":
            return str(day.year) if len(match[0]) > 2 else f"{day.year % 100:02}"
        return str(day.month if kind == "m" else day.day)

    return " ".join(_DATE_PART.sub(part, _LITERAL.sub(lambda m: m[1] or m[2], section)).split())


def _time(hour: time) -> str:
    return f"{hour:%H:%M:%S}" if hour.second else f"{hour:%H:%M}"


def _blocks(rows: Sequence[Sequence[str]], sheet: Any, page: int | None) -> Iterator[Block]:
    """Yield the tables of a sheet and the lines between them. `sheet`: for its merged cells, None for
    none.
    """
    begun: int | None = None
    for y in range(len(rows) + 1):
        filled = [value for value in rows[y] if value] if y < len(rows) else []
        if len(filled) > 1:
            begun = y if begun is None else begun
            continue
        if begun is not None and _goes_on(rows, begun, y):
            continue
        if begun is not None:
            table = rows[begun:y]
            if len(table) > 1:
                yield Block("table", rows=_named(_merged(sheet, table, begun), table), page=page)
            else:
                yield Block("text", " | ".join(value for value in table[0] if value), page=page)
            begun = None
        if filled:
            yield Block("text", filled[0], page=page)


def _goes_on(rows: Sequence[Sequence[str]], begun: int, y: int) -> bool:
    """True where a row with one cell or none stands inside a table: values of the same columns follow, and no
    head of their own.
    """
    if y + 1 >= len(rows) or (any(rows[y]) and not rows[y][0]):
        return False
    after = rows[y + 1]
    values = [value for value in after[1:] if value]
    numeric = [value for value in values if _NUMBER.fullmatch(value)]
    head = list(after) == list(rows[begun]) or all(_YEAR.fullmatch(value) for value in values)
    return bool(after[0]) and len(numeric) * 2 > len(values) > 0 and not head


def _named(cells: list[list[SourceCell]], table: Sequence[Sequence[str]]) -> list[list[SourceCell]]:
    """Put a sub-heading (a row with its first cell alone) before the names of the rows below it, and leave
    out such rows and empty ones.
    """
    named, heading = [], ""
    for row, values in zip(cells, table, strict=True):
        filled = [value for value in values if value]
        if len(filled) > 1:
            first = row[0] if row else None
            if heading and first is not None and first.text and values[0] == first.text:
                row = [SourceCell(f"{heading} {first.text}", first.rowspan, first.colspan), *row[1:]]
            named.append(row)
        elif filled:
            heading = filled[0]
    return named


def _merged(sheet: Any, table: Sequence[Sequence[str]], first_row: int) -> list[list[SourceCell]]:
    """Give merged cells their spans; coordinates of the sheet start at its used area."""
    y0, x0 = (sheet.start if sheet is not None else None) or (0, 0)
    width = max(map(len, table))
    spans = {}
    covered = set()
    for (top, left), (bottom, right) in (sheet.merged_cell_ranges if sheet is not None else None) or []:
        top, left = top - y0 - first_row, left - x0
        bottom, right = (
            min(bottom - y0 - first_row, len(table) - 1),
            min(right - x0, width - 1),
        )  # a merge may reach to the sheet's end
        spans[top, left] = (max(1, bottom - top + 1), max(1, right - left + 1))
        covered |= {
            (y, x) for y in range(max(0, top), bottom + 1) for x in range(max(0, left), right + 1)
        } - {(top, left)}
    return [
        [
            SourceCell(value, *spans.get((y, x), (1, 1)))
            for x, value in enumerate(row)
            if (y, x) not in covered
        ]
        for y, row in enumerate(table)
    ]
