"""Small files of each format, made on the fly."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from conftest import SHARED

SAMPLES = SHARED / "samples"
needs_samples = pytest.mark.skipif(
    not SAMPLES.exists(), reason="the folder of real samples is not beside the checkout"
)


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
                f'<c r="{place}"><v>{value}</v></c>'
                if isinstance(value, int)
                else f'<c r="{place}" t="inlineStr"><is><t>{value}</t></is></c>'
                if value
                else ""
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


def pdf_file(path: Path) -> Path:
    """A PDF of two pages and about 2 KB, written by hand: a line of text, and a ruled table of two rows and two columns."""
    lines = (
        " ".join(f"{x} 100 m {x} 160 l S" for x in (50, 150, 250))
        + " "
        + " ".join(f"50 {y} m 250 {y} l S" for y in (100, 130, 160))
    )
    cells = "".join(
        f"BT /F 12 Tf {x} {y} Td ({text}) Tj ET "
        for x, y, text in ((60, 140, "Year"), (160, 140, "Budget"), (60, 110, "2026"), (160, 110, "300"))
    )
    contents = ["BT /F 12 Tf 50 700 Td (The city spends 300 million won.) Tj ET", f"{lines} {cells}"]
    font = "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"
    pages = [
        f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F 3 0 R >> >> /Contents {n} 0 R >>"
        for n in (6, 7)
    ]
    streams = [f"<< /Length {len(text)} >>\nstream\n{text}\nendstream" for text in contents]
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [4 0 R 5 0 R] /Count 2 >>",
        font,
        *pages,
        *streams,
    ]
    data = "%PDF-1.7\n"
    places = []
    for number, body in enumerate(objects, 1):
        places.append(len(data))
        data += f"{number} 0 obj\n{body}\nendobj\n"
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    data += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}trailer\n<< /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{len(data)}\n%%EOF\n"
    path.write_bytes(data.encode())
    return path


def zip_file(path: Path, files: dict[str, str | bytes]) -> Path:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    path.write_bytes(buffer.getvalue())
    return path
