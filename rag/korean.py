"""Korean (and English) words and sentences, by Kiwi; and the one normalisation used for matching.

Kiwi runs in a process of its own (`rag.morphology`), begun with `begin` or on first use. All offsets are of the text that was passed in.

Functions that ask it raise ModelError when that process fails; the next call starts another.
"""

from __future__ import annotations

import bisect
import re
import threading
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from rag.caches import forgets, remember
from rag.child import Child
from rag.errors import ModelError

# Morphemes that carry content: nouns, verbs and adjectives, roots, modifiers, foreign words, Hanja, numbers.
CONTENT_TAGS = frozenset({"NNG", "NNP", "NR", "VV", "VA", "XR", "MM", "MAG", "SL", "SH", "SN", "W_SERIAL", "W_EMAIL", "W_URL"})
# Content by their tag, but said of everything: they tell no passage from another.
STOPWORDS = frozenset(
    (
        "하 되 있 없 같 이 그 저 것 수 등 및 때 무엇 어떤 어떻 어떻게 얼마 누구 어디 언제 왜 몇 무슨 어느 말 대하 대해 위하 통하 따르 관하 관련 경우 알리 설명"
    ).split()
)
_QUOTES = str.maketrans(
    {
        "“": '"',
        "”": '"',
        "‘": "'",
        "’": "'",
        "「": "'",
        "」": "'",
        "『": "'",
        "』": "'",
        "·": " ",
        "ㆍ": " ",
        "・": " ",
        "∼": "~",
        "～": "~",
        "–": "-",
        "—": "-",
        "−": "-",
    }
)
_SPACED = re.compile(r"[0-9A-Za-z.,;:!?]$")
_SEAM = 24  # characters on each side of a seam that decide on its space; 0.998 of 1,470 seams are decided as with whole lines
_LATIN = re.compile(r"[a-z][a-z0-9]*(?:[-.][a-z0-9]+)*")
_NUMBER_BEFORE = re.compile(r"\d\s?$")  # then the letters are a unit: 30GW, 3%p
_UNIT_LETTERS = frozenset({"p", "m", "km", "kg"})
PATIENCE_S = 600  # for the longest text on the slowest machine
REMEMBERED = 1024  # texts whose morphemes are kept: of some 130 asked for in a question every third was asked for before


class Analyser:
    """Kiwi's process. Safe to use from several threads, which take turns."""

    def __init__(self) -> None:
        self._child: Child | None = None
        self._lock = threading.Lock()

    def begin(self) -> None:
        """Begin to load it, without waiting."""
        with self._lock:
            self._start()

    def ask(self, name: str, asked: Any) -> Any:
        """Return what a function of `rag.morphology` makes of its argument. Raises ModelError."""
        with self._lock:
            child = self._start()
            child.send([name, asked])
            try:
                answer = child.receive(PATIENCE_S)
                ending = "" if answer is not None else child.ending()
            except TimeoutError:
                answer, ending = None, f"{PATIENCE_S} s"
            except BaseException:  # interrupted: what comes yet would be taken for the next call's answer
                self._end()
                raise
            if answer is None:
                self._end()
                raise ModelError(f"The analyser of Korean ended in the middle of its work ({ending}). Try again: it is started anew.")
        if "error" in answer:
            raise ModelError(f"The analyser of Korean failed ({answer['error']}). Try again.")
        return answer["value"]

    def close(self) -> None:
        """End it; the next call starts it anew."""
        with self._lock:
            self._end()

    def _start(self) -> Child:
        if self._child is None or not self._child.alive:
            self._end()
            self._child = Child("rag.morphology", own_session=True)
        return self._child

    def _end(self) -> None:
        if self._child is not None:
            self._child.close()
        self._child = None


_analyser = Analyser()
begin = _analyser.begin
forgets(_analyser.close)  # Kiwi remembers what it read


def normalise(text: str) -> str:
    """Bring text to the form in which texts are compared: NFKC, one kind of quotes and dashes, lower case, single blanks.

    >>> normalise("  “AI”ㆍ데이터  ")
    '"ai" 데이터'
    """
    return " ".join(unicodedata.normalize("NFKC", text.translate(_QUOTES)).lower().split())


def morphemes(text: str) -> list[str]:
    """Return the content morphemes of a text in order, for searching.

    >>> morphemes("도서관은 12곳을 연다.")
    ['도서관', '12', '곳', '열']
    """
    return list(_morphemes(text))


@remember(REMEMBERED)
def _morphemes(text: str) -> tuple[str, ...]:
    return tuple(morphemes_of([text])[0])


def morphemes_of(texts: Sequence[str]) -> list[list[str]]:
    """Do the same for many texts at once, on all cores."""
    found: list[list[str]] = _analyser.ask("morphemes_of", list(texts))
    return found


def content(words: Iterable[str]) -> list[str]:
    """Return the words that tell one passage from another."""
    return [word for word in words if word not in STOPWORDS]


@dataclass(frozen=True, slots=True)
class Token:
    """A morpheme: its dictionary form, its tag (Sejong), its span; `irregular`: its stem changes (돕다, 도와)."""

    form: str
    tag: str
    start: int
    end: int
    irregular: bool = False


def tokens(text: str) -> list[Token]:
    """Return all morphemes of a text, which is taken as it stands."""
    return list(_tokens(text))


@remember(REMEMBERED)
def _tokens(text: str) -> tuple[Token, ...]:
    return tuple(Token(*values) for values in _analyser.ask("tokens", text))


def proper_nouns(text: str) -> set[str]:
    """Return names and foreign words of a text, normalised; a name of letters and digits stays whole.

    >>> sorted(proper_nouns("삼성전자의 H100"))
    ['h100', '삼성전자']
    """
    text = normalise(text)
    return names_of(tokens(text), text)


def names_of(found: Sequence[Token], text: str) -> set[str]:
    """Return the names among the morphemes of a (normalised) text: proper nouns; Latin letters with the digits that hang on them."""
    names = {match[0] for match in _LATIN.finditer(text) if match[0] not in _UNIT_LETTERS and not _NUMBER_BEFORE.search(text[: match.start()])}
    return names | {t.form for t in found if t.tag == "NNP" and len(t.form) > 1}


def sentences(text: str) -> list[tuple[int, int]]:
    """Split a text into sentences.

    Lines never join; ①, ② … begin sentences; a table's row (with " | ") is one sentence.

    Returns: (start, end) of each, without surrounding blanks; none is empty.
    """
    return list(_sentences(text))


@remember(REMEMBERED)
def _sentences(text: str) -> tuple[tuple[int, int], ...]:
    return tuple((start, end) for start, end in _analyser.ask("sentences", text))


@dataclass(frozen=True, slots=True)
class Analysis:
    """A text taken apart: (start, end) of its sentences, as `sentences` gives them; its content morphemes and where each begins."""

    sentences: list[tuple[int, int]]
    words: list[str]
    starts: list[int]

    def within(self, start: int, end: int) -> list[str]:
        """Return the content morphemes that begin in a span."""
        return self.words[bisect.bisect_left(self.starts, start) : bisect.bisect_left(self.starts, end)]


def analyse(texts: Sequence[str]) -> list[Analysis]:
    """Take texts apart into sentences and morphemes by one pass of Kiwi over each line, on all cores: half the work of asking for each."""
    return [Analysis([(start, end) for start, end in spans], words, starts) for spans, words, starts in _analyser.ask("analyse", list(texts))]


def glue_lines(lines: list[str]) -> str:
    """Join wrapped lines, with or without a space at each seam as the words demand.

    >>> glue_lines(["탄소중", "립기본계획을 심의"])
    '탄소중립기본계획을 심의'
    """
    lines = [line.strip() for line in lines]
    if not lines:
        return ""
    asked = [i for i in range(len(lines) - 1) if not _SPACED.search(lines[i])]  # a space is certain at the other seams
    one_word = _decide([(_end(lines[i]), _start(lines[i + 1])) for i in asked]) if asked else []
    glued = {i for i, one in zip(asked, one_word, strict=True) if one}
    return "".join(line + ("" if i in glued or i + 1 == len(lines) else " ") for i, line in enumerate(lines))


def seams(pairs: Sequence[tuple[str, str]]) -> list[bool]:
    """Tell of each seam, given by what stands before and behind it, whether a word goes on across it.

    >>> seams([("탄소중", "립기본계획을"), ("기본계획을", "심의한다")])
    [True, False]
    """
    found: list[bool] = _analyser.ask("seams", list(pairs))
    return found


_decide: Callable[[Sequence[tuple[str, str]]], list[bool]] = seams


def ask_for_seams(ask: Callable[[Sequence[tuple[str, str]]], list[bool]]) -> None:
    """Let another process decide on seams, so that this one need not load the analyser."""
    global _decide
    _decide = ask


def _end(line: str) -> str:
    """The last whole words of a line, enough to decide on a space behind it."""
    return line if len(line) <= _SEAM else line[-_SEAM:].split(" ", 1)[-1]


def _start(line: str) -> str:
    return line if len(line) <= _SEAM else line[:_SEAM].rsplit(" ", 1)[0]


def join(morphemes: Sequence[tuple[str, str]]) -> str:
    """Write morphemes (form, tag) as words.

    >>> join([("열", "VV"), ("습니다", "EF")])
    '엽니다'
    """
    return str(_analyser.ask("join", list(morphemes)))
