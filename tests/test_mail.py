"""Mails: who wrote what and when, in any encoding of Korea, what is attached, and what wants to break the reading."""

from __future__ import annotations

import base64
import email.message
import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
from makers import docx_file, eml_file, msg_file, msg_parts, pdf_file, xlsx_file, zip_file

from rag.errors import LoadError
from rag.ingest.library import Library
from rag.ingest.loaders import file_text, parse
from rag.ingest.loaders.message import MAX_ATTACHMENTS, MAX_MAILS
from rag.ingest.loaders.sandbox import Sandbox

BODY = "똠방각하의 예산은 3억 5천만 원이다."


def raw(tmp_path: Path, head: str | bytes, body: bytes = b"") -> list[Any]:
    file = tmp_path / "메일.eml"
    file.write_bytes((head.encode() if isinstance(head, str) else head) + b"\n\n" + body)
    return parse(file, tmp_path)


def mail(**headers: str) -> email.message.EmailMessage:
    made = email.message.EmailMessage()
    for name, said in {"Subject": "계획", "From": "가 <a@example.org>", **headers}.items():
        made[name] = said
    return made


def saved(tmp_path: Path, made: email.message.EmailMessage, name: str = "메일.eml") -> Path:
    file = tmp_path / name
    file.write_bytes(made.as_bytes())
    return file


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ('text/plain; charset="ks_c_5601-1987"\nContent-Transfer-Encoding: base64', base64.encodebytes(BODY.encode("cp949"))),
        ("text/plain; charset=euc-kr\nContent-Transfer-Encoding: 8bit", BODY.encode("cp949")),
        ("text/plain; charset=EUC-KR\nContent-Transfer-Encoding: quoted-printable", b"=8Cc=B9=E6=B0=A2=C7=CF=C0=C7 =BF=B9=BB=EA=C0=BA 3=BE=EF 5=C3=B5=B8=B8 =BF=F8=C0=CC=B4=D9."),
        ("text/plain", BODY.encode("cp949")),
        ("text/plain", BODY.encode()),
        ("text/plain; charset=us-ascii", BODY.encode("cp949")),
        ("text/plain; charset=iso-8859-1", BODY.encode("cp949")),
        ("text/plain; charset=utf-8", BODY.encode("cp949")),
        ("text/plain; charset=euc-kr", BODY.encode()),
        ("text/plain; charset=x-made-up", BODY.encode()),
        ("text/html; charset=euc-kr", f"<p>{BODY}</p>".encode("cp949")),
        ('text/html; charset=utf-8', f'<meta charset="euc-kr"><p>{BODY}</p>'.encode()),
    ],
)  # fmt: skip
def test_a_text_is_read_whatever_its_charset_is_or_is_said_to_be(
    tmp_path: Path, kind: str, body: bytes
) -> None:
    documents = raw(tmp_path, f"Subject: a\nMIME-Version: 1.0\nContent-Type: {kind}", body)
    assert file_text(documents).splitlines()[-1] == BODY


def test_a_mail_in_a_western_charset_stays_so(tmp_path: Path) -> None:
    kind = "Content-Type: text/plain; charset=iso-8859-1\nMIME-Version: 1.0"
    assert "où été là" in file_text(raw(tmp_path, f"Subject: a\n{kind}", "où été là".encode("latin-1")))


def test_a_text_in_iso_2022_kr_is_read_though_nothing_says_so(tmp_path: Path) -> None:
    assert "예산안" in file_text(raw(tmp_path, "Subject: a", "예산안이다.\n".encode("iso2022_kr")))


SUBJECT = "2026년 심야버스 노선 개편안을 보냅니다"


def _words(text: str, charset: str, cut: int) -> str:
    """A header in encoded words that are cut after some bytes, be it within a letter."""
    data = text.encode(charset)
    pieces = [data[i : i + cut] for i in range(0, len(data), cut)]
    return "\n ".join(f"=?{charset}?B?{base64.b64encode(piece).decode()}?=" for piece in pieces)


@pytest.mark.parametrize(
    "written",
    [
        _words(SUBJECT, "euc-kr", 15).encode(),
        _words(SUBJECT, "utf-8", 20).encode(),
        SUBJECT.encode("cp949"),
        SUBJECT.encode(),
        b"=?unknown-8bit?B?" + base64.b64encode(SUBJECT.encode("cp949")) + b"?=",
    ],
)
def test_a_subject_is_the_title_however_it_is_written(tmp_path: Path, written: bytes) -> None:
    documents = raw(tmp_path, b"Subject: " + written + b"\nFrom: " + written + b" <a@example.org>", b"x\n")
    assert documents[0].metadata["title"] == SUBJECT
    assert file_text(documents).startswith(f"제목: {SUBJECT}\n보낸 사람: {SUBJECT} <a@example.org>\n")


@pytest.mark.parametrize(
    "name",
    [
        b"filename*=UTF-8''%EC%98%88%EC%82%B0.csv",
        b'filename="=?EUC-KR?B?v7m76g==?=.csv"',
        b'filename="' + "예산.csv".encode("cp949") + b'"',
        b"filename*0*=euc-kr''%BF%B9; filename*1*=%BB%EA.csv",
    ],
)
def test_a_name_of_an_attachment_is_read_however_it_is_written(tmp_path: Path, name: bytes) -> None:
    head = b"Subject: a\nMIME-Version: 1.0\nContent-Type: text/csv; charset=utf-8\nContent-Disposition: attachment; "
    documents = raw(tmp_path, head + name, "구분,예산\n가,3억\n".encode())
    assert documents[-1].metadata["heading"] == "첨부: 예산.csv"
    assert documents[-1].page_content == "가 | 예산: 3억"


def test_a_mail_says_who_wrote_to_whom_and_when(tmp_path: Path) -> None:
    many = ", ".join(f"p{n}@example.org" for n in range(9))
    made = mail(To=many, Cc="나 <b@example.org>", Date="Mon, 02 Mar 2026 00:30:00 +0900")
    made.set_content("본문이다.\n")
    documents = parse(saved(tmp_path, made), tmp_path)
    assert documents[0].page_content == (
        "제목: 계획\n보낸 사람: 가 <a@example.org>\n"
        "받는 사람: p0@example.org, p1@example.org, p2@example.org, p3@example.org, p4@example.org 외 4명\n"
        "참조: 나 <b@example.org>\n보낸 날짜: 2026-03-02 00:30\n본문이다."
    )
    assert documents[0].metadata["date"] == "2026-03-02"


def test_of_a_text_and_its_page_one_is_read_and_of_two_texts_both(tmp_path: Path) -> None:
    table = "<table><tr><th>구분</th><th>예산</th></tr><tr><td>버스</td><td>3억</td></tr></table>"
    page = f"<html><body><p>{BODY}</p>{table}</body></html>"
    both = mail()
    both.set_content(f"{BODY}\n구분 예산\n버스 3억\n")
    both.add_alternative(page, subtype="html")
    text = file_text(parse(saved(tmp_path, both), tmp_path))
    assert text.count(BODY) == 1 and "버스 | 예산" not in text
    stub = mail()
    stub.set_content("HTML로 보세요\n")
    stub.add_alternative(page, subtype="html")
    text = file_text(parse(saved(tmp_path, stub), tmp_path))
    assert BODY in text and "버스 | 예산: 3억" in text and "HTML로" not in text
    two = mail()
    two.set_content(page, subtype="html")
    two.make_mixed()
    footer = email.message.EmailMessage()
    footer.set_content("명단에서 빠지려면 답장한다.\n")
    two.attach(footer)
    text = file_text(parse(saved(tmp_path, two), tmp_path))
    assert BODY in text and "명단에서 빠지려면 답장한다." in text


def test_earlier_mails_are_marked_and_their_wraps_joined(tmp_path: Path) -> None:
    made = mail()
    made.set_content(
        "5개로 합시다.\n\n> 심야버스 노선을 몇 개로 늘릴지 다음 주 회의에서\n> 정하려고 합니다.\n>> 3개입니다.\n\n고맙습니다.\n"
    )
    lines = file_text(parse(saved(tmp_path, made), tmp_path)).splitlines()[2:]
    assert lines == [
        "5개로 합시다.",
        "> 심야버스 노선을 몇 개로 늘릴지 다음 주 회의에서 정하려고 합니다.",
        "> 3개입니다.",
        "고맙습니다.",
    ]


def with_attachments(tmp_path: Path) -> email.message.EmailMessage:
    made = mail()
    made.set_content("붙임을 보세요.\n")
    for name, maker in (("계획.docx", docx_file), ("현황.xlsx", xlsx_file), ("plan.pdf", pdf_file)):
        data = maker(tmp_path / name).read_bytes()
        made.add_attachment(data, maintype="application", subtype="octet-stream", filename=name)
        (tmp_path / name).unlink()
    made.add_attachment(b"PK\x03\x04 no archive", maintype="application", subtype="zip", filename="자료.zip")
    made.add_attachment(b"%PDF-1.7 broken", maintype="application", subtype="pdf", filename="깨짐.pdf")
    return made


def test_what_is_attached_is_read_below_its_name_and_what_is_not_is_named(
    library: Library, tmp_path: Path
) -> None:
    inner = with_attachments(tmp_path)
    outer = mail(Subject="전달")
    outer.set_content("앞의 메일을 보세요.\n")
    outer.add_attachment(inner)
    saved(library.settings.documents, outer)
    (status,) = library.sync()
    assert status.status == "added"
    catalogue = library.catalogue
    (row,) = library.documents()
    text = catalogue.text(row.id)
    for chunk in catalogue.document_chunks(row.id):
        assert text[chunk.start : chunk.end] == chunk.text

    def heading_of(words: str) -> str:
        return next(c.heading for c in catalogue.document_chunks(row.id) if words in c.text)

    assert heading_of("돌봄 로봇을 120대") == "첨부: 계획.eml › 계획.docx > 1. 예산"
    assert heading_of("310").startswith("첨부: 계획.eml › 현황.xlsx")
    assert heading_of("300 million").startswith("첨부: 계획.eml › plan.pdf")
    assert heading_of("붙임을 보세요.") == "첨부: 계획.eml" and heading_of("앞의 메일을") == ""
    assert row.title == "전달"
    assert row.note.in_language("ko") == "읽지 않은 첨부 파일: 계획.eml › 자료.zip, 계획.eml › 깨짐.pdf."


def test_signatures_and_pictures_in_the_text_are_no_attachments(tmp_path: Path) -> None:
    made = mail()
    made.set_content('<p>본문이다.<img src="cid:mark"></p>', subtype="html")
    made.add_related(b"GIF89a", "image", "gif", cid="<mark>")
    made.add_attachment(b"0", maintype="application", subtype="pkcs7-signature", filename="smime.p7s")
    assert parse(saved(tmp_path, made), tmp_path)[0].metadata["unopened"] == ()


def test_mails_in_mails_end_at_a_depth_and_attachments_at_a_number(tmp_path: Path) -> None:
    made = mail(Subject="0")
    made.set_content("0번 글이다.\n")
    for number in range(1, 30):
        outer = mail(Subject=str(number))
        outer.set_content(f"{number}번 글이다.\n")
        outer.add_attachment(made)
        made = outer
    documents = parse(saved(tmp_path, made), tmp_path)
    assert file_text(documents).count("번 글이다.") == MAX_MAILS + 1
    assert len(documents[0].metadata["unopened"]) == 1
    many = mail()
    for number in range(MAX_ATTACHMENTS + 50):
        many.add_attachment(f"{number}번 글이다.\n", filename=f"{number}.txt")
    documents = parse(saved(tmp_path, many), tmp_path)
    assert file_text(documents).count("번 글이다.") == MAX_ATTACHMENTS
    assert len(documents[0].metadata["unopened"]) == 50


def test_a_bomb_in_a_mail_is_named_and_the_mail_is_read(tmp_path: Path) -> None:
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b"0" * (60 << 20))
    made = mail()
    made.set_content(f"{BODY}\n")
    made.add_attachment(bomb.getvalue(), maintype="application", subtype="x", filename="폭탄.docx")
    made.add_attachment(b"PK", maintype="application", subtype="x", filename="../../밖.docx")
    documents = parse(saved(tmp_path, made), tmp_path)
    assert BODY in file_text(documents) and documents[0].metadata["unopened"] == (
        "폭탄.docx",
        "../../밖.docx",
    )
    assert sorted(file.name for file in tmp_path.rglob("*")) == ["메일.eml"]


def test_an_attachment_that_takes_too_long_is_given_up_not_the_mail(tmp_path: Path) -> None:
    w = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    paragraphs = "<w:p><w:r><w:t>가</w:t></w:r></w:p>" * 600_000
    with zipfile.ZipFile(docx_file(tmp_path / "긴.docx")) as archive:
        files: dict[str, str | bytes] = {name: archive.read(name) for name in archive.namelist()}
    files["word/document.xml"] = f'<w:document xmlns:w="{w}"><w:body>{paragraphs}</w:body></w:document>'
    slow = zip_file(tmp_path / "긴.docx", files)
    made = mail()
    made.set_content(f"{BODY}\n")
    made.add_attachment("짧은 글이다.\n", filename="짧음.txt")
    made.add_attachment(slow.read_bytes(), maintype="application", subtype="x", filename="긴.docx")
    with Sandbox(timeout_s=2) as sandbox:
        with pytest.raises(LoadError, match="took longer"):
            sandbox.load(slow, tmp_path)
        documents = sandbox.load(saved(tmp_path, made), tmp_path)
    assert BODY in file_text(documents)
    assert documents[0].metadata["unopened"] == ["짧음.txt", "긴.docx"]


@pytest.mark.parametrize("codepage", [0, 949, 65001])
def test_a_mail_of_outlook_is_read(library: Library, codepage: int) -> None:
    texts = {0x0037: "버스 계획", 0x0C1A: "김하나", 0x5D01: "hana@example.org", 0x0E04: "버스과; 교통과"}
    texts |= {0x1000: f"{BODY}\r\n\r\n> 몇 억 원인가요?\r\n"}
    inner = msg_parts({0x0037: "앞의 메일", 0x1000: "노선은 5개이다.\r\n"}, codepage=codepage, inner=True)
    attachments: dict[str, Any] = {
        "노선.csv": "노선,대수\n1번,12\n2번,15\n".encode(),
        "앞.msg": inner,
        "그림.bin": b"0",
    }
    attachments["큰 글.txt"] = "한 줄의 글이다.\n".encode() * 900  # more than a small stream holds
    parts = msg_parts(
        texts, times={0x0039: "2026-03-02T12:00:00"}, attachments=attachments, codepage=codepage
    )
    msg_file(library.settings.documents / "가.msg", parts)
    library.sync()
    (row,) = library.documents()
    assert (row.status, row.title, row.date) == ("ready", "버스 계획", "2026-03-02"), row.reason
    text = library.catalogue.text(row.id)
    assert text.startswith(
        "제목: 버스 계획\n보낸 사람: 김하나 <hana@example.org>\n받는 사람: 버스과, 교통과\n보낸 날짜: 2026-03-02 "
    )
    assert f"\n{BODY}\n> 몇 억 원인가요?\n" in text and "노선: 1번 | 대수: 12" in text
    assert "첨부: 앞.msg\n\n제목: 앞의 메일\n노선은 5개이다." in text and text.count("한 줄의 글이다.") == 900
    assert str(row.note) == "Attachments that were not read: 그림.bin."


def test_a_page_alone_and_rtf_alone_in_a_mail_of_outlook(tmp_path: Path) -> None:
    page = {0x1013: f'<meta charset="ks_c_5601-1987"><p>{BODY}</p>'.encode("cp949")}
    file = msg_file(tmp_path / "가.msg", msg_parts({0x0037: "계획"}, binary=page, codepage=949))
    assert file_text(parse(file, tmp_path)) == f"제목: 계획\n{BODY}"
    file = msg_file(tmp_path / "가.msg", msg_parts({0x0037: "계획"}, binary={0x1009: b"compressed"}))
    assert parse(file, tmp_path)[0].metadata["unopened"] == ("RTF",)


def test_what_is_no_mail_is_said(tmp_path: Path) -> None:
    (tmp_path / "가.eml").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(50))
    (tmp_path / "나.eml").write_bytes(b"\n\n")
    (tmp_path / "다.msg").write_bytes(b"Subject: a\n\nb")
    msg_file(tmp_path / "라.msg", {("Workbook",): b"x"})
    said = {}
    for file in sorted(tmp_path.iterdir()):
        with pytest.raises(LoadError) as caught:
            parse(file, tmp_path)
        said[file.name] = caught.value.in_language("ko")
    assert said == {
        "가.eml": "가.eml: 글 파일이 아닙니다. 내용이 이름과 다른 형식입니다.",
        "나.eml": "글이 없습니다: 나.eml",
        "다.msg": "다.msg: 손상되었거나 아웃룩 메일 파일이 아닙니다. 내용이 이름과 다른 형식입니다.",
        "라.msg": "라.msg: 손상되었거나 아웃룩 메일이 아닙니다.",
    }


def test_the_mails_that_the_fuzzer_begins_with_are_good(tmp_path: Path) -> None:
    for file in (eml_file(tmp_path / "a.eml"), msg_file(tmp_path / "a.msg")):
        assert "심야버스 노선은 5개이다." in file_text(parse(file, tmp_path))
