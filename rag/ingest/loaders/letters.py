"""The letters of a page of a PDF: where each stands as a reader sees the page, and the text of some of
them.
"""

from __future__ import annotations

import ctypes
import re
from collections.abc import Sequence
from typing import Any, NamedTuple

import pypdfium2.raw as pdfium_c

from rag.ingest.box import Box
from rag.ingest.loaders.columns import Letter

_FINE = 100  # steps a point, in which pdfium tells places


def page_letters(page: Any, textpage: Any) -> list[Letter]:
    """Return a page's letters in the order of drawing, without blanks; those that pdfium gives no place are
    left out.
    """
    left, right, bottom, top = (ctypes.c_double() for _ in range(4))
    raw = textpage.raw
    placing = _placing(page)
    found = []
    for index in range(textpage.count_chars()):
        code = pdfium_c.FPDFText_GetUnicode(raw, index)
        if (
            code <= 32
            or code == 160
            or not pdfium_c.FPDFText_GetCharBox(raw, index, left, right, bottom, top)
        ):
            continue
        x0, x1, y0, y1 = left.value, right.value, bottom.value, top.value
        if x1 <= x0 or y1 <= y0:
            continue
        text = chr(code)
        if not text.isprintable() or text.isspace():
            continue
        found.append(Letter(index, text, placing.box(x0, y0, x1, y1)))
    return found


class _Placing(NamedTuple):
    """How a place of a page, which may be rotated or cropped, becomes points from its upper left:
    x' = xx * x + xy * y + x_0, y' = yx * x + yy * y + y_0.
    """

    xx: float
    xy: float
    x_0: float
    yx: float
    yy: float
    y_0: float

    def box(self, x0: float, y0: float, x1: float, y1: float) -> Box:
        """Return the box between two places."""
        xx, xy, x_0, yx, yy, y_0 = self
        xs = (xx * x0 + xy * y0 + x_0, xx * x1 + xy * y1 + x_0)
        ys = (yx * x0 + yy * y0 + y_0, yx * x1 + yy * y1 + y_0)
        return Box(min(xs), min(ys), max(xs), max(ys))


def _placing(page: Any) -> _Placing:
    width, height = page.get_size()
    size = round(width * _FINE), round(height * _FINE)
    seen = []
    for x, y in ((0.0, 0.0), (1000.0, 0.0), (0.0, 1000.0)):
        at_x, at_y = ctypes.c_int(), ctypes.c_int()
        pdfium_c.FPDF_PageToDevice(page, 0, 0, *size, 0, x, y, at_x, at_y)
        seen.append((at_x.value / _FINE, at_y.value / _FINE))
    (x_0, y_0), (x_1, y_1), (x_2, y_2) = seen
    return _Placing(
        xx=(x_1 - x_0) / 1000,
        xy=(x_2 - x_0) / 1000,
        x_0=x_0,
        yx=(y_1 - y_0) / 1000,
        yy=(y_2 - y_0) / 1000,
        y_0=y_0,
    )


def whole_words(text: str) -> str:
    """Put words together that a hyphen parts at the end of a line; other hyphens there stay.

    pdfium writes such a hyphen as U+0002 or U+FFFE.

    >>> whole_words("algo\\x02rithm, 2019\\ufffe2020")
    'algorithm, 2019-2020'
    """
    text = re.sub("(?<=[a-z])[\x02\ufffe](?=[a-z])", "", text)
    return re.sub("[\x02\ufffe]", "", re.sub(r"(?<=\w)[\x02\ufffe](?=\w)", "-", text))


def text_of(textpage: Any, letters: Sequence[Letter], selection: Sequence[Letter]) -> str:
    """Return the text of chosen letters, in the order of drawing, with the blanks behind each.

    Args:
        letters: all of the page. selection: those to read.
    """
    ends = dict(zip((a.index for a in letters), (b.index for b in letters[1:]), strict=False))
    runs: list[list[Letter]] = []
    for letter in sorted(selection, key=lambda a: a.index):
        if runs and ends.get(runs[-1][-1].index) == letter.index:
            runs[-1].append(letter)
        else:
            runs.append([letter])
    text = ""
    for run in runs:
        last = run[-1].index
        end = ends.get(last, textpage.count_chars())
        while end - 1 > last and pdfium_c.FPDFText_IsGenerated(textpage.raw, end - 1):
            end -= 1  # a blank or break that pdfium puts before what stands elsewhere
        run_text = textpage.get_text_range(run[0].index, end - run[0].index)
        text += ("\n" if text and not text.endswith("\n") else "") + run_text.replace("\r\n", "\n")
    return whole_words(text)
