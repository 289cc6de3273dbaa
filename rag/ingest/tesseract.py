"""Tesseract, the program on PATH, as the engine that reads scans (`rag.ingest.recognition`).

It runs under a child of this program (see `rag.processes`) that sets its limits: memory, computing time, one
thread, the lowest priority. What it is given is a picture that we drew, never a file of the user.
"""

from __future__ import annotations

import base64
import contextlib
import csv
import os
import platform
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from rag.ingest.box import Box
from rag.ingest.recognition import OcrLine, RecognitionError
from rag.limits import limit_memory
from rag.processes import Ended, Service
from rag.serving import requests

PROGRAM = "tesseract"
LANGUAGES = ("kor", "eng")
READINGS = ("kor", "kor+eng")  # a page is read with each, see `surer`
PAGE_S = 60  # for one reading of a page; a usual one takes 1 to 3
MEMORY_MB = 1024  # data of the program; 150 MB measured for a page of A4 at 300 dpi
WIDE_GAP = 2.5  # heights of a line: what stands further apart is another cell of a table
INSTALL = {
    "Linux": "sudo apt-get install tesseract-ocr tesseract-ocr-kor",
    "Darwin": "brew install tesseract tesseract-lang",
    "Windows": "winget install UB-Mannheim.TesseractOCR",
}


class Tesseract:
    """An engine. Make it with `find`.

    Args:
        program: its path. version: of it.
    """

    def __init__(self, program: str, version: str) -> None:
        self.name = f"tesseract {version}"
        self._service = Service("rag.ingest.tesseract", program, patience_s=len(READINGS) * PAGE_S)

    @classmethod
    def find(cls) -> Tesseract | None:
        """Return the engine, None where the program or its data of Korean or English is not installed."""
        program = shutil.which(PROGRAM)
        if program is None or not set(LANGUAGES) <= languages(program):
            return None
        return cls(program, _output_of(program, "--version").split("\n")[0].removeprefix("tesseract").strip())

    def recognise(self, picture: bytes) -> list[OcrLine]:
        """Return the lines of a picture; see `Engine`."""
        try:
            answer = self._service.ask({"picture": base64.b64encode(picture).decode()}, urgent=False)
        except Ended as error:
            raise RecognitionError(str(error)) from error
        if "failed" in answer:
            raise RecognitionError(answer["failed"])
        korean, both = (lines_of(table, text) for table, text in answer["read"])
        return surer(korean, both)

    def close(self) -> None:
        """End the child and what it runs."""
        self._service.end()


def languages(program: str) -> set[str]:
    """Return the languages that the program has data for."""
    return set(_output_of(program, "--list-langs").split("\n")[1:])


def install_command(system: str = "") -> str:
    """Return the command that installs the program with Korean on a system ("Linux", "Darwin", "Windows"; by
    default this one).
    """
    return INSTALL.get(system or platform.system(), INSTALL["Linux"])


def surer(korean: Sequence[OcrLine], with_english: Sequence[OcrLine]) -> list[OcrLine]:
    """Return the lines of a picture that was read twice, each as the program was surer of it: with English
    beside it, some words of Korean are taken for English ones; without, English is lost.
    """

    def holds(line: OcrLine, other: OcrLine) -> bool:
        return line.box.holds(*other.box.middle)

    lines = []
    for line in with_english:
        same = next((k for k in korean if holds(k, line) and holds(line, k)), line)
        lines.append(replace(same, paragraph=line.paragraph) if same.confidence > line.confidence else line)
    return lines


class _Word(NamedTuple):
    """A word of the program's table, with the blank before it; its box is in pixels, `sure` 0 to 100."""

    text: str
    box: Box
    sure: float


def lines_of(table: str, text: str) -> list[OcrLine]:
    """Read what the program wrote of a picture.

    Args:
        table: its "tsv" output: level, page, block, paragraph, line, word, left, top, width, height,
            confidence, text. It has each syllable of Korean as a word, so the blanks are taken from
        text: its "txt" output.
    """
    rows = list(csv.reader(table.split("\n"), delimiter="\t", quoting=csv.QUOTE_NONE))
    at = 0
    lines: list[OcrLine] = []
    paragraphs: dict[tuple[str, ...], int] = {}
    words: list[_Word] = []
    width = height = 1.0

    def end(paragraph: int) -> None:
        if not words:
            return
        sure = sum(w.sure * len(w.text) for w in words) / sum(len(w.text) for w in words)
        box = Box(
            min(w.box.left for w in words) / width,
            min(w.box.top for w in words) / height,
            max(w.box.right for w in words) / width,
            max(w.box.bottom for w in words) / height,
        )
        lines.append(OcrLine("".join(w.text for w in words).strip(), box, max(0.0, sure) / 100, paragraph))
        words.clear()

    last: tuple[str, ...] = ()
    number = 0
    for row in rows[1:]:
        if len(row) < 12:
            continue
        left, top, wide, high, sure = map(float, row[6:11])
        if row[0] == "1":
            width, height = max(wide, 1.0), max(high, 1.0)
        if row[0] != "5" or not row[11].strip():
            continue
        place = tuple(row[1:5])
        gap = left - words[-1].box.right if words else 0.0
        if place != last or gap > WIDE_GAP * max(w.box.height for w in words):
            end(number)
        last, number = place, paragraphs.setdefault(place[:3], len(paragraphs))
        word = row[11].strip()
        found = len(text) - len(text[at:].lstrip())
        blank, at = (found > at, found + len(word)) if text.startswith(word, found) else (True, at)
        box = Box(left, top, left + wide, top + high)
        words.append(_Word(f" {word}" if blank else word, box, sure))
    end(number)
    return lines


def _output_of(program: str, *arguments: str) -> str:
    """Return what the program says of itself, "" where it cannot be run."""
    try:
        run = subprocess.run(
            [program, *arguments],
            capture_output=True,
            text=True,
            timeout=20,
            stdin=subprocess.DEVNULL,
            encoding="utf-8",
            errors="replace",
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return (run.stdout.strip() or run.stderr.strip()).replace("\r\n", "\n")


def _limit() -> None:
    """In the child: set limits that the program inherits, where the system has them."""
    with contextlib.suppress(AttributeError, OSError):
        os.nice(19)
    limit_memory(MEMORY_MB)


def _begin() -> None:
    """In the program before it begins: end with the child, and when it has computed too long."""
    if sys.platform == "linux":
        import ctypes
        import resource

        set_death_signal = 1
        ctypes.CDLL(None).prctl(set_death_signal, signal.SIGKILL)
        resource.setrlimit(resource.RLIMIT_CPU, (PAGE_S, PAGE_S))


def _read_picture(program: str, languages: str, picture: bytes) -> tuple[str, str]:
    """In the child: return the program's table of words and its text."""
    with tempfile.TemporaryDirectory(prefix="rag-scan-") as folder:
        base = Path(folder, "page")
        options = ["-l", languages, "--psm", "3", "--dpi", "300", "tsv", "txt"]
        run = subprocess.run(
            [program, "stdin", str(base), *options],
            input=picture,
            capture_output=True,
            timeout=PAGE_S - 5,
            env={**os.environ, "OMP_THREAD_LIMIT": "1"},
            preexec_fn=_begin if os.name == "posix" else None,  # no thread of ours holds a lock then
        )
        if run.returncode:
            error_text = run.stderr.decode("utf-8", "replace").strip().split("\n")[-1]
            raise RecognitionError(f"exit {run.returncode}: {error_text[:200]}")
        table, text = (
            base.with_suffix(suffix).read_text(encoding="utf-8", errors="replace")
            for suffix in (".tsv", ".txt")
        )
        return table, text


def _serve(program: str) -> None:
    """The child: a picture in, what the program read of it out."""
    asking = requests()
    _limit()
    for request in asking:
        picture = base64.b64decode(request.content["picture"])
        try:
            answer: dict[str, Any] = {"read": [_read_picture(program, names, picture) for names in READINGS]}
        except RecognitionError as error:
            answer = {"failed": str(error)}
        except (OSError, subprocess.SubprocessError) as error:
            answer = {"failed": type(error).__name__}
        request.answer(answer)


if __name__ == "__main__":
    _serve(sys.argv[1])
