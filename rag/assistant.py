"""The whole pipeline in one page: sync(), search(), ask().

    assistant = Assistant(Settings.load())
    assistant.sync()
    answer = assistant.ask("도서관은 몇 시까지 여나요?")
    for sentence in answer.sentences: ...

`stream` is `ask` as events: quotes at once, then how far the reading is, then words, then the checked answer.
"""

from __future__ import annotations

import threading
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

from rag import caches
from rag.answer.answering import Answering, Tools
from rag.answer.reader import EvidenceReader
from rag.answer.writing import Writer
from rag.config import Settings
from rag.errors import ClosedError
from rag.ingest.library import Library
from rag.library import history as conversations
from rag.library import passages
from rag.model import prompting
from rag.model.embedding import LocalEmbeddings
from rag.model.loaded import Models
from rag.question.question import checked, understand
from rag.question.wording import Wording
from rag.search.retriever import HybridRetriever, SearchResult
from rag.types import Answer, Done, Event, FileStatus, Passage, Progress, Report


class Assistant:
    """Answers questions about a folder of documents.

    Args:
        settings: where things are. Making an Assistant is light: models load on first use, or with `warm_up`.
        embeddings: to be used instead of those that the settings name.

    Raises:
        RagError: from every method, with a sentence for the person at the keyboard.
    """

    def __init__(self, settings: Settings, embeddings: LocalEmbeddings | None = None) -> None:
        self.models = Models(settings, embeddings)
        self._library: Library | None = None
        self._retriever: HybridRetriever | None = None
        self._opening = threading.RLock()

    @property
    def settings(self) -> Settings:
        """The settings as they are now: the page changes some."""
        return self.models.settings

    @property
    def library(self) -> Library:
        """The library, opened on first use. Raises ClosedError."""
        with self._opening:
            if self.models.closed:
                raise ClosedError
            if self._library is None:
                self._library = Library(self.settings, self.models.embeddings)
            return self._library

    @property
    def retriever(self) -> HybridRetriever:
        """The LangChain retriever over the library."""
        with self._opening:
            s, library = self.settings, self.library
            options = {"k": s.top_k, "dense_weight": s.dense_weight, "reranker": s.reranker}
            self._retriever = self._retriever or HybridRetriever.over(library, **options)
            return self._retriever

    @property
    def reader(self) -> EvidenceReader:
        """The evidence model, in the embedding model's process."""
        return EvidenceReader(self.models.embeddings)

    def warm_up(self) -> None:
        """Load everything that the first question would otherwise wait for."""
        with ThreadPoolExecutor(1) as executor:  # the chat model loads in a process of its own
            chat = executor.submit(self.warm_up_chat)
            self.library.warm_up()
            self.reader.warm_up()
            chat.result()

    def warm_up_chat(self) -> None:
        """Load the model that answers, and let it read its instructions."""
        prompt = prompting.load_prompt(self.settings.prompts, "reading", "ko")
        chat = self.models.chat
        self.models.in_idle_time(lambda turn: Writer(chat, prompt, "?", turn.waited_for).warm())

    def close(self) -> None:
        """Free the models and the data folder for good, at once: whatever goes on in other threads, and
        whatever comes later, raises ClosedError.

        A sync ends after the file that it is reading.
        """
        self.models.end()
        with self._opening:
            library, self._library, self._retriever = self._library, None, None
        if library is not None:
            library.close()

    def sync(
        self, report: Report | None = None, progress: Progress | None = None, *, scans: bool = True
    ) -> list[FileStatus]:
        """Make the index equal to the documents folder; see `Library.sync`. Questions asked meanwhile go
        first.

        Args:
            scans: read pages that are pictures, too, at the end; they take seconds each.
        """
        statuses = self.library.sync(report, progress, self.models.let_questions_pass)
        return statuses + self.read_scans(report, progress) if scans else statuses

    def read_scans(
        self,
        report: Report | None = None,
        progress: Progress | None = None,
        wanted: Callable[[], bool] = lambda: True,
    ) -> list[FileStatus]:
        """Read pages that are pictures; see `Library.read_scans`. Questions asked meanwhile go first."""
        return self.library.read_scans(report, progress, self.models.let_questions_pass, wanted)

    def forget(self, paths: Sequence[str]) -> None:
        """Leave no trace of documents whose files are gone: index, vectors, what models and caches remember
        (all of it), kept conversations.

        Raises:
            LibraryError: see `Library.forget`.
        """
        paths = [unicodedata.normalize("NFC", path) for path in paths]
        self.library.forget(paths)
        caches.forget()
        self.models.forget()
        conversations.forget_kept(self.settings.data, paths)

    def search(
        self, question: str, k: int | None = None, documents: Sequence[str] | None = None
    ) -> SearchResult:
        """Find passages; see `HybridRetriever.find`."""
        self.library.catch_up()
        return self.retriever.find(Wording(checked(question)), k, documents)

    def ask(
        self,
        question: str,
        documents: Sequence[str] | None = None,
        cancelled: Callable[[], bool] = lambda: False,
        history: Sequence[Answer] = (),
        easy: bool = False,
    ) -> Answer:
        """Answer a question.

        Args:
            documents: paths to answer from, None for all. history: the conversation's answers so far, oldest
                first.
            easy: ask the model for plain words; what does not stand the check gives way to the usual answer.
        Returns: an Answer whose every sentence is tied to a source, or a refusal.
        Raises:
            QuestionError: the question is empty or too long. Cancelled: `cancelled` said so.
        """
        for event in self.stream(question, documents, cancelled, history, easy):
            if isinstance(event, Done):
                return event.answer
        raise AssertionError("a stream ends with Done")

    def stream(
        self,
        question: str,
        documents: Sequence[str] | None = None,
        cancelled: Callable[[], bool] = lambda: False,
        history: Sequence[Answer] = (),
        easy: bool = False,
    ) -> Iterator[Event]:
        """Answer a question as events; see `rag.types`."""
        whole_question = understand(question, history, self.models.vector_of)
        yield from Answering(self._tools(), whole_question, documents, cancelled, easy).events()

    def _tools(self) -> Tools:
        return Tools(self.settings, self.library, self.retriever, self.reader, self.models.chat)

    def passages(self) -> Iterator[Passage]:
        """Yield every passage of the library, as a question would meet it."""
        return passages.of_library(self.library.catalogue)

    def read_ahead(self, passage: Passage) -> bool:
        """Let the evidence model begin to read a passage before anybody asks. Returns whether there was
        anything to do.
        """
        return self.reader.prepare(passage)

    def likely_passages(
        self, question: str, documents: Sequence[str] | None = None, history: Sequence[Answer] = ()
    ) -> list[Passage]:
        """Return the passages that a question, perhaps half typed, would be answered from; see `ask`."""
        return self._tools().likely_passages(understand(question, history, self.models.vector_of), documents)
