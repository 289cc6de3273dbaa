"""Count what a file holds but a reader may not see: text switched off, white on nothing, or tiny.

It is read all the same, since a page also folds away what it shows on a click; the library says of the
document that it holds some. What cannot be told from the file alone is left: white on a background of a
style sheet, text under a picture, white text in a PDF.
"""

from __future__ import annotations

import re
from typing import Any

from lxml import etree

_OFF = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*(hidden|collapse)|opacity\s*:\s*0(\.0+)?\s*(;|$)|font-size\s*:\s*[01](\.\d+)?(px|pt)?\s*(;|$)",
    re.I,
)
_WHITE = re.compile(
    r"(?<![\w-])color\s*:\s*(white|#fff(fff)?\b|transparent|rgba?\(\s*255\s*,\s*255\s*,\s*255)", re.I
)
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
TINY = 4  # half points: what no printer is asked for


def unseen_html(root: etree._Element) -> int:
    """Return the number of characters of a page that its own marks hide: `hidden`, styles that switch off,
    white without a background.
    """
    count = 0
    hiding: list[etree._Element] = []
    grounds = 0  # elements around the place that have a background
    for event, node in etree.iterwalk(root, events=("start", "end")):
        if not isinstance(node.tag, str):
            continue
        style = node.get("style") or ""
        ground = "background" in style or node.get("bgcolor") is not None
        if event == "start":
            grounds += ground
            if (
                hiding
                or node.get("hidden") is not None
                or _OFF.search(style)
                or (_WHITE.search(style) and not grounds)
            ):
                hiding.append(node)
                count += len((node.text or "").strip())
        else:
            grounds -= ground
            if hiding:
                hiding.pop()
                count += len((node.tail or "").strip()) if hiding else 0
    return count


def unseen_docx(body: Any) -> int:
    """Return the number of characters of a Word document's body that are hidden, tiny, or white without a
    shade behind them.
    """
    return sum(_letters(run) for run in body.iter(f"{_W}r") if _is_unseen(run))


def _is_unseen(run: Any) -> bool:
    properties = run.find(f"{_W}rPr")
    if properties is None:
        return False
    vanish, size, color = (properties.find(f"{_W}{name}") for name in ("vanish", "sz", "color"))
    if vanish is not None and vanish.get(f"{_W}val", "1") not in ("0", "false"):
        return True
    if size is not None and size.get(f"{_W}val", "").isdigit() and int(size.get(f"{_W}val")) <= TINY:
        return True
    white = color is not None and color.get(f"{_W}val", "").upper() == "FFFFFF"
    return white and properties.find(f"{_W}highlight") is None and not _is_shaded(run)


def _is_shaded(run: Any) -> bool:
    """True where the run, its paragraph, cell or table has a background, or a table's style may give it
    one.
    """
    around = [run, *run.iterancestors(f"{_W}p", f"{_W}tc", f"{_W}tbl")]
    named = ("rPr", "pPr", "tcPr", "tblPr")
    return any(
        node.find(f"{_W}{name}/{_W}{mark}") is not None
        for node in around
        for name in named
        for mark in ("shd", "tblStyle")
    )


def _letters(run: Any) -> int:
    return sum(len((text.text or "").strip()) for text in run.iter(f"{_W}t"))
