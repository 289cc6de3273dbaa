"""What is to be done with whole documents: which of them a question is about, and how many sentences it
wants.

That it is about documents is known before (`rag.question.purpose`). Pure but for Kiwi.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rag.question.purpose import Purpose
from rag.question.wording import Wording
from rag.text import korean
from rag.text.korean import normalise
from rag.text.summary import main_title
from rag.text.vocabulary import alternatives, vocabulary

Span = tuple[int, int]

SUMMARY_SENTENCES, DIFFERENCE_SENTENCES = 3, 2  # of a document, where a question wants no other number
MOST_SENTENCES = 10
# of a title's letters, in one run of its words, that name it where only one title has them
MENTION_SHARE = 0.5
_WORDS = vocabulary(Path(__file__).with_name("intents"))
_DOCUMENT = frozenset(_WORDS["document"].words())
_POINTING = frozenset((*_WORDS["this"].words(), *_WORDS["pointing"].words()))
_BOTH = frozenset(_WORDS["both"].words())
_COUNTS = _WORDS["counts"].keys(int)
COUNT = re.compile("(" + alternatives(_COUNTS) + r"|\d{1,2})\s?(" + _WORDS["counted"].pattern() + ")")
_PARTICLE = re.compile(
    r"(?:은|는|이|가|을|를|의|에|에는|에서|에서는|와|과|이?랑|하고|도|만|이?란|이?야|인가요)?(?![0-9A-Za-z가-힣])",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Task:
    """What is asked of whole documents. `purpose`: about, list or difference; `documents`: indices; `count`:
    sentences wanted of each.
    """

    purpose: Purpose
    documents: tuple[int, ...]
    count: int


def task(
    purpose: Purpose,
    question: Wording,
    titles: Sequence[str],
    paths: Sequence[str],
    cited: Sequence[int] = (),
) -> Task | None:
    """Return what is to be done; None where the documents that it needs are not in sight.

    A document is in sight that is named, that the last answer cites and the question points at, or that is
    the only one; two are that are named, that the last answer cites, or that are all there are.

    Args:
        titles, paths: of all documents. cited: indices of those that the last answer cites, the first first.

    >>> titles, paths = ["돌봄 계획", "교통 계획"], ["a.md", "b.md"]
    >>> task(Purpose.ABOUT, Wording("교통 계획을 두 줄로 요약해 줘"), titles, paths)
    Task(purpose=<Purpose.ABOUT: 'about'>, documents=(1,), count=2)
    >>> task(Purpose.ABOUT, Wording("이 문서는 무슨 내용이야?"), titles, paths)
    """
    documents = tuple(dict.fromkeys(i for _, i in mentions(question, titles, paths)))
    words = _words(question)
    match purpose:
        case Purpose.LIST if not documents:
            return Task(purpose, tuple(range(len(titles))), 1)
        case Purpose.ABOUT:
            if not documents and cited and words & _POINTING:
                documents = tuple(cited[:1])
            documents = documents or _partial_mention(question, titles)
            if not documents and len(titles) == 1:
                documents = (0,)
            return Task(purpose, documents, count_in(question)) if documents else None
        case Purpose.DIFFERENCE:
            if not documents and words & (_BOTH | _DOCUMENT):
                documents = tuple(cited) if len(cited) == 2 else tuple(range(len(titles)))
            return Task(purpose, documents, DIFFERENCE_SENTENCES) if len(documents) == 2 else None
    return None


def count_in(question: Wording) -> int:
    """Return how many sentences of a document a question wants."""
    count = COUNT.search(question.normalised)
    number = (
        SUMMARY_SENTENCES if count is None else int(count[1]) if count[1].isdigit() else _COUNTS[count[1]]
    )
    return max(1, min(number, MOST_SENTENCES))


def _words(question: Wording) -> frozenset[str]:
    """Return the words of a question that are no particles and no endings."""
    tags = (*korean.CONTENT_TAGS, "NP", "NR", "MM")
    return frozenset(t.form for t in question.tokens if t.tag in tags) | frozenset(
        re.findall("[a-z]+", question.normalised)
    )


def mentions(question: Wording, titles: Sequence[str], paths: Sequence[str]) -> list[tuple[Span, int]]:
    """Return where titles or file names stand in a question, as it is normalised, with their documents, in
    order; longer names first.

    A name begins and ends where words do, but for a particle; one that several documents bear names none.
    """
    names: dict[str, set[int]] = {}
    for i, (title, path) in enumerate(zip(titles, paths, strict=True)):
        file = path.rsplit("/", 1)[-1]
        stem = file.rsplit(".", 1)[0]
        short = re.sub(r"\s*\([^()]*\)$", "", main_title(title))  # 시행 계획(2025)
        for name in {short, main_title(title), title, path, file, stem, re.sub(r"^[\d_\W]+", "", stem)}:
            names.setdefault(_flat(normalise(name)), set()).add(i)
    places: list[tuple[Span, int]] = []
    flat = _flat(question.normalised)
    for name in sorted((name for name in names if len(name) > 1 and name in flat), key=len, reverse=True):
        for span in _places(name, question.normalised):
            free = all(span[1] <= a or b <= span[0] for (a, b), _ in places)
            if free and len(names[name]) == 1:
                places.append((span, min(names[name])))
    return sorted(places)


def _places(name: str, text: str) -> list[Span]:
    """Return where a name, without blanks, stands in a text as a word or words, before a particle or none."""
    spelled = r"(?<![0-9a-z가-힣])" + r"[\s_]*".join(map(re.escape, name))
    return [m.span() for m in re.finditer(spelled, text) if _PARTICLE.match(text, m.end())]


def _partial_mention(question: Wording, titles: Sequence[str]) -> tuple[int, ...]:
    """Return the one document of whose title a question says MENTION_SHARE or more, () where that is none or
    several. Words for documents as such name none.

    >>> titles = ["제3장 물가는 왜 오르는가", "제4장 금리란"]
    >>> _partial_mention(Wording("물가는 왜 오르는가 이건 무슨 내용이야?"), titles)
    (0,)
    >>> _partial_mention(Wording("세금계산서는 무슨 내용이야?"), ["세금", "예산"])
    ()
    >>> _partial_mention(Wording("이 보고서는?"), ["AI 보고서"])
    ()
    """
    indices = []
    for i, title in enumerate(titles):
        words = [_flat(word) for word in normalise(title).split()]
        runs = [words[a:b] for a in range(len(words)) for b in range(a + 1, len(words) + 1)]
        naming = ["".join(run) for run in runs if not _DOCUMENT.issuperset(run)]
        longest = max((len(name) for name in naming if _places(name, question.normalised)), default=0)
        if words and longest >= MENTION_SHARE * sum(map(len, words)):
            indices.append(i)
    return tuple(indices) if len(indices) == 1 else ()


def _flat(text: str) -> str:
    return re.sub(r"[\s_]", "", text)
