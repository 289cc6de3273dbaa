"""Korean (and English) words and sentences, by Kiwi; and the one normalisation used for matching.

Kiwi is loaded once, on first use (about 2 s and 500 MB). All offsets are of the text that was passed in.
"""

from __future__ import annotations

import re
import threading
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kiwipiepy import Kiwi

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
_ITEM = re.compile(r"(?=[①-⑳])")
_WITHIN = re.compile(r"[.?!…。:;][”’\"')\]」』》]*\s|[다요까죠음함임됨것네지]\s")  # where a sentence may end before the end of its line
_SPACED = re.compile(r"[0-9A-Za-z.,;:!?]$")
_SEAM = 24  # characters on each side of a seam that decide on its space; 0.998 of 1,470 seams are decided as with whole lines
_LATIN = re.compile(r"[a-z][a-z0-9]*(?:[-.][a-z0-9]+)*")
_NUMBER_BEFORE = re.compile(r"\d\s?$")  # then the letters are a unit: 30GW, 3%p
_UNIT_LETTERS = frozenset({"p", "m", "km", "kg"})
_lock = threading.Lock()


@cache
def kiwi() -> Kiwi:
    """Return the analyser, loading it on the first call."""
    from kiwipiepy import Kiwi

    return Kiwi()


def warm_up() -> None:
    """Load the analyser before it is needed."""
    with _lock:
        kiwi()


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
    return morphemes_of([text])[0]


def morphemes_of(texts: Sequence[str]) -> list[list[str]]:
    """Do the same for many texts at once, on all cores."""
    with _lock:
        return [[_form(token) for token in tokens if _tag(token) in CONTENT_TAGS] for tokens in kiwi().tokenize([normalise(text) for text in texts])]


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
    with _lock:
        return [Token(_form(t), _tag(t), t.start, t.end, str(t.tag).endswith("-I")) for t in kiwi().tokenize(text)]


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
    parts: list[tuple[int, int]] = []  # each holds one sentence or more
    for line in re.finditer(r"[^\n]+", text):
        cuts = [] if " | " in line[0] else [m.start() for m in _ITEM.finditer(line[0])]
        parts += [(line.start() + a, line.start() + b) for a, b in zip([0, *cuts], [*cuts, len(line[0])], strict=True)]
    spans: list[tuple[int, int]] = []
    several: list[tuple[int, int]] = []
    for a, b in parts:
        (several if " | " not in text[a:b] and _WITHIN.search(text[a:b]) else spans).append((a, b))
    if several:
        with _lock:
            for (a, _), found in zip(several, kiwi().split_into_sents([text[a:b] for a, b in several]), strict=True):
                spans += [(a + s.start, a + s.end) for s in found]
    trimmed = []
    for start, end in sorted(spans):
        piece = text[start:end]
        start += len(piece) - len(piece.lstrip())
        end -= len(piece) - len(piece.rstrip())
        if start < end:
            trimmed.append((start, end))
    return trimmed


def glue_lines(lines: list[str]) -> str:
    """Join wrapped lines, with or without a space at each seam as the words demand.

    >>> glue_lines(["탄소중", "립기본계획을 심의"])
    '탄소중립기본계획을 심의'
    """
    lines = [line.strip() for line in lines]
    if not lines:
        return ""
    asked = [i for i in range(len(lines) - 1) if not _SPACED.search(lines[i])]  # a space is certain at the other seams
    glued: set[int] = set()
    if asked:
        with _lock:
            for i in asked:
                _, spaced = kiwi().glue([_end(lines[i]), _start(lines[i + 1])], return_space_insertions=True)
                if not spaced[0]:
                    glued.add(i)
    return "".join(line + ("" if i in glued or i + 1 == len(lines) else " ") for i, line in enumerate(lines))


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
    with _lock:
        return str(kiwi().join(list(morphemes)))


def _tag(token: Any) -> str:
    return str(token.tag).split("-")[0]


def _form(token: Any) -> str:
    form = str(token.form)
    if _tag(token) == "NNP" and len(form) > 2 and form.endswith("의"):  # a name unknown to Kiwi, taken together with its particle
        form = form[:-1]
    return re.sub(r"(?<=\d),(?=\d{3})", "", form)
