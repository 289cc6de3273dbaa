"""What people report that programs lose or change in files, made small: each is read, and read right."""

from __future__ import annotations

import re
import shutil
import struct
import time
import zipfile
import zlib
from pathlib import Path

import pytest
from makers import SAMPLES, needs_samples

from rag.config import Settings
from rag.errors import LoadError
from rag.ingest import notes
from rag.ingest.library import Library
from rag.ingest.loaders import file_text, parse
from rag.ingest.loaders.equations import linear
from rag.ingest.loaders.raised import raised
from rag.messages import Messages
from rag.text.numbers import numbers

HP = 'xmlns:hp="http://www.hancom.co.kr/hwpml/2011/paragraph"'
HEADS = "header: "  # before a cell that the file calls a header
HH = 'xmlns:hh="http://www.hancom.co.kr/hwpml/2011/head"'


def read(path: Path) -> str:
    return file_text(parse(path, path.parent))


def dropped(path: Path) -> int:
    return int(parse(path, path.parent)[0].metadata["dropped"])


# HWPX


def p(inside: str, properties: str = "0") -> str:
    return f'<hp:p paraPrIDRef="{properties}">{inside}</hp:p>'


def run(inside: str, letters: str = "0") -> str:
    return f'<hp:run charPrIDRef="{letters}">{inside}</hp:run>'


def t(text: str) -> str:
    return f"<hp:t>{text}</hp:t>"


def listed(*paragraphs: str) -> str:
    return f"<hp:subList>{''.join(paragraphs)}</hp:subList>"


def table(rows: list[list[str]], caption: str = "") -> str:
    named = f"<hp:caption>{listed(p(run(t(caption))))}</hp:caption>" if caption else ""
    cells = "".join(
        "<hp:tr>"
        + "".join(
            f'<hp:tc header="{int(said.startswith(HEADS))}">{listed(said.removeprefix(HEADS))}</hp:tc>'
            for said in row
        )
        + "</hp:tr>"
        for row in rows
    )
    return f"<hp:tbl>{named}{cells}</hp:tbl>"


def heads(*texts: str) -> list[str]:
    return [HEADS + cell(text) for text in texts]


def cell(text: str, inside: str = "") -> str:
    return p(run(t(text))) + (p(run(inside)) if inside else "")


def hwpx(tmp_path: Path, *paragraphs: str, head: str = "") -> Path:
    file = tmp_path / "가.hwpx"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("mimetype", "application/hwp+zip")
        archive.writestr("Contents/header.xml", f"<hh:head {HH}>{head}</hh:head>")
        archive.writestr("Contents/section0.xml", f"<hs:sec xmlns:hs='s' {HP}>{''.join(paragraphs)}</hs:sec>")
    return file


def test_hwpx_reads_behind_notes_memos_boxes_and_running_heads(tmp_path: Path) -> None:
    note = f"<hp:ctrl><hp:footNote>{listed(p(run(t('중복을 뺀 수이다.'))))}</hp:footNote></hp:ctrl>"
    memo = f'<hp:ctrl><hp:fieldBegin type="MEMO">{listed(p(run(t("내부 검토"))))}</hp:fieldBegin></hp:ctrl>'
    header = f"<hp:ctrl><hp:header>{listed(p(run(t('가온시 기획과'))))}</hp:header></hp:ctrl>"
    box = f"<hp:rect><hp:drawText>{listed(p(run(t('마감 6월 30일'))))}</hp:drawText></hp:rect>"
    file = hwpx(
        tmp_path,
        p(run(header) + run(t("2027년 가온시 청년 지원 계획"))),
        p(run(t("이용자는 3,200명") + note) + run(t("으로 집계되었다."))),
        p(run(memo + t("시행일은 7월 1일이다.") + "<hp:ctrl><hp:fieldEnd/></hp:ctrl>")),
        p(run(box + t("접수는 누리집에서 한다."))),
    )
    lines = [line for line in read(file).split("\n") if line]
    assert lines == [
        "2027년 가온시 청년 지원 계획",
        "이용자는 3,200명으로 집계되었다.",
        "중복을 뺀 수이다.",
        "시행일은 7월 1일이다.",
        "접수는 누리집에서 한다.",
        "마감 6월 30일",
    ]
    assert dropped(file) == len("내부 검토")


def test_hwpx_puts_a_large_initial_before_its_paragraph(tmp_path: Path) -> None:
    drawn = (
        f'<hp:rect dropcapstyle="DoubleLine"><hp:drawText>{listed(p(run(t("발"))))}</hp:drawText></hp:rect>'
    )
    assert read(hwpx(tmp_path, p(run(drawn + t("광다이오드를 쓴다."))))) == "발광다이오드를 쓴다."


def test_hwpx_never_reads_what_tracked_changes_deleted(tmp_path: Path) -> None:
    changed = "<hp:deleteBegin/>300만<hp:deleteEnd/><hp:insertBegin/>500만<hp:insertEnd/> 원이다."
    file = hwpx(
        tmp_path,
        p(run(t(f"지원금은 {changed}"))),
        p(run(t("옛 조항은 <hp:deleteBegin/>이렇게"), "0") + run(t("끝나고<hp:deleteEnd/> 새 조항이 선다."))),
    )
    text = read(file)
    assert "지원금은 500만 원이다." in text and "옛 조항은 새 조항이 선다." in text.replace("  ", " ")
    assert "300" not in text and "이렇게" not in text and "끝나고" not in text


def test_hwpx_keeps_words_and_numbers_apart_at_breaks_and_fixed_blanks(tmp_path: Path) -> None:
    text = read(hwpx(tmp_path, p(run(t("2024년<hp:lineBreak/>15억<hp:fwSpace/>원<hp:nbSpace/>이상")))))
    assert text.split() == ["2024년", "15억", "원", "이상"]


def test_tables_in_cells_keep_their_headers_and_the_name_of_their_row(tmp_path: Path) -> None:
    inner = table([heads("단계", "기한"), [cell("접수"), cell("3월 2일")], [cell("심사"), cell("4월 9일")]])
    outer = table(
        [
            heads("사업", "지원"),
            [cell("청년 창업"), cell("아래와 같다.", inner)],
            [cell("융자"), cell("10건")],
        ]
    )
    text = read(hwpx(tmp_path, p(run(outer))))
    assert "사업: 청년 창업 | 지원: 아래와 같다." in text and "사업: 융자 | 지원: 10건" in text
    assert text.split("\n\n")[-1].split("\n") == [
        "청년 창업",
        "단계: 접수 | 기한: 3월 2일",
        "단계: 심사 | 기한: 4월 9일",
    ]


def test_docx_tables_in_cells(tmp_path: Path) -> None:
    import docx

    document = docx.Document()
    outer = document.add_table(rows=2, cols=2)
    for at, said in (((0, 0), "사업"), ((0, 1), "내용"), ((1, 0), "청년 창업"), ((1, 1), "아래와 같다.")):
        outer.cell(*at).text = said
    inner = outer.cell(1, 1).add_table(rows=3, cols=2)
    for y, row in enumerate((("단계", "기한"), ("접수", "3월 2일"), ("심사", "4월 9일"))):
        for x, said in enumerate(row):
            inner.cell(y, x).text = said
    document.save(str(tmp_path / "가.docx"))
    assert read(tmp_path / "가.docx").endswith("청년 창업\n단계 | 기한\n접수 | 3월 2일\n심사 | 4월 9일")


@needs_samples
@pytest.mark.parametrize(
    "words",
    [
        "보고시점: 착수 후(2주 이내)",
        "평점: 4.5점",
        "평점=입찰가격평가 배점한도 × (최저입찰가격 / 해당입찰가격)",
    ],
)
def test_a_real_request_for_proposals_keeps_its_inner_tables_and_formulas(words: str) -> None:
    assert words in read(SAMPLES / "kps-ai.hwp")


def test_a_caption_brings_its_unit(tmp_path: Path) -> None:
    rows = [heads("사업", "예산"), [cell("가온대교"), cell("350")]]
    (document,) = parse(hwpx(tmp_path, p(run(table(rows, "표 2. 사업별 예산(단위: 백만 원)")))), tmp_path)
    assert document.metadata["caption"] == "표 2. 사업별 예산(단위: 백만 원)"
    assert document.page_content.split("\n") == [
        "표 2. 사업별 예산(단위: 백만 원)",
        "사업: 가온대교 | 예산: 350",
    ]


def test_hwpx_draws_numbers_bullets_and_raised_marks(tmp_path: Path) -> None:
    head = (
        '<hh:charPr id="5" height="1000"><hh:supscript/></hh:charPr>'
        '<hh:charPr id="6" height="1000"><hh:strikeout shape="SOLID"/></hh:charPr>'
        '<hh:numbering id="1"><hh:paraHead level="1" numFormat="DIGIT" start="3">제^1조</hh:paraHead>'
        '<hh:paraHead level="2" numFormat="HANGUL_SYLLABLE" start="1">^2.</hh:paraHead></hh:numbering>'
        '<hh:bullet id="2" char="ㅇ"/>'
        '<hh:paraPr id="7"><hh:heading type="NUMBER" idRef="1" level="0"/></hh:paraPr>'
        '<hh:paraPr id="8"><hh:heading type="NUMBER" idRef="1" level="1"/></hh:paraPr>'
        '<hh:paraPr id="9"><hh:heading type="BULLET" idRef="2" level="0"/></hh:paraPr>'
    )
    file = hwpx(
        tmp_path,
        p(run(t("보조금은 시가 준다.")), "7"),
        p(run(t("신청은 5월에 받는다.")), "8"),
        p(run(t("심사는 6월에 한다.")), "8"),
        p(run(t("환수는 따로 정한다.")), "7"),
        p(run(t("이용자는 3,200")) + run(t("1)"), "5") + run(t("명이고 넓이는 12m")) + run(t("2"), "5"), "9"),
        p(run(t("기한은 ")) + run(t("30일"), "6") + run(t("45일이다."))),
        head=head,
    )
    assert [line for line in read(file).split("\n") if line] == [
        "제3조 보조금은 시가 준다.",
        "가. 신청은 5월에 받는다.",
        "나. 심사는 6월에 한다.",
        "제4조 환수는 따로 정한다.",
        "ㅇ 이용자는 3,200명이고 넓이는 12m²",
        "기한은 45일이다.",
    ]


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("{a+b} over {2}", "(a+b) / 2"),
        ("수입~비율 GEQ 80`%", "수입 비율 ≥ 80 %"),
        ("LEFT [ 2 TIMES {x} RIGHT ]", "[2 × x]"),
        ("}{ over", "/"),
    ],
)
def test_equations_become_a_line(script: str, said: str) -> None:
    assert linear(script) == said


# DOCX

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def docx_of(tmp_path: Path, *paragraphs: str, parts: dict[str, str] | None = None) -> Path:
    """A Word file with these paragraphs' XML, and further parts."""
    import docx
    from docx.opc.constants import RELATIONSHIP_TYPE as KIND
    from docx.opc.packuri import PackURI
    from docx.opc.part import Part
    from docx.oxml import parse_xml

    document = docx.Document()
    for words in paragraphs:
        document.element.body.insert_element_before(parse_xml(words), "w:sectPr")
    for name, words in (parts or {}).items():
        part = Part(PackURI(f"/word/{name}2.xml"), "application/xml", words.encode(), document.part.package)
        document.part.relate_to(part, getattr(KIND, name.upper()))
    document.save(str(tmp_path / "가.docx"))
    return tmp_path / "가.docx"


def wp(inside: str, more: str = "") -> str:
    return f"<w:p {W} {more}>{inside}</w:p>"


def wr(text: str, properties: str = "") -> str:
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


def test_docx_is_read_in_its_final_view(tmp_path: Path) -> None:
    box = (
        '<w:r><mc:AlternateContent><mc:Choice Requires="wps"><w:drawing><w:txbxContent>'
        f"{wp(wr('마감 6월 30일'))}</w:txbxContent></w:drawing></mc:Choice><mc:Fallback><w:pict><w:txbxContent>"
        f"{wp(wr('마감 6월 30일'))}</w:txbxContent></w:pict></mc:Fallback></mc:AlternateContent></w:r>"
    )
    deleted = '<w:del><w:r><w:delText xml:space="preserve">300만 원</w:delText></w:r></w:del>'
    file = docx_of(
        tmp_path,
        wp(wr("지원금은 ") + deleted + f"<w:ins>{wr('500만 원')}</w:ins>" + wr("이다.")),
        wp(
            wr("접수는 ")
            + f"<w:sdt><w:sdtPr/><w:sdtContent>{wr('5월 2일')}</w:sdtContent></w:sdt>"
            + wr("까지이다.")
        ),
        f"<w:sdt {W}><w:sdtContent>{wp(wr('모두 신청할 수 있다.'))}</w:sdtContent></w:sdt>",
        wp(wr("참가자는 ") + f'<w:fldSimple w:instr="X">{wr("42명")}</w:fldSimple>' + wr("이다.")),
        wp(
            wr("누리집을 본다.") + box,
            'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"',
        ),
        wp(wr("기한은 ") + wr("30일", "<w:strike/>") + wr("45일이다.")),
    )
    assert [line for line in read(file).split("\n") if line] == [
        "지원금은 500만 원이다.",
        "접수는 5월 2일까지이다.",
        "모두 신청할 수 있다.",
        "참가자는 42명이다.",
        "누리집을 본다.",
        "마감 6월 30일",
        "기한은 45일이다.",
    ]
    assert dropped(file) == len("300만 원") + len("30일")


def test_docx_reads_notes_raised_marks_and_drawn_numbers(tmp_path: Path) -> None:
    high = '<w:vertAlign w:val="superscript"/>'
    numbered = '<w:pPr><w:numPr><w:ilvl w:val="0"/><w:numId w:val="77"/></w:numPr></w:pPr>'
    level = (
        '<w:lvl w:ilvl="0"><w:start w:val="3"/><w:numFmt w:val="decimal"/><w:lvlText w:val="제%1조"/></w:lvl>'
    )
    file = docx_of(
        tmp_path,
        wp(numbered + wr("보조금은 시가 준다.")),
        wp(numbered + wr("환수는 따로 정한다.")),
        wp(wr("이용자는 3,200") + '<w:r><w:footnoteReference w:id="2"/></w:r>' + wr("명이다.")),
        wp(wr("참가자는 120") + wr("1)", high) + wr("명이다.")),
        parts={
            "footnotes": f'<w:footnotes {W}><w:footnote w:id="2">{wp(wr("중복을 뺀 수이다."))}</w:footnote></w:footnotes>',
            "numbering": f'<w:numbering {W}><w:abstractNum w:abstractNumId="9">{level}</w:abstractNum>'
            '<w:num w:numId="77"><w:abstractNumId w:val="9"/></w:num></w:numbering>',
        },
    )
    assert [line for line in read(file).split("\n") if line] == [
        "제3조 보조금은 시가 준다.",
        "제4조 환수는 따로 정한다.",
        "이용자는 3,200명이다.",
        "중복을 뺀 수이다.",
        "참가자는 120명이다.",
    ]


def test_a_header_above_nothing_is_kept(tmp_path: Path) -> None:
    rows = [
        heads("단계", "1월", "2월"),
        [cell("분석"), cell(""), cell("")],
        [cell("설계"), cell(""), cell("완료")],
    ]
    assert read(hwpx(tmp_path, p(run(table(rows))))).split("\n") == [
        "1월",
        "단계: 분석",
        "단계: 설계 | 2월: 완료",
    ]


# slides and pages


def test_line_breaks_of_slides_separate(tmp_path: Path) -> None:
    import pptx

    deck = pptx.Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[1])
    slide.shapes.title.text = "지원\v금액"
    slide.placeholders[1].text = "지원 금액\v3억 원\v4억 원"
    deck.save(str(tmp_path / "가.pptx"))
    text = read(tmp_path / "가.pptx")
    assert text.split() == ["지원", "금액", "지원", "금액", "3억", "원", "4억", "원"]


def page(tmp_path: Path, body: str) -> Path:
    file = tmp_path / "가.html"
    file.write_text(f"<html><head><title>안내</title></head><body>{body}</body></html>", encoding="utf-8")
    return file


@pytest.mark.parametrize("filler", ["", "<p>" + "돌봄 로봇을 마을마다 나누어 준다. " * 40 + "</p>"])
def test_breaks_in_cells_of_pages_separate(tmp_path: Path, filler: str) -> None:
    cells = "<td>초등<br>중등<p>3,200명</p><p>4,100명</p></td>"
    rows = f"<table><tr><th>구분</th><th>대상</th></tr><tr><td>가온시</td>{cells}</tr></table>"
    text = read(page(tmp_path, f"<main>{filler}{rows}</main>"))
    assert "대상: 초등 중등 3,200명 4,100명" in text
    assert {number.value for number in numbers(text) if number.unit == "명"} == {3200, 4100}


def test_pages_are_read_as_they_are_in_force(tmp_path: Path) -> None:
    file = page(
        tmp_path,
        "<main><p>신고는 <del>30일</del><ins>45일</ins> 이내에 한다.</p>"
        "<p>이용자는 3,200<sup>1)</sup>명이고 넓이는 12m<sup>2</sup>이다.</p>"
        "<p><ruby>人工知能<rt>인공지능</rt></ruby>을 쓴다.</p></main>",
    )
    text = read(file)
    assert "신고는 45일 이내에 한다." in text and "30일" not in text and dropped(file) == 3
    assert "이용자는 3,200명이고 넓이는 12m²이다." in text
    assert "人工知能을 쓴다." in text


def test_a_page_that_is_one_form_is_read_and_a_search_box_is_not(tmp_path: Path) -> None:
    whole = (
        "<form method=post><h3>지원 대상</h3><p>만 19세 이상 시민이다.</p><table><tr><th>가구</th><th>금액</th></tr>"
        "<tr><td>1인</td><td>20만 원</td></tr></table><select><option>서울</option></select></form>"
    )
    text = read(page(tmp_path, whole))
    assert "만 19세 이상 시민이다." in text and "가구: 1인 | 금액: 20만 원" in text and "서울" not in text
    boxed = "<form><label>찾을 말</label></form><main><p>만 19세 이상 시민이 신청할 수 있다.</p></main>"
    assert "찾을 말" not in read(page(tmp_path, boxed))


def test_many_nested_marks_take_no_time(tmp_path: Path) -> None:
    deep = "<del>" * 20_000 + "가" + "</del>" * 20_000
    assert "나이다" in read(page(tmp_path, f"<p>나이다.{deep}{'<form>' * 5000}다</p>"))


@pytest.mark.parametrize(
    ("text", "before", "left"),
    [
        ("1)", "3,200", ""),
        ("*", "예산", ""),
        ("9", "10", "⁹"),
        ("2", "km", "²"),
        ("3", "2,010", ""),
        ("th", "4", "th"),
        ("n", "P(1+r)", "ⁿ"),
        ("2", "3", "²"),
        ("14", "", "¹⁴"),
        ("3", "1.05", "³"),
        ("-1", "s", "⁻¹"),
    ],
)
def test_raised_letters(text: str, before: str, left: str) -> None:
    assert raised(text, before) == left


def test_text_of_a_file_is_never_doubled(tmp_path: Path) -> None:
    inner = table([[cell("갑"), cell("을")], [cell("병"), cell("정")]])
    frame = table([[cell("머리말이다.", inner)]])
    text = read(hwpx(tmp_path, p(run(frame) + run(t("본문이다.")))))
    assert [text.count(word) for word in ("머리말이다", "갑", "을", "병", "정", "본문이다")] == [1] * 6


@pytest.mark.parametrize(
    ("name", "head", "said"),
    [
        ("옛.hwp", b"HWP Document File V3.00 \x1a", "HWP 3.0 document. Save it in Hangul as .hwpx"),
        ("옛.hwp", b'<?xml version="1.0"?><HWPML Version="2.8">', "HWPML document. Save it"),
        ("보안.hwp", b"<## NASCA DRM FILE - VER1.00 ##>", "document protection program (DRM)"),
        ("보안.docx", b"SCDSA002", "document protection program (DRM)"),
        ("옛.doc", b"\xd0\xcf\x11\xe0", "Save it as .docx"),
        ("옛.hml", b"<?xml", "Save it as .hwpx"),
    ],
)
def test_old_and_protected_files_are_told_apart_with_what_to_do(
    tmp_path: Path, name: str, head: bytes, said: str
) -> None:
    (tmp_path / name).write_bytes(head + bytes(200))
    with pytest.raises(LoadError, match=re.escape(said)):
        parse(tmp_path / name, tmp_path)


def test_a_document_that_is_not_read_is_listed_and_not_passed_over(tmp_path: Path) -> None:
    settings = Settings(documents=tmp_path / "문서", data=tmp_path / "자료")
    settings.documents.mkdir()
    (settings.documents / "옛.doc").write_bytes(b"\xd0\xcf\x11\xe0" + bytes(200))
    (settings.documents / "사진.gif").write_bytes(b"GIF89a")
    library = Library(settings, None)
    (status,) = library.sync()
    library.close()
    assert (status.path, status.status) == ("옛.doc", "failed") and "Save it as .docx" in str(status.reason)


# PDF


def ruled(x: float, top: float, rows: list[list[str]], width: float = 60, line: float = 20) -> str:
    """The drawing of a ruled table whose upper left corner is at (x, top), points from the lower left."""
    drawn = ""
    right, foot = x + width * len(rows[0]), top - line * len(rows)
    for y in range(len(rows) + 1):
        drawn += f"{x} {top - y * line} m {right} {top - y * line} l S\n"
    for column in range(len(rows[0]) + 1):
        drawn += f"{x + column * width} {top} m {x + column * width} {foot} l S\n"
    for y, row in enumerate(rows):
        for column, text in enumerate(row):
            drawn += written(x + column * width + 4, top - y * line - 14, text)
    return drawn


def written(x: float, y: float, text: str) -> str:
    return f"BT /F1 10 Tf {x} {y} Td ({text}) Tj ET\n"


def pdf(tmp_path: Path, *pages: str) -> Path:
    parts = ["<< /Type /Catalog /Pages 2 0 R >>", ""]
    parts.append("<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>")
    kids = []
    for drawn in pages:
        parts.append(f"<< /Length {len(drawn)} >>\nstream\n{drawn}\nendstream")
        resources = "/Resources << /Font << /F1 3 0 R >> >>"
        parts.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 400 400] /Contents {len(parts)} 0 R {resources} >>"
        )
        kids.append(f"{len(parts)} 0 R")
    parts[1] = f"<< /Type /Pages /Count {len(kids)} /Kids [{' '.join(kids)}] >>"
    body, places = "%PDF-1.4\n", []
    for number, part in enumerate(parts, 1):
        places.append(len(body))
        body += f"{number} 0 obj\n{part}\nendobj\n"
    table_at = len(body)
    body += f"xref\n0 {len(parts) + 1}\n0000000000 65535 f \n" + "".join(
        f"{at:010} 00000 n \n" for at in places
    )
    body += f"trailer << /Size {len(parts) + 1} /Root 1 0 R >>\nstartxref\n{table_at}\n%%EOF"
    (tmp_path / "ga.pdf").write_bytes(body.encode("latin-1"))
    return tmp_path / "ga.pdf"


def test_tables_side_by_side_and_text_beside_a_table_are_read(tmp_path: Path) -> None:
    libraries = ruled(
        20, 380, [["library", "2024", "2025"], ["north", "31", "40"], ["south", "28", "33"]], 55
    )
    gyms = ruled(210, 380, [["gym", "2024", "2025"], ["north", "17", "22"]], 55)
    hours = ruled(20, 220, [["desk", "hour", "floor"], ["advice", "9", "2"], ["loans", "10", "1"]], 55)
    beside = written(210, 200, "Advice begins at nine on weekdays.") + written(210, 180, "Bring a card.")
    drawn = written(20, 390, "Sports and books") + libraries + gyms + beside + hours
    text = read(pdf(tmp_path, drawn + written(20, 100, "The end.")))
    assert "library: south | 2024: 28 | 2025: 33" in text
    assert "north | 2024: 17 | 2025: 22" in text and "advice | hour: 9 | floor: 2" in text
    assert "Advice begins at nine on weekdays." in text and "Bring a card." in text
    assert text.index("Sports and books") < text.index("17") < text.index("advice") < text.index("The end.")
    for words in ("Advice begins", "17", "The end"):
        assert text.count(words) == 1


def test_a_table_over_a_page_break_keeps_its_header(tmp_path: Path) -> None:
    first = ruled(
        20, 380, [["project", "who", "period"], ["bridge", "Kim", "May"], ["tunnel", "Lee", "June"]], 100
    )
    other = ruled(20, 380, [["shelter", "Park", "July"], ["stream", "Choi", "August"]], 100)
    text = read(pdf(tmp_path, first, other))
    assert "stream | who: Choi | period: August" in text and "shelter | who: Park | period: July" in text
    again = ruled(20, 380, [["project", "who", "period"], ["shelter", "Park", "July"]], 100)
    text = read(pdf(tmp_path, first, again))
    assert "shelter | who: Park | period: July" in text and text.count("project | ") == 0
    narrow = ruled(20, 380, [["fee", "won", "note"], ["adult", "3000", "a day"]], 60)
    assert "adult | won: 3000 | note: a day" in read(pdf(tmp_path, first, narrow))


def test_what_was_left_out_is_told_in_korean() -> None:
    note = Messages(notes.of_text(hidden=9, unseen=9, dropped=12))
    assert note.in_language("ko").endswith(
        "보이지 않는 글자 9개를 걷어 냈습니다.\n지웠거나 줄을 그었거나 메모인 글자 12개는 읽지 않았습니다."
    )


def test_paragraphs_of_very_many_runs_are_read(tmp_path: Path) -> None:
    head = '<hh:charPr id="5" height="1000"><hh:supscript/></hh:charPr>'
    many = "".join(run(t("가나다라마바사아자차카타파하 "), "5" if n % 2 else "0") for n in range(20_000))
    assert read(hwpx(tmp_path, p(many), head=head)).count("가나다라") == 20_000
    docx_of(tmp_path, wp(wr("가나다라마바사아자차카타파하 ") * 20_000))
    assert read(tmp_path / "가.docx").count("가나다라") == 20_000


@pytest.mark.parametrize("kind", ["docx", "html", "hwpx"])
def test_equal_figures_beside_each_other_are_all_kept(tmp_path: Path, kind: str) -> None:
    import docx

    rows = [["지점", "1월", "2월", "3월"], ["강동", "12", "12", "15"], ["강서", "0", "0", "0"]]
    if kind == "docx":
        document = docx.Document()
        made = document.add_table(rows=3, cols=4)
        for y, row in enumerate(rows):
            for x, said in enumerate(row):
                made.cell(y, x).text = said
        document.save(str(tmp_path / "가.docx"))
        file = tmp_path / "가.docx"
    elif kind == "html":
        cells = "".join("<tr>" + "".join(f"<td>{said}</td>" for said in row) + "</tr>" for row in rows)
        file = page(tmp_path, f"<main><table>{cells}</table></main>")
    else:
        file = hwpx(tmp_path, p(run(table([[cell(said) for said in row] for row in rows]))))
    assert "지점: 강동 | 1월: 12 | 2월: 12 | 3월: 15" in read(file)
    assert "지점: 강서 | 1월: 0 | 2월: 0 | 3월: 0" in read(file)


def test_a_merged_cell_is_said_once(tmp_path: Path) -> None:
    cells = "<tr><th>구분</th><th>1월</th><th>2월</th></tr><tr><td colspan=3>쉼</td></tr><tr><td>가</td><td colspan=2>휴관</td></tr>"
    text = read(page(tmp_path, f"<main><table>{cells}</table></main>"))
    assert text.split("\n") == ["쉼", "가 | 1월: 휴관 | 2월: 휴관"]


def test_a_form_is_judged_by_what_a_reader_sees(tmp_path: Path) -> None:
    script = "<script>" + "var x = 1;" * 400 + "</script>"
    whole = f"{script}<div>홈</div><form><h1>공고</h1><p>지원금은 1인당 300만 원이다.</p></form><div>끝</div>"
    assert "지원금은 1인당 300만 원이다." in read(page(tmp_path, whole))


def test_captions_summaries_and_rules_of_pages(tmp_path: Path) -> None:
    rows = "<tr><th>사업</th><th>예산</th></tr><tr><td>가온대교</td><td>350</td></tr>"
    text = read(
        page(
            tmp_path,
            f"<main><table><caption>표 1. 예산(단위: 백만 원)</caption>{rows}</table>"
            "<details><summary>신청 기한은 3</summary>5월까지이다.</details><div>12<hr>34</div></main>",
        )
    )
    assert "표 1. 예산(단위: 백만 원)" in text and "35월" not in text and "1234" not in text


def test_docx_formulas_symbols_and_ruby(tmp_path: Path) -> None:
    math = 'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"'
    inner = "<m:r><m:t>a+b</m:t></m:r>"
    for _ in range(30):  # nested, which took time that doubled with each
        inner = f"<m:d><m:e>{inner}</m:e></m:d>"
    power = "<m:sSup><m:e><m:r><m:t>x</m:t></m:r></m:e><m:sup><m:r><m:t>12</m:t></m:r></m:sup></m:sSup>"
    file = docx_of(
        tmp_path,
        wp(wr("값은 2") + f"<m:oMath {math}>{inner}</m:oMath>"),
        wp(wr("또 ") + f"<m:oMath {math}>{power}<m:r><m:t>3</m:t></m:r></m:oMath>"),
        wp(wr("정원을 3") + '<w:r><w:sym w:font="Wingdings" w:char="F0E0"/></w:r>' + wr("5명으로 늘린다.")),
        wp(
            f"<w:r><w:ruby><w:rt>{wr('한자')}</w:rt><w:rubyBase>{wr('漢字')}</w:rubyBase></w:ruby></w:r>"
            + wr("를 쓴다.")
        ),
    )
    text = read(file)
    assert "(" * 30 + "a+b" + ")" * 30 in text and "x^12 3" in text
    assert "정원을 3→5명으로 늘린다." in text and "漢字를 쓴다." in text and "한자" not in text


def test_docx_numbering_goes_on_and_begins_anew_as_word_does(tmp_path: Path) -> None:
    def numbered(key: int, text: str) -> str:
        properties = f'<w:pPr><w:numPr><w:ilvl w:val="0"/><w:numId w:val="{key}"/></w:numPr></w:pPr>'
        return wp(properties + (wr(text) if text else ""))

    level = (
        '<w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="decimal"/><w:lvlText w:val="제%1조"/></w:lvl>'
    )
    anew = '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="7"/></w:lvlOverride>'
    file = docx_of(
        tmp_path,
        *(
            numbered(key, text)
            for key, text in ((71, "하나."), (71, ""), (72, "셋."), (73, "일곱."), (73, "여덟."))
        ),
        parts={
            "numbering": f'<w:numbering {W}><w:abstractNum w:abstractNumId="9">{level}</w:abstractNum>'
            '<w:num w:numId="71"><w:abstractNumId w:val="9"/></w:num>'
            '<w:num w:numId="72"><w:abstractNumId w:val="9"/></w:num>'
            f'<w:num w:numId="73"><w:abstractNumId w:val="9"/>{anew}</w:num></w:numbering>'
        },
    )
    assert re.findall(r"제\d+조 \S+", read(file)) == [
        "제1조 하나.",
        "제3조 셋.",
        "제7조 일곱.",
        "제8조 여덟.",
    ]


def test_pdf_keeps_figures_in_lines_of_their_own_and_values_at_the_edges(tmp_path: Path) -> None:
    lines = ["Visitors in spring", "350", "Visitors in autumn", "1,200"]
    one = "".join(written(20, 380 - 40 * y, line) for y, line in enumerate(lines))
    assert "350" in read(pdf(tmp_path, one)).split()
    pages = [
        written(20, 385, "City report") + written(20, 340, f"Branch {n} report") + written(20, 200, "It is open.")
        + written(20, 60, f"Sum {n * 37} won") + written(190, 10, f"- {n} -")
        for n in range(1, 7)
    ]  # fmt: skip
    text = read(pdf(tmp_path, *pages))
    assert all(f"Sum {n * 37} won" in text for n in range(1, 7))
    assert "City report" not in text and "- 3 -" not in text


def test_pdf_text_in_a_table_s_box_and_in_no_cell_is_read(tmp_path: Path) -> None:
    drawn = ruled(20, 380, [["a", "b"], ["c", "d"], ["e", "f"]], 60) + ruled(140, 340, [["extra"]], 80)
    text = read(pdf(tmp_path, drawn + written(150, 366, "note beside") + written(20, 100, "The end.")))
    for word in ("note beside", "extra", "The end."):
        assert text.count(word) == 1


def column(
    x: float, top: float, name: str, count: int, words: str = "of the house is paid by the town"
) -> list[str]:
    """The drawing of each line of a column; the words stand for running text."""
    return [written(x, top - 12 * y, f"{name}{y} {words}") for y in range(count)]


def by_turns(*columns: list[str]) -> str:
    """Columns drawn line by line across the gutter, as some programs do."""
    longest = max(map(len, columns))
    return "".join(c[y] for y in range(longest) for c in columns if y < len(c))


def order(text: str) -> list[str]:
    return re.findall(r"\b[A-Z]\d+\b|\bTITLE\b|\bmiddle\b|\bNOTE\b", text)


def expected(*columns: tuple[str, int]) -> list[str]:
    return [f"{name}{y}" for name, count in columns for y in range(count)]


TITLE = written(90, 380, "TITLE of a page that stands across both of its columns")


@pytest.mark.parametrize("right", [210, 186], ids=["wide gutter", "gutter of 4 mm"])
def test_columns_drawn_line_by_line_are_read_one_after_the_other(tmp_path: Path, right: int) -> None:
    left = column(20, 340, "L", 9)
    drawn = TITLE + by_turns(left, column(right, 340, "R", 6)) + written(20, 40, "NOTE " + "across " * 11)
    assert order(read(pdf(tmp_path, drawn))) == ["TITLE", *expected(("L", 9), ("R", 6)), "NOTE"]


def test_a_table_across_parts_the_columns_above_from_those_below(tmp_path: Path) -> None:
    above = by_turns(column(20, 340, "A", 6), column(210, 340, "B", 6))
    below = by_turns(column(20, 170, "C", 5), column(210, 170, "D", 4))
    across = ruled(20, 250, [["name", "middle"], ["hall", "7"]], 180)
    text = read(pdf(tmp_path, TITLE + above + across + below))
    assert order(text) == ["TITLE", *expected(("A", 6), ("B", 6)), "middle", *expected(("C", 5), ("D", 4))]


def test_three_columns_with_the_number_of_the_page_between_them(tmp_path: Path) -> None:
    columns = [
        column(x, 340, name, 8, "of a house is paid") for x, name in ((15, "A"), (145, "B"), (275, "C"))
    ]
    text = read(pdf(tmp_path, by_turns(*columns) + written(130, 20, "12")))
    assert order(text) == expected(("A", 8), ("B", 8), ("C", 8))


def test_a_table_in_a_column_stays_in_it(tmp_path: Path) -> None:
    left = [*column(20, 340, "L", 5), *([""] * 4), *column(20, 220, "M", 5)]
    drawn = by_turns(left, column(210, 340, "R", 15)) + ruled(
        20, 272, [["name", "middle"], ["hall", "7"]], 70
    )
    text = read(pdf(tmp_path, drawn))
    assert order(text) == [*expected(("L", 5)), "middle", *expected(("M", 5), ("R", 15))]


@pytest.mark.parametrize(
    ("rows", "places"),
    [
        ([("north branch library", "31,200", "1,200"), ("south hall", "9,100", "100"), ("the eastern pool", "44", "4")] * 3, (20, 200, 300)),
        ([("The house of every family is paid by the town", "4"), ("Rivers and lakes of the county", "12")] * 4, (20, 370)),
        ([("Department of housing", "Mr Kim Cheolsu"), ("Employment and youth", "Ms Lee, deputy"), ("Parks", "Mr Park")] * 3, (20, 230)),
        ([("1.", "The house of every family is paid for by the town council"), ("2.", "Rivers and lakes stay as clean as they have been so far")] * 4, (20, 60)),
        ([("Name of the applicant:", "Date of birth of the applicant:"), ("Street:", "Town:"), ("Telephone:", "Mail:")] * 3, (20, 210)),
        ([("Begin of the works", "2026. 1. 5. - 2026. 12. 31."), ("End of all the works", "2027. 1. 5. - 2027. 12. 31.")] * 4, (20, 220)),
    ],
    ids=["figures", "contents", "names", "items", "form", "dates"],
)  # fmt: skip
def test_rows_that_only_look_like_columns_stay_whole(
    tmp_path: Path, rows: list[tuple[str, ...]], places: tuple[int, ...]
) -> None:
    drawn = "".join(
        written(x, 370 - 14 * y, f"{said}" if n else f"X{y} {said}")
        for y, row in enumerate(rows)
        for n, (x, said) in enumerate(zip(places, row, strict=True))
    )
    text = " ".join(read(pdf(tmp_path, drawn)).split())
    assert all(f"X{y} {' '.join(row)}" in text for y, row in enumerate(rows))


def test_a_page_drawn_in_paragraphs_keeps_the_order_of_its_writer(tmp_path: Path) -> None:
    pieces = [
        *column(20, 340, "A", 4),
        *column(210, 340, "B", 4),
        *column(20, 280, "C", 4),
        *column(210, 280, "D", 4),
    ]
    assert order(read(pdf(tmp_path, "".join(pieces)))) == expected(("A", 4), ("B", 4), ("C", 4), ("D", 4))


def test_a_page_of_very_many_pieces_takes_no_time(tmp_path: Path) -> None:
    drawn = "".join(written(2 + 13 * (n % 30), 395 - (n // 30) * 3, "house") for n in range(3000))
    begun = time.perf_counter()
    assert read(pdf(tmp_path, drawn)).count("house") == 3000
    assert time.perf_counter() - begun < 20


# HWP 5


def struck_hwp(tmp_path: Path, shape: int) -> Path:
    """A real release with one of its character shapes struck out: the line's shape, bits 26 to 29 of the
    attributes of the record HWPTAG_CHAR_SHAPE, set from 15 (none) to 1.
    """
    import olefile

    file = tmp_path / "가.hwp"
    shutil.copy(SAMPLES / "20250130_홍보_보도자료.hwp", file)
    with olefile.OleFileIO(str(file), write_mode=True) as ole:
        packed = ole.openstream("DocInfo").read()
        data = bytearray(zlib.decompress(packed, -15))
        at, number = 0, 0
        while at < len(data):
            (head,) = struct.unpack_from("<I", data, at)
            size, at = head >> 20, at + 4
            if size == 0xFFF:
                size, at = struct.unpack_from("<I", data, at)[0], at + 4
            if head & 0x3FF == 0x15:
                if number == shape:
                    (bits,) = struct.unpack_from("<I", data, at + 46)
                    struct.pack_into("<I", data, at + 46, bits & ~(15 << 26) | 1 << 26)
                number += 1
            at += size
        packer = zlib.compressobj(9, zlib.DEFLATED, -15)
        again = packer.compress(bytes(data)) + packer.flush()
        assert len(again) <= len(packed) and number > shape
        ole.write_stream("DocInfo", again.ljust(len(packed), b"\0"))
    return file


@needs_samples
@pytest.mark.parametrize(
    ("shape", "struck", "stays"),
    [(53, "안전 온도", "윤석대 한국수자원공사 사장"), (47, "053-668-1310", "낙동강사업처")],
    ids=["headline", "cells"],
)
def test_hwp_text_that_is_struck_out_is_never_read(
    tmp_path: Path, shape: int, struck: str, stays: str
) -> None:
    whole = SAMPLES / "20250130_홍보_보도자료.hwp"
    file = struck_hwp(tmp_path, shape)
    before, after = read(whole), read(file)
    assert struck in before and dropped(whole) == 0
    assert after.count(struck) < before.count(struck) and stays in after
    assert dropped(file) == pytest.approx(len("".join(before.split())) - len("".join(after.split())), abs=12)


def test_pdf_words_parted_at_a_wrap_are_whole_and_numbers_keep_their_hyphen(tmp_path: Path) -> None:
    lines = ["The algo-", "rithm runs from 2019-", "2020 in each GTX-", "1080 of the town."]
    text = read(pdf(tmp_path, "".join(written(20, 380 - 12 * y, line) for y, line in enumerate(lines))))
    assert "20192020" not in text and "GTX1080" not in text and "\ufffe" not in text
    assert "algorithm" in text and "2019-2020" in text.replace("\n", "").replace("- ", "-")


def test_pdf_lines_that_begin_with_a_blank_and_a_mark_begin_a_paragraph(tmp_path: Path) -> None:
    lines = [
        " [make] texts and pictures that the town asks for, as well as",
        "sounds",
        " [learn] what the town wrote down of all its houses and rivers",
        " [tell] those who ask at the desk what the town has written to",
        "them",
        "and",
        "so",
    ]
    text = read(pdf(tmp_path, "".join(written(20, 380 - 12 * y, line) for y, line in enumerate(lines))))
    assert "as well as sounds" in text and "written to them" in text
    assert [line.split("]")[0] for line in text.split("\n")][:3] == ["[make", "[learn", "[tell"]
