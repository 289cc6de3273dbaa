"""The terminal: the language that is spoken there, and columns of its letters."""

from __future__ import annotations

import locale
import os
import sys
import unicodedata

from rag.errors import RagError
from rag.messages import Message, Messages


def terminal_language() -> str:
    """Return the language of the terminal: "ko" where the system speaks Korean, else "en"."""
    named = next(
        (os.environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)), ""
    ) or (locale.getlocale()[0] or "")
    return "ko" if named.lower().startswith("ko") else "en"


def said(message: Message | Messages) -> str:
    """Return what a message says in the language of the terminal."""
    return message.in_language(terminal_language())


def complain(error: RagError) -> None:
    """Say on stderr, in one line, what is wrong."""
    sys.stderr.write(f"{said(Message('said-error', reason=error))}\n")


def padded(text: str, width: int) -> str:
    """Return a text with blanks up to a width in columns, of which a letter of Korean takes two.

    >>> padded("모델", 6), padded("model", 6)
    ('모델  ', 'model ')
    """
    taken = sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)
    return text + " " * (width - taken)


def speak_utf8() -> None:
    """Let what is printed be UTF-8, whatever the system takes the terminal for."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
