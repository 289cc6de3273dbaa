"""What is answered outright, without searching or asking a model: questions about whole documents, and
"출처는?".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from rag.answer import compose, phrases
from rag.ingest.library import Library
from rag.library import passages
from rag.library.records import DocumentRow
from rag.question import intents, tasks
from rag.question.purpose import Purpose
from rag.question.question import Question
from rag.question.tasks import Task
from rag.question.wording import Wording
from rag.text import summary
from rag.types import Answer, DocumentStatus, Passage, Sentence, Status, Timings, seconds_since


def of_whole_documents(
    library: Library, question: Question, documents: Sequence[str] | None, start: float
) -> Answer | None:
    """Answer a question about whole documents from their own sentences; None for any other question.

    Args:
        documents: paths to answer from, None for all. start: `time.perf_counter` when it was asked.
    """
    history = question.history
    rows = [
        row
        for row in library.documents()
        if row.status == DocumentStatus.READY and (documents is None or row.path in documents)
    ]
    titles, paths = [row.title for row in rows], [row.path for row in rows]
    last = list(dict.fromkeys(c.path for c in history[-1].sources)) if history else []
    cited = [paths.index(path) for path in last if path in paths]
    # 두 문서의 차이는? needs nothing of the conversation; 교통 계획은? takes its 요약해 줘 from it, as it
    # names a document
    readings: list[tuple[Wording, Purpose]] = [(question.original, question.purpose)]
    if question.original is not question:
        mentions = tasks.mentions(question.original, titles, paths)
        readings.append((question, question.whole_purpose if mentions else Purpose.CONTENT))
    for wording, purpose in readings:
        task = intents.recognise(wording, titles, paths, cited) or tasks.task(
            purpose, wording, titles, paths, cited
        )
        if task is not None and task.documents:
            return _answer(library, task, rows, wording.text, question, start)
    return None


def _answer(
    library: Library,
    task: Task,
    rows: Sequence[DocumentRow],
    text: str,
    question: Question,
    start: float,
) -> Answer:
    catalogue = library.catalogue
    texts = [catalogue.text(rows[i].id) for i in task.documents]
    parts = [
        [
            (section.start, section.end)
            for section in catalogue.sections(rows[i].id)
            if section.kind not in ("heading", "table")
        ]
        for i in task.documents
    ]
    if task.purpose is Purpose.DIFFERENCE:
        spans = summary.contrast(texts, parts, task.count)
    else:
        spans = [
            summary.summarise(document_text, part, task.count, rows[i].title)
            for i, document_text, part in zip(task.documents, texts, parts, strict=True)
        ]
    quotes: list[tuple[Passage, str]] = []
    for i, chosen_spans in zip(task.documents, spans, strict=True):
        name = (
            f"{rows[i].title} ({rows[i].path})"
            if task.purpose is Purpose.LIST
            else summary.main_title(rows[i].title)
            if len(task.documents) > 1
            else ""
        )
        quotes += [(passages.at(catalogue, rows[i].id, a, b), name) for a, b in chosen_spans]
    seconds = seconds_since(start)
    timings = Timings(retrieve_s=seconds, first_quote_s=seconds, total_s=seconds)
    unread = catalogue.unread_pages([rows[i].path for i in task.documents])
    return compose.quoting(replace(question, text=text), quotes, timings, unread)


def sources_again(question: Question, start: float) -> Answer:
    """Answer "출처는?" with what the last answer cites, or shows where it claims nothing."""
    last, language = question.history[-1], question.language
    mark = "- " if len(last.sources) > 1 else ""
    sentences = [
        Sentence(mark + phrases.SOURCES[language].format(title=c.title, quote=c.quote), True, (c.number,))
        for c in last.sources
    ]
    text = "\n".join(f"{s.text} [{s.citations[0]}]" for s in sentences)
    timings = Timings(first_quote_s=seconds_since(start), total_s=seconds_since(start))
    return Answer(
        question.original_text,
        text,
        Status.ANSWERED,
        tuple(sentences),
        (),
        last.sources,
        last.hits,
        timings,
        last.model,
    )
