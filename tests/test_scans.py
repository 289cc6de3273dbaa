"""Pages that are pictures: told from others, read later and bit by bit, marked as read from a scan, and named
where nobody could read them.
"""

from __future__ import annotations

import io
import random
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace

import pypdfium2
import pytest
from conftest import HashedEmbeddings
from PIL import Image, ImageDraw, ImageFont
from test_losses import pdf, written

from rag.answer.answering import Answering, Tools
from rag.config import Settings
from rag.doctor import examine
from rag.errors import ClosedError, LoadError
from rag.ingest import scanning
from rag.ingest.box import Box
from rag.ingest.library import Library
from rag.ingest.loaders import file_text, parse
from rag.ingest.loaders.drawing import MARK, draw_page
from rag.ingest.loaders.scans import blocks_of, picture_of, turned_back
from rag.ingest.recognition import OcrLine, RecognitionError
from rag.ingest.scan_pages import ScannedPage, ScanPages, read_page
from rag.ingest.tesseract import INSTALL, Tesseract, lines_of, surer
from rag.question.question import understand
from rag.search.retriever import HybridRetriever
from rag.types import Answer, Citation, Done, Status
from rag.ui.documents import _row
from rag.ui.export import reference
from rag.ui.render import answer_markdown, panel_html

PICTURE = "q 380 0 0 380 10 10 cm BI /W 1 /H 1 /CS /G /BPC 8 ID \x80 EI Q\n"
SMALL = "q 20 0 0 20 10 10 cm BI /W 1 /H 1 /CS /G /BPC 8 ID \x80 EI Q\n"
FONT = Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc")


class Typist:
    """An engine that reads what it is told, a text a picture; a text of None fails."""

    def __init__(self, *texts: str | None, name: str = "typist 1") -> None:
        self.name = name
        self.texts, self.pictures = list(texts), list[bytes]()
        self.before: Callable[[], object] = lambda: None

    def recognise(self, picture: bytes) -> list[OcrLine]:
        self.before()
        self.pictures.append(picture)
        text = self.texts.pop(0)
        if text is None:
            raise RecognitionError("the paper jammed")
        lines = text.split("\n")
        return [
            OcrLine(line, Box(0.1, 0.1 + 0.1 * i, 0.9, 0.15 + 0.1 * i), 0.9, i)
            for i, line in enumerate(lines)
        ]

    def close(self) -> None:
        pass


@pytest.fixture
def opened(settings: Settings) -> Iterator[Callable[..., Library]]:
    """Open the library with an engine, or with none; the one before it is closed."""
    libraries: list[Library] = []

    def open_(engine: Typist | None = None) -> Library:
        while libraries:
            libraries.pop().close()
        libraries.append(Library(settings, HashedEmbeddings(), lambda: engine))
        return libraries[-1]

    yield open_
    while libraries:
        libraries.pop().close()


def scanned_pdf(folder: Path, *pages: str) -> Path:
    """A PDF as a user has it; by default a page of text and two pictures."""
    text = written(
        20, 300, "The city library opens at nine and closes at six on all days of the week but Monday,"
    )
    return pdf(
        folder,
        *(pages or (text + written(20, 280, "when it is shut. A card is free for all."), PICTURE, PICTURE)),
    )


def image(file: Path, *greys: int) -> Path:
    """An image file of one page for each grey."""
    pages = [Image.new("L", (600, 800), grey) for grey in greys]
    pages[0].save(file, **({"save_all": True, "append_images": pages[1:]} if len(pages) > 1 else {}))
    return file


def found(library: Library, word: str) -> list[tuple[int | None, bool]]:
    """The pages of chunks that hold a word, and whether they are marked as read from a scan."""
    catalogue = library.catalogue
    chunks = [c for row in library.documents() for c in catalogue.document_chunks(row.id)]
    return [(chunk.page, chunk.scanned) for chunk in chunks if word in chunk.text]


def refusal(library: Library, question: str, documents: Sequence[str] | None = None) -> str:
    """What is said to a question for which nothing is found."""
    tools = Tools(
        library.settings,
        library,
        HybridRetriever.over(library),
        reader=None,  # type: ignore[arg-type] # nothing is found that could be read
        chat=SimpleNamespace(model_name="none"),  # type: ignore[arg-type]
    )
    (event,) = Answering(tools, understand(question, ()), documents, lambda: False, False).events()
    assert isinstance(event, Done) and event.answer.status is Status.NONE
    return event.answer.text


# without an engine


def test_pages_that_are_pictures_are_counted_with_what_to_install(opened: Callable[..., Library]) -> None:
    library = opened()
    scanned_pdf(library.settings.documents)
    (status,) = library.sync()
    assert library.read_scans() == []
    first, second = str(status.reason).split("\n")
    assert first == "2 of 3 pages are pictures and were not read."
    assert second.startswith("To have them read, install Tesseract with Korean: ")
    assert status.reason.in_language("ko").startswith(
        "그림으로 된 쪽 2개는 읽지 못했습니다 (모두 3쪽).\n읽게 하려면 "
    )
    (row,) = library.documents()
    assert (row.status, row.pages, row.scans, row.scans_read) == ("ready", 3, 2, 0)
    assert _row(row, "ko", reads_scans=False)[2] != _row(row, "ko", reads_scans=True)[2]


def test_a_file_of_pictures_alone_is_not_read_and_says_why(opened: Callable[..., Library]) -> None:
    library = opened()
    scanned_pdf(library.settings.documents, PICTURE, PICTURE)
    image(library.settings.documents / "공고.png", 90)
    statuses = library.sync()
    assert [status.status for status in statuses] == ["failed", "failed"]
    assert {str(status.reason).split("\n")[0] for status in statuses} == {
        "2 of 2 pages are pictures and were not read.",
        "1 of 1 pages are pictures and were not read.",
    }


def test_a_file_that_becomes_pictures_leaves_its_earlier_text_until_they_can_be_read(
    opened: Callable[..., Library],
) -> None:
    library = opened()
    file = scanned_pdf(library.settings.documents)
    library.sync()
    assert found(library, "library")
    scanned_pdf(library.settings.documents, PICTURE, PICTURE)
    (status,) = library.sync()
    assert status.status == "failed" and found(library, "library")
    assert status.reason.in_language("ko") == (
        "그림으로 된 쪽 2개는 읽지 못했습니다 (모두 2쪽). 앞서 읽은 내용은 그대로 남아 있습니다."
    )
    library = opened(Typist("새 도서관 안내", "다음 쪽"))
    library.sync()
    library.read_scans()
    assert found(library, "안내") and not found(library, "library") and file.exists()


def test_a_refusal_says_that_pages_were_not_read(opened: Callable[..., Library]) -> None:
    library = opened()
    scanned_pdf(library.settings.documents, PICTURE, PICTURE)
    library.sync()
    assert "그림으로 된 2쪽은 읽지 못한 채" in refusal(library, "예산은 얼마인가요?")
    assert "2 pages that are pictures" in refusal(library, "How much is the budget?")
    assert "그림" not in refusal(library, "예산은 얼마인가요?", ["다른.pdf"])


def test_it_can_be_switched_off(settings: Settings) -> None:
    engine = Typist("읽을 글")
    library = Library(settings.changed(read_scans=False), None, lambda: engine)
    scanned_pdf(settings.documents)
    (status,) = library.sync()
    library.read_scans()
    library.close()
    assert str(status.reason) == "2 of 3 pages are pictures and were not read." and not engine.pictures


def test_the_doctor_names_the_command_for_each_system(
    monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    monkeypatch.setenv("PATH", "")
    (row,) = (row for row in examine(settings) if row.what == "scans")
    assert not row.ok
    for language in ("ko", "en"):
        assert all(command in row.told.in_language(language) for command in INSTALL.values())
    assert Tesseract.find() is None


# which pages are pictures


@pytest.mark.parametrize(
    ("page", "scan"),
    [
        (PICTURE, True),
        (SMALL, False),
        ("", False),
        (PICTURE + written(20, 385, "City Hall, page 3"), True),
        (SMALL + written(20, 385, "City Hall, page 3"), False),
        (
            PICTURE
            + "".join(
                written(20, 300 - 15 * i, f"Line {i} of a page of text on a picture.") for i in range(9)
            ),
            False,
        ),
    ],
    ids=["picture", "small picture", "blank", "picture and header", "logo and line", "text on a picture"],
)
def test_a_scan_is_told_from_other_pages(tmp_path: Path, page: str, scan: bool) -> None:
    file = scanned_pdf(tmp_path, *[written(20, 300, "The city spends 300 million won a year.")] * 2, page)
    documents = parse(file, tmp_path)
    assert documents[0].metadata["scans"] == ([(3, 0)] if scan else [])


def test_a_printed_header_is_kept_and_not_read_twice(opened: Callable[..., Library]) -> None:
    library = opened(Typist("City Hall\nThe bridge was built in 1931."))
    scanned_pdf(library.settings.documents, PICTURE + written(50, 345, "City Hall, room 7"))
    library.sync()
    library.read_scans()
    (row,) = library.documents()
    text = library.catalogue.text(row.id)
    assert text.split("\n") == ["City Hall, room 7", "The bridge was built in 1931."]


def test_a_page_of_nothing_but_a_blank_is_no_scan(tmp_path: Path) -> None:
    with pytest.raises(LoadError, match="no text"):
        parse(scanned_pdf(tmp_path, "", ""), tmp_path)


# with an engine


def test_text_can_be_searched_first_and_scans_follow(opened: Callable[..., Library]) -> None:
    library = opened(Typist("둘째 쪽의 예산은 1,284억 원이다.", "셋째 쪽은 별지이다."))
    scanned_pdf(library.settings.documents)
    (status,) = library.sync()
    assert str(status.reason) == "2 of 3 pages are pictures and are being read."
    assert found(library, "library") == [(1, False)] and not found(library, "예산")
    (row,) = library.documents()
    assert _row(row, "ko", reads_scans=True)[2] == "읽는 중 (문자 인식, 0/2쪽)"
    progress: list[tuple[str, int, int]] = []
    (read,) = library.read_scans(
        progress=lambda stage, done, total, name="": progress.append((stage, done, total))
    )
    assert progress == [("scan", 1, 2), ("scan", 2, 2)] and read.status == "updated"
    assert found(library, "예산") == [(2, True)] and found(library, "별지") == [(3, True)]
    assert found(library, "library") == [(1, False)]
    (row,) = library.documents()
    assert str(row.note) == "2 of 3 pages were read from a scan, where letters may be mistaken."
    assert _row(row, "ko", reads_scans=True)[2] == "준비됨" and row.embedded == row.chunks
    assert library.catalogue.unread_pages() == 0 and library.read_scans() == []
    assert library.sync()[0].status == "unchanged"


def test_pages_are_read_when_an_engine_was_installed_later(opened: Callable[..., Library]) -> None:
    library = opened()
    scanned_pdf(library.settings.documents, PICTURE, PICTURE)
    assert library.sync()[0].status == "failed"
    library = opened(Typist("다리는 1931년에 놓였다.", "둘째 쪽이다."))
    library.sync()
    library.read_scans()
    (row,) = library.documents()
    assert row.status == "ready" and found(library, "다리") == [(1, True)]


def test_what_was_read_is_not_read_again_after_an_end_in_the_middle(opened: Callable[..., Library]) -> None:
    engine = Typist(*(f"제 {n} 쪽의 글이다." for n in range(1, 9)))
    library = opened(engine)
    scanned_pdf(library.settings.documents, *[PICTURE] * 8)
    library.sync()

    class Killed(BaseException):
        pass

    def kill() -> None:
        if len(engine.pictures) == 3:
            raise Killed

    engine.before = kill
    with pytest.raises(Killed):
        library.read_scans()
    engine.before = lambda: None
    library = opened(engine)
    assert library.sync()[0].status == "unchanged"
    left: list[int] = []
    library.read_scans(wanted=lambda: len(engine.pictures) < 6, progress=lambda *given: left.append(given[1]))
    assert len(engine.pictures) == 6 and left == [1, 2, 3]
    library = opened(engine)
    library.sync()
    library.read_scans()
    assert len(engine.pictures) == 8
    assert [found(library, f"제 {n} 쪽") for n in range(1, 9)] == [[(n, True)] for n in range(1, 9)]


def test_the_first_pages_of_a_long_scan_answer_before_its_last_is_read(
    opened: Callable[..., Library], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scanning, "FIRST", 2)
    library = opened(Typist(*(f"제 {n} 쪽의 글이다." for n in range(1, 10))))
    scanned_pdf(library.settings.documents, *[PICTURE] * 9)
    library.sync()
    answers: list[int] = []
    library.read_scans(
        report=lambda status: answers.append(sum(bool(found(library, f"제 {n} 쪽")) for n in range(1, 10)))
    )
    assert answers == [2, 4, 8, 9]


def test_a_file_that_came_meanwhile_need_not_wait(opened: Callable[..., Library]) -> None:
    engine = Typist(*["그림의 글이다."] * 4)
    library = opened(engine)
    scanned_pdf(library.settings.documents, *[PICTURE] * 4)
    library.sync()
    came = threading.Event()

    def drop() -> None:
        (library.settings.documents / "새.txt").write_text("새 글은 금방 찾을 수 있다.\n", encoding="utf-8")
        came.set()

    engine.before = drop
    library.read_scans(wanted=lambda: not came.is_set())
    assert len(engine.pictures) == 1
    library.sync()
    assert found(library, "새 글") == [(None, False)]
    library.read_scans()
    assert len(engine.pictures) == 4


def test_a_page_that_the_engine_fails_on_is_left_until_there_is_another(
    opened: Callable[..., Library],
) -> None:
    engine = Typist(None, "둘째 쪽이다.")
    library = opened(engine)
    scanned_pdf(library.settings.documents, PICTURE, PICTURE)
    library.sync()
    library.read_scans()
    (row,) = library.documents()
    assert str(row.note).split("\n") == [
        "1 of 2 pages were read from a scan, where letters may be mistaken.",
        "1 of 2 pages are pictures that could not be read.",
    ]
    assert row.note.in_language("ko") != str(row.note) and _row(row, "ko", reads_scans=True)[2] == "준비됨"
    assert library.catalogue.unread_pages() == 1
    library.sync()
    assert library.read_scans() == [] and len(engine.pictures) == 2
    library = opened(Typist("첫째 쪽이다.", name="typist 2"))
    library.sync()
    library.read_scans()
    assert found(library, "첫째") == [(1, True)] and library.catalogue.unread_pages() == 0


def test_a_picture_without_letters_is_said_to_hold_none(opened: Callable[..., Library]) -> None:
    engine = Typist("")
    library = opened(engine)
    image(library.settings.documents / "산.png", 120)
    library.sync()
    (status,) = library.read_scans()
    assert (status.status, str(status.reason)) == ("failed", "산.png holds no text.")
    library.sync()
    assert library.read_scans() == [] and len(engine.pictures) == 1


def test_a_changed_file_is_read_anew_and_a_removed_one_leaves_nothing(opened: Callable[..., Library]) -> None:
    library = opened(Typist("앞의 글이다.", "뒤의 글이다."))
    file = image(library.settings.documents / "가.png", 100)
    library.sync()
    library.read_scans()
    image(file, 101)
    library.sync()
    library.read_scans()
    assert not found(library, "앞의 글") and found(library, "뒤의 글") == [(1, True)]
    library.sync()
    kept = library.settings.data / "scans"
    assert len(list(kept.iterdir())) == 1
    file.unlink()
    library.sync()
    assert list(kept.iterdir()) == []


def test_the_same_scan_twice_is_read_once(opened: Callable[..., Library]) -> None:
    engine = Typist("한 번만 읽는 글이다.")
    library = opened(engine)
    image(library.settings.documents / "가.png", 100)
    image(library.settings.documents / "나.png", 100)
    library.sync()
    library.read_scans()
    library.sync()
    library.read_scans()
    assert len(engine.pictures) == 1 and found(library, "한 번만") == [(1, True)]


@pytest.mark.parametrize("name", ["가.png", "가.jpg", "가.jpeg"])
def test_an_image_is_a_document_of_its_own(opened: Callable[..., Library], name: str) -> None:
    library = opened(Typist("그림의 글이다."))
    image(library.settings.documents / name, 100)
    library.sync()
    library.read_scans()
    assert found(library, "그림의 글") == [(1, True)]


def test_a_tiff_has_pages(opened: Callable[..., Library]) -> None:
    engine = Typist("첫째 그림이다.", "둘째 그림이다.")
    library = opened(engine)
    image(library.settings.documents / "가.tif", 100, 200)
    library.sync()
    library.read_scans()
    assert found(library, "첫째") == [(1, True)] and found(library, "둘째") == [(2, True)]
    greys = [Image.open(io.BytesIO(picture)).getpixel((9, 9)) for picture in engine.pictures]
    assert greys == [100, 200]


@pytest.mark.parametrize("name", ["가.png", "가.jpg", "가.tif"])
def test_damaged_images_are_refused_and_none_hangs(opened: Callable[..., Library], name: str) -> None:
    library = opened(Typist())
    whole = image(
        library.settings.documents / name, *([100, 200] if name.endswith("tif") else [100])
    ).read_bytes()
    spoiled = random.Random(7)
    for number in range(8):
        data = bytearray(whole[: len(whole) * (number + 4) // 12])
        for _ in range(number):
            data[spoiled.randrange(8, len(data))] = spoiled.randrange(256)
        (library.settings.documents / f"{number}{name}").write_bytes(data)
    (library.settings.documents / f"글{name}").write_bytes(b"%PDF-1.4 no image")
    (library.settings.documents / name).unlink()
    statuses = {status.path: status for status in library.sync()}
    assert "another type" in str(statuses[f"글{name}"].reason)
    library._engine = Typist(*["읽힌 글이다."] * 40)
    for status in library.read_scans():  # what could be opened is drawn, or given up with a sentence
        assert status.status in ("updated", "added") or status.reason.in_language("ko") != str(status.reason)


def test_an_image_too_large_to_open_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "폭탄.png"
    Image.new("1", (30_000, 30_000)).save(file)
    with pytest.raises(LoadError, match="an image"):
        parse(file, tmp_path)


# what the engine is given, and what is made of its lines


def ruled_page(file: Path, angle: float) -> Path:
    page = Image.new("L", (1000, 1400), 255)
    for y in range(200, 1200, 60):
        ImageDraw.Draw(page).rectangle((150, y, 850, y + 16), fill=0)
    page.rotate(angle, Image.Resampling.BICUBIC, fillcolor=255).save(file, dpi=(120, 120))
    return file


@pytest.mark.parametrize("angle", [0.0, 2.0, -1.3])
def test_a_page_is_straightened_and_boxes_are_turned_back(tmp_path: Path, angle: float) -> None:
    picture, turned, size = picture_of(ruled_page(tmp_path / "가.png", angle), 1)
    assert turned == pytest.approx(-angle, abs=0.15) and size == (2000, 2800)
    drawn = Image.open(io.BytesIO(picture))
    assert drawn.mode == "L" and drawn.size == size
    top = min(y for y in range(size[1]) if drawn.getpixel((size[0] // 2, y)) < 100)  # type: ignore[operator]
    box = turned_back(Box(0.15, top / size[1], 0.85, (top + 32) / size[1]), turned, size)
    page = Image.open(tmp_path / "가.png")
    dark = page.point(lambda grey: 255 * (grey < 100)).getbbox()
    assert dark is not None and box.top * page.height == pytest.approx(dark[1], abs=4)
    assert 0.1 < box.left < 0.2 and 0.8 < box.right < 0.9 and box.bottom > box.top


def test_an_image_lies_as_its_camera_was_held(tmp_path: Path) -> None:
    page = Image.new("L", (800, 600), 255)
    ImageDraw.Draw(page).rectangle((0, 0, 100, 599), fill=0)
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned right by a quarter
    page.save(tmp_path / "가.jpg", exif=exif)
    drawn = Image.open(io.BytesIO(picture_of(tmp_path / "가.jpg", 1)[0]))
    assert drawn.height > drawn.width and drawn.getpixel((drawn.width // 2, 10)) < 50  # type: ignore[operator]


def test_wrapped_lines_are_joined_and_doubtful_ones_left_out() -> None:
    lines = [
        OcrLine("시는 집에서 지내는 어르신을 돕는", Box(0.1, 0.10, 0.9, 0.12), 0.9, 0),
        OcrLine("방문 돌봄을 넓힌다.", Box(0.1, 0.13, 0.5, 0.15), 0.9, 0),
        OcrLine("예산은 3억 원이다.", Box(0.1, 0.16, 0.5, 0.18), 0.9, 0),
        OcrLine("ㅐ|;~ 4", Box(0.6, 0.2, 0.8, 0.3), 0.1, 1),
        OcrLine("1. 배경", Box(0.1, 0.4, 0.9, 0.42), 0.9, 2),
    ]
    assert [block.text for block in blocks_of(lines, 3)] == [
        "시는 집에서 지내는 어르신을 돕는 방문 돌봄을 넓힌다.",
        "예산은 3억 원이다.",
        "1. 배경",
    ]


def test_what_is_kept_is_read_back_and_damage_counts_as_nothing(tmp_path: Path) -> None:
    pages = ScanPages(tmp_path / "scans")
    page = ScannedPage("typist 1", (OcrLine("글", Box(0.1, 0.2, 0.3, 0.4), 0.5, 6),))
    pages.keep("abc", 7, page)
    assert read_page(pages.of("abc"), 7) == page and read_page(pages.of("abc"), 8) is None
    (pages.of("abc") / "7.json").write_text('{"engine": "x", "lines": [["글"]]}', encoding="utf-8")
    assert read_page(pages.of("abc"), 7) is None


# what a person sees


def test_the_line_of_a_quote_is_marked_on_the_picture_of_its_page(opened: Callable[..., Library]) -> None:
    library = opened(
        Typist("첫째 줄이다.\n예산은 3억 원이다.\n셋째 줄이다.", "첫째 줄이다.\n예산은 3억 원이다.")
    )
    image(library.settings.documents / "가.png", 250)
    scanned_pdf(library.settings.documents, PICTURE)
    library.sync()
    library.read_scans()
    for name in ("가.png", "ga.pdf"):
        document = library.catalogue.document_id(name)
        assert document is not None
        folder = library.scan_pages.of(library.catalogue.sha256(document))
        drawn, top = draw_page(library.settings.documents / name, 1, "예산은 3억 원이다.", str(folder))
        assert top == pytest.approx(0.2, abs=0.01)
        pixel = Image.open(io.BytesIO(drawn)).convert("RGB")
        assert pixel.getpixel((500, round(pixel.height * 0.22))) != pixel.getpixel(
            (500, round(pixel.height * 0.5))
        )
    assert MARK != (255, 255, 255)


def test_what_was_read_from_a_scan_is_marked_where_it_is_cited(opened: Callable[..., Library]) -> None:
    library = opened(Typist("예산은 3억 원이다."))
    image(library.settings.documents / "가.png", 250)
    library.sync()
    library.read_scans()
    cited = Citation(1, "가.png", "가", "", 1, "", 0, 11, "예산은 3억 원이다.", scanned=True)
    answer = Answer("예산은?", "예산은 3억 원입니다. [1]", Status.ANSWERED, citations=(cited,))
    panel = panel_html([answer], library.catalogue, "ko")
    assert "스캔에서 읽음" in panel and 'data-page="1"' in panel
    assert "read from a scan" in panel_html([answer], library.catalogue, "en")
    assert "스캔에서 읽은 글" in answer_markdown(answer, 0, "ko") and "스캔에서 읽음" in reference(cited)
    plain = Citation(1, "가.txt", "가", "", None, "", 0, 11, "예산은 3억 원이다.")
    answer = Answer("예산은?", "예산은 3억 원입니다. [1]", Status.ANSWERED, citations=(plain,))
    assert "스캔" not in panel_html([answer], library.catalogue, "ko") + answer_markdown(answer, 0, "ko")


# Tesseract

TABLE = "\n".join(
    "\t".join(map(str, row))
    for row in [
        ("level page_num block_num par_num line_num word_num left top width height conf text".split()),
        (1, 1, 0, 0, 0, 0, 0, 0, 1000, 2000, -1, ""),
        (5, 1, 1, 1, 1, 1, 100, 200, 40, 40, 90, "예"),
        (5, 1, 1, 1, 1, 2, 142, 200, 40, 40, 80, "산은"),
        (5, 1, 1, 1, 1, 3, 200, 202, 60, 38, 70, "3억"),
        (5, 1, 1, 1, 1, 4, 600, 202, 60, 38, 70, "4억"),
        (5, 1, 1, 1, 2, 1, 100, 260, 60, 40, 50, '끝"이다'),
        (5, 1, 2, 1, 1, 1, 100, 460, 60, 40, 40, "둘째"),
    ]
)


def test_words_of_the_program_become_lines_with_the_blanks_of_its_text() -> None:
    lines = lines_of(TABLE, '예산은 3억    4억\n끝"이다\n\n둘째\n')
    assert [line.text for line in lines] == ["예산은 3억", "4억", '끝"이다', "둘째"]
    assert [line.paragraph for line in lines] == [0, 0, 0, 1]
    assert lines[0].box == pytest.approx((0.1, 0.1, 0.26, 0.12)) and lines[0].confidence == pytest.approx(
        0.23 / 0.3
    )
    assert lines_of("", "") == []


def test_of_two_readings_the_surer_line_is_taken() -> None:
    box, below = Box(0.1, 0.1, 0.9, 0.12), Box(0.1, 0.2, 0.9, 0.22)
    korean = [OcrLine("돌봄을 넓힌다", box, 0.9, 4), OcrLine("1116 0ㄷ", below, 0.4, 4)]
    both = [
        OcrLine("SES 넓힌다", box, 0.8, 7),
        OcrLine("The city", below, 0.9, 7),
        OcrLine("모두", Box(0.1, 0.5, 0.2, 0.6), 0.1, 8),
    ]
    assert [(line.text, line.paragraph) for line in surer(korean, both)] == [
        ("돌봄을 넓힌다", 7),
        ("The city", 7),
        ("모두", 8),
    ]


def tesseract() -> Tesseract:
    engine = Tesseract.find()
    if engine is None or not FONT.exists():
        pytest.skip("Tesseract with Korean, or the fonts of Noto CJK, are not installed")
    return engine


def printed(file: Path, *lines: str) -> Path:
    """A page of print at 200 dots per inch."""
    page = Image.new("L", (1654, 2339), 255)
    font = ImageFont.truetype(FONT, 32, index=1)
    for i, line in enumerate(lines):
        ImageDraw.Draw(page).text((200, 250 + 60 * i), line, font=font, fill=0)
    page.save(file, resolution=200) if file.suffix == ".pdf" else page.save(file, dpi=(200, 200))
    return file


def test_tesseract_reads_a_scan_beside_pages_of_text(settings: Settings, tmp_path: Path) -> None:
    engine = tesseract()
    scan = printed(
        tmp_path / "scan.pdf",
        "동네 도서관 운영 계획",
        "올해 도서 구입비는 4,820만 원이다.",
        "The reading room has 64 seats.",
    )
    text = scanned_pdf(tmp_path, written(20, 300, "The city library opens at nine on all days of the week."))
    with pypdfium2.PdfDocument.new() as both:
        for file in (text, scan):
            with pypdfium2.PdfDocument(file) as part:
                both.import_pages(part)
        both.save(settings.documents / "둘.pdf")
    library = Library(settings, HashedEmbeddings(), lambda: engine)
    library.sync()
    library.read_scans()
    assert found(library, "4,820만 원") == [(2, True)] and found(library, "64 seats") == [(2, True)]
    assert found(library, "opens at nine") == [(1, False)]
    document = library.catalogue.document_id("둘.pdf")
    assert document is not None
    folder = library.scan_pages.of(library.catalogue.sha256(document))
    _, top = draw_page(settings.documents / "둘.pdf", 2, "올해 도서 구입비는 4,820만 원이다.", str(folder))
    assert top == pytest.approx(310 / 2339, abs=0.015)
    library.close()


def test_tesseract_ends_when_the_library_is_closed(settings: Settings) -> None:
    engine = tesseract()
    printed(settings.documents / "가.png", "한 줄이다.")
    library = Library(settings, HashedEmbeddings(), lambda: engine)
    library.sync()
    child = engine._service._started()
    library.close()
    assert not child.alive
    with pytest.raises(ClosedError):
        engine.recognise(b"")


def test_tesseract_says_that_it_failed(tmp_path: Path) -> None:
    engine = tesseract()
    with pytest.raises(RecognitionError):
        engine.recognise(b"no picture")
    assert any(
        "도서관" in line.text
        for line in engine.recognise(picture_of(printed(tmp_path / "가.png", "동네 도서관"), 1)[0])
    )
    engine.close()


def test_what_was_read_is_text_as_any_other(tmp_path: Path) -> None:
    pages = ScanPages(tmp_path / "scans")
    pages.keep("가", 1, ScannedPage("typist 1", (OcrLine("제2장 예산", Box(0.1, 0.1, 0.4, 0.12), 0.9),)))
    file = image(tmp_path / "가.png", 100)
    documents = parse(file, tmp_path, scans=str(pages.of("가")))
    assert file_text(documents) == "제2장 예산" and documents[0].metadata["page"] == 1
