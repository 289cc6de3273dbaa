"""What a line's or a page's end cuts in mid-word or mid-sentence is whole again in what a PDF is read as."""

from __future__ import annotations

from pathlib import Path

from test_losses import pdf

from rag.ingest.loaders import parse
from rag.ingest.loaders.drawing import draw_page

FONT = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"
KOREAN_FONT = (
    b"<< /Type /Font /Subtype /Type0 /BaseFont /HYSMyeongJo-Medium /Encoding /UniKS-UTF16-H /DescendantFonts ["
    b"<< /Type /Font /Subtype /CIDFontType0 /BaseFont /HYSMyeongJo-Medium /DW 1000 /CIDSystemInfo "
    b"<< /Registry (Adobe) /Ordering (Korea1) /Supplement 1 >> >>] >>"
)


def korean_pdf(folder: Path, *pages: list[str]) -> Path:
    """A PDF of lines from top to bottom, in a font that each reader of PDF has its own for."""
    drawn = [
        "".join(
            f"BT /F1 10 Tf 20 {380 - 16 * y} Td <{line.encode('utf-16-be').hex()}> Tj ET\n"
            for y, line in enumerate(lines)
        )
        for lines in pages
    ]
    file = pdf(folder, *drawn)
    file.write_bytes(file.read_bytes().replace(FONT, KOREAN_FONT))
    return file


def lines_of(file: Path) -> list[tuple[int, str]]:
    return [
        (d.metadata["page"], line) for d in parse(file, file.parent) for line in d.page_content.split("\n")
    ]


WIDE = "도서관은 주민 누구나 이용하고 휴관일에는 문을 닫으며 책은 열네 권까지 빌린다."


def test_a_line_that_ends_within_a_word_or_clause_goes_on_though_it_is_short(tmp_path: Path) -> None:
    file = korean_pdf(
        tmp_path,
        [
            WIDE,
            WIDE,
            "시는 계약금액과 계",
            "약기간을 조정할 수 있다.",
            "시장은 도서관을 연다",
            "나라가 이를 돕는다.",
            "위원회는 보안 계획을",
            "해마다 고친다.",
        ],
    )
    said = [line for _, line in lines_of(file)]
    assert said[2:] == [
        "시는 계약금액과 계약기간을 조정할 수 있다.",
        "시장은 도서관을 연다",
        "나라가 이를 돕는다.",
        "위원회는 보안 계획을 해마다 고친다.",
    ]


def test_a_sentence_that_goes_on_over_the_page_is_whole_where_it_begins(tmp_path: Path) -> None:
    wide = [WIDE.replace("도서관", name) for name in ("체육관", "공연장", "기록관")]
    file = korean_pdf(
        tmp_path,
        [wide[0], "시장은 다음 해의 예산을 정할 때에 주민의 의견을"],
        ["들어야 한다. 예산은 세 달 전에 정한다.", wide[1], "배움터를 늘리고 추천을 받은 지방위원"],
        ["회의 위원을 새로 뽑는다.", wide[2], "넓은 마당이 있는 집"],
        ["부칙", "이 조례는 바로 시행한다."],
    )
    assert lines_of(file) == [
        (1, wide[0]),
        (1, "시장은 다음 해의 예산을 정할 때에 주민의 의견을 들어야 한다."),
        (2, "예산은 세 달 전에 정한다."),
        (2, wide[1]),
        (2, "배움터를 늘리고 추천을 받은 지방위원회의 위원을 새로 뽑는다."),
        (3, wide[2]),
        (3, "넓은 마당이 있는 집"),
        (4, "부칙"),
        (4, "이 조례는 바로 시행한다."),
    ]
    _, at = draw_page(file, 1, "시장은 다음 해의 예산을 정할 때에 주민의 의견을 들어야 한다.")
    assert at is not None and at < 0.15


def test_heads_of_pages_are_no_part_of_what_goes_on(tmp_path: Path) -> None:
    pages = [
        [f"가온시 배움터 {n}호", WIDE, "시장은 다음 해의 예산을 정할 때에 주민의 의견을"] for n in (7, 3, 8)
    ]
    said = [line for _, line in lines_of(korean_pdf(tmp_path, *pages))]
    assert said.count("시장은 다음 해의 예산을 정할 때에 주민의 의견을") == 3


def test_a_word_that_the_file_writes_elsewhere_is_joined_as_it_writes_it(tmp_path: Path) -> None:
    wide = "이 가온빛누리모임회의는 봄에 열고 다솜 터전은 늘 연다."
    file = korean_pdf(
        tmp_path,
        [
            wide,
            "시장과 주민은 봄에 여는 잔치를 다시 한 번 가온빛누리",
            "모임회의에서 정하고 나머지 행사는 늘 같은 날 다솜",
            "터전에 맡긴다.",
        ],
    )
    assert [line for _, line in lines_of(file)] == [
        wide,
        "시장과 주민은 봄에 여는 잔치를 다시 한 번 가온빛누리모임회의에서 정하고 나머지 행사는 늘 같은 날 다솜 터전에 맡긴다.",
    ]
