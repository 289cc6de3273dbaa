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

BUDGET = """# 나루시 살림살이

나루시는 네 부서의 예산을 아래와 같이 정했습니다.

표 1. 부서별 예산 (단위: 억 원)

| 부서 | 2023년 | 2024년 | 2025년 |
|---|---|---|---|
| 복지국 | 1,200.5 | 1,310.0 | 1,405.5 |
| 교통국 | 840.0 | 800.0 | 910.0 |
| 환경국 | 300.0 | 320.0 | 310.5 |
| 합계 | 2,340.5 | 2,430.0 | 2,626.0 |
"""  # a document with a table


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


def eml_file(path: Path) -> Path:
    """A mail with a plain text, the same as a page, and a small table as its attachment."""
    from email.message import EmailMessage

    mail = EmailMessage()
    mail["Subject"], mail["From"], mail["To"] = "버스 계획", "김하나 <hana@example.org>", "bus@example.org"
    mail["Date"] = "Mon, 02 Mar 2026 08:30:00 +0900"
    mail.set_content("심야버스 노선은 5개이다.\n")
    mail.add_alternative("<p>심야버스 노선은 5개이다.</p>", subtype="html")
    mail.add_attachment("노선,대수\n1번,12\n2번,15\n", subtype="csv", filename="노선.csv")
    path.write_bytes(mail.as_bytes())
    return path


def msg_file(path: Path, storages: dict[tuple[str, ...], bytes] | None = None) -> Path:
    """A mail of Outlook: by default one with a text and a table as its attachment."""
    files = storages or msg_parts(
        {0x0037: "버스 계획", 0x0C1A: "김하나", 0x5D01: "hana@example.org", 0x0E04: "버스과; 교통과"}
        | {0x1000: "심야버스 노선은 5개이다.\r\n"},
        times={0x0039: "2026-03-02T03:30:00"},
        attachments={"노선.csv": "노선,대수\n1번,12\n2번,15\n".encode()},
    )
    return ole_file(path, files)


def msg_parts(
    texts: dict[int, str],
    *,
    times: dict[int, str] | None = None,
    attachments: dict[str, bytes | dict[tuple[str, ...], bytes]] | None = None,
    binary: dict[int, bytes] | None = None,
    codepage: int = 0,
    inner: bool = False,
) -> dict[tuple[str, ...], bytes]:
    """The streams of a mail of Outlook ([MS-OXMSG]). `codepage`: texts are kept in its bytes, else in Unicode."""
    import datetime
    import struct

    kind = "001E" if codepage else "001F"
    code = f"cp{codepage}" if codepage else "utf-16-le"
    files = {(f"__substg1.0_{tag:04X}{kind}",): said.encode(code) for tag, said in texts.items()}
    files |= {(f"__substg1.0_{tag:04X}0102",): data for tag, data in (binary or {}).items()}
    entries = struct.pack("<HHIQ", 3, 0x3FFD, 6, codepage) if codepage else b""
    for tag, when in (times or {}).items():
        since = datetime.datetime.fromisoformat(when) - datetime.datetime(1601, 1, 1)
        entries += struct.pack("<HHIQ", 0x40, tag, 6, int(since.total_seconds()) * 10_000_000)
    files[("__properties_version1.0",)] = bytes(24 if inner else 32) + entries
    for number, (name, data) in enumerate((attachments or {}).items()):
        place = f"__attach_version1.0_#{number:08X}"
        files[place, "__properties_version1.0"] = bytes(8)
        files[place, f"__substg1.0_3707{kind}"] = name.encode(code)
        if isinstance(data, bytes):
            files[place, "__substg1.0_37010102"] = data
        else:
            files |= {(place, "__substg1.0_3701000D", *below): content for below, content in data.items()}
    return files


def ole_file(path: Path, files: dict[tuple[str, ...], bytes]) -> Path:
    """A compound file ([MS-CFB], version 3) of streams by their path; every storage's entries are a chain."""
    import struct

    free, end, sector = 0xFFFFFFFF, 0xFFFFFFFE, 512
    small = {place: data for place, data in files.items() if len(data) < 4096}
    chain: list[int] = []  # of sectors, then of small sectors
    body = b""

    def add(data: bytes, table: list[int], unit: int) -> int:
        count = -(-len(data) // unit)
        first = len(table)
        table += [*range(first + 1, first + count), end] if count else []
        return first if count else end

    shorts: list[int] = []
    stream = b""
    starts: dict[tuple[str, ...], int] = {}
    for place, data in small.items():
        starts[place] = add(data, shorts, 64)
        stream += data + bytes(-len(data) % 64)

    def keep(data: bytes) -> int:
        nonlocal body
        start = add(data, chain, sector)
        body += data + bytes(-len(data) % sector)
        return start

    starts |= {place: keep(data) for place, data in files.items() if place not in small}
    mini = keep(stream)
    short_table = keep(struct.pack(f"<{len(shorts)}I", *shorts))
    nodes = [(), *sorted({p[:n] for p in files for n in range(1, len(p) + 1)}, key=lambda p: (len(p), p))]
    number = {node: i for i, node in enumerate(nodes)}
    entries = b""
    for node in nodes:
        children = sorted(
            (n for n in nodes if n and n[:-1] == node), key=lambda p: (len(p[-1]), p[-1].upper())
        )
        kin = sorted(
            (n for n in nodes if n and node and n[:-1] == node[:-1]),
            key=lambda p: (len(p[-1]), p[-1].upper()),
        )
        after = kin[kin.index(node) + 1 :] if node else []
        name = (node[-1] if node else "Root Entry").encode("utf-16-le") + b"\0\0"
        kind = 5 if not node else 2 if node in files else 1
        start, size = (mini, len(stream)) if not node else (starts.get(node, 0), len(files.get(node, b"")))
        entries += struct.pack(
            "<64sHBBIII16sIQQIQ", name, len(name), kind, 1, free, number[after[0]] if after else free,
            number[children[0]] if children else free, b"", 0, 0, 0, start, size,
        )  # fmt: skip
    directory = keep(entries + bytes(-len(entries) % sector))
    fats = 1
    while len(chain) + fats > fats * 128:
        fats += 1
    first = len(chain)
    table = struct.pack(
        f"<{fats * 128}I", *[*chain, *[0xFFFFFFFD] * fats, *[free] * (fats * 127 - len(chain))]
    )
    head = struct.pack(
        "<8s16sHHHHH6sIIIIIIIII", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"", 0x3E, 3, 0xFFFE, 9, 6, b"", 0, fats,
        directory, 0, 4096, short_table, -(-len(shorts) * 4 // sector), end, 0,
    )  # fmt: skip
    head += struct.pack("<109I", *[*range(first, first + fats), *[free] * (109 - fats)])
    path.write_bytes(head + body + table)
    return path


def hwp_file(path: Path, *paragraphs: bytes) -> Path:
    """An HWP 5 file of one section, of what `hwp_paragraph` makes."""
    import struct
    import zlib

    def packed(data: bytes) -> bytes:
        packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
        return packer.compress(data) + packer.flush()

    head = b"HWP Document File".ljust(32, b"\0") + struct.pack("<II", 0x05000300, 1) + bytes(216)
    properties = hwp_record(16, 0, struct.pack("<7H3I", *[1] * 7, 0, 0, 0))
    streams = {("FileHeader",): head, ("DocInfo",): packed(properties)}
    return ole_file(path, {**streams, ("BodyText", "Section0"): packed(b"".join(paragraphs))})


def hwp_record(tag: int, level: int, data: bytes) -> bytes:
    import struct

    large = len(data) >= 0xFFF
    head = struct.pack("<I", tag | level << 10 | (0xFFF if large else len(data)) << 20)
    return head + (struct.pack("<I", len(data)) if large else b"") + data


def hwp_paragraph(text: str, level: int = 0, control: str = "", *inside: bytes) -> bytes:
    """A paragraph, before whose text a control stands, with the records that it holds: "gso " a shape, "head" a running
    head, "tcmt" a remark, "tbl " a table.
    """
    import struct

    units, below = text.encode("utf-16-le"), b""
    if control:
        name = control.encode()[::-1]
        units = struct.pack("<H4s8xH", 11, name, 11) + units
        below = hwp_record(71, level + 1, name + bytes(40)) + b"".join(inside)
    head = struct.pack("<IIHBBHHHIH", len(units) // 2 + 1, 0, 0, 0, 0, 1, 0, 1, 0, 0)
    return hwp_record(66, level, head) + hwp_record(67, level + 1, units + b"\r\0") + below


def hwp_list(text: str, level: int, place: tuple[int, int] = (0, 0)) -> bytes:
    """What stands in a shape, or in the cell of a table at (column, row)."""
    import struct

    cell = struct.pack("<4H2I8xH", *place, 1, 1, 100, 100, 1)
    return hwp_record(72, level, struct.pack("<HIH", 1, 0, 0) + cell) + hwp_paragraph(text, level)


def hwp_grid(level: int) -> bytes:
    """The record of a table of two columns and two rows."""
    import struct

    return hwp_record(77, level, struct.pack("<IHHH8xHHH", 0, 2, 2, 0, 2, 2, 1))


def zip_file(path: Path, files: dict[str, str | bytes]) -> Path:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    path.write_bytes(buffer.getvalue())
    return path
