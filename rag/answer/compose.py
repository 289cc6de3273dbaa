"""Put an answer together: what was read becomes sentences that are checked and cited, near misses are shown
as such, the rest is refused.

Pure but for Kiwi (`rag.text.korean`): it gets what retrieval found, what the evidence model made of it
(`rag.answer.reader`) and what the chat model wrote.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from rag.answer import checker, discrepancies, phrases, style
from rag.answer.reader import NEAREST, Decision
from rag.model.prompting import language_of
from rag.question import premises
from rag.search.retriever import Found
from rag.text import korean
from rag.text.numbers import missing_numbers, numbers
from rag.text.particles import with_particle
from rag.types import Answer, Citation, Passage, Quote, Sentence, Status, Timings

BARE_CHARS = 8  # an answer no longer than this is a bare figure or name, whatever it ends in (캐나다)
EXCERPT_CHARS = (
    300  # of the sentences that the chat model is shown, up to which the one before them is shown, too
)
SAID_SHARE = 0.5  # of the words that answer, which a sentence must hold to say them
_QUESTION = re.compile(r"(나요|까요|습니까|인가요|는가|을까|은가요)[.?]?$|\?$")
_COMPLETE = re.compile(r"(다|요|까|죠|음|함|임)[.!?]?[”’\"')\]]*$|[a-z][.!?]$")
_LEADS = re.compile(
    r"(다음과\s?같|아래와\s?같|다음은)[^.]*[:.]?$"
)  # what announces a list and claims nothing itself
_BULLET = re.compile(r"^(\d{1,2}[.)]|[-*•·])\s+")
_PICTURE = re.compile(
    r"!\[[^\]]*\](\([^)]*\)|\[[^\]]*\])"
)  # what a document may order to be written, to be fetched by whoever shows it
_LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")
_DATED = re.compile(
    r"(?<![방기문화수])법(률|령)?(?![가-힣])|시행령|시행규칙|조례|규정|통계|현황|동향|지수|잠정|확정"
)  # what is true as of a day


def best_quotes(found: Found, passages: Sequence[Passage]) -> list[Quote]:
    """Rank the sentences of all passages by the question's words, best first: what is shown before anything
    was read.
    """
    quotes = []
    for passage in passages:
        for score, start, end in checker.rank_sentences(
            found.words, found.idf, passage.text, passage.chunk.context
        ):
            blended = 0.7 * score + 0.3 * passage.hit.score
            quotes.append(
                Quote(passage, passage.start + start, passage.start + end, passage.text[start:end], blended)
            )
    quotes.sort(key=lambda quote: -quote.score)
    kept: list[Quote] = []
    for quote in quotes:
        if not any(q.text == quote.text for q in kept):
            kept.append(quote)
    return kept


def excerpt(chosen: Sequence[Quote]) -> Passage:
    """Return what the chat model is shown of a passage: from the first of the sentences that answer to the
    last, and what stands before them.
    """
    passage = chosen[0].passage
    start, end = chosen[0].start, chosen[-1].end
    before = [a for a, _ in korean.sentences(passage.text) if passage.start + a < start]
    if before and end - (passage.start + before[-1]) <= EXCERPT_CHARS:
        start = passage.start + before[-1]
    return replace(
        passage, start=start, end=end, text=passage.text[start - passage.start : end - passage.start]
    )


def cite_quotes(quotes: Sequence[Quote]) -> tuple[Citation, ...]:
    """Number quotes as citations."""
    return tuple(citation(number, q.passage, q.start, q.end, q.text) for number, q in enumerate(quotes, 1))


@dataclass(slots=True)
class Draft:
    """An answer while it is put together. `question` is the completed one, `asked` what was typed, `part`
    what is being answered of it.
    """

    question: str
    language: str
    found: Found
    model: str
    asked: str = ""
    part: str = ""
    unread: int = 0  # pages of what was asked that are pictures, which the answer knows nothing of
    begun: int = 0  # sentences before this part
    sentences: list[Sentence] = field(default_factory=list)
    unconfirmed: list[Sentence] = field(default_factory=list)
    citations: list[Citation] = field(default_factory=list)
    sources: dict[int, Passage] = field(default_factory=dict)  # of each citation
    near: list[Quote] = field(default_factory=list)  # what may answer, where nothing is claimed
    read: list[Quote] = field(default_factory=list)  # the best sentences of all that was read
    near_part: Quote | None = None  # the best of what may answer this part
    unclaimed: dict[str, Quote] = field(
        default_factory=dict
    )  # sentences that only show what may answer a part

    def __post_init__(self) -> None:
        self.part = self.part or self.question

    def turn_to(self, part: str) -> None:
        """Go on to another part of the question."""
        self.part, self.begun, self.near_part = part, len(self.sentences), None

    def said(self) -> str:
        """What was confirmed so far, as one text."""
        return " ".join(s.text for s in self.sentences)

    def missing(self) -> None:
        """Say that the documents do not answer this part of the question, or what may answer it."""
        if len(self.sentences) > self.begun:
            return
        quote = self.near_part
        form = phrases.NEAR_PART if quote else phrases.NO_PART
        text = form[self.language].format(part=self.part, quote=" ".join(quote.text.split()) if quote else "")
        self.sentences.append(Sentence(text, False))
        if quote:
            self.unclaimed[text] = quote

    def add(self, text: str, passage: Passage, words: str = "") -> bool:
        """Check what the model wrote from a passage, sentence by sentence. Returns whether anything was
        confirmed.

        Args:
            words: the shortest words that answer; a text that does not say them is not confirmed.
        """
        text = _LINK.sub(r"\1", _PICTURE.sub("", text)).replace("**", "")
        written = []
        for start, end in korean.sentences(text):
            sentence, _ = checker.strip_markers(_BULLET.sub("", text[start:end]), 1)
            if not sentence or _says_none(sentence) or _LEADS.search(sentence):
                continue
            if self.language == "ko":
                sentence = style.spaced(style.in_hangul(sentence, passage.text), passage.text)
            if _QUESTION.search(sentence):
                sentence = style.stated(sentence) or sentence
            written.append(sentence)
        if not says(" ".join(written), words):
            self.unconfirmed += [Sentence(sentence, False, (), words) for sentence in written]
            return False
        confirmed = [self._judge(sentence, passage) for sentence in written]  # each, also behind one that was
        return any(confirmed)

    def _judge(self, sentence: str, passage: Passage) -> bool:
        support = self._check(sentence, passage)
        if (
            not support.supported
            or checker.echoes(sentence, self.part)
            or style.topicalises_verb(sentence, self.part)
            or _QUESTION.search(sentence)
        ):
            self.unconfirmed.append(Sentence(sentence, False, (), support.why or sentence))
            return False
        quoted = passage.text[slice(*support.spans[0])]
        if any(checker.same_claim(sentence, s.text) for s in self.sentences):
            return True
        if not self._true_to_row(sentence, quoted, passage):
            self.unconfirmed.append(Sentence(sentence, False, (), quoted))
            self.sentences.append(
                self._quote(passage, *support.spans[0])
            )  # with its name, which neither question nor sentence says
            return True
        if self.language != language_of(
            sentence
        ):  # an English question about a Korean source: its own words, which were checked
            self.sentences.append(self._quote(passage, *support.spans[0]))
            return True
        if len(sentence) > BARE_CHARS and _COMPLETE.search(sentence) and not _is_title(sentence, quoted):
            self.sentences.append(
                Sentence(
                    style.polite(sentence) if self.language == "ko" else sentence,
                    True,
                    self._cite_all(support, passage),
                )
            )
            return True
        whole, ended = (
            (style.completed(sentence, self.part), style.ended(sentence))
            if self.language == "ko"
            else ("", sentence)
        )
        if whole and (held := self._check(whole, passage)).supported:
            self.sentences.append(Sentence(whole, True, self._cite_all(held, passage)))
        else:
            # a name or a figure leads, its sentence follows; of a longer fragment the sentence holds the
            # words
            if len(sentence) <= BARE_CHARS:
                said = ended if self._check(ended, passage).supported else sentence
                self.sentences.append(Sentence(said, True, self._cite_all(support, passage)))
            self.sentences.append(self._quote(passage, *support.spans[0]))
        return True

    def _true_to_row(self, sentence: str, quoted: str, passage: Passage) -> bool:
        """True unless a row of a table is cited for what is said of no row by name."""
        rows = [line for line in passage.text.split("\n") if " | " in line]
        return (
            " | " not in quoted
            or "\n" in quoted
            or len(rows) < 2
            or premises.row_is_named(f"{self.part} {sentence}", quoted, rows)
        )

    def _check(self, sentence: str, passage: Passage) -> checker.Support:
        return checker.check(sentence, passage.text, passage.chunk.context, self.part)

    def _cite_all(self, support: checker.Support, passage: Passage) -> tuple[int, ...]:
        return tuple(
            self._cite(passage, passage.start + start, passage.start + end) for start, end in support.spans
        )

    def quote(self, passage: Passage, start: int, end: int, named: str) -> None:
        """Add a sentence of a source as it stands, as an item of a list, behind the name of its document
        where that is given.
        """
        number = self._cite(passage, start, end)
        words = passage.text[start - passage.start : end - passage.start]
        self.sentences.append(Sentence("- " + (f"{named}: {words}" if named else words), True, (number,)))

    def _quote(self, passage: Passage, start: int, end: int) -> Sentence:
        """The source's own words, as a sentence of the answer."""
        number = self._cite(passage, passage.start + start, passage.start + end)
        return Sentence(phrases.QUOTED[self.language].format(quote=passage.text[start:end]), True, (number,))

    def quote_rest(self, decision: Decision) -> None:
        """Add the source's own words for those of the chosen sentences that nothing said of this part cites."""
        cited = [(c.path, c.start, c.end) for c in self.citations]
        for quote in decision.chosen:
            path = quote.passage.chunk.path
            if not any(p == path and a < quote.end and quote.start < b for p, a, b in cited):
                self.sentences.append(
                    self._quote(
                        quote.passage, quote.start - quote.passage.start, quote.end - quote.passage.start
                    )
                )

    def see(self, decision: Decision) -> None:
        """Keep the best sentences, whatever will be said of them."""
        self.read += decision.ranked[:NEAREST]

    def show(self, decision: Decision) -> None:
        """Claim nothing of this part, and keep the nearest sentences, which may answer it."""
        self.near_part = decision.ranked[0]
        self.near += [quote for quote in decision.ranked[:NEAREST] if quote not in self.near]

    def correct(self, name: str, anchor: str, quotes: Sequence[Quote]) -> None:
        """Say first that a name of the question stands in no source, with the sentence that names who or
        what it should be.
        """
        holding = [q for q in quotes if anchor in korean.normalise(q.text)]
        if not holding:
            return
        quote = max(holding, key=lambda q: (premises.ties_another(q.text, anchor), q.score))
        number = self._cite(quote.passage, quote.start, quote.end)
        particle = with_particle(name, "은")[len(name) :]
        text = phrases.PREMISE[self.language].format(name=name, particle=particle, quote=quote.text)
        again = phrases.QUOTED[self.language].format(quote=quote.text)
        self.sentences = [Sentence(text, True, (number,)), *(s for s in self.sentences if s.text != again)]

    def compare(self, passages: Iterable[Passage]) -> None:
        """Where another document gives another value for what is cited, give all, the newest first."""
        passages = list(passages)
        for first in list(self.citations):
            found = discrepancies.others(first.quote, self.sources[first.number], passages)
            if not found:
                continue
            numbers_ = [first.number, *(self._cite(v.passage, v.start, v.end) for v in found)]
            dated = sorted((self.citations[n - 1] for n in numbers_), key=lambda c: c.date, reverse=True)
            lead = phrases.VERSIONS[self.language] + "\n"
            rest = [
                s for s in self.sentences if first.number not in s.citations
            ]  # what is said of other things stays
            said = [
                phrases.VERSION[self.language].format(title=c.title, date=c.date, quote=c.quote)
                for c in dated
            ]
            items = [
                Sentence(f"{'' if i else lead}- {words}", True, (c.number,))
                for i, (c, words) in enumerate(zip(dated, said, strict=True))
            ]
            self.sentences = [*items, *rest]
            return
        last = self.citations[-1] if self.citations else None
        end = self.sentences[-1] if self.sentences else None
        if last and last.date and _DATED.search(f"{last.title} {last.heading}") and end and end.supported:
            self.sentences[-1] = replace(
                end, text=f"{end.text} {phrases.AS_OF[self.language].format(date=last.date)}"
            )

    def finish(self, quotes: Sequence[Quote], timings: Timings) -> Answer:
        """Return the answer; where no sentence was confirmed what may answer, else a refusal."""
        if not any(s.citations for s in self.sentences):
            return self.relate(timings) if self.near else self.refuse(quotes, timings)
        for i, sentence in enumerate(self.sentences):
            if quote := self.unclaimed.get(sentence.text):
                self.sentences[i] = replace(
                    sentence, citations=(self._cite(quote.passage, quote.start, quote.end),)
                )
        self._renumber()
        separator = "\n" if any(s.text.startswith("- ") for s in self.sentences) else " "
        text = separator.join(s.text + "".join(f" [{n}]" for n in s.citations) for s in self.sentences)
        return Answer(
            text=text,
            status=Status.ANSWERED,
            sentences=tuple(self.sentences),
            citations=tuple(self.citations),
            **self._common(timings),
        )

    def relate(self, timings: Timings) -> Answer:
        """Return the sentences that may answer, and that they were not confirmed to."""
        nearest = cite_quotes(self.near[:NEAREST])
        lines = [
            phrases.RELATED[self.language],
            *(f"- “{' '.join(c.quote.split())}” [{c.number}]" for c in nearest),
        ]
        return Answer(text="\n".join(lines), status=Status.RELATED, nearest=nearest, **self._common(timings))

    def refuse(self, quotes: Sequence[Quote], timings: Timings) -> Answer:
        """Return the fixed refusal, naming pages that nobody could read and the nearest documents, and keeping the
        nearest sentences: those of `quotes` where nothing was read.
        """
        titles = list(dict.fromkeys(hit.chunk.title for hit in self.found.hits))[:3]
        said = [phrases.REFUSAL[self.language]]
        if self.unread:
            form = phrases.UNREAD_PAGE if self.unread == 1 else phrases.UNREAD
            said.append(form[self.language].format(count=self.unread))
        if titles:
            said.append(phrases.NEAREST[self.language].format(titles=", ".join(titles)))
        text = " ".join(said)
        return Answer(
            text=text,
            status=Status.NONE,
            nearest=cite_quotes((self.read or quotes)[:NEAREST]),
            **self._common(timings),
        )

    def _common(self, timings: Timings) -> dict[str, Any]:
        asked = self.asked or self.question
        understood = "" if asked == self.question else self.question
        unconfirmed, hits = tuple(self.unconfirmed), self.found.hits
        return {
            "question": asked,
            "understood": understood,
            "unconfirmed": unconfirmed,
            "hits": hits,
            "timings": timings,
            "model": self.model,
        }

    def _renumber(self) -> None:
        """Number the citations in the order of the sentences, and drop those that no sentence uses."""
        order = list(dict.fromkeys(n for s in self.sentences for n in s.citations))
        new = {old: i for i, old in enumerate(order, 1)}
        self.sentences = [replace(s, citations=tuple(new[n] for n in s.citations)) for s in self.sentences]
        self.citations = [replace(self.citations[old - 1], number=new[old]) for old in order]

    def _cite(self, passage: Passage, start: int, end: int) -> int:
        for known in self.citations:
            if (known.path, known.start, known.end) == (passage.chunk.path, start, end):
                return known.number
        number = len(self.citations) + 1
        self.citations.append(
            citation(number, passage, start, end, passage.text[start - passage.start : end - passage.start])
        )
        self.sources[number] = passage
        return number


def citation(number: int, passage: Passage, start: int, end: int, quote: str) -> Citation:
    """Return the citation of a span of a passage."""
    c = passage.chunk
    heading = " > ".join(part for part in (c.heading, c.caption) if part)
    return Citation(number, c.path, c.title, c.date, c.page, heading, start, end, quote, c.scanned)


def _is_title(sentence: str, quoted: str) -> bool:
    """True where a sentence stands in quotation marks in its source: the title of something, or somebody's
    words.
    """
    return re.search("[「『“‘《〈]" + re.escape(sentence.rstrip(".")), quoted) is not None


def _says_none(sentence: str) -> bool:
    return re.fullmatch(r"\W*(없음|NONE)\W*", sentence) is not None


def says(text: str, words: str) -> bool:
    """True where a text says the words that answer: their numbers, and SAID_SHARE of their content.

    >>> says("예산은 3억 원입니다.", "3억 원"), says("예산이 늘었습니다.", "3억 원")
    (True, False)
    """
    if not words or "".join(words.split()) in "".join(text.split()):
        return True
    if missing_numbers(numbers(words), numbers(text)):
        return False
    wanted = set(korean.content(korean.morphemes(words)))
    return len(wanted & set(korean.morphemes(text))) >= SAID_SHARE * len(wanted)
