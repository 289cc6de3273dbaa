"""Tie a sentence of an answer to the words of a source, by code: texts in, verdicts out. Pure but for Kiwi
(`rag.text.korean`).

A sentence is supported by one sentence of a passage, or by two, when

    - every number in it stands there: value, unit, bound (이상, 미만), ends of a range, parts of a date
      (`rag.text.numbers`), and for the same thing: not where the source ties another number to the words
      beside it, nor in a heap of numbers that lost their columns;
    - every name in it stands there or in what stands above (title, headings, caption, date);
    - its other words stand there or above, or a word that may stand for them (`rag.text.lexicon`); a few
      small ones may be missing (COST);
    - it does not deny what they say or say what they deny, tell a plan as a deed, go the other way
      (증가/감소), or swap who does with whom it is done to.

What the source says is read by rule (`rag.text.grammar`). The citation's quote is the supporting span, cut
from the source by offsets, never copied from the model. Strictness is cheap here: what fails gives way to
the source's own sentence.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from rag.answer import alignment, clauses
from rag.answer.clauses import Source
from rag.answer.verdict import Confirmed, Rejected
from rag.question.wording import Wording
from rag.text import grammar, korean, lexicon, predicates
from rag.text.grammar import ParsedSentence, parse
from rag.text.numbers import caption_units, heap_numbers, numbers
from rag.text.quantity import missing_numbers
from rag.text.vocabulary import vocabulary

# how much of a sentence's words may be missing in its source, where it repeats the source: see _missing_word
COST = 0.45
REPHRASED_COST = 0.8  # the same where it says it in its own words
N_TRIED = 4  # sentences of a passage that are tried as the source, each alone and with each other
SHORT_CHARS = 12  # answers shorter than this must stand in the source word for word
_MARKER = re.compile(r"\s*\[(\d{1,3})\]")
_WISH = re.compile(vocabulary(__file__)["wishes"].pattern())
_SOURCE_LINE = re.compile(r"^\s*(출처|참고|source)\s*[:：].*$", re.IGNORECASE | re.MULTILINE)


def check(
    sentence: str, passage: str, context: str = "", question: Wording | None = None
) -> Confirmed | Rejected:
    """Decide whether a passage says a sentence, and by which spans; if not, what it does not say.

    Args:
        sentence: one sentence of an answer. passage: the source's text. context: title, date, headings and
            caption above it.
        question: words of it may come back in the answer at a lower cost; its numbers and names may not.
    """
    claim = parse(sentence)
    if not claim.words and not claim.numbers:
        return Rejected("word", sentence.strip()[:20])
    spans = korean.sentences(passage)
    parsed_context = parse(context)
    question_words = frozenset(grammar.with_synonyms(question.sentence.words)) if question else frozenset()
    parsed = [parse(passage[a:b]) for a, b in spans]
    first: Rejected | None = None
    contradicted = False
    for indices in _candidates(claim, parsed):
        if len(indices) == 2 and contradicted:
            break
        source = _source([parsed[i] for i in indices], parsed_context, context)
        fault = _fault(claim, source, question_words, sentence)
        if fault is None:
            return Confirmed(_merge([spans[i] for i in indices], indices))
        first = first or Rejected(*fault)
        contradicted |= (
            len(indices) == 1
            and alignment.twins(claim, parsed[indices[0]])
            and alignment.conflict(claim, parsed[indices[0]], parsed_context.words) is not None
        )
    return first or Rejected("word", sentence.strip()[:20])


def _candidates(claim: ParsedSentence, parsed: Sequence[ParsedSentence]) -> Iterator[tuple[int, ...]]:
    """Yield the sentences that share most with the claim, alone, then in pairs (neighbours in reading
    order).
    """
    claim_words = claim.words

    def shared(p: ParsedSentence) -> float:
        literal = 3.0 if claim.flat.rstrip(".") in p.flat else 0.0
        return (
            len(claim_words & grammar.with_synonyms(p.words))
            + 2 * (len(claim.numbers) - len(missing_numbers(claim.numbers, p.numbers)))
            + literal
        )

    scores = [shared(p) for p in parsed]
    order = [i for i in sorted(range(len(parsed)), key=lambda i: (-scores[i], i)) if scores[i] > 0][:N_TRIED]
    yield from ((i,) for i in order)
    for n, i in enumerate(order):
        neighbours = [j for j in (i - 1, i + 1) if 0 <= j < len(parsed)] if n == 0 else []
        for j in dict.fromkeys([*neighbours, *order[n + 1 :]]):
            if j != i:
                yield (min(i, j), max(i, j))


def _source(sentences: Sequence[ParsedSentence], parsed_context: ParsedSentence, context: str) -> Source:
    own_numbers = [n for s in sentences for n in s.numbers if n not in heap_numbers(s.text, s.numbers)]
    flat = "\n".join([parsed_context.flat, *(s.flat for s in sentences)])
    words = frozenset(
        grammar.with_synonyms({*parsed_context.words, *(w for s in sentences for w in s.words)})
    )
    all_numbers = (*own_numbers, *caption_units(context, own_numbers), *parsed_context.numbers)
    text = "\n".join([parsed_context.text, *(s.text for s in sentences)])
    return Source(
        tuple(sentences),
        text,
        flat,
        words,
        all_numbers,
        "\n".join(s.flat for s in sentences),
        parsed_context.words,
    )


def _fault(
    claim: ParsedSentence, source: Source, question_words: frozenset[str], sentence: str
) -> tuple[str, str] | None:
    """Return (kind, words) of the first thing that the source does not say, None where it says all."""
    if missing := missing_numbers(claim.numbers, source.numbers):
        return "number", claim.text[missing[0].start : missing[0].end].strip()
    for name in sorted(claim.names):
        if not _holds_name(name, source):
            return "name", name
    literal = claim.flat.rstrip(".") in source.own_flat
    if literal:
        return None
    if (
        len(sentence.strip()) < SHORT_CHARS
        and not claim.numbers
        and not all(w in source.flat for w in claim.nouns)
    ):
        return "word", sentence.strip()
    anchor = max(source.sentences, key=lambda s: len(claim.words & grammar.with_synonyms(s.words)))
    if fault := _missing_word(
        claim, source, question_words, COST if alignment.twins(claim, anchor) else REPHRASED_COST
    ):
        return "word", fault
    if (wish := _WISH.search(anchor.text)) and not _WISH.search(claim.text):
        return "tense", wish[0]
    return (
        alignment.conflict(claim, anchor, source.context_words)
        or clauses.opposition(claim, source)
        or clauses.role_swap(claim, source)
        or clauses.binding_conflict(claim, source)
    )


def _holds_name(name: str, source: Source) -> bool:
    """True where a name stands in the source or above it; Latin names as whole words."""
    if re.fullmatch(r"[a-z0-9.\-]+", name):
        return re.search(rf"(?<![a-z0-9]){re.escape(name)}(?![a-z0-9])", source.text) is not None
    return name.replace(" ", "") in source.flat or lexicon.names_country(name, source.text)


def _missing_word(
    claim: ParsedSentence, source: Source, question_words: frozenset[str], allowed: float
) -> str:
    """Return the word that makes the missing words cost more than is allowed, "" where they may be missing.

    A missing noun costs 1, and so do adverbs (모두, 이미) and the verb that ends the sentence; another verb
    0.5; words of the question two fifths of that, but not what the sentence says must be done; neutral words
    (`rag.text.lexicon`) nothing.
    """
    obligations = predicates.obligations(claim.tokens)
    telling = {t.form for t in claim.tokens if t.tag in ("MAG", "MM")} | {
        u.form for u in claim.units if u.final and u.kind == "verb"
    }
    cost = 0.0
    heaviest = ("", 0.0)
    bounded = any(n.bound for n in claim.numbers)  # 최소, 이상 were compared with the number
    for kind, words in ((1.0, claim.nouns), (0.5, claim.other_words)):
        for word in dict.fromkeys(words):
            if (
                word in lexicon.NEUTRAL
                or (bounded and word in lexicon.BOUNDS)
                or word in source.words
                or (len(word) > 1 and word in source.flat)
            ):
                continue
            if len(word) == 1 and kind == 1.0 and word in source.own_flat:
                continue
            if word == "소속" and _belongs(claim, source):
                continue
            if word in obligations:
                return word
            price = (
                (1.0 if word in telling else kind)
                * (0.4 if word in question_words else 1.0)
                * (0.4 if len(word) == 1 and kind == 1.0 else 1.0)
            )
            cost += price
            if price > heaviest[1]:
                heaviest = (word, price)
    return heaviest[0] if cost > allowed else ""


def _belongs(claim: ParsedSentence, source: Source) -> bool:
    """True where the source names somebody right after the body that the claim says they belong to:
    네이버클라우드 김필수 상무.
    """
    topic = next((i for i, u in enumerate(claim.units) if u.role in ("topic", "subject")), -1)
    people = [u.form for u in claim.units[: topic + 1] if u.form not in lexicon.TITLES and len(u.form) > 1]
    at = next((i for i, u in enumerate(claim.units) if u.form == "소속"), 0)
    body = claim.units[at - 1].form if at else ""
    for sentence in source.sentences:
        forms = [u.form for u in sentence.units]
        for i, form in enumerate(forms):
            if (form == body or form.replace(" ", "").endswith(body)) and any(
                p in forms[i + 1 : i + 3] for p in people
            ):
                return True
    return False


def _merge(spans: Sequence[tuple[int, int]], indices: Sequence[int]) -> tuple[tuple[int, int], ...]:
    """Make one span of two neighbours."""
    if len(indices) == 2 and indices[1] == indices[0] + 1:
        return ((spans[0][0], spans[1][1]),)
    return tuple(spans)


def rank_sentences(
    words: Sequence[str], idf: Mapping[str, float], passage: str, context: str
) -> list[tuple[float, int, int]]:
    """Rank the sentences of a passage for a question by the rarity-weighted share of its words that they
    hold.

    A word that only the context holds (title, headings, caption) counts half: it is true of every sentence
    below it.

    Args:
        words: content morphemes of the question. idf: their rarity.
    Returns: (score 0 to 1, start, end), best first.
    """
    total = sum(idf.get(word, 1.0) for word in set(words)) or 1.0
    spans = korean.sentences(passage)
    context_words, *words_of = map(
        set, korean.morphemes_of([context, *(passage[start:end] for start, end in spans)])
    )
    ranked = []
    for (start, end), sentence_words in zip(spans, words_of, strict=True):
        score = (
            sum(
                idf.get(w, 1.0) * (1.0 if w in sentence_words else 0.5 if w in context_words else 0.0)
                for w in set(words)
            )
            / total
        )
        if end - start < 10:
            score *= 0.5
        ranked.append((score, start, end))
    return sorted(ranked, key=lambda item: (-item[0], item[1]))


def strip_markers(text: str, n_sources: int) -> tuple[str, tuple[int, ...]]:
    """Take citation marks and source lines that the model wrote out of a sentence.

    Returns: the sentence, and those numbers that name one of the `n_sources` it was shown (1-based; [0] and
    [99] are dropped).

    >>> strip_markers("예산은 3억 원이다 [1][99].", 2)
    ('예산은 3억 원이다.', (1,))
    """
    marks = [int(n) for n in _MARKER.findall(text)]
    return _MARKER.sub("", _SOURCE_LINE.sub("", text)).strip(), tuple(
        dict.fromkeys(n for n in marks if 1 <= n <= n_sources)
    )


def echoes(sentence: str, question: Wording) -> bool:
    """True where a sentence says nothing that the question did not say already.

    >>> question = Wording("개발비 80억 원은 무슨 비용인가요?")
    >>> echoes("80억 원", question), echoes("GPU 사용료", question)
    (True, False)
    """
    words = korean.content(korean.morphemes(sentence))
    return set(words) <= set(question.morphemes) and not missing_numbers(numbers(sentence), question.numbers)


def same_claim(a: str, b: str, share: float = 0.7, *, of_first: bool = False) -> bool:
    """True where two sentences say the same: `share` of the smaller one's content (or of the first's) is in
    the other.
    """
    first, second = set(korean.content(korean.morphemes(a))), set(korean.content(korean.morphemes(b)))
    total = len(first) if of_first else min(len(first), len(second))
    return bool(total) and len(first & second) >= share * total
