"""Sentences that stand for whole documents: what is in one, how two differ.

Sentences are chosen over the whole document: by how much of the document's vocabulary they hold (cosine of
TF-IDF vectors with the document's centroid, Radev et al. 2004), spread over its sections and kept apart from
each other (MMR, Carbonell & Goldstein 1998). Pure but for Kiwi (`rag.text.korean`); no model is asked, so
the answer is there at once and is the source word for word.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence

from rag.text import korean
from rag.text.korean import normalise

DIVERSITY_WEIGHT = 0.4  # weight of being unlike the sentences already chosen
TITLE_WEIGHT = 0.15  # added for naming what the document is about
MIN_CHARS, MAX_CHARS = 20, 220  # of a sentence worth choosing


def main_title(title: str) -> str:
    """Return a title without what follows its dash or colon.

    >>> main_title("소버린 AI – 기술을 전략 자산으로")
    '소버린 AI'
    """
    return re.split(r"\s[–—-]\s|[:：]", title)[0].strip()


def summarise(
    text: str, sections: Sequence[tuple[int, int]], count: int, title: str = ""
) -> list[tuple[int, int]]:
    """Choose the sentences that stand for a document.

    Args:
        text: of the document. sections: (start, end) of its running text, in order. count: sentences wanted.
        title: sentences that name it are preferred.
    Returns: (start, end) of each, in reading order.
    """
    spans, owners = _sentences(text, sections)
    vectors = _vectors([text[a:b] for a, b in spans])
    name = normalise(main_title(title)).replace(" ", "")
    title_weights = [
        TITLE_WEIGHT if name and name in normalise(text[a:b]).replace(" ", "") else 0.0 for a, b in spans
    ]
    return sorted(spans[i] for i in _choose(vectors, owners, _centroid(vectors), {}, count, title_weights))


def contrast(
    texts: Sequence[str], sections: Sequence[Sequence[tuple[int, int]]], count: int
) -> list[list[tuple[int, int]]]:
    """Choose for each of two documents the sentences that say most of it and least of the other."""
    split = [_sentences(text, parts) for text, parts in zip(texts, sections, strict=True)]
    flat = [text[a:b] for text, (spans, _) in zip(texts, split, strict=True) for a, b in spans]
    vectors = _vectors(flat)
    n_first = len(split[0][0])
    groups = [vectors[:n_first], vectors[n_first:]]
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
            if MIN_CHARS <= b - a <= MAX_CHARS and re.search(
                r"[다요음함임][.!”’\"')\]]*$|[a-z][.!]$", text[start + a : start + b]
            ):
                spans.append((start + a, start + b))
                owners.append(owner)
    return spans, owners


def _choose(
    vectors: Sequence[Mapping[str, float]],
    owners: Sequence[int],
    centroid: Mapping[str, float],
    other_centroid: Mapping[str, float],
    count: int,
    extra_weights: Sequence[float] = (),
) -> list[int]:
    indices: list[int] = []
    used: Counter[int] = Counter()
    while len(indices) < min(count, len(vectors)):

        def worth(i: int) -> float:
            similarity = max((_cosine(vectors[i], vectors[j]) for j in indices), default=0.0)
            return (
                _cosine(vectors[i], centroid)
                - _cosine(vectors[i], other_centroid)
                - DIVERSITY_WEIGHT * similarity
                - 0.1 * used[owners[i]]
                + (extra_weights[i] if extra_weights else 0.0)
            )

        best = max((i for i in range(len(vectors)) if i not in indices), key=worth)
        indices.append(best)
        used[owners[best]] += 1
    return indices


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
