"""Small files of each format, made on the fly."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path


def docx_file(path: Path, *, merged: bool = True) -> Path:
    import docx

    document = docx.Document()
    document.core_properties.title = "돌봄 계획"
    document.add_heading("1. 예산", 1)
    document.add_paragraph("시는 돌봄 로봇을 120대 보급한다.")
    document.add_paragraph("<분기별 예산(단위: 억 원)>")
    table = document.add_table(rows=3, cols=3)
    for y, row in enumerate((("구분", "2024년", "2024년"), ("구분", "1분기", "2분기"), ("예산", "3", "4"))):
        for x, text in enumerate(row):
            table.cell(y, x).text = text
    if merged:
        table.cell(0, 1).merge(table.cell(0, 2)).text = "2024년"
        table.cell(0, 0).merge(table.cell(1, 0)).text = "구분"
    document.add_paragraph("마지막 문장이다.")
    document.save(str(path))
    return path


def pptx_file(path: Path) -> Path:
    import pptx

    deck = pptx.Presentation()
    for title, body in (("추진 배경", "고령 인구가 늘고 있다."), ("추진 일정", "5월에 시작한다.")):
        slide = deck.slides.add_slide(deck.slide_layouts[1])
        slide.shapes.title.text = title
        slide.placeholders[1].text = body
    deck.save(str(path))
    return path


def xlsx_file(path: Path) -> Path:
    """A workbook with one sheet, written by hand: a title, two header rows with merged cells, one row of values."""
    rows = [["이용 현황(단위: 명)"], ["구분", "2024년", ""], ["", "상반기", "하반기"], ["도서관", 310, 407]]
    cells = ""
    for y, row in enumerate(rows, 1):
        inner = ""
        for x, value in enumerate(row):
            place = f"{'ABC'[x]}{y}"
            inner += (
                f'<c r="{place}"><v>{value}</v></c>' if isinstance(value, int) else f'<c r="{place}" t="inlineStr"><is><t>{value}</t></is></c>' if value else ""
            )
        cells += f'<row r="{y}">{inner}</row>'
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    relation = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    merges = '<mergeCells count="2"><mergeCell ref="A2:A3"/><mergeCell ref="B2:C2"/></mergeCells>'
    files = {
        "[Content_Types].xml": f'<Types xmlns="{package}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="r1" Type="{relation}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{relation}"><sheets><sheet name="현황" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="r1" Type="{relation}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{main}"><sheetData>{cells}</sheetData>{merges}</worksheet>',
    }
    return zip_file(path, files)


def zip_file(path: Path, files: dict[str, str | bytes]) -> Path:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    path.write_bytes(buffer.getvalue())
    return path
