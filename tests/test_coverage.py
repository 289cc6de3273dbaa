"""How much of a file was read is counted by a second way, is less than all where something is lost, and is shown."""

from __future__ import annotations

import json
from email.message import EmailMessage
from pathlib import Path

import docx
import pptx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from langchain_core.documents import Document
from lxml import etree
from makers import (
    SAMPLES,
    docx_file,
    eml_file,
    hwp_file,
    hwp_grid,
    hwp_list,
    hwp_paragraph,
    hwp_record,
    msg_file,
    msg_parts,
    needs_samples,
    pdf_file,
    pptx_file,
    xlsx_file,
)
from pptx.util import Cm
from test_losses import cell, heads, hwpx, listed, p, run, t, table

from rag.cli import main
from rag.ingest.library import Library
from rag.ingest.loaders import parse
from rag.ingest.loaders.coverage import present, share
from rag.ui.documents import coverage_text

LOST = "이 글은 길을 잃었다."


def read_share(file: Path) -> float | None:
    value: float | None = parse(file, file.parent)[0].metadata["coverage"]
    return value


def said(text: str, grid: list[list[str]] | None = None) -> list[Document]:
    return [Document(page_content=text, metadata={"table": grid})]


@pytest.mark.parametrize("maker", [docx_file, pptx_file, xlsx_file, pdf_file, eml_file, msg_file])
def test_a_file_that_was_read_whole_says_so(tmp_path: Path, maker: object) -> None:
    assert callable(maker)
    assert read_share(maker(tmp_path / f"a.{maker.__name__.removesuffix('_file')}")) == 1.0


def test_what_is_not_in_force_is_not_counted(tmp_path: Path) -> None:
    head = '<hh:charPr id="7"><hh:strikeout shape="SOLID"/></hh:charPr><hh:charPr id="8"><hh:supscript/></hh:charPr>'
    deleted = f"<hp:t>예산은 <hp:deleteBegin/>{LOST}<hp:deleteEnd/>3억 원이다.</hp:t>"
    running = f"<hp:ctrl><hp:header>{listed(p(run(t(LOST))))}</hp:header></hp:ctrl>"
    memo = f'<hp:ctrl><hp:fieldBegin type="MEMO">{listed(p(run(t(LOST))))}</hp:fieldBegin></hp:ctrl>'
    rows = [heads("구분", "예산"), [cell("버스"), cell("3,200")]]
    file = hwpx(
        tmp_path,
        p(run(deleted) + run(t(LOST), "7") + run(t("1)"), "8") + run(running) + run(memo)),
        p(run(t("한 낱")) + run(t("말이 두 글꼴이다."))),
        p(run(table(rows))),
        head=head,
    )
    (document, *_) = parse(file, tmp_path)
    assert LOST not in document.page_content and document.metadata["coverage"] == 1.0


def test_text_below_the_depth_that_is_read_is_missed(tmp_path: Path) -> None:
    inner = p(run(t(LOST)))
    for _ in range(60):
        inner = p(run(f"<hp:rect><hp:drawText>{listed(inner)}</hp:drawText></hp:rect>"))
    whole = "예산은 3억 원이다."
    file = hwpx(tmp_path, p(run(t(whole) + "<hp:pic/><hp:pic/>")), inner)
    (document, *_) = parse(file, tmp_path)
    letters, lost = ("".join(c for c in text if c.isalnum()) for text in (whole, LOST))
    assert document.metadata["coverage"] == len(letters) / len(letters + lost)
    assert document.metadata["missing"] == {"pictures": 2}


def test_text_of_a_word_document_that_is_not_reached_is_missed(tmp_path: Path) -> None:
    document = docx.Document()
    document.add_paragraph("예산은 3억 원이다.")
    paragraph = document.add_paragraph(LOST)._p
    for _ in range(60):
        box = paragraph.makeelement(f"{{{paragraph.nsmap['w']}}}sdt", {})
        inside = etree.SubElement(box, f"{{{paragraph.nsmap['w']}}}sdtContent")
        paragraph.addprevious(box)
        inside.append(paragraph)
        paragraph = box
    document.save(str(tmp_path / "a.docx"))
    told = read_share(tmp_path / "a.docx")
    assert told is not None and 0.4 < told < 0.6


def test_a_shape_of_a_slide_in_two_versions_is_missed(tmp_path: Path) -> None:
    """As PowerPoint writes it for shapes that older ones do not know: python-pptx passes over it."""
    deck = pptx.Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[6])
    for text in ("예산은 3억 원이다.", LOST):
        slide.shapes.add_textbox(Cm(1), Cm(1), Cm(9), Cm(2)).text_frame.text = text
    shape = slide.shapes[1]._element
    mc = "http://schemas.openxmlformats.org/markup-compatibility/2006"
    either = etree.SubElement(shape.getparent(), f"{{{mc}}}AlternateContent")
    etree.SubElement(either, f"{{{mc}}}Choice").append(shape)
    deck.save(str(tmp_path / "a.pptx"))
    told = read_share(tmp_path / "a.pptx")
    assert told is not None and 0.4 < told < 0.6


def test_what_of_a_page_was_taken_for_no_part_of_it_is_missed(tmp_path: Path) -> None:
    body = "".join(f"<p>도서관은 {n}월에 밤 10시까지 연다. 예산은 {n}억 원이다.</p>" for n in range(1, 40))
    page = "<html><body><nav>메뉴</nav><article><h1>계획</h1>{}</article><footer>주소</footer></body></html>"
    (tmp_path / "a.html").write_text(page.format(body), encoding="utf-8")
    assert read_share(tmp_path / "a.html") == 1.0
    hidden = f'<div class="related-links"><p>{LOST * 20}</p></div>'
    (tmp_path / "b.html").write_text(page.format(hidden + body), encoding="utf-8")
    (document, *_) = parse(tmp_path / "b.html", tmp_path)
    told = document.metadata["coverage"]
    assert LOST not in document.page_content and 0.5 < told < 0.95


def test_a_format_without_a_second_way_is_not_counted(tmp_path: Path) -> None:
    assert read_share(xls_file(tmp_path / "a.xls")) is None


def xls_file(path: Path) -> Path:
    import xlwt

    book = xlwt.Workbook()
    book.add_sheet("가").write(0, 0, "예산은 3억 원이다.")
    book.save(str(path))
    return path


def test_all_letters_of_a_text_are_counted(tmp_path: Path) -> None:
    body = "도서관은 밤 10시까지 연다.\n예산은 3억 원이고 이 줄은\n다음 줄로 이어진다.\n"
    (tmp_path / "a.txt").write_bytes(body.encode("cp949"))
    assert read_share(tmp_path / "a.txt") == 1.0
    (tmp_path / "a.txt").write_text(f"---\nnote: {LOST}\n---\n{body}", encoding="utf-8")
    told = read_share(tmp_path / "a.txt")
    assert told is not None and 0.6 < told < 1


@pytest.mark.parametrize("name", ["a.txt", "a.md"])
def test_menus_of_a_saved_page_are_named_and_no_part_of_its_text(tmp_path: Path, name: str) -> None:
    body = "도서관은 밤 10시까지 연다.\n\n예산은 3억 원이다.\n"
    rows = "".join(f"16878{n} 다른 글 {n} 2025/02/18 4,338\n" for n in range(10, 40))
    (tmp_path / name).write_text(f"IP : 10.1.2.3\n\n{body}\n{rows}", encoding="utf-8")
    metadata = parse(tmp_path / name, tmp_path)[0].metadata
    assert (metadata["coverage"], metadata["missing"]) == (1.0, {"menu_lines": 31})


def test_all_letters_that_markdown_shows_are_counted(tmp_path: Path) -> None:
    body = """# 계획

**‘예산’**은 [3억 원](http://example.org/a)이다. ![그림](a.png) `코드`

1. 버스
2. 도서관

| 구분 | 예산 |
|---|---|
| 버스 | 3,200 |

```python
print(1)
```
<p>덧붙인 글이다.</p>
"""
    (tmp_path / "a.md").write_text(f"---\ntitle: 계획\nnote: 나\n---\n{body}", encoding="utf-8")
    assert read_share(tmp_path / "a.md") == 1.0
    (tmp_path / "a.md").write_text(f"{body}\n<dl><dt>{LOST}</dt></dl>\n", encoding="utf-8")
    told = read_share(tmp_path / "a.md")
    assert LOST not in parse(tmp_path / "a.md", tmp_path)[-1].page_content and told is not None and told < 1


def test_all_cells_of_a_csv_file_are_counted(tmp_path: Path) -> None:
    rows = '구분;예산;비고\n버스;"3,200";"첫 줄\n둘째 ""줄"""\n\n도서관;310;\n'
    (tmp_path / "a.csv").write_bytes(rows.encode("cp949"))
    assert read_share(tmp_path / "a.csv") == 1.0


def test_all_paragraphs_of_a_hangul_file_are_counted(tmp_path: Path) -> None:
    text = hwp_paragraph("예산은 3억 원이다. " * 300)  # in a record with its size behind its head
    shape = hwp_paragraph(
        "글상자가 있다.", 0, "gso ", hwp_list("글상자의 글이다.", 2), hwp_record(85, 3, bytes(80))
    )
    running = hwp_paragraph("쪽의 글이다.", 0, "head", hwp_list(LOST, 2))
    remark = hwp_paragraph("설명이 있다.", 0, "tcmt", hwp_list(LOST, 2))
    tail = hwp_paragraph("끝 문단이다.")
    file = hwp_file(tmp_path / "a.hwp", text, shape, running, remark, tail)
    there = present(file)
    assert there is not None and LOST not in "".join(there.lines)
    assert "".join(there.lines).endswith("글상자가 있다.글상자의 글이다.쪽의 글이다.설명이 있다.끝 문단이다.")
    (document, *_) = parse(file, tmp_path)
    assert (document.metadata["coverage"], document.metadata["missing"]) == (1.0, {"pictures": 1})


def test_a_cell_in_the_place_of_another_is_missed(tmp_path: Path) -> None:
    for last, whole in (((1, 1), True), ((0, 1), False)):
        places = ((0, 0), (1, 0), (0, 1), last)
        cells = [hwp_list(f"{n}호실", 2, place) for n, place in enumerate(places)]
        file = hwp_file(
            tmp_path / "a.hwp", hwp_paragraph("방 배치는 이렇다.", 0, "tbl ", hwp_grid(2), *cells)
        )
        told = read_share(file)
        assert told is not None and (told == 1.0) is whole and told > 0.8


def mail_file(path: Path, plain: str, page: str = "", attachment: Path | None = None) -> Path:
    mail = EmailMessage()
    mail["Subject"] = "계획"
    mail.set_content(plain)
    if page:
        mail.add_alternative(page, subtype="html")
    if attachment:
        data = attachment.read_bytes()
        mail.add_attachment(data, maintype="application", subtype="octet-stream", filename=attachment.name)
    path.write_bytes(mail.as_bytes())
    return path


def test_of_the_forms_of_a_mail_the_fullest_counts(tmp_path: Path) -> None:
    plain = "예산은 3억 원이다. 심야버스는 5개 노선이다."
    told = read_share(mail_file(tmp_path / "a.eml", plain, f"<p>{plain}</p><p>{LOST}</p>"))
    assert told is not None and 0.6 < told < 0.8
    page = f"<p>예산은 3억 원이다.</p><p>{'심야버스는 5개 노선이다. ' * 9}</p>"  # the plain one is a stub beside it
    assert read_share(mail_file(tmp_path / "a.eml", "예산은 3억 원이다.", page)) == 1.0


def test_files_in_a_mail_are_counted_or_the_mail_is_not(tmp_path: Path) -> None:
    text = "예산은 3억 원이다.\n"
    inner = p(run(t(LOST)))
    for _ in range(60):
        inner = p(run(f"<hp:rect><hp:drawText>{listed(inner)}</hp:drawText></hp:rect>"))
    lossy = hwpx(tmp_path, p(run(t("예산은 4억 원이다.") + "<hp:pic/>")), inner)
    (document, *_) = parse(mail_file(tmp_path / "a.eml", text, attachment=lossy), tmp_path)
    assert 0.5 < document.metadata["coverage"] < 0.8 and document.metadata["missing"] == {"pictures": 1}
    assert read_share(mail_file(tmp_path / "a.eml", text, attachment=docx_file(tmp_path / "a.docx"))) == 1.0
    inner_mail = mail_file(tmp_path / "b.eml", "안의 글이다.\n", attachment=xls_file(tmp_path / "a.xls"))
    for uncounted in (tmp_path / "a.xls", inner_mail):
        assert read_share(mail_file(tmp_path / "a.eml", text, attachment=uncounted)) is None


def test_a_mail_below_the_depth_that_is_read_is_missed(tmp_path: Path) -> None:
    mail = EmailMessage()
    mail.set_content(f"{LOST}\n")
    for depth in range(8):
        outer = EmailMessage()
        outer["Subject"] = f"{depth}번"
        outer.set_content(f"{depth}번 글이다.\n")
        outer.add_attachment(mail)
        mail = outer
    (tmp_path / "a.eml").write_bytes(mail.as_bytes())
    told = read_share(tmp_path / "a.eml")
    assert told is not None and told < 0.9


def test_a_mail_of_outlook_whose_text_is_not_read_is_not_counted(tmp_path: Path) -> None:
    attachments: dict[str, bytes | dict[tuple[str, ...], bytes]] = {
        "노선.csv": "노선,대수\n1번,12\n".encode()
    }
    parts = msg_parts({0x0037: "계획"}, binary={0x1009: b"RTF"}, attachments=attachments)
    assert read_share(msg_file(tmp_path / "a.msg", parts)) is None
    whole = msg_parts({0x0037: "계획", 0x1000: "예산은 3억 원이다."}, attachments=attachments)
    assert read_share(msg_file(tmp_path / "a.msg", whole)) == 1.0


def test_each_occurrence_counts_once() -> None:
    line = "예산은 3억 원이다."
    assert share([line, line], said(line)) == 0.5
    assert share(["예산은 3억원이다.", "예산은 3억원이다."], said(line)) == 0.5  # joined otherwise
    assert share([line], said(f"{line}\n{line}")) == 1.0
    assert share(["구분"], said("버스 | 예산: 3억", [["구분", "예산"], ["버스", "3억"]])) == 1.0
    assert share([], said(line)) is None and share(["…"], said(line)) is None


words = st.lists(st.text("가나다 1,.²①", max_size=12), max_size=6)


@given(words, words)
def test_a_share_is_between_nothing_and_all(lines: list[str], texts: list[str]) -> None:
    told = share(lines, said("\n".join(texts)))
    assert told is None or 0.0 <= told <= 1.0
    assert share(lines, said("\n".join(lines))) in (None, 1.0)


def test_the_list_of_documents_says_how_much_was_read(
    library: Library, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = library.settings.documents
    docx_file(folder / "가.docx")
    xls_file(folder / "나.xls")
    inner = p(run(t("길")))
    for _ in range(60):
        inner = p(run(f"<hp:rect><hp:drawText>{listed(inner)}</hp:drawText></hp:rect>"))
    whole = "".join(p(run(t(f"{n}번 사업의 예산은 {n}억 원이다."))) for n in range(200))
    hwpx(folder, whole, p(run("<hp:pic/>")), inner).rename(folder / "다.hwpx")
    library.sync()
    told = [coverage_text(row, "ko") for row in library.documents()]
    assert told == ["본문의 100 %를 읽음", "", "본문의 99.9 %를 읽음, 그림 1장은 글로 읽지 않음"]
    assert (
        coverage_text(library.documents()[2], "en")
        == "99.9 % of the text read, not read as text: pictures: 1"
    )
    library.close()
    where = ["--documents", str(folder), "--data", str(library.settings.data)]
    assert main(["documents", "--json", *where]) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(row["path"], row["coverage"] == 1.0, row["missing"]) for row in rows] == [
        ("가.docx", True, {}),
        ("나.xls", False, {}),
        ("다.hwpx", False, {"pictures": 1}),
    ]
    assert rows[1]["coverage"] is None and 0.999 < rows[2]["coverage"] < 1
    assert main(["documents", *where]) == 0
    assert "99.9 % 다.hwpx  pictures: 1" in capsys.readouterr().out


@needs_samples
def test_real_files_are_read_nearly_whole() -> None:
    shares = [
        (file.name, told)
        for file in sorted(SAMPLES.glob("2*.*"))
        if file.suffix in (".hwpx", ".pdf") and (told := read_share(file)) is not None
    ]
    assert shares and all(told > 0.995 for _, told in shares), shares
