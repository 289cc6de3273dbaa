"""Titles and dates that documents state by their first lines."""

from __future__ import annotations

from pathlib import Path

import pytest
from test_losses import pdf, read, written

from rag.ingest.loaders import parse

BILL = """가온시 도서관과 배움터 운영에 관한 조례
일부개정조례안
(홍길동의원 대표발의)

의 안
번 호
77 발의연월일 : 2024. 1. 9.
발 의 자 : 홍길동ㆍ성춘향 의원(2인)

제안이유 및 주요내용

배움터가 늘어 운영위원회를 둘 필요가 있음. 시행일은 2025. 3. 1.로 함.
"""


@pytest.mark.parametrize("name", ["2125318.txt", "의안원문.txt", "2125318.md"])
def test_a_bill_is_called_by_its_name_and_dated_by_the_day_it_was_laid(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text(BILL, encoding="utf-8")
    documents = parse(tmp_path / name, tmp_path)
    assert documents[0].metadata["title"] == "가온시 도서관과 배움터 운영에 관한 조례 일부개정조례안"
    assert documents[0].metadata["date"] == "2024-01-09"


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("공유주방 이용 안내\n\n가. 위치: 시청 1층\n나. 시간: 9시\n", "공유주방 이용 안내"),
        ("공유주방 이용 안내\n공유주방은 시청 1층에 있고 누구나 쓸 수 있다.\n", "공유주방 이용 안내"),
        ("# 공유주방\n시청 1층에 있다.\n", "공유주방"),
        ("---\ntitle: 부엌\n---\n공유주방 이용 안내\n\n시청 1층에 있다.\n", "부엌"),
        ("공유주방은 시청 1층에 있다.\n\n누구나 쓸 수 있다.\n", "글 하나"),
        ("가. 위치: 시청 1층\n\n나. 시간: 9시\n", "글 하나"),
        ("제1장 총칙\n\n제1조(목적) 이 법은 부엌을 정한다.\n", "글 하나"),
        ("안녕하세요\n\n부엌을 엽니다.\n", "글 하나"),
        ("서울\n부산\n대구\n", "글 하나"),
        ("담당: 홍길동\n\n부엌을 연다.\n", "글 하나"),
    ],
)
def test_a_text_is_called_by_its_first_line_where_that_is_a_title(
    tmp_path: Path, text: str, title: str
) -> None:
    (tmp_path / "글_하나.txt").write_text(text, encoding="utf-8")
    assert parse(tmp_path / "글_하나.txt", tmp_path)[0].metadata["title"] == title


def test_what_is_drawn_last_in_a_gap_of_a_page_is_read_there(tmp_path: Path) -> None:
    drawn = written(100, 380, "A bill on houses") + written(100, 365, "of the town")
    drawn += "".join(written(20, 250 - 15 * y, f"Line {y} says that the town") for y in range(5))
    drawn += written(20, 330, "Number 77") + written(20, 315, "Laid on 2024. 1. 9.")
    text = read(pdf(tmp_path, drawn))
    assert (
        text.split()
        == (
            "A bill on houses of the town Number 77 Laid on 2024. 1. 9. "
            + " ".join(f"Line {y} says that the town" for y in range(5))
        ).split()
    )
    beside = written(20, 380, "left above") + written(20, 250, "left below") + written(250, 300, "right")
    assert read(pdf(tmp_path, beside + written(250, 240, "right below"))).split() == [
        *"left above left below right right below".split()
    ]


def test_an_item_of_a_list_is_no_heading_though_the_next_one_is_long(tmp_path: Path) -> None:
    (tmp_path / "글.txt").write_text(
        "위원은 다음 단체가 추천한다.\n\n1. 청년을 대표하는 단체\n\n"
        "2. 배움터를 운영하고 주민에게 책을 빌려주며 도서관과 함께 행사를 열고 그 결과를 시장에게 해마다 알리는 비영리 민간단체\n\n"
        "3. 사업 안내\n\n사업은 봄에 시작한다.\n\n2. 예산\n\n예산은 3억 원이다.\n",
        encoding="utf-8",
    )
    documents = parse(tmp_path / "글.txt", tmp_path)
    assert [d.page_content for d in documents if d.metadata["kind"] == "heading"] == ["2. 예산"]
