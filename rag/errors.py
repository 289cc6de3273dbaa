"""Errors that a person may see. Each message says what failed, with which file, and what to do next.

    RagError
    ├── ConfigError      a setting that cannot be used
    ├── QuestionError    an empty or oversized question
    ├── ModelError       a model file that is missing, damaged, or cannot be fetched or loaded
    ├── LoadError        one document that cannot be read; a sync goes on with the others
    ├── LibraryError     the library on disk: locked, read-only, damaged, made with another model
    ├── BusyError        too many questions are waiting
    └── ClosedError      the program is being closed

    try:
        answer = assistant.ask("도서관은 몇 시까지 여나요?")
    except RagError as error:
        print(error)

No evidence for an answer is not an error: it is an Answer with `refused=True`.
"""


class RagError(Exception):
    """Base of every error that this package raises on purpose."""


class ConfigError(RagError):
    """A setting has a value that cannot be used."""


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

    def __init__(
        self, message: str = "The program was closed in the middle of this. Start it again."
    ) -> None:
        super().__init__(message)


__all__ = [
    "BusyError",
    "ClosedError",
    "ConfigError",
    "LibraryError",
    "LoadError",
    "ModelError",
    "QuestionError",
    "RagError",
]
