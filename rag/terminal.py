"""The language that is spoken in the terminal, and its letters."""

from __future__ import annotations

import locale
import os
import sys


def terminal_language() -> str:
    """Return the language of the terminal: "ko" where the system speaks Korean, else "en"."""
    named = next(
        (os.environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)), ""
    ) or (locale.getlocale()[0] or "")
    return "ko" if named.lower().startswith("ko") else "en"


def speak_utf8() -> None:
    """Let what is printed be UTF-8, whatever the system takes the terminal for."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
