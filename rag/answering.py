"""Decide what a person sees: which quotes, which passages convince, when to refuse, how the answer is put together.

All pure: it gets what retrieval found and what the model's looks gave, and returns values. The thresholds were fitted on
tests/eval, see CHANGELOG.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from rag import citing, korean
from rag.numbers import missing_numbers, numbers
from rag.phrases import NEAREST, QUOTED, REFUSAL
from rag.prompting import language_of
from rag.reading import Look
from rag.retrieval import Found
from rag.types import Answer, Citation, Passage, Quote, Sentence, Timings

CONVINCING = -4.5  # evidence below which a passage may answer; answerable questions: all below -4.8, others: all but one above -3.5
CLEAR = -6.0  # below which no other passage needs to be read, and a quote may stand in for a sentence that failed the check
COVERAGE = 0.15  # of the question's words, by rarity, in a passage and above it; less counts as a missing condition
MISSING = 3.0  # added for each name or number of the question that a passage does not hold
BARE_CHARS = 8  # an answer no longer than this is a bare figure or name, whatever it ends in (캐나다)
MAX_TRIES = 2  # passages answered from before the quote or a refusal takes over
_QUESTION = re.compile(r"(나요|까요|습니까|인가요|는가|을까|은가요)[.?]?$|\?$")
_COMPLETE = re.compile(r"(다|요|까|죠|음|함|임)[.!?]?[”’\"')\]]*$|[a-z][.!?]$")
_ASKS_SEVERAL = re.compile(
    r"각각|각기|차이|비교|모두|[두세네]\s?가지|\d\s?가지|어떤 것들|\d\s?(곳|명|개|사람)은|\b(each|both|respectively|all|compare)\b", re.IGNORECASE
)


def best_quotes(found: Found, passages: Sequence[Passage]) -> list[Quote]:
    """Rank the sentences of all passages for the question, best first."""
    quotes = []
    for passage in passages:
        for score, start, end in citing.rank_sentences(found.words, found.idf, passage.text, passage.chunk.context):
            blended = 0.7 * score + 0.3 * passage.hit.score
            quotes.append(Quote(passage, passage.start + start, passage.start + end, passage.text[start:end], blended))
    quotes.sort(key=lambda quote: -quote.score)
    kept: list[Quote] = []
    for quote in quotes:
        if not any(q.text == quote.text for q in kept):
            kept.append(quote)
    return kept


def cite_quotes(quotes: Sequence[Quote]) -> tuple[Citation, ...]:
    """Number quotes as citations."""
    return tuple(_citation(number, q.passage, q.start, q.end, q.text) for number, q in enumerate(quotes, 1))


def worth_reading(found: Found) -> bool:
    """False when nothing was found that shares a word or a meaning with the question."""
    return bool(found.hits)


def evidence(look: Look, question: str) -> float:
    """Return how little a passage answers a question: log P("없음"), plus MISSING for each condition that it does not hold.

    Conditions are the names (Hangul proper nouns) and numbers of the question: a passage about another person, product or year is
    no evidence, however sure the model is. What stands above a passage (title, headings, caption) counts as said in it.
    """
    passage = look.passage
    missing = len(citing.missing_conditions(question, f"{passage.chunk.context}\n{passage.text}"))
    # a question in Korean and a passage that share no word that matters are about different things
    strange = language_of(question) == "ko" and passage.hit.coverage < COVERAGE
    return look.none + MISSING * (missing + strange)


def clear_winner(look: Look, question: str, quotes: Sequence[Quote]) -> bool:
    """True when a passage is surely right, so that the others need not be read."""
    return evidence(look, question) < CLEAR and bool(quotes) and quotes[0].passage is look.passage


def convincing(looks: Sequence[Look], question: str) -> list[Look]:
    """Return the passages to answer from, best first; none means refusal."""
    ranked = sorted(looks, key=lambda look: evidence(look, question) - look.passage.hit.score)
    return [look for look in ranked if evidence(look, question) < CONVINCING][:MAX_TRIES]


@dataclass(slots=True)
class Draft:
    """An answer while it is put together."""

    question: str
    language: str
    found: Found
    model: str
    sentences: list[Sentence] = field(default_factory=list)
    unconfirmed: list[Sentence] = field(default_factory=list)
    citations: list[Citation] = field(default_factory=list)

    def add(self, text: str, passage: Passage) -> bool:
        """Check what the model wrote from a passage, sentence by sentence. Returns whether anything was confirmed."""
        confirmed = False
        for start, end in korean.sentences(text):
            sentence, _ = citing.strip_markers(text[start:end], 1)
            if not sentence or _says_none(sentence):
                continue
            support = citing.check(sentence, passage.text, passage.chunk.context, self.question)
            if not support.supported or citing.echoes(sentence, self.question) or _QUESTION.search(sentence):
                self.unconfirmed.append(Sentence(sentence, False, (), support.why or sentence))
            elif not any(citing.same_claim(sentence, s.text) for s in self.sentences):
                cited = tuple(self._cite(passage, passage.start + a, passage.start + b) for a, b in support.spans)
                quoted = Sentence(QUOTED[self.language].format(quote=passage.text[slice(*support.spans[0])]), True, cited[:1])
                if self._partial(sentence, passage.text[slice(*support.spans[0])]):
                    self.unconfirmed.append(Sentence(sentence, False, (), sentence))
                    self.sentences.append(quoted)
                else:
                    self.sentences += [Sentence(sentence, True, cited)] + ([] if len(sentence) > BARE_CHARS and _COMPLETE.search(sentence) else [quoted])
                confirmed = True
        return confirmed

    def _partial(self, sentence: str, quote: str) -> bool:
        """True where several things were asked for and the sentence holds too few of the source's: the source's own words are better."""
        if not _ASKS_SEVERAL.search(self.question):
            return False
        return bool(missing_numbers(numbers(quote), numbers(sentence))) or not citing.same_claim(quote, sentence, 0.7, of_first=True)

    def finish(self, looks: Sequence[Look], quotes: Sequence[Quote], timings: Timings) -> Answer:
        """Return the answer; without a confirmed sentence the best quote, where the evidence is strong, else a refusal."""
        if not self.sentences:
            sure = [look for look in convincing(looks, self.question) if evidence(look, self.question) < CLEAR]
            quote = next((q for look in sure for q in quotes if q.passage is look.passage), None)
            if quote is None:
                return self.refuse(timings)
            number = self._cite(quote.passage, quote.start, quote.end)
            self.sentences.append(Sentence(QUOTED[self.language].format(quote=quote.text), True, (number,)))
        text = " ".join(s.text + "".join(f" [{n}]" for n in s.citations) for s in self.sentences)
        return Answer(self.question, text, False, tuple(self.sentences), tuple(self.unconfirmed), tuple(self.citations), self.found.hits, timings, self.model)

    def refuse(self, timings: Timings) -> Answer:
        """Return the fixed refusal, naming the nearest documents."""
        titles = list(dict.fromkeys(hit.chunk.title for hit in self.found.hits))[:3]
        text = REFUSAL[self.language] + (" " + NEAREST[self.language].format(titles=", ".join(titles)) if titles else "")
        return Answer(self.question, text, True, (), tuple(self.unconfirmed), (), self.found.hits, timings, self.model)

    def _cite(self, passage: Passage, start: int, end: int) -> int:
        for citation in self.citations:
            if (citation.path, citation.start, citation.end) == (passage.chunk.path, start, end):
                return citation.number
        number = len(self.citations) + 1
        self.citations.append(_citation(number, passage, start, end, passage.text[start - passage.start : end - passage.start]))
        return number


def _citation(number: int, passage: Passage, start: int, end: int, quote: str) -> Citation:
    c = passage.chunk
    heading = " > ".join(part for part in (c.heading, c.caption) if part)
    return Citation(number, c.path, c.title, c.date, c.page, heading, start, end, quote)


def _says_none(sentence: str) -> bool:
    return re.fullmatch(r"\W*(없음|NONE)\W*", sentence) is not None
