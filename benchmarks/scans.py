"""Measure how much of a scan is read: pages of known text, drawn, spoiled as scanners and copies spoil them,
and recognised.

    python benchmarks/scans.py [--write] [--show]

Each page is drawn at 150, 200 and 300 dots per inch: prose in a serif and a sans-serif face, two columns, a
ruled table, Korean mixed with English. It is read clean and with grain, turned by 2 degrees, and pale on
grey. "Letters" is 1 - (edits from the text to what was read, blanks apart) / (letters of the text); "figures"
the share of the text's figures (with their commas and points) that stand in what was read, each as often as
it is there. Needs Tesseract with Korean and the fonts of Noto CJK. `--show` prints what was read of each
page.
"""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks import results
from rag.ingest.loaders.scans import blocks_of, picture_of
from rag.ingest.recognition import OcrLine
from rag.ingest.tesseract import Tesseract

FONTS = Path("/usr/share/fonts/opentype/noto")
KOREAN = 1  # the face of Noto's collections that has Korean forms
PAGE_IN = (8.27, 11.69)
GOALS = {"letters": 0.97, "figures": 0.98}
REPORT = """2025년 지역 돌봄 추진 계획
1. 추진 배경
고령 인구가 2024년 12월 기준 1,024만 4,550명으로 전체의 20.0%를
넘어섰다. 이에 따라 시는 집에서 지내는 어르신을 돕는 방문 돌봄을
넓히기로 하였다. 지난해 신청자는 38,217명이었고, 그 가운데 31,902명이
서비스를 받았다. 기다린 기간은 평균 17.5일이다.
2. 예산
올해 예산은 총 1,284억 3,000만 원으로 전년보다 8.7% 늘었다. 국비는
642억 1,500만 원, 시비는 449억 5,050만 원, 구비는 192억 6,450만 원이다.
집행 기간은 2025년 3월 1일부터 12월 31일까지이다.
3. 추진 일정
가. 수행 기관 공모: 2025. 1. 13. ~ 2. 7.
나. 협약 체결과 교육: 2025. 2. 17. ~ 2. 28.
다. 중간 점검: 2025년 7월 둘째 주, 15개 자치구 모두
문의: 돌봄정책과 (전화 2133-7371), 담당 김서윤 사무관"""
MIXED = """인공지능 반도체 실증 지원 공고
과학 분야의 AI 활용을 넓히기 위하여 GPU 1,400장과 국산 NPU 320장을
K-Cloud 사업으로 지원한다. 신청은 2026년 4월 6일 18시에 마감한다.
The program opens 12 new test sites by June 2026. Each team may use up to
64 GB of memory and 2.5 TB of storage for 180 days.
지원 대상은 창업 7년 이내의 중소기업이며, 한 기업에 최대 3억 5,000만
원을 준다. 선정 비율은 지난해 4.3 대 1이었다.
Contact: cloud office, Daejeon, room 207"""
COLUMNS = (
    """도서관 이용 안내
평일에는 오전 9시부터
오후 10시까지 연다. 토요일과
일요일에는 오후 6시에 닫는다.
매월 둘째와 넷째 월요일은
쉰다. 2025년의 휴관일은 모두
27일이다.""",
    """대출 규정
한 사람이 책 7권을 14일 동안
빌릴 수 있다. 한 번에 한하여
7일을 더할 수 있다. 늦게
돌려주면 하루에 100원을 낸다.
지난해에는 312,480권을
빌려주었다.""",
)
TABLE = (
    ("구분", "2022년", "2023년", "2024년"),
    ("신청 건수", "12,408", "15,937", "19,260"),
    ("지원 건수", "9,812", "13,045", "16,771"),
    ("집행액(백만 원)", "84,310", "97,656", "110,248"),
    ("만족도(점)", "81.4", "83.9", "86.2"),
)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page: its name, its text as it should be read, and how it is drawn at a resolution."""

    name: str
    text: str
    draw: Callable[[int], Image.Image]


def sheets() -> list[Sheet]:
    """Return the pages that are measured."""
    columns = "\n".join(COLUMNS)
    table = "\n".join(" ".join(row) for row in TABLE)
    return [
        Sheet("prose, serif", REPORT, lambda dpi: _prose(REPORT, dpi, "NotoSerifCJK-Regular.ttc")),
        Sheet("prose, sans-serif", REPORT, lambda dpi: _prose(REPORT, dpi, "NotoSansCJK-Regular.ttc")),
        Sheet("Korean and English", MIXED, lambda dpi: _prose(MIXED, dpi, "NotoSansCJK-Regular.ttc")),
        Sheet("two columns", columns, _columns),
        Sheet("table", table, _table),
    ]


def _blank(dpi: int) -> Image.Image:
    return Image.new("L", (round(PAGE_IN[0] * dpi), round(PAGE_IN[1] * dpi)), 255)


def _font(name: str, points: float, dpi: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(FONTS / name, points * dpi / 72, index=KOREAN)


def _prose(text: str, dpi: int, face: str, left: float = 0.9, top: float = 1.0) -> Image.Image:
    page = _blank(dpi)
    _write(page, text, dpi, face, left, top)
    return page


def _write(page: Image.Image, text: str, dpi: int, face: str, left: float, top: float) -> None:
    draw = ImageDraw.Draw(page)
    for i, line in enumerate(text.split("\n")):
        font = _font(face, 16 if i == 0 else 11, dpi)
        draw.text((left * dpi, (top + i * 0.29 + (0.2 if i else 0)) * dpi), line, font=font, fill=0)


def _columns(dpi: int) -> Image.Image:
    page = _blank(dpi)
    for text, left in zip(COLUMNS, (0.9, 4.5), strict=True):
        _write(page, text, dpi, "NotoSerifCJK-Regular.ttc", left, 1.0)
    return page


def _table(dpi: int) -> Image.Image:
    page = _blank(dpi)
    draw, font = ImageDraw.Draw(page), _font("NotoSansCJK-Regular.ttc", 11, dpi)
    lefts, tops = (0.9, 2.7, 4.1, 5.5, 6.9), [1.2 + 0.4 * i for i in range(len(TABLE) + 1)]
    for y in tops:
        draw.line([(lefts[0] * dpi, y * dpi), (lefts[-1] * dpi, y * dpi)], fill=0, width=max(1, dpi // 120))
    for x in lefts:
        draw.line([(x * dpi, tops[0] * dpi), (x * dpi, tops[-1] * dpi)], fill=0, width=max(1, dpi // 120))
    for row, y in zip(TABLE, tops, strict=False):
        for cell, x in zip(row, lefts, strict=False):
            draw.text(((x + 0.1) * dpi, (y + 0.08) * dpi), cell, font=font, fill=0)
    return page


def _grain(page: Image.Image) -> Image.Image:
    pixels = np.asarray(page, np.float32)
    noise = np.random.default_rng(7).normal(0, 40, pixels.shape)
    return Image.fromarray(np.clip(pixels + noise, 0, 255).astype(np.uint8))


SPOILED: dict[str, Callable[[Image.Image], Image.Image]] = {
    "clean": lambda page: page,
    "grain": _grain,
    "turned 2°": lambda page: page.rotate(2, Image.Resampling.BICUBIC, fillcolor=255),
    "pale": lambda page: page.point(lambda v: 150 + v * 60 // 255),  # 150 on 210
}


def letters_right(text: str, read: str) -> float:
    """Return 1 - edits / letters, blanks apart, 0 at least.

    >>> letters_right("가 나다라", "가나 다마")
    0.75
    """
    a, b = "".join(text.split()), "".join(read.split())
    row = np.arange(len(b) + 1)
    for i, letter in enumerate(a, 1):
        step = row[:-1] + np.fromiter((letter != other for other in b), bool, len(b))
        best = np.minimum(step, row[1:] + 1)
        new = np.concatenate(([i], best))
        offsets = np.arange(len(new))
        row = np.minimum.accumulate(new - offsets) + offsets  # insertions
    return max(0.0, 1 - int(row[-1]) / len(a))


def figures_right(text: str, read: str) -> tuple[int, int]:
    """Return how many of the text's figures were read, and how many there are."""
    wanted, found = (Counter(re.findall(r"\d+(?:[.,]\d+)*", said)) for said in (text, read))
    return sum((wanted & found).values()), sum(wanted.values())


def prepared(page: Image.Image, dpi: int, folder: Path) -> bytes:
    """Return a page as the loader hands it to the engine."""
    file = folder / "page.png"
    page.save(file, dpi=(dpi, dpi))
    return picture_of(file, 1)[0]


def text_of(lines: Sequence[OcrLine]) -> str:
    """Return what is read of a page, as the loader puts it together."""
    return "\n".join(
        block.text
        if block.kind != "table"
        else "\n".join(" ".join(c.text for c in row) for row in block.rows)
        for block in blocks_of(lines, 1)
    )


def measure(
    engine: Tesseract, folder: Path, show: bool
) -> Iterator[tuple[str, int, str, float, int, int, float]]:
    """Yield (page, dpi, how it is spoiled, letters, figures right, figures, seconds)."""
    for sheet in sheets():
        for dpi in (150, 200, 300):
            page = sheet.draw(dpi)
            for name, spoil in SPOILED.items():
                begun = time.perf_counter()
                picture = prepared(spoil(page), dpi, folder)
                read = text_of(engine.recognise(picture))
                taken = time.perf_counter() - begun
                if show:
                    print(f"--- {sheet.name}, {dpi} dpi, {name}\n{read}", file=sys.stderr)
                right, figures = figures_right(sheet.text, read)
                yield sheet.name, dpi, name, letters_right(sheet.text, read), right, figures, taken


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--write", action="store_true", help="put the table into benchmarks/RESULTS.md")
    parser.add_argument("--show", action="store_true", help="print what was read")
    arguments = parser.parse_args()
    engine = Tesseract.find()
    if engine is None or not (FONTS / "NotoSansCJK-Regular.ttc").exists():
        print("Tesseract with Korean, or the fonts of Noto CJK, are not installed: nothing to measure")
        return 2
    with tempfile.TemporaryDirectory() as folder:
        rows = list(measure(engine, Path(folder), arguments.show))
    engine.close()
    lines = [
        f"{engine.name}; goals at 300 dpi, clean: letters ≥ {GOALS['letters']}, figures ≥ {GOALS['figures']}"
        ". "
        "A cell: letters right / figures right.",
        "",
        "| page | dpi | " + " | ".join(SPOILED) + " | seconds a page |",
        "|---" * (len(SPOILED) + 3) + "|",
    ]
    for name, dpi in dict.fromkeys((row[0], row[1]) for row in rows):
        same = [row for row in rows if row[:2] == (name, dpi)]
        cells = [f"{row[3]:.3f} / {row[4]} of {row[5]}" for row in same]
        mean = sum(row[6] for row in same) / len(same)
        lines.append(f"| {name} | {dpi} | {' | '.join(cells)} | {mean:.1f} |")
    goal = [row for row in rows if row[1:3] == (300, "clean")]
    letters = sum(row[3] for row in goal) / len(goal)
    figures = sum(row[4] for row in goal) / sum(row[5] for row in goal)
    lines += ["", f"300 dpi, clean: letters {letters:.3f}, figures {figures:.3f}."]
    print("\n".join(lines))
    if arguments.write:
        results.write("Scans", "python benchmarks/scans.py --write", lines)
    return 0 if letters >= GOALS["letters"] and figures >= GOALS["figures"] else 1


if __name__ == "__main__":
    sys.exit(main())
