"""New editions of files: where an upload goes in the documents folder, and how it takes the place of an older
file.

What is to replace a file waits in data/incoming/<number>/<its path> until a sync has read it. Only then does
it go to the documents folder, in one step; what cannot be read goes, and the file that was there stays.
Whatever interrupts this, the next sync does it again: nothing is lost in between.
"""

from __future__ import annotations

import filecmp
import os
import shutil
import time
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

INCOMING = "incoming"


@dataclass(frozen=True, slots=True)
class Edition:
    """A file that waits to replace another: its path below `root` is that of the document."""

    root: Path
    file: Path

    @property
    def path(self) -> str:
        """The path of the document that it is an edition of."""
        return unicodedata.normalize("NFC", self.file.relative_to(self.root).as_posix())


def place_of(folder: Path, path: PurePosixPath) -> Path:
    """Return where a relative path lies in a folder: names there that differ in nothing but NFC and NFD are
    the same. A path that a link leads out of the folder loses its sub-folders.
    """
    place = folder
    for part in path.parts:
        place = _entry_of(place, part)
    inside = Path(os.path.realpath(place.parent)).is_relative_to(os.path.realpath(folder))
    return place if inside else _entry_of(folder, path.name)


def _entry_of(folder: Path, name: str) -> Path:
    place = folder / name
    if not os.path.lexists(place) and folder.is_dir():
        normal_name = unicodedata.normalize("NFC", name)
        place = next(
            (p for p in folder.iterdir() if unicodedata.normalize("NFC", p.name) == normal_name), place
        )
    return place


def copies(place: Path) -> Iterator[Path]:
    """Yield the files of a name that are there: 계획.pdf, 계획 (2).pdf, 계획 (3).pdf …"""
    number, copy = 1, place
    while os.path.lexists(copy):  # a broken link too: what is written to it would land elsewhere
        yield copy
        number += 1
        copy = _entry_of(place.parent, f"{place.stem} ({number}){place.suffix}")


def free_name(place: Path) -> Path:
    """Return a name that is not taken: a second 계획.pdf becomes 계획 (2).pdf."""
    taken = sum(1 for _ in copies(place))
    return place.with_name(f"{place.stem} ({taken + 1}){place.suffix}") if taken else place


def same(place: Path, source: Path) -> Path | None:
    """Return the file of that name, or of its copies' names, that holds the same bytes as another file."""
    existing = (copy for copy in copies(place) if copy.is_file())
    return next((copy for copy in existing if filecmp.cmp(copy, source, shallow=False)), None)


def put(source: Path, place: Path) -> None:
    """Copy a file to its place in one step: who looks there sees the old one or the whole new one. Raises
    OSError.
    """
    place.parent.mkdir(parents=True, exist_ok=True)
    hidden = place.with_name(f".{place.name[:60]}.{INCOMING}")  # which no sync reads
    try:
        shutil.copy2(source, hidden)
        hidden.replace(place)
    finally:
        hidden.unlink(missing_ok=True)


def stage(data: Path, path: PurePosixPath, source: Path) -> None:
    """Let a file wait to replace the document of a path. Raises OSError."""
    waiting = data / INCOMING
    number = f"{time.time_ns():020}"
    begun = waiting / f".{number}"
    try:
        (begun / path).parent.mkdir(parents=True)
        shutil.copy2(source, begun / path)
        begun.rename(waiting / number)
    except OSError:
        shutil.rmtree(begun, ignore_errors=True)
        raise


def staged(data: Path) -> list[Edition]:
    """Return the files that wait, in the order in which they came."""
    roots = sorted(p for p in (data / INCOMING).glob("*") if not p.name.startswith("."))
    return [Edition(root, file) for root in roots for file in root.rglob("*") if file.is_file()]


def discard(edition: Edition) -> None:
    """Delete a file that waited."""
    shutil.rmtree(edition.root, ignore_errors=True)
