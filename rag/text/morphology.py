"""Kiwi itself, in a process of its own, see `rag.processes`. `rag.text.korean` asks it.

Loading it takes 1.0 to 2.0 s, in which it holds Python's lock, and so does every text it reads: in the
program's own process neither the page nor a search would move meanwhile. A text that crashes it takes
nothing else along. All offsets are of the text that was passed in.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from rag.caches import remember
from rag.serving import requests
from rag.text.korean import CONTENT_TAGS, Morpheme, normalise
from rag.text.sides import label_of

if TYPE_CHECKING:
    from kiwipiepy import Kiwi

Span = tuple[int, int]
_ITEM = re.compile(r"(?=[①-⑳])")
_INSIDE_SENTENCE = re.compile(
    r"[.?!…。:;][”’\"')\]」』》]*\s|[다요까죠음함임됨것네지]\s"
)  # where a sentence may end before the end of its line
_UNENDED = re.compile(r"^([가-하]|\d{1,2})[.)]$|\d{4}\.\s?[*○]{1,2}\.?(\s?[*○]{1,2}\.?)?$")


@cache
def kiwi() -> Kiwi:
    """Return the analyser, loading it on the first call (about 300 MB)."""
    from kiwipiepy import Kiwi

    analyser = Kiwi(
        load_multi_dict=False
    )  # without names of several words, which are searched word by word: a second and 190 MB less
    analyser.tokenize("")  # the first call finishes the loading
    return analyser


def tokens(text: str) -> list[Morpheme]:
    """Return all morphemes of a text, which is taken as it stands."""
    return [
        Morpheme(_dictionary(t.form, t.tag), _tag(t.tag), t.start, t.end, t.tag.endswith("-I"))
        for t in kiwi().tokenize(text)
    ]


def morphemes_of(texts: Sequence[str]) -> list[list[str]]:
    """Return the content morphemes of each text, which is normalised first, on all cores."""
    return [
        [form for t in words for form in _words(t.form, t.tag)]
        for words in kiwi().tokenize([normalise(text) for text in texts])
    ]


def sentences(text: str) -> list[Span]:
    """Return (start, end) of each sentence; see `rag.text.korean.sentences`."""
    parts = _parts(text)
    several = [(a, b) for a, b, one in parts if not one]
    spans = [(a, b) for a, b, one in parts if one]
    if several:
        for (a, _), pieces in zip(
            several, kiwi().split_into_sents([text[a:b] for a, b in several]), strict=True
        ):
            spans += [(a + s.start, a + s.end) for s in pieces]
    return _trimmed(text, spans)


def analyse(texts: Sequence[str]) -> list[tuple[list[Span], list[str], list[int]]]:
    """Take texts apart into sentences and morphemes by one pass over each line, on all cores: the values of
    `rag.text.korean.Analysis`.
    """
    parts = [(i, *part) for i, text in enumerate(texts) for part in _parts(text)]
    spans: list[list[Span]] = [[] for _ in texts]
    words: list[list[str]] = [[] for _ in texts]
    starts: list[list[int]] = [[] for _ in texts]
    read = kiwi().tokenize([_lower(texts[i][a:b]) for i, a, b, _ in parts])
    for (i, a, b, one), found in zip(parts, read, strict=True):
        if one:
            spans[i].append((a, b))
        else:
            spans[i] += [
                (a + own[0].start, a + own[-1].end)
                for _, (*own,) in itertools.groupby(found, lambda t: t.sent_position)
            ]
        for t in found:
            forms = _words(t.form, t.tag)
            words[i] += forms
            starts[i] += [a + t.start] * len(forms)
    return [
        (_trimmed(text, own), forms, places)
        for text, own, forms, places in zip(texts, spans, words, starts, strict=True)
    ]


def seams(pairs: Sequence[tuple[str, str]]) -> list[bool]:
    """Tell of each seam, given by what stands before and behind it, whether a word goes on across it."""
    return [not kiwi().glue([before, behind], return_space_insertions=True)[1][0] for before, behind in pairs]


def join(morphemes: Sequence[tuple[str, str]]) -> str:
    """Write morphemes (form, tag) as words."""
    return str(kiwi().join([(form, tag) for form, tag in morphemes]))


def _lower(text: str) -> str:
    """Lower case, unless characters would lose their places."""
    return low if len(low := text.lower()) == len(text) else text


@remember(1 << 16)
def _words(form: str, tag: str) -> tuple[str, ...]:
    """Return what a morpheme gives for searching: nothing, its form, or, for a date (2017. 2. 26.), its
    parts.
    """
    return tuple(normalise(_dictionary(form, tag)).split()) if _tag(tag) in CONTENT_TAGS else ()


def _tag(tag: str) -> str:
    return tag.split("-")[0]


def _dictionary(form: str, tag: str) -> str:
    """Return a morpheme's form as it is compared."""
    if (
        _tag(tag) == "NNP" and len(form) > 2 and form.endswith("의")
    ):  # a name unknown to Kiwi, taken together with its particle
        form = form[:-1]
    return re.sub(r"(?<=\d),(?=\d{3})", "", form) if "," in form else form


def _parts(text: str) -> list[tuple[int, int, bool]]:
    """Cut a text where sentences certainly end: (start, end, whether it is certainly one sentence)."""
    parts = []
    for line in re.finditer(r"[^\n]+", text):
        row = " | " in line[0] or label_of(line[0]) != ""  # of a table, or one sentence of one of its sides
        cuts = [] if row else [m.start() for m in _ITEM.finditer(line[0])]
        for a, b in zip([0, *cuts], [*cuts, len(line[0])], strict=True):
            parts.append(
                (line.start() + a, line.start() + b, row or not _INSIDE_SENTENCE.search(line[0][a:b]))
            )
    return parts


def _trimmed(text: str, spans: Iterable[Span]) -> list[Span]:
    """Take blanks off the ends of spans, and join what was cut behind a mark (나.) or a date whose digits
    are hidden (2014. *. **).
    """
    trimmed: list[Span] = []
    for start, end in sorted(spans):
        piece = text[start:end]
        start += len(piece) - len(piece.lstrip())
        end -= len(piece) - len(piece.rstrip())
        if start >= end:
            continue
        if (
            trimmed
            and _UNENDED.search(text[slice(*trimmed[-1])])
            and "\n" not in text[trimmed[-1][1] : start]
        ):
            start = trimmed.pop()[0]
        trimmed.append((start, end))
    return trimmed


def _serve() -> None:
    """The child: load, then do what is asked."""
    asking = requests()
    kiwi()
    functions: dict[str, Callable[[Any], Any]] = {
        f.__name__: f for f in (tokens, morphemes_of, sentences, analyse, seams, join)
    }
    for request in asking:
        name, argument = request.content
        try:
            answer = {"value": functions[name](argument)}
        except Exception as error:  # Kiwi raises several kinds on texts that it cannot read
            answer = {"error": f"{type(error).__name__}: {error}"}
        request.answer(answer)


if __name__ == "__main__":
    _serve()
