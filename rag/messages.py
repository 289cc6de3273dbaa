"""What a person is told when something fails or should be known, in Korean or English.

A `Message` is a key of rag/messages.toml, which holds the sentences, and the values that its sentence tells.
It is said when it is shown, in the language of whoever looks at it, and kept or handed to another process as
key and values. Errors carry one (`rag.errors`); `Messages` are those of a document.

>>> Message("file-empty", file="계획.pdf").in_language("ko"), str(Message("file-empty", file="계획.pdf"))
('빈 파일입니다: 계획.pdf', '계획.pdf is empty.')
"""

from __future__ import annotations

import functools
import json
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

TABLE = Path(__file__).with_name("messages.toml")


@dataclass(frozen=True, slots=True, init=False)
class Message:
    """A sentence of the table and the values that it tells.

    Args:
        key: of the table. values: by the names of the sentence's placeholders. A message, or an error that
            carries one, is said in the same language; of anything else that is no number its `str` is kept.
    """

    key: str
    values: dict[str, str | int | float | Message]

    def __init__(self, key: str, /, **values: object) -> None:
        object.__setattr__(self, "key", key)
        object.__setattr__(self, "values", {name: _plain(value) for name, value in values.items()})

    def in_language(self, language: str) -> str:
        """Return the sentence in a language, "ko" or "en"."""
        told = {
            name: value.in_language(language) if isinstance(value, Message) else value
            for name, value in self.values.items()
        }
        return table()[self.key][language].format(**told)

    def __str__(self) -> str:
        return self.in_language("en")

    def all_keys(self) -> Iterator[str]:
        """Yield its key, then those of the messages that it tells."""
        yield self.key
        for value in self.values.values():
            if isinstance(value, Message):
                yield from value.all_keys()

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON knows it; see `from_dict`."""
        values = {n: v.as_dict() if isinstance(v, Message) else v for n, v in self.values.items()}
        return {"key": self.key, "values": values}

    @classmethod
    def from_dict(cls, kept: dict[str, Any]) -> Message:
        """Make a message of what `as_dict` gave."""
        values = {n: cls.from_dict(v) if isinstance(v, dict) else v for n, v in kept["values"].items()}
        return cls(kept["key"], **values)


class Messages(tuple[Message, ...]):
    """What is to be said of a document, a line each; empty where there is nothing."""

    __slots__ = ()

    def in_language(self, language: str) -> str:
        """Return the sentences in a language, "ko" or "en", "" where there is none."""
        return "\n".join(message.in_language(language) for message in self)

    def __str__(self) -> str:
        return self.in_language("en")

    def all_keys(self) -> list[str]:
        """Return the keys of all messages, each followed by those of the messages that it tells."""
        return [key for message in self for key in message.all_keys()]

    def dumps(self) -> str:
        """Return them as a text to be kept, "" where there is none; see `loads`."""
        return json.dumps([message.as_dict() for message in self], ensure_ascii=False) if self else ""

    @classmethod
    def loads(cls, text: str) -> Messages:
        """Make messages of what `dumps` gave. Any other text is said as it stands: versions before 0.18 kept
        the English sentences, and a version to come may have others.
        """
        if not text:
            return cls()
        try:
            found = (
                cls(Message.from_dict(kept) for kept in json.loads(text)) if text.startswith("[") else None
            )
            if found is not None and all(found.in_language(language) for language in ("ko", "en")):
                return found
        except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
            pass
        return cls(Message("verbatim", text=line) for line in text.split("\n") if line)


@functools.cache
def table() -> dict[str, dict[str, str]]:
    """Return all sentences by key and language."""
    return tomllib.loads(TABLE.read_text(encoding="utf-8"))


def _plain(value: object) -> str | int | float | Message:
    """Return a value as it can be kept."""
    if isinstance(value, (str, int, float, Message)):
        return value
    carried = getattr(value, "message", None)  # by an error of `rag.errors`
    return carried if isinstance(carried, Message) else str(value)
