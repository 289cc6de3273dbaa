"""The language that is spoken in the terminal."""

from __future__ import annotations

import locale
import os


def terminal_language() -> str:
    """Return the language of the terminal: "ko" where the system speaks Korean, else "en"."""
    named = next(
        (os.environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)), ""
    ) or (locale.getlocale()[0] or "")
    return "ko" if named.lower().startswith("ko") else "en"
