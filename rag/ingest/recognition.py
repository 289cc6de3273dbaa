"""What reads the letters of a picture: one method, so that another engine can take the place of the default
(`rag.ingest.tesseract`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from rag.ingest.box import Box


@dataclass(frozen=True, slots=True)
class OcrLine:
    """A line of text on a picture. `box` is in shares of the picture's width and height, `confidence` 0 to 1;
    lines of one paragraph have the same number.
    """

    text: str
    box: Box
    confidence: float
    paragraph: int = 0


class RecognitionError(Exception):
    """An engine gave no answer for a picture. The message says why, for the log."""


class Engine(Protocol):
    """Reads the letters of pictures."""

    @property
    def name(self) -> str:
        """What it is called, with its version: a page that it failed on is tried again by another one."""

    def recognise(self, picture: bytes) -> list[OcrLine]:
        """Return the lines of a picture in reading order, none where it holds no text.

        Args:
            picture: a PNG, grey, upright, at about 300 dots per inch.
        Raises:
            RecognitionError: it failed on this picture; others may go well.
        """

    def close(self) -> None:
        """End what it started; a call that waits for it raises a ClosedError."""
