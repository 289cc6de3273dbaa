"""Questions about whole documents: which are there, what is in one, how do two differ. Answered from their own sentences.

Sentences are chosen over the whole document: by how much of the document's vocabulary they hold (cosine of TF-IDF vectors with the
document's centroid, Radev et al. 2004), spread over its sections and kept apart from each other (MMR, Carbonell & Goldstein
1998). Pure but for Kiwi (`rag.korean`); no model is asked, so the answer is there at once and is the source word for word.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rag import korean
from rag.korean import normalise

APART = 0.4  # weight of being unlike the sentences already chosen
TITLE = 0.15  # added for naming what the document is about
MIN_CHARS, MAX_CHARS = 20, 220  # of a sentence worth choosing
_LIST = re.compile(
    r"(무슨|어떤|무엇|뭐|몇)[^?]{0,10}(문서|자료|파일|브리프)[^?]{0,12}(있|가지|들어|보유|갖|알려|보여)|(문서|자료|파일)\s?(목록|리스트)"
    r"|(what|which|list)\b.{0,16}\b(documents|files|sources)\b",
    re.IGNORECASE,
)
_SUMMARY = re.compile(r"요약|간추|정리해|핵심\s?(내용|만)|주요\s?내용|(무슨|어떤)\s?내용|summar|main points|what is .* about", re.IGNORECASE)
_DIFFERENCE = re.compile(r"차이|비교|다른 점|공통점|differ|compare", re.IGNORECASE)
_THIS = re.compile(r"(이|그|해당)\s?(문서|자료|브리프|파일|글|보고서)|this document", re.IGNORECASE)
_COUNT = re.compile(r"(한|두|세|네|다섯|여섯|일곱|\d{1,2})\s?(줄|문장|가지|개)")
_COUNTS = {"한": 1, "두": 2, "세": 3, "네": 4, "다섯": 5, "여섯": 6, "일곱": 7}


@dataclass(frozen=True, slots=True)
class Task:
    """What is asked of whole documents. `kind`: list, summary or difference; `documents`: indices; `count`: sentences wanted."""

    kind: str
    documents: tuple[int, ...]
    count: int


def recognise(question: str, titles: Sequence[str], paths: Sequence[str], chosen: Sequence[int] = ()) -> Task | None:
    """Tell whether a question is about whole documents, and which.

    Args:
        titles, paths: of all documents. chosen: indices of those that the conversation or a filter points to ("이 문서").
    """
    if _LIST.search(question) and not _SUMMARY.search(question):
        return Task("list", tuple(range(len(titles))), len(titles))
    summary, difference = _SUMMARY.search(question), _DIFFERENCE.search(question)
    if not summary and not difference:
        return None
    named = _named(question, titles, paths)
    if difference and len(named) >= 2:
        return Task("difference", named[:2], 2)
    if difference and len(chosen) == 2 and re.search("두 (문서|자료|글|브리프)|both|two documents", question):
        return Task("difference", tuple(chosen), 2)
    if not summary:
        return None
    if not named and chosen and (_THIS.search(question) or len(korean.content(korean.morphemes(question))) <= 3):
        named = tuple(chosen[:1])
    if not named and len(titles) == 1:
        named = (0,)
    if not named:
        return None
    count = _COUNT.search(question)
    wanted = 3 if count is None else int(count[1]) if count[1].isdigit() else _COUNTS[count[1]]
    return Task("summary", named[:1], max(1, min(wanted, 10)))


def main_title(title: str) -> str:
    """Return a title without what follows its dash or colon.

    >>> main_title("소버린 AI – 기술을 전략 자산으로")
    '소버린 AI'
    """
    return re.split(r"\s[–—-]\s|[:：]", title)[0].strip()


def _named(question: str, titles: Sequence[str], paths: Sequence[str]) -> tuple[int, ...]:
    """Return the documents whose title or file name stands in the question, in the order of the question; longer names first."""
    flat = normalise(question).replace(" ", "")
    places: list[tuple[int, int]] = []
    taken: list[tuple[int, int]] = []
    names = []
    for i, (title, path) in enumerate(zip(titles, paths, strict=True)):
        stem = re.sub(r"^[\d_\W]+", "", path.rsplit("/", 1)[-1].rsplit(".", 1)[0])
        for name in {main_title(title), stem, title}:
            names.append((normalise(name).replace(" ", "").replace("_", ""), i))
    for name, i in sorted(names, key=lambda n: -len(n[0])):
        at = flat.find(name)
        if len(name) >= 2 and at >= 0 and not any(a < at + len(name) and at < b for a, b in taken) and all(i != j for _, j in places):
            taken.append((at, at + len(name)))
            places.append((at, i))
    return tuple(i for _, i in sorted(places))


def summarise(text: str, sections: Sequence[tuple[int, int]], count: int, title: str = "") -> list[tuple[int, int]]:
    """Choose the sentences that stand for a document.

    Args:
        text: of the document. sections: (start, end) of its running text, in order. count: sentences wanted.
        title: sentences that name it are preferred.
    Returns: (start, end) of each, in reading order.
    """
    spans, owners = _sentences(text, sections)
    vectors = _vectors([text[a:b] for a, b in spans])
    name = normalise(main_title(title)).replace(" ", "")
    named = [TITLE if name and name in normalise(text[a:b]).replace(" ", "") else 0.0 for a, b in spans]
    return sorted(spans[i] for i in _choose(vectors, owners, _centroid(vectors), {}, count, named))


def contrast(texts: Sequence[str], sections: Sequence[Sequence[tuple[int, int]]], count: int) -> list[list[tuple[int, int]]]:
    """Choose for each of two documents the sentences that say most of it and least of the other."""
    split = [_sentences(text, parts) for text, parts in zip(texts, sections, strict=True)]
    flat = [text[a:b] for text, (spans, _) in zip(texts, split, strict=True) for a, b in spans]
    vectors = _vectors(flat)
    cut = len(split[0][0])
    groups = [vectors[:cut], vectors[cut:]]
    centroids = [_centroid(group) for group in groups]
    result = []
    for n, (spans, owners) in enumerate(split):
        picked = _choose(groups[n], owners, centroids[n], centroids[1 - n], count)
        result.append(sorted(spans[i] for i in picked))
    return result


def _sentences(text: str, sections: Sequence[tuple[int, int]]) -> tuple[list[tuple[int, int]], list[int]]:
    spans, owners = [], []
    for owner, (start, end) in enumerate(sections):
        for a, b in korean.sentences(text[start:end]):
            if MIN_CHARS <= b - a <= MAX_CHARS and re.search(r"[다요음함임][.!”’\"')\]]*$|[a-z][.!]$", text[start + a : start + b]):
                spans.append((start + a, start + b))
                owners.append(owner)
    return spans, owners


def _choose(
    vectors: Sequence[Mapping[str, float]],
    owners: Sequence[int],
    own: Mapping[str, float],
    other: Mapping[str, float],
    count: int,
    named: Sequence[float] = (),
) -> list[int]:
    chosen: list[int] = []
    used: Counter[int] = Counter()
    while len(chosen) < min(count, len(vectors)):

        def worth(i: int) -> float:
            near = max((_cosine(vectors[i], vectors[j]) for j in chosen), default=0.0)
            return _cosine(vectors[i], own) - _cosine(vectors[i], other) - APART * near - 0.1 * used[owners[i]] + (named[i] if named else 0.0)

        best = max((i for i in range(len(vectors)) if i not in chosen), key=worth)
        chosen.append(best)
        used[owners[best]] += 1
    return chosen


def _vectors(sentences: Sequence[str]) -> list[dict[str, float]]:
    counts = [Counter(korean.content(words)) for words in korean.morphemes_of(sentences)] if sentences else []
    rarity = Counter(word for count in counts for word in count)
    return [{w: n * math.log(1 + len(counts) / rarity[w]) for w, n in count.items()} for count in counts]


def _centroid(vectors: Sequence[Mapping[str, float]]) -> dict[str, float]:
    total: Counter[str] = Counter()
    for vector in vectors:
        for word, weight in vector.items():
            total[word] += weight  # type: ignore[assignment]
    return dict(total)


def _cosine(a: Mapping[str, float], b: Mapping[str, float]) -> float:
    if not a or not b:
        return 0.0
    dot = sum(weight * b[word] for word, weight in a.items() if word in b)
    return dot / (math.hypot(*a.values()) * math.hypot(*b.values()))
