"""Read a vocabulary: the words that a module needs, in a text file beside it that has its name.

    # A comment begins a line, or stands behind a blank. It says why the words are there.
    [opposites]           begins a section
    높 | 낮                two sides, of one word or more each
    [bounds]
    >=: 이상 "at least"     a key and its words; one with a blank in it stands in quotes

What a section holds is for its module to say, by the method that it reads it with.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from rag.errors import ConfigError

K = TypeVar("K")
_COMMENT = re.compile(r"(?:^|\s)#.*")
_HEADER = re.compile(r"\[([^\[\]]+)\]")
_WORDS = re.compile(r'(?:(?:"[^"]+"|[^\s"|]+)(?:\s+|$))+')
_WORD = re.compile(r'"([^"]+)"|([^\s"]+)')


@dataclass(frozen=True, slots=True)
class VocabularySection:
    """A section of a vocabulary: its lines that say something, with their numbers in the file.

    Each method raises ConfigError, which names file and line, where a line is not of its kind.
    """

    file: Path
    lines: tuple[tuple[int, str], ...]

    def words(self) -> tuple[str, ...]:
        """Return all words, in order. None stands there twice."""
        return tuple(self.keys(str, keyed=False))

    def groups(self) -> tuple[tuple[str, ...], ...]:
        """Return the words of each line, of two words or more."""
        return tuple(self._split(number, text, 2) for number, text in self.lines)

    def sides(self) -> tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]:
        """Return the words on both sides of each line's bar."""
        pairs = []
        for number, text in self.lines:
            left, _, right = text.partition(" | ")
            pairs.append((self._split(number, left), self._split(number, right)))
        return tuple(pairs)

    def keys(self, parse: Callable[[str], K], *, keyed: bool = True) -> dict[str, K]:
        """Return the key of each word. No word has two.

        Args:
            parse: makes a key of what is written, or raises ValueError. keyed: False where lines are words
                alone, whose key is what "" makes.
        """
        key_of: dict[str, K] = {}
        for number, text in self.lines:
            key, _, words = text.partition(": ") if keyed else ("", "", text)
            try:
                key_value = parse(key)
            except ValueError:
                raise _damaged(self.file, number, text) from None
            for word in self._split(number, words):
                if word in key_of:
                    raise _damaged(self.file, number, word)
                key_of[word] = key_value
        return key_of

    def pattern(self) -> str:
        """Return a regular expression of which each line is an alternative, the first that fits wins."""
        for number, text in self.lines:
            try:
                re.compile(text)
            except re.error:
                raise _damaged(self.file, number, text) from None
        return "|".join(text for _, text in self.lines)

    def _split(self, number: int, text: str, least: int = 1) -> tuple[str, ...]:
        """Return the words of a line, or of a part of it."""
        words = tuple(quoted or bare for quoted, bare in _WORD.findall(text))
        if not _WORDS.fullmatch(text) or len(words) < least:
            raise _damaged(self.file, number, text)
        return words


def vocabulary(file: str | Path) -> Mapping[str, VocabularySection]:
    """Return the sections of a vocabulary by name.

    Args:
        file: the module that it belongs to, or its own path; the suffix is .txt in any case.

    Raises:
        ConfigError: the file is missing or damaged. The message names the file, and the line.

    >>> vocabulary(Path(__file__).with_name("lexicon"))["opposites"].sides()[1]
    (('높',), ('낮',))
    """
    file = Path(file).with_suffix(".txt")
    try:
        content = file.read_bytes().removeprefix(codecs.BOM_UTF8)
    except OSError as error:
        raise ConfigError("vocabulary-unreadable", file=file, reason=error.strerror) from error
    try:
        rows = content.decode("utf-8").splitlines()
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n")
        raise _damaged(file, line + 1, content.splitlines()[line].decode("utf-8", "replace")) from None
    sections: dict[str, list[tuple[int, str]]] = {}
    headers: dict[str, int] = {}
    for number, row in enumerate(rows, 1):
        text = _COMMENT.sub("", row).strip()
        if (header := _HEADER.fullmatch(text)) and header[1] not in sections:
            sections[header[1]], headers[header[1]] = [], number
        elif text and (text.startswith("[") or not sections):
            raise _damaged(file, number, text)
        elif text:
            sections[[*sections][-1]].append((number, text))
    for name, lines in sections.items():
        if not lines:
            raise _damaged(file, headers[name], f"[{name}]")
    return _Sections({name: VocabularySection(file, tuple(lines)) for name, lines in sections.items()}, file)


def alternatives(words: Iterable[str]) -> str:
    """Return a regular expression that finds any of the words; of two that begin alike the first wins.

    >>> alternatives(("전년도", "전년"))
    '전년도|전년'
    """
    return "|".join(map(re.escape, words))


class _Sections(dict[str, VocabularySection]):
    """Sections by name; one that is missing is an error that names the file."""

    def __init__(self, sections: Mapping[str, VocabularySection], file: Path) -> None:
        super().__init__(sections)
        self.file = file

    def __missing__(self, name: str) -> VocabularySection:
        raise ConfigError("vocabulary-incomplete", file=self.file, section=name)


def _damaged(file: Path, line: int, text: str) -> ConfigError:
    return ConfigError("vocabulary-damaged", file=file, line=line, text=text)
