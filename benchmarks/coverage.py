"""Measure what the loaders read of the letters that are there, file by file, beside the plain way.

    python benchmarks/coverage.py [FILE or FOLDER …] [--lost] [--write]

Without arguments: `documents/` and, where they are, the files of ../shared. What is there is
read a second time by other means than the loader's:

    .hwpx .docx .pptx  the texts of the archive's XML, by regular expressions; of HWPX without running heads,
                       memos and what tracked changes deleted
    .hwp               dochan; unhwp for what it cannot open
    .pdf               pdftotext of poppler, where it is installed, else pdfium's text
    .html              lxml's text of the body without scripts and menus
    .xlsx              openpyxl's cells

A piece of that (paragraph, cell, line) is read where its letters stand in the loader's text; of others the
letters count that lie in runs of RUN. "Changed numbers" are those of the second reading that are no number of
the loader's text, "made-up" ones the other way round. The plain way is the library that most programs call:
unhwp's Markdown, python-docx's paragraphs and tables, pypdf, trafilatura. `--lost` lists what is lost.
"""

from __future__ import annotations

import argparse
import contextlib
import html
import re
import shutil
import subprocess
import sys
import unicodedata
import zipfile
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks import results
from rag.config import ROOT
from rag.errors import LoadError
from rag.ingest.loaders import SUFFIXES, file_text
from rag.ingest.loaders.sandbox import Sandbox

RUN = 8
SHARED = ROOT.parent / "shared"
FOLDERS = (ROOT / "documents", SHARED / "samples", SHARED / "eval" / "tables")
_NUMBER = re.compile(r"(?<![\d.,])\d+(?:[.,]\d+)*")


@dataclass
class Reading:
    """What was found in one file: letters present and read, lost pieces, numbers changed and made up."""

    present: int
    read: int
    lost: list[str]
    changed: list[str]
    made_up: list[str]

    @property
    def share(self) -> float:
        """Letters read of letters present, 0 to 1."""
        return self.read / self.present if self.present else 1.0


def letters(text: str) -> str:
    """Return a text's letters and figures alone."""
    return "".join(c for c in unicodedata.normalize("NFKC", text) if c.isalnum())


def parts(piece: str, ours: str) -> Iterator[str]:
    """Yield a line's longest runs of words that stand in our letters, which are its cells, and other
    words.
    """
    words = piece.split()
    while words:
        count = next((n for n in range(len(words), 1, -1) if letters(" ".join(words[:n])) in ours), 1)
        yield " ".join(words[:count])
        words = words[count:]


def compare(pieces: Sequence[str], text: str, *, lines: bool = False) -> Reading:
    """Compare the pieces of a second reading with a loader's text. `lines`: a piece may run over cells."""
    ours = letters(text)
    if lines:
        pieces = [part for piece in pieces for part in parts(piece, ours)]
    present = read = 0
    lost = []
    for piece in pieces:
        said = letters(piece)
        present += len(said)
        if said in ours:
            read += len(said)
            continue
        inside = [False] * len(said)
        for i in range(len(said) - RUN + 1):
            if said[i : i + RUN] in ours:
                inside[i : i + RUN] = [True] * RUN
        read += sum(inside)
        if not all(inside):
            lost.append(" ".join(piece.split()))
    theirs = {n for piece in pieces for n in _NUMBER.findall(unicodedata.normalize("NFKC", piece))}
    mine = set(_NUMBER.findall(unicodedata.normalize("NFKC", text)))
    return Reading(present, read, lost, sorted(theirs - mine), sorted(mine - theirs))


def _tags(data: bytes, name: str, paragraph: str) -> list[str]:
    """Return the text of each paragraph's `name` elements, by regular expressions."""
    found = []
    for block in re.split(rf"<{paragraph}[ >/]", data.decode("utf-8", "replace")):
        texts = re.findall(rf"<{name}(?: [^>]*)?>(.*?)</{name}>", block, re.S)
        found.append(html.unescape(re.sub(r"<[^>]*>", " ", "".join(texts))))
    return [text for text in found if text.strip()]


def of_hwpx(file: Path) -> list[str]:
    """Return the paragraphs of an HWPX file."""
    pieces = []
    with zipfile.ZipFile(file) as archive:
        for name in sorted(n for n in archive.namelist() if re.search(r"section\d+\.xml$", n)):
            data = archive.read(name)
            for gone in (b"header", b"footer", b"hiddenComment"):
                data = re.sub(rb"<hp:" + gone + rb"[ >].*?</hp:" + gone + rb">", b"", data, flags=re.S)
            data = re.sub(rb'<hp:fieldBegin [^>]*type="MEMO".*?</hp:fieldBegin>', b"", data, flags=re.S)
            data = re.sub(rb"<hp:deleteBegin.*?<hp:deleteEnd[^>]*>", b"", data, flags=re.S)
            pieces += _tags(data, "hp:t", "hp:p")
    return pieces


def of_hwp(file: Path) -> list[str]:
    """Return the lines of an HWP file as another parser reads it."""
    from dochan import Dochan

    reader = Dochan(str(file))
    text = reader.to_markdown()
    if reader.errors or not text.strip():
        import unhwp

        text = unhwp.to_markdown(str(file))
    text = re.sub(
        r"<!--.*?-->|!\[.*?\]\([^()]*\)|\[\^\d+\]:?|\[bookmark:[^\]]*\]|\*\*", "", text, flags=re.M | re.S
    )
    text = re.sub(r"</?\w+[^>]*>|[|;]| / |^\s*[#\->*]+ ", "\n", text, flags=re.M)
    return html.unescape(text).split("\n")


def of_docx(file: Path) -> list[str]:
    """Return the paragraphs of a DOCX file."""
    with zipfile.ZipFile(file) as archive:
        return _tags(archive.read("word/document.xml"), "w:t", "w:p")


def of_pptx(file: Path) -> list[str]:
    """Return the paragraphs of a PPTX file's slides and notes."""
    with zipfile.ZipFile(file) as archive:
        names = [n for n in archive.namelist() if re.match(r"ppt/slides/slide\d+\.xml$", n)]
        return [text for name in names for text in _tags(archive.read(name), "a:t", "a:p")]


def of_pdf(file: Path) -> list[str]:
    """Return the lines of a PDF, cells apart."""
    if shutil.which("pdftotext"):
        told = subprocess.run(["pdftotext", "-layout", str(file), "-"], capture_output=True, check=False)
        text = told.stdout.decode("utf-8", "replace")
    else:
        import pypdfium2

        text = "\n".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(file))
    return [piece for line in text.split("\n") for piece in re.split(r"\s{2,}", line) if piece.strip()]


def of_html(file: Path) -> list[str]:
    """Return the texts of a page's body."""
    from lxml import html as parser

    root = parser.fromstring(file.read_bytes())
    for node in root.xpath("//script|//style|//nav|//header|//footer|//aside|//head|//button|//noscript"):
        node.drop_tree()
    return [text for text in root.itertext() if text.strip()]


def of_xlsx(file: Path) -> list[str]:
    """Return the texts of a workbook's visible cells; figures are left to the formats' own tests."""
    import openpyxl

    book = openpyxl.load_workbook(file, data_only=True)
    sheets = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
    return [c.value for sheet in sheets for row in sheet.iter_rows() for c in row if isinstance(c.value, str)]


def plain_hwp(file: Path) -> str:
    """Return what unhwp writes."""
    import unhwp

    return str(unhwp.to_markdown(str(file)))


def plain_docx(file: Path) -> str:
    """Return the paragraphs and cells of python-docx."""
    import docx

    document = docx.Document(str(file))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([paragraph.text for paragraph in document.paragraphs] + cells)


def plain_pptx(file: Path) -> str:
    """Return the texts of python-pptx's shapes."""
    import pptx

    shapes = [shape for slide in pptx.Presentation(str(file)).slides for shape in slide.shapes]
    return "\n".join(shape.text_frame.text for shape in shapes if shape.has_text_frame)


def plain_pdf(file: Path) -> str:
    """Return pdfium's text of each page."""
    import pypdfium2

    return "\n".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(file))


def plain_html(file: Path) -> str:
    """Return what trafilatura extracts."""
    import trafilatura

    return trafilatura.extract(file.read_bytes()) or ""


SECOND: dict[str, Callable[[Path], list[str]]] = {
    ".hwpx": of_hwpx,
    ".hwp": of_hwp,
    ".docx": of_docx,
    ".pptx": of_pptx,
    ".pdf": of_pdf,
    ".html": of_html,
    ".xlsx": of_xlsx,
}
PLAIN: dict[str, Callable[[Path], str]] = {
    ".hwpx": plain_hwp,
    ".hwp": plain_hwp,
    ".docx": plain_docx,
    ".pptx": plain_pptx,
    ".pdf": plain_pdf,
    ".html": plain_html,
}


def files_of(places: Sequence[Path]) -> Iterator[Path]:
    """Yield the files to compare."""
    for place in places:
        inside = sorted(place.rglob("*")) if place.is_dir() else [place]
        yield from (
            file for file in inside if file.suffix.lower() in SUFFIXES and file.suffix.lower() in SECOND
        )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("places", nargs="*", type=Path)
    parser.add_argument("--lost", action="store_true", help="list what is lost, changed and made up")
    parser.add_argument("--write", action="store_true", help="put the table into benchmarks/RESULTS.md")
    arguments = parser.parse_args()
    by_format: dict[str, list[tuple[Reading, Reading | None]]] = defaultdict(list)
    refused = 0
    sandbox = Sandbox(timeout_s=120, memory_mb=2048, max_mb=200)
    for file in files_of(arguments.places or [folder for folder in FOLDERS if folder.exists()]):
        suffix = file.suffix.lower()
        try:
            text = file_text(sandbox.load(file, file.parent))
        except LoadError:
            refused += 1
            continue
        pieces: list[str] = []
        with contextlib.suppress(Exception):  # a damaged file, which the loader reads in part
            pieces = SECOND[suffix](file)
        if not letters("".join(pieces)):
            refused += 1
            continue
        found = compare(pieces, text, lines=suffix == ".pdf")
        plain = None
        if suffix in PLAIN:
            with contextlib.suppress(Exception):
                plain = compare(pieces, PLAIN[suffix](file), lines=suffix == ".pdf")
        by_format[suffix].append((found, plain))
        print(f"{found.share:.4f} {f'{plain.share:.4f}' if plain else '–':6} {file.name}")
        if arguments.lost:
            for name in ("lost", "changed", "made_up"):
                items = getattr(found, name)
                print(f"   {name} {len(items)}: " + " ⏎ ".join(item[:80] for item in items[:20]))
    sandbox.close()
    lines = [
        "| | files | letters | read | by the plain way | lost pieces | changed numbers | made-up numbers |",
        "|---" * 8 + "|",
    ]
    for suffix, rows in sorted(by_format.items()):
        present = sum(found.present for found, _ in rows)
        read = sum(found.read for found, _ in rows)
        both = [(found, plain) for found, plain in rows if plain is not None]
        theirs = f"{sum(p.read for _, p in both) / sum(p.present for _, p in both):.4f}" if both else "–"
        counts = (sum(len(getattr(f, name)) for f, _ in rows) for name in ("lost", "changed", "made_up"))
        cells = [suffix, str(len(rows)), f"{present:,}", f"{read / present:.4f}", theirs, *map(str, counts)]
        lines.append("| " + " | ".join(cells) + " |")
    lines += ["", f"{refused} files were refused with a sentence, or could be read by one side only."]
    print("\n" + "\n".join(lines))
    if arguments.write:
        results.write("Letters read of letters present", "python benchmarks/coverage.py", lines)
    return 0


if __name__ == "__main__":
    sys.exit(main())
