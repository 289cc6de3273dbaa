"""Korean (and English) words and sentences, by Kiwi; and the one normalisation used for matching.

Kiwi runs in a process of its own (`rag.text.morphology`), begun with `begin` or on first use. All offsets
are of the text that was passed in.

Functions that ask it raise ModelError when that process fails; the next call starts another.
"""

from __future__ import annotations

import bisect
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple, TypeVar

from rag.caches import forgets, remember
from rag.errors import ModelError
from rag.processes import Ended, Service
from rag.text.vocabulary import vocabulary

T = TypeVar("T")
# Morphemes that carry content: nouns, verbs and adjectives, roots, modifiers, foreign words, Hanja, numbers.
CONTENT_TAGS = frozenset(
    {"NNG", "NNP", "NR", "VV", "VA", "XR", "MM", "MAG", "SL", "SH", "SN", "W_SERIAL", "W_EMAIL", "W_URL"}
)
STOPWORDS = frozenset(vocabulary(__file__)["stopwords"].words())
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
_ORDINAL, _ORDERED = re.compile(r"제\s?\d+$"), re.compile("[편장절관조항호목차회]")  # 제1|호에
# characters on each side of a seam that decide on its space; 0.998 of 1,470 seams are decided as with whole
# lines
_SEAM = 24
_LATIN = re.compile(r"[a-z][a-z0-9]*(?:[-.][a-z0-9]+)*")
_NUMBER_BEFORE = re.compile(r"\d\s?$")  # then the letters are a unit: 30GW, 3%p
_UNIT_LETTERS = frozenset({"p", "m", "km", "kg"})
PATIENCE_S = 600  # for the longest line on the slowest machine
# of documents analysed at a time, some 0.1 s: a question, which goes first, waits no longer than that
PIECE_CHARS = 4000
# texts whose morphemes are kept: of some 130 asked for in a question every third was asked for before
REMEMBERED = 1024


_analyser = Service("rag.text.morphology", patience_s=PATIENCE_S)
begin = _analyser.begin
forgets(_analyser.close)  # Kiwi remembers what it read


def _ask(name: str, argument: Any, urgent: bool = True) -> Any:
    """Return what a function of `rag.text.morphology` makes of its argument. Raises ModelError."""
    try:
        answer = _analyser.ask([name, argument], urgent=urgent)
    except Ended as ended:
        raise ModelError("analyser-ended", reason=ended) from None
    if "error" in answer:
        raise ModelError("analyser-failed", reason=answer["error"])
    return answer["value"]


def normalise(text: str) -> str:
    """Bring text to the form in which texts are compared: NFKC, one kind of quotes and dashes, lower case,
    single blanks.

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


def morphemes_of(texts: Sequence[str], *, urgent: bool = True) -> list[list[str]]:
    """Do the same for many texts at once, on all cores. `urgent`: before the texts of documents that are
    read meanwhile.
    """
    words: list[list[str]] = []
    for some in _pieces(texts, len):
        words += _ask("morphemes_of", some, urgent)
    return words


def content(words: Iterable[str]) -> list[str]:
    """Return the words that tell one passage from another."""
    return [word for word in words if word not in STOPWORDS]


class Morpheme(NamedTuple):
    """A morpheme: its dictionary form, its tag (Sejong), its span; `irregular`: its stem changes (돕다,
    도와). JSON makes a list of it.
    """

    form: str
    tag: str
    start: int
    end: int
    irregular: bool = False


def tokens(text: str) -> list[Morpheme]:
    """Return all morphemes of a text, which is taken as it stands."""
    return list(_tokens(text))


@remember(REMEMBERED)
def _tokens(text: str) -> tuple[Morpheme, ...]:
    return tuple(Morpheme(*values) for values in _ask("tokens", text))


def proper_nouns(text: str) -> set[str]:
    """Return names and foreign words of a text, normalised; a name of letters and digits stays whole.

    >>> sorted(proper_nouns("삼성전자의 H100"))
    ['h100', '삼성전자']
    """
    text = normalise(text)
    return names_of(tokens(text), text)


def names_of(tokens: Sequence[Morpheme], text: str) -> set[str]:
    """Return the names among the morphemes of a (normalised) text: proper nouns; Latin letters with the
    digits that hang on them.
    """
    names = {
        match[0]
        for match in _LATIN.finditer(text)
        if match[0] not in _UNIT_LETTERS and not _NUMBER_BEFORE.search(text[: match.start()])
    }
    return names | {t.form for t in tokens if t.tag == "NNP" and len(t.form) > 1}


def sentences(text: str) -> list[tuple[int, int]]:
    """Split a text into sentences.

    Lines never join; ①, ② … begin sentences; a table's row (with " | ") is one sentence.

    Returns: (start, end) of each, without surrounding blanks; none is empty.
    """
    return list(_sentences(text))


@remember(REMEMBERED)
def _sentences(text: str) -> tuple[tuple[int, int], ...]:
    return tuple((start, end) for start, end in _ask("sentences", text))


@dataclass(frozen=True, slots=True)
class Analysis:
    """A text taken apart: (start, end) of its sentences, as `sentences` gives them; its content morphemes
    and where each begins.
    """

    sentences: list[tuple[int, int]]
    words: list[str]
    starts: list[int]

    def within(self, start: int, end: int) -> list[str]:
        """Return the content morphemes that begin in a span."""
        return self.words[bisect.bisect_left(self.starts, start) : bisect.bisect_left(self.starts, end)]


def analyse(texts: Sequence[str]) -> list[Analysis]:
    """Take texts apart into sentences and morphemes by one pass of Kiwi over each line, on all cores: half
    the work of asking for each.

    Texts are sent a piece after the other, between which questions go first; what stands on one line stays
    together.
    """
    analyses = [Analysis([], [], []) for _ in texts]
    runs = [(number, *run) for number, text in enumerate(texts) for run in _runs(text)]
    for piece in _pieces(runs, lambda run: run[2] - run[1]):
        for (number, at, _), (spans, words, starts) in zip(
            piece, _ask("analyse", [texts[n][a:b] for n, a, b in piece], False), strict=True
        ):
            analyses[number].sentences.extend((at + start, at + end) for start, end in spans)
            analyses[number].words.extend(words)
            analyses[number].starts.extend(at + start for start in starts)
    return analyses


def _runs(text: str) -> Iterator[tuple[int, int]]:
    """Cut a text into runs of whole lines, of up to PIECE_CHARS where its lines allow: (start, end) of
    each.
    """
    start = 0
    while start < len(text):
        end = start + PIECE_CHARS
        if end < len(text):
            end = text.rfind("\n", start, end) + 1 or text.find("\n", end) + 1 or len(text)
        yield start, end
        start = end


def _pieces(items: Sequence[T], length: Callable[[T], int]) -> Iterator[list[T]]:
    """Put items together in order, as many at a time as have up to PIECE_CHARS, at least one."""
    piece: list[T] = []
    size = 0
    for item in items:
        if piece and size + length(item) > PIECE_CHARS:
            yield piece
            piece, size = [], 0
        piece.append(item)
        size += length(item)
    if piece:
        yield piece


def glue_lines(lines: list[str], seen: Callable[[str, str], bool | None] | None = None) -> str:
    """Join wrapped lines, with or without a space at each seam as the words demand.

    Args:
        seen: tells of two lines whether a word goes on across their seam, as the text writes it elsewhere;
            None where it writes it nowhere.

    >>> glue_lines(["탄소중", "립기본계획을 심의"]), glue_lines(["제2조제1", "호에 따라"])
    ('탄소중립기본계획을 심의', '제2조제1호에 따라')
    """
    lines = [line.strip() for line in lines]
    if not lines:
        return ""
    pairs = list(pairwise(lines))
    certain: list[bool | None] = [
        True if _ORDINAL.search(a) and _ORDERED.match(b) else False if _SPACED.search(a) else None
        for a, b in pairs
    ]
    if seen is not None:
        certain = [
            seen(a, b) if known is None else known for known, (a, b) in zip(certain, pairs, strict=True)
        ]
    asked = [i for i, known in enumerate(certain) if known is None]
    one_word = _decide([(_end(lines[i]), _start(lines[i + 1])) for i in asked]) if asked else []
    glued = {i for i, one in zip(asked, one_word, strict=True) if one}
    glued |= {i for i, one in enumerate(certain) if one}
    return "".join(line + ("" if i in glued or i + 1 == len(lines) else " ") for i, line in enumerate(lines))


def words_cut(pairs: Sequence[tuple[str, str]]) -> list[bool]:
    """Tell of each pair of lines whether a word that begins in the first goes on in the second.

    >>> seams = [("그에 따른 계약금액과 계", "약기간을 조정한다."), ("시는 도서관을 연다", "나라가 돕는다.")]
    >>> words_cut(seams)
    [True, False]
    """
    return _decide([(_end(before), _start(line)) for before, line in pairs]) if pairs else []


def seams(pairs: Sequence[tuple[str, str]]) -> list[bool]:
    """Tell of each seam, given by what stands before and behind it, whether a word goes on across it.

    >>> seams([("탄소중", "립기본계획을"), ("기본계획을", "심의한다")])
    [True, False]
    """
    decisions: list[bool] = []
    for some in _pieces(pairs, lambda pair: len(pair[0]) + len(pair[1])):
        decisions += _ask("seams", some, False)
    return decisions


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
    return str(_ask("join", list(morphemes)))


def language_of(text: str) -> str:
    """Return "ko" for text with Hangul, else "en".

    >>> language_of("예산은?"), language_of("What is the budget?")
    ('ko', 'en')
    """
    return "ko" if re.search("[ㄱ-ㆎ가-힣]", text) else "en"
