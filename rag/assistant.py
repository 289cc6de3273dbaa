"""The whole pipeline in one page: sync(), search(), ask().

    assistant = Assistant(Settings.load())
    assistant.sync()
    answer = assistant.ask("도서관은 몇 시까지 여나요?")
    for sentence in answer.sentences: ...

`stream` is `ask` as events: quotes at once, then how far the reading is, then words, then the checked answer.
"""

from __future__ import annotations

import contextlib
import itertools
import threading
import time
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

from rag import caches
from rag.answer.answering import Answering, Tools, line_up
from rag.answer.reader import EvidenceReader
from rag.answer.writing import Writer
from rag.config import Settings
from rag.errors import ClosedError, RagError
from rag.ingest.library import Library, Progress, Report
from rag.library import passages
from rag.library.history import Conversations
from rag.model import prompting
from rag.model.chat import LlamaChat, Turn
from rag.model.embedding import LocalEmbeddings
from rag.model.engine import Cancelled
from rag.model.served import ServedChat
from rag.model.weights import ModelStore
from rag.question.question import checked, understand
from rag.search.retriever import Found, HybridRetriever
from rag.types import Answer, Done, Event, FileStatus, Passage


class Assistant:
    """Answers questions about a folder of documents.

    Args:
        settings: where things are. Making an Assistant is light: models load on first use, or with `warm_up`.

    Raises:
        RagError: from every method, with a sentence for the person at the keyboard.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.models = ModelStore(settings.models_dir)
        self._library: Library | None = None
        self._retriever: HybridRetriever | None = None
        self._chat: LlamaChat | ServedChat | None = None
        self._embeddings: LocalEmbeddings | None = None
        self._prompts: dict[tuple[str, str], prompting.ReadingPrompt] = {}
        self._making = threading.RLock()
        self._closed = False

    @property
    def library(self) -> Library:
        """The library, opened on first use."""
        with self._making:
            self._check_open()
            if self._library is None:
                self._library = Library(self.settings, self.embeddings)
                self._retriever = HybridRetriever(
                    library=self._library,
                    k=self.settings.top_k,
                    dense_weight=self.settings.dense_weight,
                    reranker=self.settings.reranker,
                )
            return self._library

    @property
    def embeddings(self) -> LocalEmbeddings:
        """The LangChain embeddings."""
        with self._making:
            self._check_open()
            if self._embeddings is None:
                name = self.settings.embedding_model
                self._embeddings = LocalEmbeddings(self.models.path(name), name)
            return self._embeddings

    @property
    def retriever(self) -> HybridRetriever:
        """The LangChain retriever over the library."""
        with self._making:
            self.library  # noqa: B018 - makes both
            assert self._retriever is not None
            return self._retriever

    @property
    def chat(self) -> LlamaChat | ServedChat:
        """The chat model that writes the answers."""
        with self._making:
            self._check_open()
            if self._chat is None:
                s = self.settings
                self._chat = (
                    ServedChat(s.chat_url, s.chat_name, s.chat_key.get_secret_value())
                    if s.chat_url
                    else self._local_chat(s)
                )
            return self._chat

    def _local_chat(self, s: Settings) -> LlamaChat:
        return LlamaChat(
            path=self.models.path(s.chat_model),
            n_ctx=s.n_ctx,
            n_threads=s.n_threads,
            n_gpu_layers=s.n_gpu_layers,
            tuned=s.data / "tuning.json",
        )

    def use_chat(self, name: str) -> None:
        """Let another local model write the answers from now on; an answer that is being written is finished
        first.

        Args:
            name: see `ModelStore.path`.
        Raises:
            ModelError: it is not here, or damaged; the model before it stays.
        """
        self.models.path(name)
        old = self._chat
        turn = old.turn() if old is not None else None
        if turn is not None:
            for _ in line_up(turn, self.settings.queue_size, lambda: self._closed):
                pass
        try:
            with self._making:
                self._check_open()
                self.settings = self.settings.changed(chat_model=name, chat_url="")
                self._chat = None
                self._prompts.clear()
        finally:
            if turn is not None:
                turn.give_back()
        if old is not None:
            old.end()

    @property
    def reader(self) -> EvidenceReader:
        """The evidence model, in the embedding model's process."""
        return EvidenceReader(self.embeddings)

    def begin(self) -> None:
        """Begin to load what the first question would wait for longest, the embedding model, without
        waiting; who needs it hears what fails.
        """
        with contextlib.suppress(RagError):
            self.embeddings.begin()

    def warm_up(self) -> None:
        """Load everything that the first question would otherwise wait for."""
        with ThreadPoolExecutor(1) as beside:  # the model loads in a process of its own
            chat = beside.submit(self._warm_up_chat)
            self.library.warm_up()
            self.reader.warm_up()
            chat.result()

    def _warm_up_chat(self) -> None:
        """Load the model that answers, and let it read its instructions."""
        self._in_idle_time(
            lambda turn: Writer(self.chat, self._prompt("reading", "ko"), "?", turn.waited_for).warm()
        )

    def tune(self) -> None:
        """Find out how many threads suit this machine, once, unless somebody asks; see `rag.model.tuning`."""
        chat = self.chat
        if isinstance(chat, LlamaChat):
            self._in_idle_time(lambda turn: chat.engine(turn.waited_for).tune(turn.waited_for))

    def _in_idle_time(self, work: Callable[[Turn], object]) -> None:
        """Do something with the model unless somebody has it, and give way to who comes."""
        turn = self.chat.turn()
        if turn.take_if_free():
            try:
                with contextlib.suppress(Cancelled):
                    work(turn)
            finally:
                turn.give_back()

    def close(self) -> None:
        """Free the models and the data folder for good, at once: whatever goes on in other threads, and
        whatever comes later, raises ClosedError.

        A sync ends after the file that it is reading.
        """
        self._closed = True
        with self._making:
            library, chat, embeddings = self._library, self._chat, self._embeddings
            self._library = self._retriever = self._chat = self._embeddings = None
        if chat is not None:
            chat.end()
        if embeddings is not None:
            embeddings.end()
        if library is not None:
            library.close()

    def _check_open(self) -> None:
        if self._closed:
            raise ClosedError

    def sync(
        self, report: Report | None = None, progress: Progress | None = None, *, scans: bool = True
    ) -> list[FileStatus]:
        """Make the index equal to the documents folder; see `Library.sync`. Questions asked meanwhile go
        first.

        Args:
            scans: read pages that are pictures, too, at the end; they take seconds each.
        """
        statuses = self.library.sync(report, progress, self._let_pass)
        return statuses + self.read_scans(report, progress) if scans else statuses

    def read_scans(
        self,
        report: Report | None = None,
        progress: Progress | None = None,
        wanted: Callable[[], bool] = lambda: True,
    ) -> list[FileStatus]:
        """Read pages that are pictures; see `Library.read_scans`. Questions asked meanwhile go first."""
        return self.library.read_scans(report, progress, self._let_pass, wanted)

    def _let_pass(self) -> None:
        """Wait until no question is being answered, a minute at most."""
        until = time.monotonic() + 60
        while (chat := self._chat) is not None and chat.turn().busy and time.monotonic() < until:
            time.sleep(0.1)

    def forget(self, paths: Sequence[str]) -> None:
        """Leave no trace of documents whose files are gone: index, vectors, what models and caches remember
        (all of it), kept conversations.

        Raises:
            LibraryError: see `Library.forget`.
        """
        paths = [unicodedata.normalize("NFC", path) for path in paths]
        self.library.forget(paths)
        caches.forget()
        if self._chat is not None:
            self._chat.close()  # its process holds states in memory
        if self._embeddings is not None:
            self._embeddings.close()  # its tokeniser remembers words
        kept = self.settings.data / "conversations.sqlite3"
        if kept.exists():
            with contextlib.closing(Conversations(kept)) as conversations:
                conversations.forget(paths)

    def search(self, question: str, k: int | None = None, documents: Sequence[str] | None = None) -> Found:
        """Find passages; see `HybridRetriever.find`."""
        self.library.catch_up()
        return self.retriever.find(checked(question), k, documents)

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
        asked = understand(question, history)
        yield from Answering(self._tools(), asked, documents, cancelled, easy).events()

    def _tools(self) -> Tools:
        return Tools(self.settings, self.library, self.retriever, self.reader, self.chat, self._prompt)

    def passages(self) -> Iterator[Passage]:
        """Yield every passage of the library, as a question would meet it."""
        return passages.of_library(self.library.catalogue)

    def read_ahead(self, passage: Passage) -> bool:
        """Let the evidence model begin to read a passage before anybody asks. Returns whether there was
        anything to do.
        """
        return self.reader.prepare(passage)

    def likely(
        self, question: str, documents: Sequence[str] | None = None, history: Sequence[Answer] = ()
    ) -> list[Passage]:
        """Return the passages that a question, perhaps half typed, would be answered from; see `ask`."""
        asked, tools = understand(question, history), self._tools()
        found, near = tools.near(asked.text, documents)
        every = itertools.chain.from_iterable(
            tools.read_for(part, asked.text, found, near) for part in asked.parts
        )
        return list({(p.chunk.id, p.start): p for p in every}.values())

    def _prompt(self, name: str, language: str) -> prompting.ReadingPrompt:
        if (name, language) not in self._prompts:
            self._prompts[name, language] = prompting.load_prompt(self.settings.prompts, name, language)
        return self._prompts[name, language]


__all__ = ["Assistant", "Cancelled"]
