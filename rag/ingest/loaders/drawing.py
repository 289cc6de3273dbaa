"""A page of a PDF or an image file as a picture, with the quoted words marked. Runs in the sandbox, like all
that opens a document.
"""

from __future__ import annotations

import ctypes
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pypdfium2
import pypdfium2.raw as pdfium_c
from PIL import Image, ImageChops

from rag.errors import LoadError
from rag.ingest.loaders.columns import Letter, reading_order
from rag.ingest.loaders.letters import page_letters
from rag.ingest.loaders.scans import SUFFIXES, page_image
from rag.ingest.recognition import OcrLine
from rag.ingest.scan_pages import read_page
from rag.text.sides import label_of

WIDTH = 1000  # pixels of the picture
PAD = 2  # of a mark around its words
MARK = (255, 213, 0)
# of a quote's words that a line must hold to be marked where the quote itself does not stand on the page
MIN_SHARE = 0.5
MIN_BEGIN = 16  # letters of a quote that tell where it begins, when the rest does not follow there


class _Upright(NamedTuple):
    """A box of a page as pdfium tells it: in points from its lower left, before it is rotated or cropped."""

    left: float
    bottom: float
    right: float
    top: float


class _Mark(NamedTuple):
    """What is to be marked on a picture: pixels from its upper left."""

    left: int
    top: int
    right: int
    bottom: int


def draw_page(path: Path, number: int, quote: str, scans: str = "") -> tuple[bytes, float | None]:
    """Draw a page with a quote marked.

    Args:
        number: of the page, from 1. quote: as the loader wrote it; blanks and line wraps need not agree with
            the page's. scans: folder of what was read of the file's pages that are pictures.
    Returns: a JPEG, and where the quote begins on it (0 top to 1 bottom), None where it was not found.
    Raises:
        LoadError: the file or the page cannot be opened.
    """
    if path.suffix.lower() in SUFFIXES:
        image = page_image(path, number, 1.0)
        image = image.resize((WIDTH, max(1, image.height * WIDTH // image.width)))
        return _marked(image, _on_scan(scans, number, quote, image.size))
    try:
        document = pypdfium2.PdfDocument(path)
        page = document[number - 1]
    except (pypdfium2.PdfiumError, IndexError) as error:
        raise LoadError("page-not-drawn", page=number, file=path.name) from error
    bitmap = page.render(scale=min(4.0, WIDTH / max(1.0, page.get_width())))
    image = bitmap.to_pil().convert("RGB")
    boxes = _boxes(page, page.get_textpage(), quote)
    marks = [_pixels(page, box, image.size) for box in boxes]
    document.close()
    return _marked(image, marks or _on_scan(scans, number, quote, image.size))


def _marked(image: Image.Image, marks: Sequence[_Mark]) -> tuple[bytes, float | None]:
    shade = Image.new("RGB", image.size, (255, 255, 255))
    for mark in marks:
        shade.paste(MARK, mark)
    buffer = io.BytesIO()
    ImageChops.multiply(image, shade).save(buffer, "JPEG", quality=82)
    return buffer.getvalue(), min(mark.top for mark in marks) / image.height if marks else None


def _on_scan(scans: str, number: int, quote: str, size: tuple[int, int]) -> list[_Mark]:
    """Return where the recognised lines of a quote stand on the picture of their page, in pixels."""
    page = read_page(scans, number)
    lines = page.lines if page else ()
    flat = ["".join(line.text.split()) for line in lines]
    wanted = "".join(quote.split())
    at = "".join(flat).find(wanted)
    found: list[OcrLine] = []
    end = 0
    for line, letters in zip(lines, flat, strict=True):
        begin, end = end, end + len(letters)
        if at >= 0 and begin < at + len(wanted) and at < end:
            found.append(line)
    if at < 0:  # lines between were left out, or it is a row of a table with its headers
        words = {word.strip(":|,.()[]") for word in quote.split()} - {""}
        shares = [sum(len(word) for word in words if word in letters) for letters in flat]
        best = max(range(len(lines)), key=shares.__getitem__, default=None)
        found = [lines[best]] if best is not None and shares[best] >= MIN_SHARE * sum(map(len, words)) else []
    width, height = size
    return [
        _Mark(
            max(0, round(box.left * width) - PAD),
            max(0, round(box.top * height) - PAD),
            min(width, round(box.right * width) + PAD),
            min(height, round(box.bottom * height) + PAD),
        )
        for box in (line.box for line in found)
    ]


def _boxes(page: Any, textpage: Any, quote: str) -> list[_Upright]:
    """Return the boxes of the quote's lines on the page; of the line that holds most of its words where it
    does not stand there itself.
    """
    letters = page_letters(page, textpage)
    own = quote[len(label_of(quote)) :]  # the name of a side stands above its column
    text = "".join(own.split())
    indices = _places_of(letters, text)
    if not indices:
        drawn = {letter.index: letter for letter in letters}
        indices = _places_of([drawn[i] for part in reading_order(letters) for i in part.indices], text)
    if not indices and " | " not in quote:
        indices = _to_the_foot(letters, text)
    if indices:
        return _lines([_Upright(*textpage.get_charbox(index)) for index in indices])
    rows: list[
        list[Letter]
    ] = []  # a row of a table is written out by the loader with its headers; its cells stand on one line
    for letter in letters:
        box = letter.box
        above = rows[-1][-1].box if rows else None
        if above and box.bottom > above.top and box.top < above.bottom:
            rows[-1].append(letter)
        else:
            rows.append([letter])
    words = {word.strip(":|,.()[]") for word in quote.split()} - {""}
    shares = [sum(len(w) for w in words if w in "".join(a.text for a in row)) for row in rows]
    best = max(range(len(rows)), key=shares.__getitem__, default=None)
    if best is None or shares[best] < MIN_SHARE * sum(map(len, words)):
        return []
    return _lines([_Upright(*textpage.get_charbox(letter.index)) for letter in rows[best]])


def _places_of(letters: Sequence[Letter], text: str) -> list[int]:
    """Return the places of the letters that make up what is said, nothing where they do not follow each
    other.
    """
    at = "".join(letter.text for letter in letters).find(text)
    return [letter.index for letter in letters[at : at + len(text)]] if at >= 0 else []


def _to_the_foot(letters: Sequence[Letter], text: str) -> list[int]:
    """Return the places of the letters with which a text begins, as far as they follow each other, if these
    are half of it or MIN_BEGIN: the rest may stand on the next page.
    """
    flat = "".join(letter.text for letter in letters)
    for length in range(len(text) - 1, min(len(text) // 2, MIN_BEGIN), -1):
        if (at := flat.find(text[:length])) >= 0:
            return [letter.index for letter in letters[at : at + length]]
    return []


def _lines(boxes: Sequence[_Upright]) -> list[_Upright]:
    """Join the boxes of letters that stand on one line."""
    lines: list[_Upright] = []
    for box in boxes:
        if box.right <= box.left or box.top <= box.bottom:
            continue
        last = lines[-1] if lines else None
        if last and box.bottom < last.top and box.top > last.bottom and box.left > last.left:
            lines[-1] = _Upright(
                min(last.left, box.left),
                min(last.bottom, box.bottom),
                max(last.right, box.right),
                max(last.top, box.top),
            )
        else:
            lines.append(box)
    return lines


def _pixels(page: Any, box: _Upright, size: tuple[int, int]) -> _Mark:
    """Turn a box of the page, which may be rotated or cropped, into pixels."""
    xs, ys = [], []
    for x, y in ((box.left, box.bottom), (box.right, box.top)):
        device_x, device_y = ctypes.c_int(), ctypes.c_int()
        pdfium_c.FPDF_PageToDevice(page, 0, 0, *size, 0, x, y, device_x, device_y)
        xs.append(device_x.value)
        ys.append(device_y.value)
    return _Mark(
        max(0, min(xs) - PAD),
        max(0, min(ys) - PAD),
        min(size[0], max(xs) + PAD),
        min(size[1], max(ys) + PAD),
    )
