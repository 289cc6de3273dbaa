"""The way of one question: find passages, read them, decide, let the model say it, check that, put it
together.

    asked ─▶ about whole documents? ─▶ search ─▶ for each part of the question:
             (`whole_documents`)                 read ─▶ decide ─▶ write ─▶ check
                                                              └─▶ the cell of a row (`cells`)

Each step is a module of its own; here stands their order alone.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from rag.answer import cells, compose, reader, table_answers, whole_documents
from rag.answer import rows as read_rows
from rag.answer.compose import Material, PartResult, Premise
from rag.answer.computing import Computed
from rag.answer.reader import Decision, Evidence, EvidenceReader
from rag.answer.review import review
from rag.answer.rows import ReadRow
from rag.answer.writing import Counts, Writer
from rag.config import Settings
from rag.ingest.library import Library
from rag.library import passages
from rag.model import prompting
from rag.model.chat import LlamaChat
from rag.model.engine import Cancelled
from rag.model.served import ServedChat
from rag.model.turn import Turn
from rag.question import premises
from rag.question.question import Question
from rag.search import retriever
from rag.search.retriever import HybridRetriever, SearchResult
from rag.text import korean
from rag.types import (
    Done,
    Event,
    Passage,
    QuotesFound,
    Reading,
    Status,
    Timings,
    Token,
    Waiting,
    seconds_since,
)

N_QUOTES = 3


@dataclass(frozen=True, slots=True)
class Tools:
    """What answering needs."""

    settings: Settings
    library: Library
    retriever: HybridRetriever
    reader: EvidenceReader
    chat: LlamaChat | ServedChat

    def search(
        self, question: Question, documents: Sequence[str] | None
    ) -> tuple[SearchResult, list[Passage]]:
        """Find what a question may be answered from."""
        self.library.catch_up()
        search_result = self.retriever.find(
            question, max(self.settings.top_k, self.settings.read_k), documents
        )
        return search_result, passages.of_hits(self.library.catalogue, search_result.hits)

    def passages_for_part(
        self, part: Question, question: Question, search_result: SearchResult, candidates: Sequence[Passage]
    ) -> Sequence[Passage]:
        """Return the passages that are read for a part of a question, mostly itself."""
        if part is not question:
            candidates = passages.of_hits(
                self.library.catalogue, retriever.focus_on(search_result, part).hits
            )
        return candidates[: self.settings.read_k]

    def likely_passages(self, question: Question, documents: Sequence[str] | None) -> list[Passage]:
        """Return the passages that are read for a question, each once."""
        search_result, candidates = self.search(question, documents)
        all_passages = [
            p
            for part in question.parts
            for p in self.passages_for_part(part, question, search_result, candidates)
        ]
        return list({(p.chunk.id, p.start): p for p in all_passages}.values())


class Answering:
    """Answers one question.

    Args:
        documents: paths to answer from, None for all. cancelled: looked at between pieces of work. easy: ask
            the model for plain words; what does not stand the check gives way to the usual answer.
    """

    def __init__(
        self,
        tools: Tools,
        question: Question,
        documents: Sequence[str] | None,
        cancelled: Callable[[], bool],
        easy: bool,
    ) -> None:
        self._tools, self._question, self._documents = tools, question, documents
        self._cancelled, self._easy = cancelled, easy
        self._start = time.perf_counter()
        self._counts: list[Counts] = []
        self._stated: tuple[Computed, int] | None = None  # by a table's cells, for the whole question

    def events(self) -> Iterator[Event]:
        """Answer as events; see `rag.types`. Raises BusyError, Cancelled, ClosedError, ModelError."""
        question, tools = self._question, self._tools
        if question.asks_source:
            yield Done(whole_documents.sources_again(question, self._start))
            return
        if answer := whole_documents.of_whole_documents(
            tools.library, question, self._documents, self._start
        ):
            yield Done(answer)
            return
        search_result, candidates = tools.search(question, self._documents)
        retrieved = seconds_since(self._start)
        if answer := table_answers.from_tables(tools.library.catalogue, question, candidates):
            since = seconds_since(self._start)
            timings = Timings(retrieve_s=retrieved, first_quote_s=since, total_s=since)
            yield Done(replace(answer, hits=search_result.hits, timings=timings))
            return
        premise = premises.false_premise(
            question, [f"{p.chunk.context}\n{p.text}" for p in candidates], tools.retriever.knows
        )
        if premise:  # found by the person that it names; the wrong name would only mislead the rest
            question = question.without(premise[0])
        quotes = compose.best_quotes(search_result, candidates)
        timings = Timings(retrieve_s=seconds_since(self._start))
        if quotes:
            timings = replace(timings, first_quote_s=seconds_since(self._start))
            yield QuotesFound(compose.cite_quotes(quotes[:N_QUOTES]))
        results: list[PartResult] = []
        if candidates:
            turn = tools.chat.turn()
            yield from line_up(turn, tools.settings.queue_size, self._cancelled)
            try:
                for part in question.parts:
                    passages_read = tools.passages_for_part(part, question, search_result, candidates)
                    for event in self._part(part, passages_read, results):
                        if timings.first_token_s is None and isinstance(event, Token):
                            timings = replace(timings, first_token_s=seconds_since(self._start))
                        yield event
            finally:
                turn.give_back()
        if self._stated:
            answer = table_answers.answer(tools.library.catalogue, question, *self._stated)
            timings = replace(timings, total_s=seconds_since(self._start))
            yield Done(replace(answer, hits=search_result.hits, timings=timings))
            return
        tokens = {
            f"{name}_tokens": sum(getattr(count, name) for count in self._counts)
            for name in ("prompt", "reused", "generated")
        }
        material = Material(
            question,
            search_result,
            candidates,
            quotes,
            results,
            Premise(*premise) if premise else None,
            tools.library.catalogue.unread_pages(self._documents),
            model=tools.chat.model_name,
        )
        answer = compose.compose(material)
        yield Done(replace(answer, timings=replace(timings, total_s=seconds_since(self._start), **tokens)))

    def _part(
        self, part: Question, candidates: Sequence[Passage], results: list[PartResult]
    ) -> Iterator[Event]:
        """Answer one part of the question: read each passage, decide, say what answers and check that. Adds
        what became of it to `results`.
        """
        evidence: list[Evidence] = []
        yield Reading(0, len(candidates))
        rows = read_rows.rows_of(self._tools.library.catalogue, candidates)
        spans = [read_rows.spans_of(*each) for each in zip(candidates, rows, strict=True)]
        with contextlib.closing(self._tools.reader.read(part, candidates, spans)) as reading:
            for evidence_item in reading:
                evidence.append(evidence_item)
                yield Reading(len(evidence), len(candidates))
                if self._cancelled():
                    raise Cancelled
        decision = self._decide(part, evidence, rows)
        if self._stated:
            return
        if decision.status is not Status.NONE:
            yield QuotesFound(compose.cite_quotes(decision.ranked[:N_QUOTES]))
        excerpt, reviewed = None, []
        if decision.status is Status.ANSWERED:
            excerpt = compose.excerpt(decision.chosen)
            text_before = (
                f"{confirmed} " if (confirmed := compose.confirmed_text(results, part.language)) else ""
            )
            for mode in ("easy", "reading") if self._easy else ("reading",):
                text = ""
                for piece in self._write(mode, part, excerpt):
                    text += piece
                    yield Token(text_before + text)
                new = review(text, excerpt, part, decision.words)
                reviewed += new
                if any(sentence.is_accepted for sentence in new):
                    break
        results.append(PartResult(part, decision, excerpt, tuple(reviewed)))

    def _decide(
        self, part: Question, evidence: Sequence[Evidence], rows: Sequence[Sequence[ReadRow]]
    ) -> Decision:
        """Decide what may be said of a part; where a row of a table answers the whole question, by its cells
        (`self._stated`).
        """
        decision = reader.decide(evidence, reader.calibration())
        if decision.status is not Status.ANSWERED:
            return decision
        best = decision.ranked[0]
        if part is self._question:
            cell = cells.look(part, best, evidence, rows, self._tools.reader.similarity)
            self._stated = (cell.computed, cell.document) if cell.computed else None
            if cell.lacks_computation:
                return replace(decision, status=Status.RELATED)
        chosen = tuple(read_rows.of_the_named(part, decision.chosen, rows))
        return replace(decision, chosen=chosen, words=decision.words if best in chosen else "")

    def _write(self, mode: str, part: Question, excerpt: Passage) -> Iterator[str]:
        """Let the model say the chosen sentences, in their own language, so that what it says of them can be
        checked word by word.
        """
        language = korean.language_of(excerpt.text)
        prompt = prompting.load_prompt(self._tools.settings.prompts, mode, language)
        writer = Writer(self._tools.chat, prompt, part.text, self._cancelled)
        self._counts.append(writer.counts)
        return writer.answer(excerpt)


def line_up(turn: Turn, queue_size: int, cancelled: Callable[[], bool]) -> Iterator[Waiting]:
    """Wait for the model's turn, telling the place in the line. Raises BusyError, Cancelled, ClosedError."""
    ticket = turn.line_up(queue_size)
    try:
        while not turn.take(ticket, 0.3):
            if cancelled():
                raise Cancelled
            yield Waiting(turn.place(ticket))
    except BaseException:  # also a stream that nobody takes up again
        turn.leave(ticket)
        raise
