"""Tie a sentence of an answer to the words of a source, by code. Pure: texts in, verdicts out.

A sentence is supported by a passage when
    - every number in it stands in the passage, with the same value and unit (`rag.numbers`),
    - every name in it (proper nouns, foreign words) stands in the passage or in what stands above it (title, headings, caption),
    - most of its content morphemes stand there or in the question (COVERED),
    - it does not deny what the passage says, nor say what the passage denies.
The citation's quote is the span of the passage that supports it, cut from the source by offsets, never copied from the model.

Left to later work: who said what, conditions (period, place), spelled-out numbers.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rag import korean
from rag.numbers import missing_numbers, numbers

COVERED = 0.8  # share of a sentence's content morphemes that its source (or the question) must hold
SHORT_CHARS = 12  # answers shorter than this must stand in the source word for word
_NEGATION = re.compile(r"(?<![가-힣])(안|못)\s|지\s?(않|못)|없(?!이)|아니(?!라)|\b(not|no|never|cannot)\b|n't\b", re.IGNORECASE)
_MARKER = re.compile(r"\s*\[(\d{1,3})\]")
_SOURCE_LINE = re.compile(r"^\s*(출처|참고|source)\s*[:：].*$", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Support:
    """The verdict on a sentence. `spans` are (start, end) in the passage, in order; empty when it is not supported.

    `why` says in a few words what was not found; `score` is the share of its content found, 0 to 1.
    """

    supported: bool
    spans: tuple[tuple[int, int], ...] = ()
    why: str = ""
    score: float = 0.0


def check(sentence: str, passage: str, context: str = "", question: str = "") -> Support:
    """Decide whether a passage supports a sentence, and by which span.

    Args:
        sentence: one sentence of an answer. passage: the source's text. context: title, date, headings and caption above it.
        question: its words may come back in the answer without standing in the source; its numbers and names may not.
    """
    whole = f"{context}\n{passage}"
    if lost := missing_numbers(numbers(sentence), numbers(whole)):
        return Support(False, why=sentence[lost[0].start : lost[0].end].strip())
    flat = korean.normalise(whole).replace(" ", "")
    for name in sorted(korean.proper_nouns(sentence)):
        if name.replace(" ", "") not in flat:
            return Support(False, why=name)
    words = [word for word in korean.content(korean.morphemes(sentence)) if not word[0].isdigit()]  # numbers were checked by value
    if not words and not numbers(sentence):
        return Support(False, why=sentence.strip()[:20])
    held = set(korean.morphemes(f"{whole}\n{question}"))
    score = sum(word in held or (len(word) > 1 and word in flat) for word in words) / max(1, len(words))
    if len(sentence.strip()) < SHORT_CHARS and korean.normalise(sentence).replace(" ", "").rstrip(".") not in flat and words and score < 1:
        return Support(False, why=sentence.strip(), score=score)
    if words and score < COVERED:
        return Support(False, why=next((w for w in words if w not in held), ""), score=score)
    spans = supporting_spans(sentence, passage)
    if not spans:
        return Support(False, why=sentence.strip()[:20], score=score)
    quoted = " ".join(passage[a:b] for a, b in spans)
    if bool(_NEGATION.search(sentence)) != bool(_NEGATION.search(quoted)) and _NEGATION.search(sentence):
        return Support(False, why=_NEGATION.search(sentence)[0].strip(), score=score)  # type: ignore[index]
    return Support(True, spans, score=score)


def supporting_spans(sentence: str, passage: str) -> tuple[tuple[int, int], ...]:
    """Return the sentence of the passage that shares most with `sentence`, and a second one where it adds what the first lacks.

    Neighbours become one span.
    """
    spans = korean.sentences(passage)
    wanted = set(korean.content(korean.morphemes(sentence)))
    asked = numbers(sentence)
    scored = []
    for a, b in spans:
        words = set(korean.morphemes(passage[a:b]))
        literal = 3 if korean.normalise(sentence).replace(" ", "").rstrip(".") in korean.normalise(passage[a:b]).replace(" ", "") else 0
        scored.append(len(wanted & words) + literal + 2 * (len(asked) - len(missing_numbers(asked, numbers(passage[a:b])))))
    if not scored or max(scored) == 0:
        return ()
    best = max(range(len(spans)), key=lambda i: (scored[i], -i))
    held = set(korean.morphemes(passage[slice(*spans[best])]))
    rest = missing_numbers(asked, numbers(passage[slice(*spans[best])]))
    second = None
    for i, (a, b) in enumerate(spans):
        gain = len((wanted - held) & set(korean.morphemes(passage[a:b]))) + 2 * (len(rest) - len(missing_numbers(rest, numbers(passage[a:b]))))
        if i != best and gain >= 2 and (second is None or gain > second[0]):
            second = (gain, i)
    chosen = sorted({best} | ({second[1]} if second else set()))
    if len(chosen) == 2 and chosen[1] == chosen[0] + 1:
        return ((spans[chosen[0]][0], spans[chosen[1]][1]),)
    return tuple(spans[i] for i in chosen)


def rank_sentences(words: Sequence[str], idf: Mapping[str, float], passage: str, context: str) -> list[tuple[float, int, int]]:
    """Rank the sentences of a passage for a question by the rarity-weighted share of its words that they hold.

    A word that only the context holds (title, headings, caption) counts half: it is true of every sentence below it.

    Args:
        words: content morphemes of the question. idf: their rarity.
    Returns: (score 0 to 1, start, end), best first.
    """
    above = set(korean.morphemes(context))
    total = sum(idf.get(word, 1.0) for word in set(words)) or 1.0
    spans = korean.sentences(passage)
    ranked = []
    for start, end in spans:
        held = set(korean.morphemes(passage[start:end]))
        score = sum(idf.get(w, 1.0) * (1.0 if w in held else 0.5 if w in above else 0.0) for w in set(words)) / total
        if end - start < 10:
            score *= 0.5
        ranked.append((score, start, end))
    return sorted(ranked, key=lambda item: (-item[0], item[1]))


def strip_markers(text: str, n_sources: int) -> tuple[str, tuple[int, ...]]:
    """Take citation marks and source lines that the model wrote out of a sentence.

    Returns: the sentence, and those numbers that name one of the `n_sources` it was shown (1-based; [0] and [99] are dropped).

    >>> strip_markers("예산은 3억 원이다 [1][99].", 2)
    ('예산은 3억 원이다.', (1,))
    """
    found = [int(n) for n in _MARKER.findall(text)]
    return _MARKER.sub("", _SOURCE_LINE.sub("", text)).strip(), tuple(dict.fromkeys(n for n in found if 1 <= n <= n_sources))


def echoes(sentence: str, question: str) -> bool:
    """True where a sentence says nothing that the question did not say already.

    >>> echoes("80억 원", "개발비 80억 원은 무슨 비용인가요?"), echoes("GPU 사용료", "개발비 80억 원은 무슨 비용인가요?")
    (True, False)
    """
    words = korean.content(korean.morphemes(sentence))
    return set(words) <= set(korean.morphemes(question)) and not missing_numbers(numbers(sentence), numbers(question))


def same_claim(a: str, b: str, share: float = 0.7, *, of_first: bool = False) -> bool:
    """True where two sentences say the same: `share` of the smaller one's content (or of the first's) is in the other."""
    first, second = set(korean.content(korean.morphemes(a))), set(korean.content(korean.morphemes(b)))
    whole = len(first) if of_first else min(len(first), len(second))
    return bool(whole) and len(first & second) >= share * whole


def missing_conditions(question: str, source: str) -> list[str]:
    """Return the names (Hangul proper nouns) and numbers of a question that a source does not hold.

    >>> missing_conditions("H200 한 장은 얼마인가요?", "H100 한 장은 5천만 원이다.")
    ['200']
    """
    flat = korean.normalise(source).replace(" ", "")
    names = [name for name in sorted(korean.proper_nouns(question)) if re.fullmatch("[가-힣]{2,}", name) and name not in flat]
    lost = missing_numbers(numbers(question), numbers(source))
    return names + [question[n.start : n.end].strip() for n in lost if question[n.start : n.end].strip() not in source]
