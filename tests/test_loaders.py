"""Loaders: every format, tables, encodings, hostile and damaged files."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
from makers import SAMPLES, docx_file, hwp_file, hwp_paragraph, needs_samples, pptx_file, xlsx_file, zip_file

from rag.config import ROOT
from rag.errors import LoadError
from rag.ingest.loaders import file_text, parse
from rag.ingest.loaders.blocks import Block, assemble
from rag.ingest.loaders.sandbox import Sandbox
from rag.ingest.loaders.tables import SourceCell


def load(path: Path) -> str:
    return file_text(parse(path, path.parent))


@pytest.mark.parametrize(
    "name", sorted(p.name for p in (ROOT / "documents").iterdir() if not p.name.startswith("."))
)
def test_a_shipped_document_has_title_date_headings_and_exact_offsets(name: str) -> None:
    documents = parse(ROOT / "documents" / name, ROOT / "documents")
    text = file_text(documents)
    assert documents[0].metadata["date"] == {"06": "2025-09-12", "07": "2026-03-13"}.get(
        name[:2], "2026-11-21"
    )
    assert any("\u3130" < c for c in documents[0].metadata["title"])
    assert sum(d.metadata["kind"] == "heading" for d in documents) >= 4
    assert any(d.metadata["kind"] == "table" for d in documents)
    for document in documents:
        start = document.metadata["start"]
        assert text[start : start + len(document.page_content)] == document.page_content


def test_two_storey_and_merged_headers_are_spelled_out_in_each_row(tmp_path: Path) -> None:
    row = "예산 | 2024년 1분기: 3 | 2024년 2분기: 4"
    documents = parse(docx_file(tmp_path / "a.docx"), tmp_path)
    table = next(d for d in documents if d.metadata["kind"] == "table")
    assert row in table.page_content
    assert table.metadata["caption"] == "분기별 예산(단위: 억 원)"
    assert table.metadata["table"][0] == ["구분", "2024년", "2024년"]
    html = "<main><table><tr><th rowspan=2>구분</th><th colspan=2>2024년</th></tr><tr><th>1분기</th><th>2분기</th></tr><tr><td>예산</td><td>3</td><td>4</td></tr></table></main>"
    (tmp_path / "a.html").write_text(html, encoding="utf-8")
    assert row in load(tmp_path / "a.html")
    sheet = parse(xlsx_file(tmp_path / "a.xlsx"), tmp_path)
    assert "도서관 | 2024년 상반기: 310 | 2024년 하반기: 407" in file_text(sheet)
    assert sheet[-1].metadata["heading"] == "현황" and sheet[-1].metadata["page"] == 1


def test_slides_are_pages_with_their_titles_as_headings(tmp_path: Path) -> None:
    documents = parse(pptx_file(tmp_path / "a.pptx"), tmp_path)
    body = next(d for d in documents if "5월에" in d.page_content)
    assert (body.metadata["page"], body.metadata["heading"]) == (2, "추진 일정")


def test_a_line_in_brackets_above_headings_heads_all_that_stand_below_it() -> None:
    def text(*lines: str) -> list[Block]:
        return [Block("text", line) for line in lines]

    table = Block(
        "table", rows=[[SourceCell("구분"), SourceCell("금액")], [SourceCell("교육"), SourceCell("3")]]
    )
    blocks = [
        *text("참고 1 예산 통계", "(본예산 기준)", "1. 분야별 현황"),
        table,
        *text("(단위: 억 원)", "2. 지역별 현황"),
        table,
        *text("(자료 기획처)", "(결산 기준)", "1. 분야별 현황"),
        table,
    ]
    documents = assemble(blocks, path="a", title="", format="hwp")
    assert [d.metadata["heading"] for d in documents if d.metadata["kind"] == "table"] == [
        "참고 1 예산 통계 > (본예산 기준) > 1. 분야별 현황",
        "참고 1 예산 통계 > (본예산 기준) > 2. 지역별 현황",
        "참고 1 예산 통계 > (결산 기준) > 1. 분야별 현황",
    ]


def test_form_feeds_are_pages_and_articles_are_headings(tmp_path: Path) -> None:
    (tmp_path / "법.txt").write_text(
        "제1장 총칙\n제1조(목적) 이 법은 돌봄을 돕는다.\n\f제2조(정의) 돌봄이란 도움이다.\n", encoding="utf-8"
    )
    documents = [d for d in parse(tmp_path / "법.txt", tmp_path) if d.metadata["kind"] == "text"]
    assert [(d.metadata["page"], d.metadata["heading"]) for d in documents] == [
        (1, "제1장 총칙 > 제1조(목적)"),
        (2, "제1장 총칙 > 제2조(정의)"),
    ]


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "cp949", "euc-kr", "utf-16", "utf-16-le", "utf-16-be"]
)
def test_korean_encodings_are_read_right(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "a.txt").write_bytes(
        "심야버스 노선은 3개에서 5개로 늘어난다. 시행일은 5월 1일이다.\n".encode(encoding) * 3
    )
    assert "심야버스 노선은 3개에서 5개로 늘어난다." in load(tmp_path / "a.txt")


def test_decomposed_text_zero_width_and_control_characters_are_cleaned(tmp_path: Path) -> None:
    import unicodedata

    (tmp_path / "a.txt").write_text(
        unicodedata.normalize("NFD", "도서관") + "\u200b은 \x00연다.\n", encoding="utf-8"
    )
    assert load(tmp_path / "a.txt") == "도서관은 연다."


def test_page_furniture_goes_and_the_text_stays(tmp_path: Path) -> None:
    lines = [
        "login form",
        "제목입니다 오늘의 글",
        "조회수 : 364",
        "본문 문장이다.",
        "![그림](https://x/y.jpg)",
        "1687864 전업 임대수입 14 .. 2025/02/18 4,338",
    ]
    lines += ["관련기사", "- [포럼] 다른 기사 제목", "댓글 쓰기"]
    (tmp_path / "글.txt").write_text("\n".join(lines), encoding="utf-8")
    assert load(tmp_path / "글.txt") == "제목입니다 오늘의 글\n본문 문장이다."


def test_html_scripts_menus_and_attributes_go(tmp_path: Path) -> None:
    page = "<html><body><nav>메뉴 목록</nav><main><h1>보급</h1><p>로봇을 <b>120대</b> 보급한다.<img src=x onerror=alert(1)></p><script>alert(2)</script></main><footer>꼬리말</footer></body></html>"
    (tmp_path / "a.html").write_text(page, encoding="utf-8")
    text = load(tmp_path / "a.html")
    assert "로봇을 120대 보급한다." in text
    assert not any(word in text for word in ("alert", "메뉴", "꼬리말", "<"))


HOSTILE: dict[str, tuple[bytes, str]] = {
    "empty.pdf": (b"", "empty"),
    "picture.pdf": (b"\x89PNG\r\n\x1a\n" + b"0" * 100, "another type"),
    "program.docx": (b"MZ" + b"0" * 100, "another type"),
    "cut.pdf": (b"%PDF-1.7\n\x00\xff garbage", "damaged"),
    "cut.hwp": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 30, "damaged"),
    "cut.hwpx": (b"PK\x03\x04" + os.urandom(300), "damaged"),
    "cut.docx": (b"PK\x03\x04" + os.urandom(300), "damaged"),
    "cut.xlsx": (b"PK\x03\x04" + os.urandom(300), "damaged"),
    "program.txt": (b"\x7fELF" + b"\x00" * 100, "not text"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_bad_file_is_refused_in_one_sentence_that_names_it(tmp_path: Path, name: str) -> None:
    content, why = HOSTILE[name]
    (tmp_path / name).write_bytes(content)
    with pytest.raises(LoadError, match=why) as caught:
        parse(tmp_path / name, tmp_path)
    assert name in str(caught.value) and "\n" not in str(caught.value)


def test_what_unhwp_says_of_damage_is_told_by_its_kind(tmp_path: Path) -> None:
    file = hwp_file(tmp_path / "cut.hwp", hwp_paragraph("시는 도서관을 연다."))
    file.write_bytes(file.read_bytes().replace(b"HWP Document File", b"HWP Document Fool"))
    with pytest.raises(LoadError) as caught:
        parse(file, tmp_path)
    assert caught.value.message.key == "file-not-hwp"
    assert caught.value.message.values == {"file": "cut.hwp", "reason": "INVALID_DATA"}


def test_bombs_traversal_and_entities_are_refused(tmp_path: Path) -> None:
    bomb = zip_file(tmp_path / "bomb.docx", {"word/document.xml": b"\x00" * (600 << 20)})
    with pytest.raises(LoadError, match="bomb"):
        parse(bomb, tmp_path)
    with pytest.raises(LoadError, match="outside"):
        parse(zip_file(tmp_path / "out.hwpx", {"../../evil.txt": b"x"}), tmp_path)
    with pytest.raises(LoadError, match="entities"):
        parse(
            zip_file(
                tmp_path / "xxe.hwpx",
                {
                    "Contents/section0.xml": b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>'
                },
            ),
            tmp_path,
        )


def test_what_is_no_regular_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "folder.pdf").mkdir()
    os.mkfifo(tmp_path / "pipe.txt")
    (tmp_path / "loop.txt").symlink_to(tmp_path / "loop.txt")
    for name in ("folder.pdf", "pipe.txt", "loop.txt"):
        with pytest.raises(LoadError, match=name):
            parse(tmp_path / name, tmp_path)


def test_the_sandbox_survives_a_file_that_takes_too_long_and_reads_the_next(tmp_path: Path) -> None:
    (tmp_path / "good.txt").write_text("좋은 문장이다.", encoding="utf-8")
    with Sandbox(timeout_s=30) as sandbox:
        assert sandbox.load(tmp_path / "good.txt", tmp_path)[0].page_content == "좋은 문장이다."
        sandbox.timeout_s = 0
        with pytest.raises(LoadError, match="took longer"):
            sandbox.load(tmp_path / "good.txt", tmp_path)
        sandbox.timeout_s = 30
        assert sandbox.load(tmp_path / "good.txt", tmp_path)[0].page_content == "좋은 문장이다."


@pytest.mark.skipif(sys.platform != "linux", reason="the child's libraries are read from /proc")
def test_lines_are_joined_in_the_sandbox_without_the_analyser_in_it(tmp_path: Path) -> None:
    (tmp_path / "wrapped.txt").write_text(
        "시의회는 지난 회의에서 제2차 탄소중\n립기본계획을 심의하고 그 결과를 내년\n봄에 발표하기로 했다.",
        encoding="utf-8",
    )
    with Sandbox() as sandbox:
        (document,) = sandbox.load(tmp_path / "wrapped.txt", tmp_path)
        assert sandbox._child
        libraries = Path(f"/proc/{sandbox._child.pid}/maps").read_text(encoding="utf-8")
    assert (
        document.page_content
        == "시의회는 지난 회의에서 제2차 탄소중립기본계획을 심의하고 그 결과를 내년 봄에 발표하기로 했다."
    )
    assert "pydantic" in libraries and "kiwi" not in libraries


def test_the_time_that_the_analyser_takes_is_not_the_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "wrapped.txt").write_text("시의회는 제2차 탄소중\n립기본계획을 심의했다.", encoding="utf-8")

    def slow(pairs: Sequence[tuple[str, str]]) -> list[bool]:
        time.sleep(3.1)  # the analyser is being loaded, say
        return [True] * len(pairs)

    monkeypatch.setattr("rag.ingest.loaders.sandbox.seams", slow)
    with Sandbox(timeout_s=3) as sandbox:
        assert (
            sandbox.load(tmp_path / "wrapped.txt", tmp_path)[0].page_content
            == "시의회는 제2차 탄소중립기본계획을 심의했다."
        )


def test_the_sandbox_limits_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "large.txt").write_text("가나다라 마바사.\n" * 2_000_000, encoding="utf-8")
    with Sandbox(timeout_s=60, memory_mb=-156) as sandbox, pytest.raises(LoadError, match=r"memory|damaged"):
        sandbox.load(tmp_path / "large.txt", tmp_path)


@needs_samples
def test_real_hwp_twins_give_the_same_text() -> None:
    hwp, hwpx = (load(SAMPLES / f"2024년_1분기_해외직접투자_보도자료.{suffix}") for suffix in ("hwp", "hwpx"))
    assert hwp == hwpx
    assert "미국 | 2022년 1분기: 91.8" in hwp


@needs_samples
@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("encrypted.hwp", "password"),
        ("bad_truncated.hwp", "damaged"),
        ("bad_random.hwpx", "damaged"),
        ("bad_ole_random.hwp", "damaged"),
        ("bad_xxe.hwpx", "entities"),
    ],
)
def test_real_bad_samples_are_refused(name: str, why: str) -> None:
    with pytest.raises(LoadError, match=why):
        parse(SAMPLES / name, SAMPLES)


@needs_samples
def test_a_distribution_document_gives_its_real_text() -> None:
    assert "금72,300,000원" in load(SAMPLES / "distribution.hwp")


READ = {  # files of the corpus and words that are read of them; the others are refused
    "bad_section.hwpx": "가", "box.pdf": "300 million", "count.pdf": "300 million", "front.md": "3억", "length.pdf": "300 million", "merge.xlsx": "이용 현황",
    "numbers.html": "3억", "span.docx": "가", "spans.html": "다", "table.md": "나", "xref.pdf": "300 million",
}  # fmt: skip


def test_small_hostile_files_are_read_or_refused_in_a_sentence_within_seconds() -> None:
    folder = Path(__file__).parent / "corpus"
    files = sorted(file for file in folder.iterdir() if file.name != "README.md")
    assert len(files) > 20
    with Sandbox(timeout_s=10, memory_mb=1024, max_mb=200) as sandbox:
        for file in files:
            try:
                text = file_text(sandbox.load(file, folder))
            except LoadError as error:
                assert file.name not in READ, error
                assert str(error).startswith(file.name) and str(error).endswith(".") and len(str(error)) < 200
                assert "took longer" not in str(error)
            else:
                assert READ[file.name] in text


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("이것은 **‘문서’**에 있다.", "이것은 ‘문서’에 있다."),
        ('그는**"AI 기본법(안)"**을 **1%**로 본다.', '그는"AI 기본법(안)"을 1%로 본다.'),
        ("***‘가’***는 **굵게** 쓴다.", "‘가’는 굵게 쓴다."),
        ("합계(%)*는 3, 비고(명)*를 본다.", "합계(%)*는 3, 비고(명)*를 본다."),
        (r"\*\*‘가’\*\*는 2 ** 3 ** 나이다.", "**‘가’**는 2 ** 3 ** 나이다."),
    ],
)
def test_bold_before_a_particle_leaves_no_asterisks_in_the_text(
    tmp_path: Path, written: str, read: str
) -> None:
    (tmp_path / "a.md").write_text(written + "\n", encoding="utf-8")
    assert file_text(parse(tmp_path / "a.md", tmp_path)) == read


def test_lines_of_text_are_joined_only_where_they_were_wrapped(tmp_path: Path) -> None:
    (tmp_path / "notice.txt").write_text(
        """무지개구청은 올해도 주민이 함께 가꾸는 텃밭을 나누어 주며, 세부 사항은 다음과 같습니다.
가. 받는 기간: 3월 2일부터 3월 13일까지
나. 내는 곳: 동 주민센터
① 신청서
② 주민등록등본
2026년 2월 9일
무지개구청장
""",
        encoding="utf-8",
    )
    (tmp_path / "wrapped.txt").write_text(
        """이 사업은 골목 상점이 함께 쓰는 배달 수레를
마련하여 운반 비용을 줄이고, 상점 주인의 일손을
덜어 준다.

수레는 동마다 두 대씩 둔다.
""",
        encoding="utf-8",
    )
    notice = load(tmp_path / "notice.txt")
    assert (
        "3월 13일까지\n나. 내는 곳: 동 주민센터\n① 신청서\n② 주민등록등본\n2026년 2월 9일\n무지개구청장"
        in notice
    )
    wrapped = load(tmp_path / "wrapped.txt")
    assert "배달 수레를 마련하여" in wrapped and "일손을 덜어 준다." in wrapped
