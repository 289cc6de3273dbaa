"""How much of a file's visible text its blocks hold, by a count that does not walk as the loader does.

What is there: all text elements of the XML, all words of a page, all letters of a text, flat and without
order; what is no part of the text in force (deleted, struck out, running heads, marks of notes) and what is
shown in other letters (formulas, the figures of a workbook) is not counted on either side. What was read: of
these words those that stand in the loader's text, each as often as it stands there; words that are joined
otherwise count where their line's letters stand there in one. Formats that have no second way to their text
are not counted.

A word that the loader repeats (the head of a table in each row) can hide the loss of another that is the
same.
"""

from __future__ import annotations

import logging
import re
import struct
import unicodedata
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import olefile
from langchain_core.documents import Document
from lxml import etree, html

from rag.ingest.loaders.markup import local_name
from rag.text.cleaning import clean

log = logging.getLogger(__name__)
WINDOW_CHARS = 20_000  # letters in which a line is sought first, since lines come in order
NUMBERING = 3  # words at a line's beginning that may be left out of it, such as the page's number
SOUGHT = 200_000_000  # letters that are looked through for one file; beyond it is not counted
MAX_PART = 200 << 20  # bytes of one part of an archive
_WORD = re.compile(r"[^\W_]+")
_LINE_TAGS = frozenset(
    "address article blockquote body br caption dd div dl dt figcaption h1 h2 h3 h4 h5 h6 hr li main ol p "
    "pre section summary table td th tr ul".split()
)
_NOT_SHOWN = (
    "script style head nav header footer aside button noscript template select textarea svg iframe "
    "del s strike rt rp sup"
).split()
_OFF = "@w:val='0' or @w:val='false' or @w:val='none'"
_WORD_TEXT = (
    ".//w:t[not(ancestor::w:moveFrom or ancestor::w:del or ancestor::mc:Fallback or ancestor::w:rt"
    " or ancestor::w:tr[w:trPr/w:del] or ../w:rPr/w:vertAlign[@w:val='superscript']"
    f" or ../w:rPr/w:strike[not({_OFF})] or ../w:rPr/w:dstrike[not({_OFF})])]"
)
# of HWP 5: a flag of the file, tags of records, heads of controls that hold no text of the page (their
# letters stand in the file from right to left), and codes below a blank, most of which take the place
# of eight
_PACKED = 1
_PARA_TEXT, _CTRL_HEADER, _PICTURE = 67, 71, 85
_OUTSIDE = (b"daeh", b"toof", b"tmct")
_CONTROL = re.compile("[\x01-\x09\x0b\x0c\x0e-\x17](?s:.{7})|[\n\x1e\x1f]")
_BLANKS = "\t\n\x1e\x1f"
_NAMES = {
    "w": "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
    "mc": "http://schemas.openxmlformats.org/markup-compatibility/2006",
    "a": "http://schemas.openxmlformats.org/drawingml/2006/main",
    "s": "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
}


@dataclass
class Present:
    """What a file holds: its visible text in lines, and how many things of a kind ("pictures", "charts") no
    text was made of.
    """

    lines: Iterable[str] = ()
    unread: dict[str, int] = field(default_factory=dict)


def present(path: Path) -> Present | None:
    """Return what a file holds, None where its format has no second way to its text, or that fails."""
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        return None
    return attempt(lambda: reader(path), path.name)


def attempt(count: Callable[[], Present], name: str) -> Present | None:
    """Return what a file holds, None where to count it fails. `name`: of the file."""
    try:
        return count()
    except Exception as error:  # the loader has read the file: that it cannot be counted is no fault of it
        log.info("%s is not counted (%s)", name, type(error).__name__)
        return None


def share(lines: Iterable[str], documents: Sequence[Document]) -> float | None:
    """Return the letters of lines that stand in a file's documents, or in the cells that the page shows of a
    table, of all their letters: 0 to 1, None where there are none or too many to seek.
    """
    said = clean("\n".join(lines))
    if not said:
        return None
    text = "\n".join(document.page_content for document in documents)
    there = Counter(_words(text))
    for document in documents:
        if grid := document.metadata["table"]:
            cells = Counter(_words("\n".join(cell for row in grid for cell in row)))
            there += cells - Counter(_words(document.page_content))
    return _share(said.split("\n"), text, there)


def _share(lines: Sequence[str], text: str, word_counts: Counter[str]) -> float | None:
    letters = ""
    times: Counter[str] = Counter()  # that a line was met so far
    counts: dict[str, int] = {}  # how often a line's letters stand in the text
    all_letters = read = at = sought = 0
    for line in lines:
        words = _words(line)
        line_letters = "".join(words)
        all_letters += len(line_letters)
        times[line_letters] += 1
        missing = []
        for place, word in enumerate(words):
            if word_counts[word] > 0:
                word_counts[word] -= 1
                read += len(word)
            else:
                missing.append(place)
        if not missing:
            continue
        letters = letters or "".join(_words(text))
        near = slice(max(0, at - WINDOW_CHARS), at + WINDOW_CHARS)
        if times[line_letters] == 1 and (found := letters.find(line_letters, near.start, near.stop)) >= 0:
            at = found + len(line_letters)
            read += sum(len(words[place]) for place in missing)
            continue
        if line_letters not in counts:
            counts[line_letters] = letters.count(line_letters)
            sought += len(letters)
        left = 0 if counts[line_letters] >= times[line_letters] else len(words)
        if left:
            rests = ((n, "".join(words[n:])) for n in range(1, min(NUMBERING + 1, len(words))))
            if times[line_letters] == 1:
                left = next((n for n, rest in rests if letters.find(rest, near.start, near.stop) >= 0), left)
            else:
                left = next((n for n, rest in rests if letters.count(rest) >= times[line_letters]), left)
                sought += len(letters)
        read += sum(len(words[place]) for place in missing if place >= left)
        if sought > SOUGHT:
            return None
    return read / all_letters if all_letters else None


def _words(text: str) -> list[str]:
    return _WORD.findall(unicodedata.normalize("NFKC", text))


def _part(archive: zipfile.ZipFile, name: str) -> Any:
    with archive.open(name) as file:
        data = file.read(MAX_PART)
    options = {"resolve_entities": False, "no_network": True, "huge_tree": True, "recover": True}
    return etree.fromstring(data, etree.XMLParser(**options))


def _grouped(texts: Iterable[Any]) -> Iterator[str]:
    """Yield the texts of elements, those of runs that stand together in one: a word may go over them."""
    last, parts = None, [""]
    for element in texts:
        run = element.getparent()
        above = run.getparent() if run is not None else None
        if above is not last:
            yield "".join(parts)
            last, parts = above, []
        parts.append("".join(element.itertext()) if len(element) else element.text or "")
    yield "".join(parts)


def _of_docx(path: Path) -> Present:
    with zipfile.ZipFile(path) as archive:
        root = _part(archive, "word/document.xml")
        lines = list(_grouped(root.xpath(_WORD_TEXT, namespaces=_NAMES)))
        for kind in ("footnote", "endnote"):
            if f"word/{kind}s.xml" in archive.namelist():
                named = set(root.xpath(f".//w:{kind}Reference/@w:id", namespaces=_NAMES))
                notes = _part(archive, f"word/{kind}s.xml")
                for note in notes.xpath(f"w:{kind}[not(@w:type)]", namespaces=_NAMES):
                    if note.get(f"{{{_NAMES['w']}}}id") in named:
                        lines += _grouped(note.xpath(_WORD_TEXT, namespaces=_NAMES))
    pictures = root.xpath("count(.//a:graphicData[contains(@uri, 'picture')])", namespaces=_NAMES)
    charts = root.xpath("count(.//a:graphicData[contains(@uri, 'chart')])", namespaces=_NAMES)
    return Present(lines, counted(pictures=pictures, charts=charts))


def _of_pptx(path: Path) -> Present:
    lines: list[str] = []
    pictures = charts = 0
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            if re.fullmatch(r"ppt/slides/slide\d+\.xml", name):
                root = _part(archive, name)
                lines += _grouped(root.xpath(".//a:t[not(ancestor::mc:Fallback)]", namespaces=_NAMES))
                pictures += sum(1 for _ in root.iter("{*}pic"))
                charts += root.xpath("count(.//a:graphicData[contains(@uri, 'chart')])", namespaces=_NAMES)
    return Present(lines, counted(pictures=pictures, charts=charts))


def of_hwpx(head: Any | None, sections: Iterable[Any]) -> Present:
    """Return what an HWPX file holds, given its parsed parts, since to parse them again takes as long as to
    read them. Remarks and running heads are emptied in them.
    """
    lines: list[str] = []
    counts: Counter[str] = Counter()
    out = _marked(head) if head is not None else set()
    for root in sections:
        for element in list(root.iter("{*}header", "{*}footer", "{*}hiddenComment", "{*}fieldBegin")):
            if local_name(element) != "fieldBegin" or element.get("type") == "MEMO":
                element.clear(keep_tail=True)
        texts = []
        for element in root.iter("{*}t", "{*}pic", "{*}chart"):
            name = local_name(element)
            if name == "t":
                texts.append(element)
            else:
                counts[name] += 1
        lines += _grouped(_in_force(texts, out))
    return Present(lines, counted(pictures=counts["pic"], charts=counts["chart"]))


def _marked(head: Any) -> set[str]:
    """Return the ids of letters that stand high or are struck out."""
    return {
        mark.getparent().get("id", "")
        for mark in head.iter("{*}supscript", "{*}strikeout")
        if local_name(mark) == "supscript" or mark.get("shape", "NONE") not in ("NONE", "3D")
    }


def _in_force(texts: Iterable[Any], out: set[str]) -> Iterator[Any]:
    """Yield text elements without what tracked changes deleted; `out`: ids of letters that are not
    counted.
    """
    deleted = False
    for element in texts:
        if deleted or len(element):
            if deleted:
                element.text = None
            for child in element:
                name = local_name(child)
                deleted = name == "deleteBegin" or (deleted and name != "deleteEnd")
                if deleted:
                    child.tail = None
                elif name in ("lineBreak", "tab"):
                    child.tail = f" {child.tail or ''}"
        if element.getparent().get("charPrIDRef", "") not in out:
            yield element


def _of_xlsx(path: Path) -> Present:
    """The texts of a workbook's cells: figures are shown in other digits than they are kept in."""
    lines: list[str] = []
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        shared: list[str] = []
        if "xl/sharedStrings.xml" in names:
            for item in _part(archive, "xl/sharedStrings.xml").iterfind("s:si", _NAMES):
                told = item.xpath(".//s:t[not(ancestor::s:rPh)]", namespaces=_NAMES)
                shared.append("".join(text.text or "" for text in told))
        for name in names:
            if re.fullmatch(r"xl/worksheets/sheet\d+\.xml", name):
                root = _part(archive, name)
                places = root.xpath(".//s:c[@t='s']/s:v/text()", namespaces=_NAMES)
                lines += [shared[int(place)] for place in places if int(place) < len(shared)]
                lines += root.xpath(".//s:c[@t='str']/s:v/text()", namespaces=_NAMES)
                for cell in root.xpath(".//s:c[@t='inlineStr']", namespaces=_NAMES):
                    lines.append("".join(cell.itertext()))
        pictures = sum(name.startswith("xl/media/") for name in names)
        charts = sum(bool(re.match(r"xl/charts/chart\d+\.xml", name)) for name in names)
    return Present(lines, counted(pictures=pictures, charts=charts))


def _of_html(path: Path) -> Present:
    data = path.read_bytes()
    try:
        root = html.document_fromstring(data.decode("utf-8"))
    except (UnicodeDecodeError, ValueError):
        root = html.document_fromstring(data)
    return Present(_page_lines(root))


def page_lines(text: str) -> list[str]:
    """Return the visible text of a page that stands in a file of another kind, in lines."""
    if not text.strip():
        return []
    parser = html.HTMLParser(encoding="utf-8")
    return _page_lines(html.document_fromstring(text.encode("utf-8", "replace"), parser=parser))


def _page_lines(root: Any) -> list[str]:
    for node in root.xpath("|".join(f"//{tag}" for tag in _NOT_SHOWN)):
        if node.getparent() is not None:
            node.drop_tree()
    parts: list[str] = []
    for event, node in etree.iterwalk(root, events=("start", "end")):
        ends = "\n" if node.tag in _LINE_TAGS else ""
        if event == "start" and isinstance(node.tag, str):
            parts.append(ends + re.sub(r"\s+", " ", node.text or ""))
        elif event == "end":
            parts.append(ends + re.sub(r"\s+", " ", node.tail or ""))
    return "".join(parts).split("\n")


def fullest(forms: Iterable[Sequence[str]]) -> Sequence[str]:
    """Return of forms of one text, of which a reader is shown one, the lines of that with the most
    letters.
    """
    return max(forms, key=lambda lines: sum(map(len, _words("\n".join(lines)))), default=())


def _of_hwp(path: Path) -> Present:
    """The texts of an HWP 5 file's paragraphs, which lie in its streams one after the other, those of cells
    and notes with them.
    """
    lines: list[str] = []
    counts: Counter[int] = Counter()
    with olefile.OleFileIO(str(path)) as ole:
        (flags,) = struct.unpack_from("<I", ole.openstream("FileHeader").read(40), 36)
        for place in ole.listdir():
            if place[0] == "BodyText":
                data = ole.openstream(place).read()
                if flags & _PACKED:
                    data = zlib.decompressobj(-zlib.MAX_WBITS).decompress(data, MAX_PART)
                for tag, record in _in_text(data):
                    counts[tag] += 1
                    if tag == _PARA_TEXT:
                        lines.append(_paragraph(record))
    return Present(lines, counted(pictures=counts[_PICTURE]))


def _in_text(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield the records of a stream as (tag, content), without running heads and remarks and what stands in
    them.
    """
    at, out = 0, None
    while at + 4 <= len(data):
        (head,) = struct.unpack_from("<I", data, at)
        at += 4
        tag, level, size = head & 0x3FF, head >> 10 & 0x3FF, head >> 20
        if size == 0xFFF:  # a larger one stands behind
            (size,) = struct.unpack_from("<I", data, at)
            at += 4
        if out is not None and level <= out:
            out = None
        if out is None and tag == _CTRL_HEADER and data[at : at + 4] in _OUTSIDE:
            out = level
        if out is None:
            yield tag, data[at : at + size]
        at += size


def _paragraph(record: bytes) -> str:
    """Return the text of a paragraph without controls. What these hold is no text, and may look like half a
    letter: it goes before letters of two halves are joined.
    """
    record = record.removesuffix(b"\r\0")  # its end
    text = record.decode("utf-16-le", "replace")
    if _CONTROL.search(text) is None:
        return text
    units = "".join(map(chr, struct.unpack(f"<{len(record) // 2}H", record[: len(record) // 2 * 2])))
    text = _CONTROL.sub(lambda match: " " if match[0][0] in _BLANKS else "", units)
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def counted(**counts: float) -> dict[str, int]:
    return {kind: int(count) for kind, count in counts.items() if count}


_READERS: dict[str, Callable[[Path], Present]] = {
    ".hwp": _of_hwp,
    ".docx": _of_docx,
    ".pptx": _of_pptx,
    ".xlsx": _of_xlsx,
    ".html": _of_html,
    ".htm": _of_html,
}
