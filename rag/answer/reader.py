"""Read passages for a question: which sentences answer, with which words, and whether that may be claimed.

`EvidenceReader` asks the evidence model (`rag.model.evidence_model`) about the passages;
`decide` looks at all of them together and gives a probability that one of the sentences that it chooses
answers, by a logistic regression that was fitted on questions about documents which the model was not
trained on (`models/reader/calibrate.py`). Two limits on that probability make three states: answered,
related, none. Pure but for the model.
"""

from __future__ import annotations

import contextlib
import json
import math
import re
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from rag.answer import checker
from rag.answer.lists import with_its_list
from rag.errors import ConfigError
from rag.model.embedding import LocalEmbeddings, Readable
from rag.question.question import Question
from rag.root import ROOT
from rag.text import korean
from rag.types import Passage, Quote, Status

FILE = ROOT / "models" / "reader" / "calibration.json"
# a further sentence of a passage belongs to the answer from this logit on (one in four), or where the best
# one's is no more than WITHIN above: see docs/log.md
ALSO, WITHIN = -1.0, 1.5
MAX_QUOTES = 12  # sentences beside the best that an answer is made of: the longest list
_LETTER = re.compile(r"\w")
NEAREST = 3  # sentences that are shown where nothing is claimed


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the evidence model made of one passage.

    Attributes:
        answerable: logit of the passage answering the question.
        quotes: its sentences in order; their `score` is the logit of the sentence answering.
        words: the shortest words of its best sentence that answer, "" where none stand out.
        spans: see `rag.model.evidence_model.Scores`.
    """

    passage: Passage
    answerable: float
    quotes: tuple[Quote, ...]
    words: str = ""
    spans: tuple[float | None, ...] = ()

    @property
    def best(self) -> Quote:
        """The sentence that answers best."""
        return max(self.quotes, key=lambda quote: quote.score)


@dataclass(frozen=True, slots=True)
class Decision:
    """What may be said.

    Attributes:
        probability: of one of `chosen` answering, 0 to 1. chosen: the sentences that answer, of one
            passage, in order.
        words: the shortest words that answer. ranked: all sentences, best first.
    """

    status: Status
    probability: float
    chosen: tuple[Quote, ...]
    words: str
    ranked: tuple[Quote, ...]


@dataclass(frozen=True, slots=True)
class Calibration:
    """Fitted values, see `models/reader/calibrate.py`.

    Attributes:
        rank: weights of a sentence's logit, of its passage's, of its passage's retrieval score (0 to 1), and
            of its share of the question's words (0 to 1).
        claim: weights of `features`; bias: theirs. answered, related: limits on the probability.
    """

    rank: tuple[float, ...] = (1.0, 0.5, 1.0, 4.0)
    claim: tuple[float, ...] = (1.0, 1.0, 0.0, 0.0, 0.0)
    bias: float = 0.0
    answered: float = 0.5
    related: float = 0.1


class EvidenceReader:
    """Reads passages with the embedding model's process. Args: embeddings: EmbeddingGemma; with another
    model nothing can be read.
    """

    def __init__(self, embeddings: LocalEmbeddings) -> None:
        self._embeddings = embeddings

    def warm_up(self) -> None:
        """Load the model. Raises ModelError."""
        self._embeddings.prepare("", "준비")

    def prepare(self, passage: Passage) -> bool:
        """Begin to read a passage before there is a question, and keep that. Returns False where it was kept
        already. Raises ModelError.
        """
        return self._embeddings.prepare(passage.chunk.context, passage.text)

    def similarity(self, question: str, texts: Sequence[str]) -> list[float]:
        """Return how near a question is to short texts: cosines, -1 to 1. Raises ModelError."""
        return self._embeddings.similarity(question, texts)

    def read(
        self,
        question: Question,
        passages: Sequence[Passage],
        asked_about: Sequence[Sequence[tuple[int, int]]] = (),
    ) -> Generator[Evidence, None, None]:
        """Read passages for a question, and yield what was made of each in order. Raises ModelError.

        Args:
            asked_about: for each passage further spans of its text, such as a table's cells.
        """
        if not passages:
            return
        shares = word_shares(question, [(passage.chunk.context, passage.text) for passage in passages])
        spans = [korean.sentences(passage.text) for passage in passages]
        further_spans = asked_about or [()] * len(passages)
        asked = [
            Readable(p.chunk.context, p.text, sentences, also)
            for p, sentences, also in zip(passages, spans, further_spans, strict=True)
        ]
        with contextlib.closing(self._embeddings.read(question.text, asked)) as read:
            for passage, sentences, share, found in zip(passages, spans, shares, read, strict=True):
                quotes = [
                    Quote(
                        passage, passage.start + a, passage.start + b, passage.text[a:b], score, share[a, b]
                    )
                    for (a, b), score in zip(sentences, found["sentences"], strict=True)
                    if score is not None and says_something(passage.text[a:b])
                ]
                start, end = found["words"] or (0, 0)
                words = passage.text[start:end].strip()
                yield Evidence(passage, found["answerable"], tuple(quotes), words, tuple(found["spans"]))


def says_something(sentence: str) -> bool:
    """Tell a sentence from the mark of a list that stands alone.

    >>> says_something("- 나."), says_something("3명")
    (False, True)
    """
    return len(_LETTER.findall(sentence)) > 1


def word_shares(question: Question, texts: Sequence[tuple[str, str]]) -> list[dict[tuple[int, int], float]]:
    """Return how much of a question each sentence says in the question's own words: for each text {(start,
    end) of a sentence: 0 to 1}.

    Args:
        texts: (context, text) of the passages that are read for the question; a word counts the more, the
            fewer of them hold it.
    """
    words = question.words
    held = [set(korean.morphemes(text)) for _, text in texts]
    rarity = {word: math.log(1 + len(held) / (1 + sum(word in one for one in held))) for word in words}
    return [
        {(a, b): share for share, a, b in checker.rank_sentences(words, rarity, text, context)}
        for context, text in texts
    ]


def calibration(file: Path = FILE) -> Calibration:
    """Return the fitted values. Raises ConfigError for a damaged file."""
    try:
        values: Any = {
            name: tuple(v) if isinstance(v, list) else v
            for name, v in json.loads(file.read_text(encoding="utf-8")).items()
        }
        return Calibration(**values)
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise ConfigError("calibration-unreadable", file=file, reason=error) from error


class Ranked(NamedTuple):
    """A sentence with its score among all that was read (`Calibration.rank`), and the passage it was read
    in.
    """

    score: float
    quote: Quote
    evidence: Evidence


def rank(evidence: Sequence[Evidence], weights: Sequence[float]) -> list[Ranked]:
    """Return all sentences with their scores, best first; of those that say the same, the best. `weights`:
    see `Calibration.rank`.
    """
    by_sentence, by_passage, by_search, by_words = weights
    scored = [
        Ranked(
            by_sentence * quote.score
            + by_passage * found.answerable
            + by_search * found.passage.hit.score
            + by_words * quote.share,
            quote,
            found,
        )
        for found in evidence
        for quote in found.quotes
    ]
    unique: dict[str, Ranked] = {}
    for item in sorted(scored, key=lambda item: -item.score):
        unique.setdefault("".join(item.quote.text.split()), item)
    return list(unique.values())


def further(best: Quote, found: Evidence) -> list[Quote]:
    """Return the sentences that belong to an answer beside the best one, best first: of the list that it is
    an item of, and those that answer, too.
    """
    listed = with_its_list(best, found.quotes, MAX_QUOTES)
    limit = min(ALSO, best.score - WITHIN)
    also = [q for q in found.quotes if q is not best and (q.score >= limit or q in listed)]
    return sorted(also, key=lambda q: (q not in listed, -q.score))[:MAX_QUOTES]


def features(ranked: Sequence[Ranked]) -> tuple[float, ...]:
    """Return what is known of the sentences that would be claimed, in terms of what the model was trained
    on: the log of their share among all sentences that were read and "none" (logit 0), the log-odds of any
    sentence answering, their share by the scores that ranked them, their passage's logit, and minus the log
    of its place in the search, from 1. What another document says in the same words with other figures, as a
    later edition does, is counted with them, and the place of that, too.
    """
    top, best, found = ranked[0]
    form, path = _form(best.text), found.passage.chunk.path
    claimed = {"".join(quote.text.split()) for quote in (best, *further(best, found))}
    same = [
        "".join(item.quote.text.split()) in claimed
        or (item.evidence.passage.chunk.path != path and _form(item.quote.text) == form)
        for item in ranked
    ]
    logits = [item.quote.score for item in ranked]
    any_answers = _log_sum([0.0, *logits])
    share = math.exp(
        _log_sum([item.score - top for item, is_same in zip(ranked, same, strict=True) if is_same])
        - _log_sum([item.score - top for item in ranked])
    )
    read = {id(item.evidence): item.evidence.passage.hit.score for item in ranked}
    foremost = max(
        item.evidence.passage.hit.score for item, is_same in zip(ranked, same, strict=True) if is_same
    )
    return (
        _log_sum([logit for logit, is_same in zip(logits, same, strict=True) if is_same]) - any_answers,
        any_answers,
        share,
        found.answerable,
        -math.log(1 + sum(score > foremost for score in read.values())),
    )


def _log_sum(logits: Sequence[float]) -> float:
    """Return the logarithm of a sum of exponentials."""
    most = max(logits)
    return most + math.log(sum(math.exp(logit - most) for logit in logits))


def _form(text: str) -> str:
    """Return a text without blanks, all figures alike."""
    return re.sub(r"[\d.,]+", "0", "".join(text.split()))


def decide(evidence: Sequence[Evidence], fitted: Calibration) -> Decision:
    """Look at all that was read for a question together."""
    ranked = rank(evidence, fitted.rank)
    if not ranked:
        return Decision(Status.NONE, 0.0, (), "", ())
    quotes = tuple(item.quote for item in ranked)
    logit = fitted.bias + sum(
        weight * value for weight, value in zip(fitted.claim, features(ranked), strict=True)
    )
    probability = 1 / (1 + math.exp(-max(-50.0, min(50.0, logit))))
    status = (
        Status.ANSWERED
        if probability >= fitted.answered
        else Status.RELATED
        if probability >= fitted.related
        else Status.NONE
    )
    _, best, found = ranked[0]
    chosen = tuple(sorted([best, *further(best, found)], key=lambda q: q.start))
    return Decision(status, probability, chosen, found.words if found.best is best else "", quotes)
