"""Put an answer together: verdicts on what was written become sentences with citations, near misses are shown
as such, the rest is refused.

Pure but for Kiwi (`rag.text.korean`): it gets what retrieval found, what the evidence model made of it
(`rag.answer.reader`) and what became of the sentences that the chat model wrote (`rag.answer.review`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby

from rag.answer import checker, discrepancies, phrases
from rag.answer.reader import NEAREST, Decision
from rag.answer.verdict import Confirmed, Quoted, Rejected, Reviewed, Span
from rag.question import premises
from rag.question.question import Question
from rag.search.retriever import SearchResult
from rag.text import korean
from rag.text.items import mark_of
from rag.text.particles import with_particle
from rag.text.vocabulary import alternatives, vocabulary
from rag.types import Answer, Citation, Passage, Quote, Sentence, Status, Timings

EXCERPT_CHARS = (
    300  # of the sentences that the chat model is shown, up to which the one before them is shown, too
)
_ITEM = re.compile(r"^- ", re.MULTILINE)  # of a list, perhaps behind its lead
_TIME_BOUND = re.compile(
    r"(?<![방기문화수])법(률|령)?(?![가-힣])|" + alternatives(vocabulary(__file__)["dated"].words())
)  # what is true as of a day


@dataclass(frozen=True, slots=True)
class PartResult:
    """What became of one part of a question.

    Attributes:
        part: itself a question. decision: on what was read for it.
        excerpt: what the chat model was shown, None where nothing is claimed. reviewed: what it wrote.
    """

    part: Question
    decision: Decision
    excerpt: Passage | None = None
    reviewed: tuple[Reviewed, ...] = ()


@dataclass(frozen=True, slots=True)
class Premise:
    """A name of the question that no source holds, and the one beside which the sources name another."""

    name: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Material:
    """What an answer is made of.

    Attributes:
        question: as it was understood. search_result, passages: what retrieval found, and its passages.
        quotes: their best sentences by words. results: of each part of the question, in order.
        premise: what the question takes for granted and the sources do not say.
        unread: pages of the documents asked that are pictures, which nobody has read.
        timings, model: of the answer.
    """

    question: Question
    search_result: SearchResult = field(default_factory=lambda: SearchResult((), (), {}))
    passages: Sequence[Passage] = ()
    quotes: Sequence[Quote] = ()
    results: Sequence[PartResult] = ()
    premise: Premise | None = None
    unread: int = 0
    timings: Timings = field(default_factory=Timings)
    model: str = ""


def compose(material: Material) -> Answer:
    """Return the answer: claimed where a sentence was confirmed, else what may answer, else a refusal."""
    draft = _Draft(material.question.language)
    for result in material.results:
        draft.tell(result)
        if len(material.question.parts) > 1:
            draft.name_what_is_missing(result)
    draft.compare(material.passages)
    if material.premise:
        draft.correct(material.premise, material.quotes)
    if any(s.citations for s in draft.sentences):
        return _claim(draft, material)
    nearest = [
        quote
        for result in material.results
        if result.decision.status is Status.RELATED
        for quote in result.decision.ranked[:NEAREST]
    ]
    return _related_passages(draft, nearest, material) if nearest else _refusal(draft, material)


def confirmed_text(results: Sequence[PartResult], language: str) -> str:
    """Return what was confirmed of some parts of a question, as one text: what stands on the page while the
    next is written.
    """
    draft = _Draft(language)
    for part in results:
        draft.tell(part)
    return " ".join(s.text for s in draft.sentences)


def quoting(
    question: Question, spans: Sequence[tuple[Passage, str]], timings: Timings, unread: int = 0
) -> Answer:
    """Return an answer of spans of documents, word for word.

    Args:
        spans: each as a passage, with the name of its document, "" for none. unread: see `Material`.
    """
    draft = _Draft(question.language)
    for passage, name in spans:
        number = draft.cite(passage, passage.start, passage.end)
        text = f"- {name}: {passage.text}" if name else f"- {passage.text}"
        draft.sentences.append(Sentence(text, True, (number,)))
    material = Material(question, timings=timings, unread=unread)
    return _claim(draft, material) if draft.sentences else _refusal(draft, material)


def stating(question: Question, text: str, rows: Sequence[Passage], cells: Sequence[Span]) -> Answer:
    """Return an answer that states what was computed from cells of a document's tables, and cites their
    rows.
    """
    draft = _Draft(question.language)
    numbers = tuple(draft.cite(row, row.start, row.end) for row in rows)
    draft.citations = [
        replace(c, cells=tuple((a, b) for a, b in cells if c.start <= a and b <= c.end))
        for c in draft.citations
    ]
    draft.sentences.append(Sentence(text, True, numbers))
    return _claim(draft, Material(question))


def best_quotes(search_result: SearchResult, passages: Sequence[Passage]) -> list[Quote]:
    """Rank the sentences of all passages by the question's words, best first: what is shown before anything
    was read.
    """
    quotes = []
    for passage in passages:
        for score, start, end in checker.rank_sentences(
            search_result.words, search_result.idf, passage.text, passage.chunk.context
        ):
            blended = 0.7 * score + 0.3 * passage.hit.score
            quotes.append(
                Quote(passage, passage.start + start, passage.start + end, passage.text[start:end], blended)
            )
    quotes.sort(key=lambda quote: -quote.score)
    unique: list[Quote] = []
    for quote in quotes:
        if not any(q.text == quote.text for q in unique):
            unique.append(quote)
    return unique


def excerpt(quotes: Sequence[Quote]) -> Passage:
    """Return what the chat model is shown of a passage: from the first of the sentences that answer to the
    last, and what stands before them.
    """
    passage = quotes[0].passage
    start, end = quotes[0].start, quotes[-1].end
    before = [a for a, _ in korean.sentences(passage.text) if passage.start + a < start]
    if before and end - (passage.start + before[-1]) <= EXCERPT_CHARS:
        start = passage.start + before[-1]
    return replace(
        passage, start=start, end=end, text=passage.text[start - passage.start : end - passage.start]
    )


def _markdown(sentences: Sequence[Sentence]) -> str:
    """Return sentences with the numbers of their citations as Markdown: items of lists on lines of their own,
    and an empty line before what follows a list, which would belong to its last item.
    """
    text = ""
    listed = any(_ITEM.search(sentence.text) for sentence in sentences)
    for before, sentence in zip((None, *sentences), sentences, strict=False):
        after_item = before is not None and _ITEM.search(before.text) and not sentence.text.startswith("- ")
        text += ("\n\n" if after_item else "\n" if listed else " ") if before else ""
        text += sentence.text + "".join(f" [{number}]" for number in sentence.citations)
    return text


def cite_quotes(quotes: Sequence[Quote]) -> tuple[Citation, ...]:
    """Number quotes as citations."""
    return tuple(citation(number, q.passage, q.start, q.end, q.text) for number, q in enumerate(quotes, 1))


def _says_in_part(quotes: Sequence[Quote], reviewed: Sequence[Reviewed], excerpt: Passage) -> bool:
    """True where what stands cites some items of a list that was chosen, and not all."""
    items = [quote for quote in quotes if mark_of(quote.text)]
    cited = [
        (excerpt.start + start, excerpt.start + end)
        for each in reviewed
        for verdict in each.verdicts
        if not isinstance(verdict, Rejected)
        for start, end in (verdict.spans if isinstance(verdict, Confirmed) else (verdict.span,))
    ]
    is_cited = [any(start < item.end and item.start < end for start, end in cited) for item in items]
    return len(items) > 1 and any(is_cited) and not all(is_cited)


@dataclass(slots=True)
class _Draft:
    """Sentences and their citations while an answer is composed.

    Attributes:
        sources: the passage of each citation. unclaimed: sentences that only show what may answer a part.
        quotes: sentences that only quote, with the source's words in quotation marks.
    """

    language: str
    sentences: list[Sentence] = field(default_factory=list)
    unconfirmed: list[Sentence] = field(default_factory=list)
    citations: list[Citation] = field(default_factory=list)
    sources: dict[int, Passage] = field(default_factory=dict)
    unclaimed: dict[str, Quote] = field(default_factory=dict)
    quotes: dict[str, str] = field(default_factory=dict)

    def tell(self, result: PartResult) -> None:
        """Add what was confirmed of a part, and the source's own words for those of the chosen sentences
        that nothing of it cites. Of a list that was not said whole nothing but its own words: one item of
        three would pass for all.
        """
        if result.excerpt is None:
            return
        in_part = _says_in_part(result.decision.chosen, result.reviewed, result.excerpt)
        for reviewed in result.reviewed:
            if in_part and reviewed.is_accepted:
                continue
            if reviewed.is_accepted and any(
                checker.same_claim(reviewed.sentence, s.text) for s in self.sentences
            ):
                continue
            self._add(reviewed, result.excerpt)
        cited = [(c.path, c.start, c.end) for c in self.citations]
        for quote in result.decision.chosen:
            path = quote.passage.chunk.path
            if not any(p == path and a < quote.end and quote.start < b for p, a, b in cited):
                offset = quote.passage.start
                self._quote(quote.passage, (quote.start - offset, quote.end - offset))

    def _add(self, reviewed: Reviewed, excerpt: Passage) -> None:
        for verdict in reviewed.verdicts:
            match verdict:
                case Confirmed(spans, text):
                    numbers = tuple(
                        self.cite(excerpt, excerpt.start + a, excerpt.start + b) for a, b in spans
                    )
                    self.sentences.append(Sentence(text or reviewed.sentence, True, numbers))
                case Quoted(span):
                    self._quote(excerpt, span)
                case Rejected(_, word):
                    self.unconfirmed.append(Sentence(reviewed.sentence, False, (), word))

    def _quote(self, passage: Passage, span: Span) -> None:
        number = self.cite(passage, passage.start + span[0], passage.start + span[1])
        words = f"“{passage.text[slice(*span)]}”"
        text = f"{phrases.QUOTED[self.language]} {words}"
        self.quotes[text] = words
        self.sentences.append(Sentence(text, True, (number,)))

    def name_what_is_missing(self, result: PartResult) -> None:
        """Say of a part without an answer that the documents have none, or what may be it."""
        if result.decision.status is Status.ANSWERED:
            return
        quote = result.decision.ranked[0] if result.decision.status is Status.RELATED else None
        form = phrases.RELATED_PART if quote else phrases.NO_PART
        words = " ".join(quote.text.split()) if quote else ""
        text = form[self.language].format(part=result.part.text, quote=words)
        self.sentences.append(Sentence(text, False))
        if quote:
            self.unclaimed[text] = quote

    def correct(self, premise: Premise, quotes: Sequence[Quote]) -> None:
        """Say first that a name of the question stands in no source, with the sentence that names who or
        what it should be.
        """
        holding = [q for q in quotes if premise.anchor in korean.normalise(q.text)]
        if not holding:
            return
        quote = max(holding, key=lambda q: (premises.ties_another(q.text, premise.anchor), q.score))
        number = self.cite(quote.passage, quote.start, quote.end)
        particle = with_particle(premise.name, "은")[len(premise.name) :]
        text = phrases.PREMISE[self.language].format(name=premise.name, particle=particle, quote=quote.text)
        again = f"“{quote.text}”"
        rest = [s for s in self.sentences if self.quotes.get(s.text) != again]
        self.sentences = [Sentence(text, True, (number,)), *rest]

    def compare(self, passages: Iterable[Passage]) -> None:
        """Where another document gives another value for what is cited, give all, the newest first."""
        passages = list(passages)
        for first in list(self.citations):
            versions = discrepancies.other_versions(first.quote, self.sources[first.number], passages)
            if not versions:
                continue
            numbers = [first.number, *(self.cite(v.passage, v.start, v.end) for v in versions)]
            by_date = sorted((self.citations[n - 1] for n in numbers), key=lambda c: c.date, reverse=True)
            lead = phrases.VERSIONS[self.language] + "\n"
            rest = [
                s for s in self.sentences if first.number not in s.citations
            ]  # what is said of other things stays
            texts = [
                phrases.VERSION[self.language].format(title=c.title, date=c.date, quote=c.quote)
                for c in by_date
            ]
            items = [
                Sentence(f"{'' if i else lead}- {words}", True, (c.number,))
                for i, (c, words) in enumerate(zip(by_date, texts, strict=True))
            ]
            self.sentences = [*items, *rest]
            return
        last = self.citations[-1] if self.citations else None
        end = self.sentences[-1] if self.sentences else None
        if (
            last
            and last.date
            and _TIME_BOUND.search(f"{last.title} {last.heading}")
            and end
            and end.supported
        ):
            dated_as_of = phrases.AS_OF[self.language].format(date=last.date)
            self.sentences[-1] = replace(end, text=f"{end.text} {dated_as_of}")
            if end.text in self.quotes:
                self.quotes[self.sentences[-1].text] = f"{self.quotes[end.text]} {dated_as_of}"

    def cite(self, passage: Passage, start: int, end: int) -> int:
        """Return the number of the citation of a span of a document, a new one where it has none."""
        for existing in self.citations:
            if (existing.path, existing.start, existing.end) == (passage.chunk.path, start, end):
                return existing.number
        number = len(self.citations) + 1
        self.citations.append(
            citation(number, passage, start, end, passage.text[start - passage.start : end - passage.start])
        )
        self.sources[number] = passage
        return number

    def settle(self) -> None:
        """Cite what only shows what may answer, list quotes that follow each other, number the citations in
        the order of the sentences, and drop those that no sentence uses.
        """
        for i, sentence in enumerate(self.sentences):
            if quote := self.unclaimed.get(sentence.text):
                number = self.cite(quote.passage, quote.start, quote.end)
                self.sentences[i] = replace(sentence, citations=(number,))
        self._list_quotes()
        order = list(dict.fromkeys(n for s in self.sentences for n in s.citations))
        new = {old: i for i, old in enumerate(order, 1)}
        self.sentences = [replace(s, citations=tuple(new[n] for n in s.citations)) for s in self.sentences]
        self.citations = [replace(self.citations[old - 1], number=new[old]) for old in order]

    def _list_quotes(self) -> None:
        """Say once that the document says what follows, where it is more than one quote."""
        start = 0
        for only_quotes, run in groupby(self.sentences[:], key=lambda s: s.text in self.quotes):
            several = list(run)
            if only_quotes and len(several) > 1:
                lead = f"{phrases.QUOTED[self.language]}\n"
                self.sentences[start : start + len(several)] = [
                    replace(sentence, text=f"{'' if i else lead}- {self.quotes[sentence.text]}")
                    for i, sentence in enumerate(several)
                ]
            start += len(several)


def _claim(draft: _Draft, material: Material) -> Answer:
    draft.settle()
    text = _markdown(draft.sentences)
    return replace(
        _answer(text, Status.ANSWERED, draft, material),
        sentences=tuple(draft.sentences),
        citations=tuple(draft.citations),
    )


def _related_passages(draft: _Draft, nearest: Sequence[Quote], material: Material) -> Answer:
    """Return the sentences that may answer, and that they were not confirmed to."""
    cited = cite_quotes(list(dict.fromkeys(nearest))[:NEAREST])
    lines = [
        phrases.RELATED[draft.language],
        *(f"- “{' '.join(c.quote.split())}” [{c.number}]" for c in cited),
    ]
    return replace(_answer("\n".join(lines), Status.RELATED, draft, material), nearest=cited)


def _refusal(draft: _Draft, material: Material) -> Answer:
    """Return the fixed refusal, naming pages that nobody could read and the nearest documents, and keeping
    the nearest sentences: those by words where nothing was read.
    """
    titles = list(dict.fromkeys(hit.chunk.title for hit in material.search_result.hits))[:3]
    parts = [phrases.REFUSAL[draft.language]]
    if material.unread:
        form = phrases.UNREAD_PAGE if material.unread == 1 else phrases.UNREAD
        parts.append(form[draft.language].format(count=material.unread))
    if titles:
        parts.append(phrases.NEAREST[draft.language].format(titles=", ".join(titles)))
    read_quotes = [quote for result in material.results for quote in result.decision.ranked[:NEAREST]]
    nearest = cite_quotes((read_quotes or list(material.quotes))[:NEAREST])
    return replace(_answer(" ".join(parts), Status.NONE, draft, material), nearest=nearest)


def _answer(text: str, status: Status, draft: _Draft, material: Material) -> Answer:
    question = material.question
    return Answer(
        question=question.original_text,
        text=text,
        status=status,
        understood="" if question.original_text == question.text else question.text,
        unconfirmed=tuple(draft.unconfirmed),
        hits=material.search_result.hits,
        timings=material.timings,
        model=material.model,
    )


def citation(number: int, passage: Passage, start: int, end: int, quote: str) -> Citation:
    """Return the citation of a span of a passage."""
    c = passage.chunk
    heading = " > ".join(part for part in (c.heading, c.caption) if part)
    place = (c.path, c.title, c.date, c.page, heading)
    return Citation(number, *place, start, end, quote, c.scanned, page_label=c.page_label)
