"""Korean (and English) words and sentences, by Kiwi; and the one normalisation used for matching.

Kiwi is loaded once, on first use (about 1.3 s and 300 MB). All offsets are of the text that was passed in.
"""

from __future__ import annotations

import bisect
import itertools
import re
import threading
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
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
_UNENDED = re.compile(r"^([가-하]|\d{1,2})[.)]$|\d{4}\.\s?[*○]{1,2}\.?(\s?[*○]{1,2}\.?)?$")
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

    analyser = Kiwi(load_multi_dict=False)  # without names of several words, which are searched word by word: a second and 190 MB less
    analyser.tokenize("")  # the first call finishes the loading
    return analyser


def warm_up() -> None:
    """Load the analyser before it is needed."""
    with _lock:
        kiwi()


def warm_up_beside() -> None:
    """Begin to load the analyser while something else is done."""
    if not kiwi.cache_info().currsize:
        threading.Thread(target=warm_up, name="kiwi", daemon=True).start()


def normalise(text: str) -> str:
    """Bring text to the form in which texts are compared: NFKC, one kind of quotes and dashes, lower case, single blanks.

    >>> normalise("  “AI”ㆍ데이터  ")
    '"ai" 데이터'
    """
    return " ".join(unicodedata.normalize("NFKC", text.translate(_QUOTES)).lower().split())


def _lower(text: str) -> str:
    """Lower case, unless characters would lose their places."""
    return low if len(low := text.lower()) == len(text) else text


def morphemes(text: str) -> list[str]:
    """Return the content morphemes of a text in order, for searching.

    >>> morphemes("도서관은 12곳을 연다.")
    ['도서관', '12', '곳', '열']
    """
    return morphemes_of([text])[0]


def morphemes_of(texts: Sequence[str]) -> list[list[str]]:
    """Do the same for many texts at once, on all cores."""
    with _lock:
        return [[form for t in tokens for form in _words(t.form, t.tag)] for tokens in kiwi().tokenize([normalise(text) for text in texts])]


@lru_cache(1 << 16)
def _words(form: str, tag: str) -> tuple[str, ...]:
    """Return what a morpheme gives for searching: nothing, its form, or, for a date (2017. 2. 26.), its parts."""
    tag = tag.split("-")[0]
    return tuple(normalise(_dictionary(form, tag)).split()) if tag in CONTENT_TAGS else ()


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
    parts = _parts(text)
    several = [(a, b) for a, b, one in parts if not one]
    spans = [(a, b) for a, b, one in parts if one]
    if several:
        with _lock:
            for (a, _), found in zip(several, kiwi().split_into_sents([text[a:b] for a, b in several]), strict=True):
                spans += [(a + s.start, a + s.end) for s in found]
    return _trimmed(text, spans)


def _parts(text: str) -> list[tuple[int, int, bool]]:
    """Cut a text where sentences certainly end: (start, end, whether it is certainly one sentence)."""
    parts = []
    for line in re.finditer(r"[^\n]+", text):
        row = " | " in line[0]
        cuts = [] if row else [m.start() for m in _ITEM.finditer(line[0])]
        for a, b in zip([0, *cuts], [*cuts, len(line[0])], strict=True):
            parts.append((line.start() + a, line.start() + b, row or not _WITHIN.search(line[0][a:b])))
    return parts


def _trimmed(text: str, spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Take blanks off the ends of spans, and join what was cut behind a mark (나.) or a date whose digits are hidden (2014. *. **)."""
    trimmed: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        piece = text[start:end]
        start += len(piece) - len(piece.lstrip())
        end -= len(piece) - len(piece.rstrip())
        if start >= end:
            continue
        if trimmed and _UNENDED.search(text[slice(*trimmed[-1])]) and "\n" not in text[trimmed[-1][1] : start]:
            start = trimmed.pop()[0]
        trimmed.append((start, end))
    return trimmed


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
    parts = [(i, *part) for i, text in enumerate(texts) for part in _parts(text)]
    spans: list[list[tuple[int, int]]] = [[] for _ in texts]
    words: list[list[tuple[int, str]]] = [[] for _ in texts]
    with _lock:
        read = kiwi().tokenize([_lower(texts[i][a:b]) for i, a, b, _ in parts])
        for (i, a, b, one), found in zip(parts, read, strict=True):
            if one:
                spans[i].append((a, b))
            else:
                spans[i] += [(a + own[0].start, a + own[-1].end) for _, (*own,) in itertools.groupby(found, lambda t: t.sent_position)]
            words[i] += [(a + t.start, form) for t in found for form in _words(t.form, t.tag)]
    return [
        Analysis(_trimmed(text, own), [form for _, form in found], [start for start, _ in found]) for text, own, found in zip(texts, spans, words, strict=True)
    ]


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
    with _lock:
        return [not kiwi().glue([before, behind], return_space_insertions=True)[1][0] for before, behind in pairs]


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
    with _lock:
        return str(kiwi().join(list(morphemes)))


def _tag(token: Any) -> str:
    return str(token.tag).split("-")[0]


def _form(token: Any) -> str:
    return _dictionary(str(token.form), _tag(token))


def _dictionary(form: str, tag: str) -> str:
    """Return a morpheme's form as it is compared."""
    if tag == "NNP" and len(form) > 2 and form.endswith("의"):  # a name unknown to Kiwi, taken together with its particle
        form = form[:-1]
    return re.sub(r"(?<=\d),(?=\d{3})", "", form) if "," in form else form
