"""From a file to LangChain Documents. `load` does it in a child process with limits; `parse` does it here
and now.

documents = load(Path("documents/계획.hwpx"), Path("documents"))
text = file_text(documents)          # offsets of chunks and citations point into this
"""

from __future__ import annotations

import re
import stat
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path

from langchain_core.documents import Document

from rag.errors import LoadError
from rag.ingest.loaders.blocks import Block, assemble, file_text, without_text
from rag.ingest.loaders.coverage import Present, present, share
from rag.ingest.loaders.dates import stated_date
from rag.ingest.loaders.parsed import Parsed
from rag.ingest.loaders.titles import MAX_BILL_LINES, bill_title
from rag.messages import Message
from rag.text.cleaning import clean, count_hidden

# suffix: (module, function, first bytes of such a file or None for text)
_ZIP, _OLE, _TIFF = (b"PK\x03\x04",), (b"\xd0\xcf\x11\xe0",), (b"II*\x00", b"MM\x00*")
_PARSERS: dict[str, tuple[str, str, tuple[bytes, ...] | None]] = {
    ".pdf": ("pdf", "parse_pdf", (b"%PDF",)),
    ".hwp": ("hwp", "parse_hwp", _OLE + _ZIP),
    ".hwpx": ("hwp", "parse_hwp", _ZIP + _OLE),
    ".docx": ("docx", "parse_docx", _ZIP + _OLE),
    ".pptx": ("office", "parse_pptx", _ZIP + _OLE),
    ".xlsx": ("sheets", "parse_workbook", _ZIP + _OLE),
    ".xls": ("sheets", "parse_workbook", _OLE),
    ".ods": ("sheets", "parse_workbook", _ZIP),
    ".csv": ("sheets", "parse_csv", None),
    ".tsv": ("sheets", "parse_csv", None),
    ".html": ("html", "parse_html", None),
    ".htm": ("html", "parse_html", None),
    ".md": ("markdown", "parse_markdown", None),
    ".markdown": ("markdown", "parse_markdown", None),
    ".txt": ("text", "parse_text", None),
    ".eml": ("eml", "parse_eml", None),
    ".msg": ("msg", "parse_msg", _OLE),
    ".png": ("scans", "parse_image", (b"\x89PNG",)),
    ".jpg": ("scans", "parse_image", (b"\xff\xd8\xff",)),
    ".jpeg": ("scans", "parse_image", (b"\xff\xd8\xff",)),
    ".tif": ("scans", "parse_image", _TIFF),
    ".tiff": ("scans", "parse_image", _TIFF),
}
SUFFIXES = frozenset(_PARSERS)
MAY_BE_SCANS = frozenset({".pdf", ".png", ".jpg", ".jpeg", ".tif", ".tiff"})
# documents that people have and that are not read: they are listed with what to do, not passed over
SAVE_AS = {
    ".doc": ".docx",
    ".rtf": ".docx",
    ".odt": ".docx",
    ".ppt": ".pptx",
    ".odp": ".pptx",
    ".hml": ".hwpx",
}
_KINDS = {
    ".pdf": Message("kind-pdf"),
    ".hwp": Message("kind-hwp"),
    ".hwpx": Message("kind-hwpx"),
    ".docx": Message("kind-docx"),
    ".pptx": Message("kind-pptx"),
    **dict.fromkeys((".xlsx", ".xls"), Message("kind-excel")),
    ".ods": Message("kind-ods"),
    ".msg": Message("kind-outlook"),
    **dict.fromkeys((".png", ".jpg", ".jpeg", ".tif", ".tiff"), Message("kind-image")),
}
_PROTECTED = (b"<## NASCA DRM", b"SCDSA", b"DRMONE", b"\x9b DRMONE", b"<!-- DRM", b"FasooSecure")
_HWP_3, _HWPML = b"HWP Document File V", b"<HWPML"
_BINARY = (
    b"%PDF",
    b"PK\x03\x04",
    b"\xd0\xcf\x11\xe0",
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"MZ",
    b"\x7fELF",
    b"GIF8",
    b"\x1f\x8b",
)


def parse(path: Path, root: Path, *, max_mb: int = 200, **options: bool | str) -> list[Document]:
    """Parse one file in this process.

    Args:
        path: the file. root: the documents folder, to which the `path` in the metadata is relative.
        options: passed to the format's parser (`tables=False` for PDF, `attachments=False` for mails,
            `scans`, the folder of what was read of the file's pages, for those of MAY_BE_SCANS).
    Returns: its Documents; one without text for a file whose pages are pictures that nobody has read yet.

    Raises:
        LoadError: what is wrong with the file, in one sentence.
    """
    parsed = read(path, max_mb=max_mb, **options)
    stated = clean(parsed.title) or bill_title(_first_lines(parsed.blocks))
    title = stated or clean(re.sub(r"[_\s]+", " ", path.stem))
    relative = clean(path.relative_to(root).as_posix())
    blocks = list(parsed.blocks)
    hidden = parsed.hidden + sum(
        count_hidden(block.text) + sum(count_hidden(cell.text) for row in block.rows for cell in row)
        for block in blocks
    )
    documents = assemble(blocks, path=relative, title=title[:200], format=path.suffix.lower()[1:])
    if not documents and parsed.scans:
        documents = [without_text(relative, title[:200], path.suffix.lower()[1:])]
    text = file_text(documents)
    date = parsed.date or stated_date(text) or parsed.made
    there = parsed.present or present(path) or Present()
    covered = share(there.lines, documents)
    for document in documents:
        document.metadata |= {"date": date, "hidden": hidden, "unseen": parsed.unseen}
        document.metadata |= {"dropped": parsed.dropped, "scans": parsed.scans, "n_pages": parsed.n_pages}
        document.metadata |= {"unopened": parsed.unopened, "coverage": covered, "missing": there.unread}
        document.metadata["page_label"] = parsed.page_labels.get(document.metadata["page"], "")
    if not documents:
        raise LoadError("file-without-text", file=path.name)
    return documents


def _first_lines(blocks: Sequence[Block]) -> list[str]:
    """Return the first lines of text of a file."""
    said = (block.text for block in blocks[:MAX_BILL_LINES] if block.kind != "table")
    return [line for text in said for line in clean(text).split("\n")]


def read(path: Path, *, max_mb: int = 200, **options: bool | str) -> Parsed:
    """Read the blocks of one file in this process; see `parse`.

    Raises:
        LoadError
    """
    check_file(path, max_mb)
    with path.open("rb") as file:
        if file.read(4) == _ZIP[0]:
            from rag.ingest.loaders.office import check_archive

            check_archive(path)
    module, function, _ = _PARSERS[path.suffix.lower()]
    parser: Callable[..., Parsed] = getattr(import_module(f"rag.ingest.loaders.{module}"), function)
    return parser(path, **options)


def check_file(path: Path, max_mb: int) -> None:
    """Refuse what is no regular file, is empty or too large, or is not what its name says.

    Raises:
        LoadError
    """
    try:
        status = path.stat()
    except OSError as error:
        raise LoadError("file-unopened", file=path.name, reason=error.strerror) from error
    if not stat.S_ISREG(status.st_mode):
        raise LoadError("file-not-regular", file=path.name)
    if status.st_size == 0:
        raise LoadError("file-empty", file=path.name)
    if status.st_size > max_mb << 20:
        raise LoadError("file-too-large", file=path.name, size=status.st_size / 1e6, limit=max_mb)
    suffix = path.suffix.lower()
    if suffix in SAVE_AS:
        raise LoadError("file-type-save-as", file=path.name, type=suffix, other=SAVE_AS[suffix])
    if suffix not in _PARSERS:
        raise LoadError(
            "file-type-unknown", file=path.name, type=suffix or "(none)", known=" ".join(sorted(_PARSERS))
        )
    magic = _PARSERS[suffix][2]
    try:
        with path.open("rb") as file:
            head = file.read(1024)
    except OSError as error:
        raise LoadError("file-unopened", file=path.name, reason=error.strerror) from error
    if head.startswith(_PROTECTED):
        raise LoadError("file-drm", file=path.name)
    if suffix in (".hwp", ".hwpx") and (head.startswith(_HWP_3) or _HWPML in head):
        kind = "HWP 3.0" if head.startswith(_HWP_3) else "HWPML"
        raise LoadError("file-old-hangul", file=path.name, kind=kind)
    if magic is None and head.startswith(_BINARY):
        raise LoadError("file-not-text", file=path.name)
    if magic is not None and not (head.startswith(magic) or (suffix == ".pdf" and b"%PDF" in head)):
        raise LoadError("file-another-type", file=path.name, kind=_KINDS[suffix])
    if head.startswith(_OLE) and suffix in (".docx", ".pptx", ".xlsx", ".hwpx"):
        raise LoadError("file-password-or-old", file=path.name, type=suffix)


__all__ = ["MAY_BE_SCANS", "SAVE_AS", "SUFFIXES", "check_file", "file_text", "parse", "read"]
