"""The documents folder: which of its files could be documents, under which path, and whether it has
changed.
"""

from __future__ import annotations

import contextlib
import os
import unicodedata
from collections.abc import Iterator
from pathlib import Path

from rag.errors import LibraryError
from rag.ingest.loaders import SAVE_AS, SUFFIXES


def files(root: Path) -> Iterator[tuple[str, Path]]:
    """Yield (relative path in NFC, file) of everything in the folder that could be a document.

    Hidden files are left, and so is what a link brings in from outside; folders behind links are not
    entered, so that no loop goes on for ever.
    """
    inside = os.path.realpath(root)

    def leads_out(link: Path) -> bool:
        return not Path(os.path.realpath(link)).is_relative_to(inside)

    for folder, folders, names in os.walk(root, followlinks=False):
        folders[:] = sorted(
            name for name in folders if not name.startswith(".") and not leads_out(Path(folder, name))
        )
        for name in sorted(names):
            file = Path(folder, name)
            if (
                not name.startswith((".", "~$"))
                and file.suffix.lower() in {*SUFFIXES, *SAVE_AS}
                and not (file.is_symlink() and leads_out(file))
            ):
                yield _relative(file, root), file
        for name in folders:
            if Path(name).suffix.lower() in SUFFIXES:
                yield _relative(Path(folder, name), root), Path(folder, name)


def snapshot(root: Path) -> dict[str, tuple[int, int]]:
    """Return (size, time of change in ns) of every file that could be a document, to notice when the folder
    changes.
    """
    found = {}
    for path, file in files(root):
        with contextlib.suppress(OSError):
            status = file.stat()
            found[path] = (status.st_size, status.st_mtime_ns)
    return found


def file_of(root: Path, path: str) -> Path:
    """Return the file of a document's path, whose letters the system may keep decomposed (NFD, on a Mac).

    Raises:
        LibraryError: it is not in the folder.
    """
    file = root / path
    if not file.exists():
        file = dict(files(root)).get(path, file)
    if not file.exists() or not file.resolve().is_relative_to(root.resolve()):
        raise LibraryError("document-gone", path=path)
    return file


def _relative(file: Path, root: Path) -> str:
    return unicodedata.normalize("NFC", file.relative_to(root).as_posix())
