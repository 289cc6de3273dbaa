"""Errors that a person may see. Each says what failed, with which file, and what to do next, by the key of a
sentence of rag/messages.toml and the values that it tells.

    RagError
    ├── ConfigError      a setting that cannot be used
    │   └── AddressError      the page cannot listen there: another program does
    ├── QuestionError    an empty or oversized question
    ├── ModelError       a model file that is missing, damaged, or cannot be fetched or loaded
    ├── LoadError        one document that cannot be read; a sync goes on with the others
    ├── LibraryError     the library on disk: locked, read-only, damaged, made with another model
    ├── BusyError        too many questions are waiting
    └── ClosedError      the program is being closed

    raise LoadError("file-empty", file=path.name)

    try:
        answer = assistant.ask("도서관은 몇 시까지 여나요?")
    except RagError as error:
        print(error)                # in English
        print(error.in_language("ko"))

No evidence for an answer is not an error: it is an Answer with `refused=True`.
"""

from __future__ import annotations

from typing import Self

from rag.messages import Message


class RagError(Exception):
    """Base of every error that this package raises on purpose.

    Args:
        key, values: of its `Message`, see there.
    """

    def __init__(self, key: str, /, **values: object) -> None:
        super().__init__(key)
        self.message = Message(key, **values)

    @classmethod
    def of(cls, message: Message) -> Self:
        """Make an error of a message, such as another process handed over."""
        return cls(message.key, **message.values)

    def in_language(self, language: str) -> str:
        """Say what is wrong in a language, "ko" or "en"."""
        return self.message.in_language(language)

    def __str__(self) -> str:
        return self.message.in_language("en")


class ConfigError(RagError):
    """A setting has a value that cannot be used."""


class AddressError(ConfigError):
    """The page cannot listen at its address and port."""


class QuestionError(RagError):
    """The question is empty or too long."""


class ModelError(RagError):
    """A model is missing, damaged, or could not be fetched or loaded."""


class BusyError(RagError):
    """Too many questions are waiting."""


class LoadError(RagError):
    """A document could not be read."""


class LibraryError(RagError):
    """The library on disk cannot be used as asked."""


class ClosedError(RagError):
    """The program is being closed, or was."""

    def __init__(self, key: str = "program-closed", /, **values: object) -> None:
        super().__init__(key, **values)


__all__ = [
    "AddressError",
    "BusyError",
    "ClosedError",
    "ConfigError",
    "LibraryError",
    "LoadError",
    "ModelError",
    "QuestionError",
    "RagError",
]
