"""Decide what a person sees: which quotes, which passages convince, when to refuse, how the answer is put together.

Pure but for Kiwi (`rag.korean`): it gets what retrieval found and what the model's looks gave, and returns values. Thresholds are kept beside each model's
entry, fitted by `python -m rag calibrate` (see `rag.calibration`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from rag import citing, conditions, korean, phrases, style, versions
from rag.calibration import Thresholds
from rag.conversation import with_particle
from rag.numbers import missing_numbers, numbers
from rag.prompting import language_of
from rag.reading import Look
from rag.retrieval import Found
from rag.types import Answer, Citation, Passage, Quote, Sentence, Timings

BARE_CHARS = 8  # an answer no longer than this is a bare figure or name, whatever it ends in (캐나다)
KIND = 0.15  # added to a sentence's score for holding a number of the kind that is asked for
SUREST = -13.0  # log P("없음") that no passage falls below; the least of 366 looks at real pages was -11.9
SATURATED = -9.0  # evidence from which a passage is no surer
QUOTE_WEIGHT = 4.0  # of a passage's best sentence against the evidence: of 1 to 8 all rank the same or better on real pages, see CHANGELOG
SURE_QUOTE = 0.65  # score of a sentence that makes a convincing passage a clear one
MAX_TRIES = 2  # passages answered from before the quote or a refusal takes over
N_NEAREST = 3  # quotes that a refusal offers
_QUESTION = re.compile(r"(나요|까요|습니까|인가요|는가|을까|은가요)[.?]?$|\?$")
_COMPLETE = re.compile(r"(다|요|까|죠|음|함|임)[.!?]?[”’\"')\]]*$|[a-z][.!?]$")
_ASKS_SEVERAL = re.compile(
    r"각각|각기|차이|비교|모두|[두세네]\s?가지|\d\s?가지|어떤 것들|\d\s?(곳|명|개|사람)은|\b(each|both|respectively|all|compare)\b", re.IGNORECASE
)
_LEADS = re.compile(r"(다음과\s?같|아래와\s?같|다음은)[^.]*[:.]?$")  # what announces a list and claims nothing itself
_BULLET = re.compile(r"^(\d{1,2}[.)]|[-*•·])\s+")
_PICTURE = re.compile(r"!\[[^\]]*\](\([^)]*\)|\[[^\]]*\])")  # what a document may order to be written, to be fetched by whoever shows it
_LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")
_POINTS = re.compile(r"(이|그|해당|동)\s?(회사|기업|업체|기관|단체|사람|제품|서비스|사업|나라|국가|도시|학교|병원|법|제도)")  # whose name stands elsewhere
_DATED = re.compile(r"(?<![방기문화수])법(률|령)?(?![가-힣])|시행령|시행규칙|조례|규정|통계|현황|동향|지수|잠정|확정")  # what is true as of a day


def best_quotes(found: Found, passages: Sequence[Passage], question: str = "") -> list[Quote]:
    """Rank the sentences of all passages for the question, best first; a sentence about another period or row stands behind."""
    quotes = []
    for passage in passages:
        for score, start, end in citing.rank_sentences(found.words, found.idf, passage.text, passage.chunk.context):
            text = passage.text[start:end]
            blended = 0.7 * score + 0.3 * passage.hit.score
            if question and not met(question, text, passage):
                blended -= 0.3
            elif question and conditions.expected_units(question) and conditions.answers_kind(question, text):
                blended += KIND
            quotes.append(Quote(passage, passage.start + start, passage.start + end, text, blended))
    quotes.sort(key=lambda quote: -quote.score)
    kept: list[Quote] = []
    for quote in quotes:
        if not any(q.text == quote.text for q in kept):
            kept.append(quote)
    return kept


def met(question: str, quoted: str, passage: Passage) -> bool:
    """True where a cited sentence or row is about the period, and the row, that the question names."""
    above = passage.chunk.context
    if conditions.unmet(question, quoted, f"{passage.chunk.title} {passage.chunk.heading} {passage.chunk.caption}"):
        return False
    rows = _rows(passage)
    return not (" | " in quoted and len(rows) > 1) or conditions.rows_met(question, quoted, rows, above)


def _rows(passage: Passage) -> list[str]:
    return [line for line in passage.text.split("\n") if " | " in line]


def cite_quotes(quotes: Sequence[Quote]) -> tuple[Citation, ...]:
    """Number quotes as citations."""
    return tuple(citation(number, q.passage, q.start, q.end, q.text) for number, q in enumerate(quotes, 1))


def worth_reading(found: Found) -> bool:
    """False when nothing was found that shares a word or a meaning with the question."""
    return bool(found.hits)


def price(passage: Passage, question: str, thresholds: Thresholds) -> float:
    """Return what a passage lacks of a question's conditions, 0 for nothing.

    Conditions are the question's names and numbers, the noun that is asked for, and a share of its words. What stands above a
    passage (title, headings, caption) counts as said in it.
    """
    source = f"{passage.chunk.context}\n{passage.text}"
    total = thresholds.missing * len(conditions.missing_conditions(question, source, passage.document))
    if language_of(question) == "ko":
        # a question in Korean and a passage that share no word that matters are about different things
        total += thresholds.uncovered * (passage.hit.coverage < thresholds.coverage)
        total += thresholds.focus * conditions.focus_missing(question, source)
    return total


def evidence(look: Look, question: str, thresholds: Thresholds) -> float:
    """Return how little a passage answers a question: log P("없음") plus the price of what it lacks."""
    return look.none + price(look.passage, question, thresholds)


def hopeless(passage: Passage, question: str, thresholds: Thresholds) -> bool:
    """True where a passage lacks so much that no reading of it could convince, and reading costs seconds."""
    return SUREST + price(passage, question, thresholds) >= thresholds.convincing


def in_order(passages: Sequence[Passage], quotes: Sequence[Quote]) -> list[Passage]:
    """Return passages in the order in which they are best read: those whose best sentence holds most of the question first."""
    return sorted(passages, key=lambda passage: -_best_score(quotes, passage))


def is_clear(look: Look, question: str, quotes: Sequence[Quote], thresholds: Thresholds) -> bool:
    """True when a passage is surely right: those behind it (`in_order`) need not be read, its quote may stand for what failed.

    Its evidence is strong, or it convinces and one of its sentences holds most of the question.
    """
    strength = evidence(look, question, thresholds)
    return strength < thresholds.clear or (strength < thresholds.convincing and _best_score(quotes, look.passage) >= SURE_QUOTE)


def convincing(looks: Sequence[Look], question: str, quotes: Sequence[Quote], thresholds: Thresholds) -> list[Look]:
    """Return the passages to answer from, best first; none means refusal.

    From SATURATED on the model is equally sure of all: then the passage whose best sentence holds more of the question goes first.
    """
    found = [(look, evidence(look, question, thresholds)) for look in looks]
    ranked = sorted(found, key=lambda item: max(SATURATED, item[1]) - QUOTE_WEIGHT * _best_score(quotes, item[0].passage))
    return [look for look, strength in ranked if strength < thresholds.convincing][:MAX_TRIES]


def _best_score(quotes: Sequence[Quote], passage: Passage) -> float:
    return max((quote.score for quote in quotes if quote.passage is passage), default=0.0)


@dataclass(slots=True)
class Draft:
    """An answer while it is put together. `question` is the completed one, `asked` what was typed, `part` what is being answered of it."""

    question: str
    language: str
    found: Found
    model: str
    thresholds: Thresholds
    asked: str = ""
    part: str = ""
    begun: int = 0  # sentences before this part
    sentences: list[Sentence] = field(default_factory=list)
    unconfirmed: list[Sentence] = field(default_factory=list)
    citations: list[Citation] = field(default_factory=list)
    sources: dict[int, Passage] = field(default_factory=dict)  # of each citation

    def __post_init__(self) -> None:
        self.part = self.part or self.question

    def turn_to(self, part: str) -> None:
        """Go on to another part of the question."""
        self.part, self.begun = part, len(self.sentences)

    def said(self) -> str:
        """What was confirmed so far, as one text."""
        return " ".join(s.text for s in self.sentences)

    def missing(self) -> None:
        """Say that the documents do not answer this part of the question."""
        if len(self.sentences) == self.begun:
            self.sentences.append(Sentence(phrases.NO_PART[self.language].format(part=self.part), False))

    def add(self, text: str, passage: Passage) -> bool:
        """Check what the model wrote from a passage, sentence by sentence. Returns whether anything was confirmed."""
        confirmed = False
        text = _LINK.sub(r"\1", _PICTURE.sub("", text)).replace("**", "")
        for start, end in korean.sentences(text):
            sentence, _ = citing.strip_markers(_BULLET.sub("", text[start:end]), 1)
            if not sentence or _says_none(sentence) or _LEADS.search(sentence):
                continue
            if self.language == "ko":
                sentence = style.spaced(style.in_hangul(sentence, passage.text), passage.text)
            if _QUESTION.search(sentence):
                sentence = style.stated(sentence) or sentence
            confirmed |= self._judge(sentence, passage)
        return confirmed

    def _judge(self, sentence: str, passage: Passage) -> bool:
        support = self._check(sentence, passage)
        quoted = passage.text[slice(*support.spans[0])] if support.spans else ""
        if not support.supported or citing.echoes(sentence, self.part) or _QUESTION.search(sentence):
            self.unconfirmed.append(Sentence(sentence, False, (), support.why or sentence))
            return False
        if self._astray(sentence, passage) or not any(met(self.part, passage.text[a:b], passage) for a, b in support.spans):
            self.unconfirmed.append(Sentence(sentence, False, (), quoted))
            return False
        if any(citing.same_claim(sentence, s.text) for s in self.sentences):
            return True
        if self._partial(sentence, quoted):
            self.unconfirmed.append(Sentence(sentence, False, (), sentence))
            self.sentences.append(self._quote(passage, *support.spans[0]))
            return True
        if not self._true_to_row(sentence, quoted, passage):
            self.unconfirmed.append(Sentence(sentence, False, (), quoted))
            self.sentences.append(self._quote(passage, *support.spans[0]))  # with its name, which neither question nor sentence says
            return True
        if self.language != language_of(sentence):  # an English question about a Korean source: its own words, which were checked
            self.sentences.append(self._quote(passage, *support.spans[0]))
            return True
        if len(sentence) > BARE_CHARS and _COMPLETE.search(sentence) and not _is_title(sentence, quoted):
            self.sentences.append(Sentence(style.polite(sentence) if self.language == "ko" else sentence, True, self._cite_all(support, passage)))
            return True
        whole, ended = (style.completed(sentence, self.part), style.ended(sentence)) if self.language == "ko" else ("", sentence)
        if whole and (held := self._check(whole, passage)).supported:
            self.sentences.append(Sentence(whole, True, self._cite_all(held, passage)))
        else:
            # a name or a figure leads, its sentence follows; of a longer fragment the sentence holds the words
            if len(sentence) <= BARE_CHARS:
                said = ended if self._check(ended, passage).supported else sentence
                self.sentences.append(Sentence(said, True, self._cite_all(support, passage)))
            self.sentences.append(self._quote(passage, *support.spans[0]))
        return True

    def _astray(self, sentence: str, passage: Passage) -> bool:
        """True where a sentence says "this company" and its document names nobody of the question, who would be taken for it."""
        names = korean.proper_nouns(self.question) if _POINTS.match(sentence) else set()
        there = korean.normalise(f"{passage.chunk.context}\n{passage.document or passage.text}")
        return bool(names) and not any(name in there for name in names)

    def _true_to_row(self, sentence: str, quoted: str, passage: Passage) -> bool:
        """True unless a row of a table is cited for what is said of no row by name."""
        rows = _rows(passage)
        return " | " not in quoted or "\n" in quoted or len(rows) < 2 or conditions.row_is_named(f"{self.part} {sentence}", quoted, rows)

    def _check(self, sentence: str, passage: Passage) -> citing.Support:
        return citing.check(sentence, passage.text, passage.chunk.context, self.part)

    def _cite_all(self, support: citing.Support, passage: Passage) -> tuple[int, ...]:
        return tuple(self._cite(passage, passage.start + start, passage.start + end) for start, end in support.spans)

    def quote(self, passage: Passage, start: int, end: int, named: str) -> None:
        """Add a sentence of a source as it stands, as an item of a list, behind the name of its document where that is given."""
        number = self._cite(passage, start, end)
        words = passage.text[start - passage.start : end - passage.start]
        self.sentences.append(Sentence("- " + (f"{named}: {words}" if named else words), True, (number,)))

    def _quote(self, passage: Passage, start: int, end: int) -> Sentence:
        """The source's own words, as a sentence of the answer."""
        number = self._cite(passage, passage.start + start, passage.start + end)
        return Sentence(phrases.QUOTED[self.language].format(quote=passage.text[start:end]), True, (number,))

    def _partial(self, sentence: str, quote: str) -> bool:
        """True where several things were asked for and the sentence holds too few of the source's: the source's own words are better."""
        if not _ASKS_SEVERAL.search(self.part):
            return False
        return bool(missing_numbers(numbers(quote), numbers(sentence))) or not citing.same_claim(quote, sentence, 0.85, of_first=True)

    def fall_back(self, looks: Sequence[Look], quotes: Sequence[Quote]) -> None:
        """Without a confirmed sentence, give the best quote, where the evidence is strong."""
        if len(self.sentences) > self.begun:
            return
        sure = [look for look in convincing(looks, self.part, quotes, self.thresholds) if is_clear(look, self.part, quotes, self.thresholds)]
        own = [[q for q in quotes if q.passage is look.passage and not _is_above(q)] for look in sure]
        if self.language == "en":  # its words cannot rank Korean sentences: prefer those that hold its names
            own = [[q for q in qs if self._names(q) and self._answers(q)] or [q for q in qs if self._answers(q)] for qs in own]
        quote = next((qs[0] for qs in own if qs and self._answers(qs[0])), None)
        if quote is not None:
            self.sentences.append(self._quote(quote.passage, quote.start - quote.passage.start, quote.end - quote.passage.start))

    def _answers(self, quote: Quote) -> bool:
        return met(self.part, quote.text, quote.passage) and conditions.answers_kind(self.part, quote.text)

    def _names(self, quote: Quote) -> bool:
        return not conditions.missing_conditions(self.part, f"{quote.passage.chunk.context}\n{quote.text}")

    def correct(self, name: str, anchor: str, quotes: Sequence[Quote]) -> None:
        """Say first that a name of the question stands in no source, with the sentence that names who or what it should be."""
        holding = [q for q in quotes if anchor in korean.normalise(q.text)]
        if not holding:
            return
        quote = max(holding, key=lambda q: (conditions.ties_another(q.text, anchor), q.score))
        number = self._cite(quote.passage, quote.start, quote.end)
        particle = with_particle(name, "은")[len(name) :]
        text = phrases.PREMISE[self.language].format(name=name, particle=particle, quote=quote.text)
        again = phrases.QUOTED[self.language].format(quote=quote.text)
        self.sentences = [Sentence(text, True, (number,)), *(s for s in self.sentences if s.text != again)]

    def compare(self, passages: Iterable[Passage]) -> None:
        """Where another document gives another value for what is cited, give all, the newest first."""
        passages = list(passages)
        for first in list(self.citations):
            found = versions.others(first.quote, self.sources[first.number], passages)
            if not found:
                continue
            numbers_ = [first.number, *(self._cite(v.passage, v.start, v.end) for v in found)]
            dated = sorted((self.citations[n - 1] for n in numbers_), key=lambda c: c.date, reverse=True)
            lead = phrases.VERSIONS[self.language] + "\n"
            rest = [s for s in self.sentences if first.number not in s.citations]  # what is said of other things stays
            said = [phrases.VERSION[self.language].format(title=c.title, date=c.date, quote=c.quote) for c in dated]
            items = [Sentence(f"{'' if i else lead}- {words}", True, (c.number,)) for i, (c, words) in enumerate(zip(dated, said, strict=True))]
            self.sentences = [*items, *rest]
            return
        last = self.citations[-1] if self.citations else None
        if last and last.date and _DATED.search(f"{last.title} {last.heading}") and self.sentences:
            end = self.sentences[-1]
            self.sentences[-1] = replace(end, text=f"{end.text} {phrases.AS_OF[self.language].format(date=last.date)}")

    def finish(self, quotes: Sequence[Quote], timings: Timings) -> Answer:
        """Return the answer, or a refusal where no sentence was confirmed."""
        if not any(s.citations for s in self.sentences):
            return self.refuse(quotes, timings)
        self._renumber()
        separator = "\n" if any(s.text.startswith("- ") for s in self.sentences) else " "
        text = separator.join(s.text + "".join(f" [{n}]" for n in s.citations) for s in self.sentences)
        return Answer(text=text, refused=False, sentences=tuple(self.sentences), citations=tuple(self.citations), **self._common(timings))

    def refuse(self, quotes: Sequence[Quote], timings: Timings) -> Answer:
        """Return the fixed refusal, naming the nearest documents and keeping the nearest sentences."""
        titles = list(dict.fromkeys(hit.chunk.title for hit in self.found.hits))[:3]
        text = phrases.REFUSAL[self.language] + (" " + phrases.NEAREST[self.language].format(titles=", ".join(titles)) if titles else "")
        return Answer(text=text, refused=True, nearest=cite_quotes(quotes[:N_NEAREST]), **self._common(timings))

    def _common(self, timings: Timings) -> dict[str, Any]:
        asked = self.asked or self.question
        understood = "" if asked == self.question else self.question
        unconfirmed, hits = tuple(self.unconfirmed), self.found.hits
        return {"question": asked, "understood": understood, "unconfirmed": unconfirmed, "hits": hits, "timings": timings, "model": self.model}

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
        self.citations.append(citation(number, passage, start, end, passage.text[start - passage.start : end - passage.start]))
        self.sources[number] = passage
        return number


def citation(number: int, passage: Passage, start: int, end: int, quote: str) -> Citation:
    """Return the citation of a span of a passage."""
    c = passage.chunk
    heading = " > ".join(part for part in (c.heading, c.caption) if part)
    return Citation(number, c.path, c.title, c.date, c.page, heading, start, end, quote)


def _is_above(quote: Quote) -> bool:
    """True for a caption or heading, which names what is asked for and does not tell it."""
    chunk = quote.passage.chunk
    return korean.normalise(quote.text) in {korean.normalise(above) for above in (chunk.caption, chunk.title, *chunk.heading.split(" > "))}


def _is_title(sentence: str, quoted: str) -> bool:
    """True where a sentence stands in quotation marks in its source: the title of something, or somebody's words."""
    return re.search("[「『“‘《〈]" + re.escape(sentence.rstrip(".")), quoted) is not None


def _says_none(sentence: str) -> bool:
    return re.fullmatch(r"\W*(없음|NONE)\W*", sentence) is not None
