"""Text without what nobody sees: control, zero-width, tag and surrogate characters."""

from __future__ import annotations

import re
import unicodedata

_HIDDEN = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]")
_BREAK = re.compile("[\\x0b\\x0c\\x85\u2028\u2029]")  # Shift+Enter of a slide, new pages
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\x80-\x9f\ud800-\udfff]")


def clean(text: str) -> str:
    """Bring text to NFC without control, zero-width, tag and surrogate characters; runs of blanks become one.

    >>> clean("가\\u200b나\\x00  다")
    '가나 다'
    """
    text = _BREAK.sub("\n", unicodedata.normalize("NFC", text))
    text = _CONTROL.sub("", _HIDDEN.sub("", text))
    text = re.sub(r"[ \t\u00a0\u2000-\u200a\u202f\u3000]+", " ", text)
    return "\n".join(line.strip() for line in text.split("\n")).strip()


def count_hidden(text: str) -> int:
    """Return how many characters of a text nobody would see: zero-width ones, tags, changes of direction; a
    mark at its start is none.

    >>> count_hidden("\ufeff가\u200b나\U000e0041")
    2
    """
    return len(_HIDDEN.findall(text.removeprefix("\ufeff")))
