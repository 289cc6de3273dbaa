"""Pages that are pictures: told from pages of text, drawn for the engine that reads their letters, and what
it read turned into blocks.

The letters are read elsewhere and later (`rag.ingest.scanning`); what is known of them by then lies in a
folder, a file a page (`rag.ingest.scan_pages`), and is taken up here.
"""

from __future__ import annotations

import io
import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium_c
from PIL import Image, ImageFilter, ImageOps

from rag.errors import LoadError
from rag.ingest.box import Box
from rag.ingest.loaders.blocks import Block
from rag.ingest.loaders.parsed import Parsed
from rag.ingest.loaders.wrapping import may_go_on
from rag.ingest.recognition import OcrLine
from rag.ingest.scan_pages import FAILED, IN_TEXT, WAITING, read_page
from rag.messages import Message

FORMATS = ("PNG", "JPEG", "TIFF")
SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".tif", ".tiff"})
MAX_PIXELS = 200_000_000  # of an image file: A3 at 1,200 dots per inch; the sandbox has memory for it
FEW_LETTERS = 100  # a page with no more beside its picture is a scan with a printed head
FILLS = 0.5  # of the page that the picture of such a scan covers
SHOWS = 0.05  # of the page that pictures cover at least where there is no letter
# measured with Tesseract (benchmarks/scans.py): sharper or larger, the parts of a Korean syllable are taken
# for marks of their own
DPI = 240
BLUR = 1.3
MAX_SIDE = 4000  # pixels: A3
PAGE_IN = 11.69  # height of A4: of pictures that do not tell their size
MAX_SKEW = 5.0  # degrees
MIN_SKEW = 0.15
SURE = 0.3  # confidence from which a line is text; photographs give lines below


def is_scan(page: Any, textpage: Any) -> bool:
    """Tell whether a page of a PDF is a picture of text: it has pictures and no letters, or a few beside a
    picture that fills it.
    """
    letters = len("".join(textpage.get_text_range().split()))
    return letters <= FEW_LETTERS and _covered(page) >= (FILLS if letters else SHOWS)


def own_boxes(page: Any, textpage: Any) -> list[Box]:
    """Return where a page has letters of its own, in shares of its width and height."""
    left, bottom, right, top = page.get_bbox()
    width, height = max(1.0, right - left), max(1.0, top - bottom)
    return [
        Box((a - left) / width, (top - d) / height, (c - left) / width, (top - b) / height)
        for a, b, c, d in (textpage.get_rect(i) for i in range(textpage.count_rects()))
    ]


def _covered(page: Any) -> float:
    """Return the share of a page that its pictures cover, 0 to 1."""
    width, height = page.get_size()
    area = 0.0
    try:
        for thing in page.get_objects(max_depth=3):
            if thing.type == pdfium_c.FPDF_PAGEOBJ_IMAGE:
                if thing.level:  # its place depends on that of the form that it stands in
                    return 1.0
                left, bottom, right, top = thing.get_bounds()
                area += abs(right - left) * abs(top - bottom)
    except pypdfium2.PdfiumError:
        return 0.0
    return float(min(1.0, area / max(1.0, width * height)))


def picture_of(path: Path, number: int) -> tuple[bytes, float, tuple[int, int]]:
    """Draw a page of a PDF or an image file for an engine: grey, straightened, a little blurred.

    Returns: a PNG, by how many degrees it was turned (to the left), its width and height.
    Raises:
        LoadError: the page cannot be drawn.
    """
    page = page_image(path, number, DPI / 72).convert("L")
    angle = _skew(page)
    if angle:
        page = page.rotate(angle, Image.Resampling.BICUBIC, fillcolor=_ground(page))
    buffer = io.BytesIO()
    page.filter(ImageFilter.GaussianBlur(BLUR)).save(buffer, "PNG", compress_level=1)
    return buffer.getvalue(), angle, page.size


def page_image(path: Path, number: int, scale: float) -> Image.Image:
    """Draw a page of a PDF or an image file.

    Args:
        number: of the page, from 1. scale: pixels a point (a 72nd of an inch), less where the page is large.
    Raises:
        LoadError: the page cannot be drawn.
    """
    try:
        if path.suffix.lower() in SUFFIXES:
            with _opened(path) as image:
                image.seek(number - 1)
                dpi = float(image.info.get("dpi", (0,))[0])
                upright = ImageOps.exif_transpose(image)
                flat = _flat(upright)
            side = max(flat.size)
            inches = (
                side / dpi if dpi >= 100 else PAGE_IN
            )  # 72 and 96 are what programs write who do not know
            factor = min(inches * 72 * scale, MAX_SIDE) / side
            return flat.resize(
                (max(1, round(flat.width * factor)), max(1, round(flat.height * factor))),
                Image.Resampling.LANCZOS if factor < 1 else Image.Resampling.BICUBIC,
            )
        document = pypdfium2.PdfDocument(path)
        try:
            page = document[number - 1]
            scale = min(scale, MAX_SIDE / max(1.0, *page.get_size()))
            drawn: Image.Image = page.render(scale=scale).to_pil().convert("RGB")
            return drawn
        finally:
            document.close()
    except (pypdfium2.PdfiumError, OSError, EOFError, IndexError, ValueError, Image.DecompressionBombError):
        raise LoadError("page-not-drawn", page=number, file=path.name) from None


def parse_image(path: Path, *, scans: str = "") -> Parsed:
    """Parse an image file: each of its pictures is a page.

    Args:
        scans: folder of what was read of its pages.
    Raises:
        LoadError: it is damaged or too large.
    """
    try:
        with _opened(path) as image:
            count = int(getattr(image, "n_frames", 1))
    except (OSError, ValueError, EOFError, SyntaxError, Image.DecompressionBombError) as error:
        raise LoadError("file-not-kind", file=path.name, kind=Message("kind-image")) from error
    numbers = range(1, count + 1)
    blocks = [block for number in numbers for block in recognised_blocks(scans, number)]
    return Parsed(blocks, scans=states(scans, numbers), n_pages=count)


def _opened(path: Path) -> Image.Image:
    Image.MAX_IMAGE_PIXELS = MAX_PIXELS // 2  # Pillow refuses twice as much
    return Image.open(path, formats=FORMATS)


def _flat(image: Image.Image) -> Image.Image:
    """Return an image in colours, what is transparent white."""
    if image.mode in ("I", "I;16", "I;16B", "F"):
        image = ImageOps.autocontrast(image.point(lambda v: v / 256).convert("L"))
    if "A" in image.mode or "transparency" in image.info:
        shown = image.convert("RGBA")
        white = Image.new("RGBA", shown.size, "white")
        return Image.alpha_composite(white, shown).convert("RGB")
    return image.convert("RGB")


def _ground(page: Image.Image) -> int:
    """Return the grey of a page's paper: its commonest."""
    counts = page.histogram()
    return max(range(256), key=counts.__getitem__)


def _skew(page: Image.Image) -> float:
    """Return by how many degrees (to the left) a page is to be turned so that its lines lie level, 0.0 where
    they do: the angle at which rows of pixels differ most (Postl's method).
    """
    import numpy as np

    factor = 800 / max(page.size)
    small = page.resize((max(1, round(page.width * factor)), max(1, round(page.height * factor))))
    ink = np.abs(np.asarray(small, np.float32) - _ground(small)) > 40
    if not ink.any():
        return 0.0
    dark = Image.fromarray((ink * 255).astype(np.uint8))

    def sharpness(angle: float) -> float:
        rows = np.asarray(dark.rotate(angle), np.float32).sum(1)
        return float(np.square(np.diff(rows)).sum())

    coarse = max((step / 2 for step in range(-int(MAX_SKEW * 2), int(MAX_SKEW * 2) + 1)), key=sharpness)
    angle = max((coarse + step / 10 for step in range(-4, 5)), key=sharpness)
    return angle if abs(angle) >= MIN_SKEW and sharpness(angle) > 1.05 * sharpness(0.0) else 0.0


def turned_back(box: Box, angle: float, size: tuple[int, int]) -> Box:
    """Return where a box of a picture that was turned lies on the page, see `picture_of`.

    >>> turned_back(Box(0.25, 0.5, 0.75, 0.5), 0.0, (100, 200))
    Box(left=0.25, top=0.5, right=0.75, bottom=0.5)
    """
    if not angle:
        return box
    width, height = size
    cos, sin = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    corners = [
        ((x - 0.5) * width, (y - 0.5) * height) for x in (box.left, box.right) for y in (box.top, box.bottom)
    ]
    xs = [(x * cos - y * sin) / width + 0.5 for x, y in corners]
    ys = [(x * sin + y * cos) / height + 0.5 for x, y in corners]
    return Box(min(xs), min(ys), max(xs), max(ys))


def states(scans: str, numbers: Sequence[int]) -> list[tuple[int, int]]:
    """Return (page, its state) of pages that are pictures; see `rag.ingest.scan_pages`."""
    found = []
    for number in numbers:
        page = read_page(scans, number)
        found.append((number, WAITING if page is None else FAILED if page.failed else IN_TEXT))
    return found


def recognised_blocks(scans: str, number: int, own: Sequence[Box] = ()) -> list[Block]:
    """Return what was read of a page, where it has no letters of its own.

    Args:
        scans: folder of what was read of the file's pages. own: boxes of the page's own letters.
    """
    page = read_page(scans, number)
    if page is None:
        return []
    lines = [line for line in page.lines if not any(_on(line.box, box) for box in own)]
    return blocks_of(lines, number)


def _on(line: Box, box: Box) -> bool:
    """True where a line lies on the height of a box and overlaps it."""
    beside = line.left < box.right and box.left < line.right
    return beside and box.top <= (line.top + line.bottom) / 2 <= box.bottom


def blocks_of(lines: Sequence[OcrLine], page: int) -> list[Block]:
    """Put the lines of a page together: wrapped lines of a paragraph to one text; lines that the engine was
    not sure of are left out.
    """
    sure = [line for line in lines if line.confidence >= SURE]
    return [Block("text", text, page=page) for text in _paragraphs(sure)]


def _paragraphs(lines: Sequence[OcrLine]) -> Iterator[str]:
    """Join lines: one that reaches the right edge of its paragraph goes on in the next."""
    from rag.text.korean import glue_lines  # in the sandbox it asks the parent

    edges: dict[int, float] = {}
    for line in lines:
        edges[line.paragraph] = max(edges.get(line.paragraph, 0.0), line.box.right)
    group: list[str] = []
    last: OcrLine | None = None
    for line in lines:
        high = line.box.height
        goes_on = (
            last is not None
            and last.paragraph == line.paragraph
            and last.box.right >= edges[line.paragraph] - 2 * high
            and line.box.top >= last.box.top + high / 2
            and may_go_on(last.text, line.text)
        )
        if group and not goes_on:
            yield glue_lines(group)
            group = []
        group.append(line.text)
        last = line
    if group:
        yield glue_lines(group)
