"""The two models of a running program: made on first use, changed, freed and ended together.

Each runs in a process of its own (`rag.model.chat`, `rag.model.embedding`); here stands who has which.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from rag.config import Settings
from rag.errors import ClosedError, RagError
from rag.model.chat import LlamaChat
from rag.model.embedding import LocalEmbeddings
from rag.model.engine import Cancelled
from rag.model.served import ServedChat
from rag.model.turn import Turn
from rag.model.weights import ModelStore


class Models:
    """The chat model and the embedding model.

    Args:
        settings: which models, and where they are; changed by `use_chat`.
        embeddings: to be used instead of those that the settings name.

    Raises:
        ClosedError: from whatever comes after `end`.
    """

    def __init__(self, settings: Settings, embeddings: LocalEmbeddings | None = None) -> None:
        self.settings = settings
        self.store = ModelStore(settings.models_dir)
        self._chat: LlamaChat | ServedChat | None = None
        self._embeddings = embeddings
        self._making = threading.RLock()
        self.closed = False

    @property
    def embeddings(self) -> LocalEmbeddings:
        """The LangChain embeddings. Raises ModelError: they are not here."""
        with self._making:
            self._check_open()
            if self._embeddings is None:
                name = self.settings.embedding_model
                self._embeddings = LocalEmbeddings(self.store.path(name), name)
            return self._embeddings

    @property
    def vector_of(self) -> Callable[[str], NDArray[np.float32]] | None:
        """The function that embeds a question, (dim,) of unit length; None with another model than the one
        beside which what is known of questions was learned. Raises ModelError: the model is not here.
        """
        return self.embeddings.query if self.embeddings.can_read else None

    @property
    def chat(self) -> LlamaChat | ServedChat:
        """The chat model that writes the answers. Raises ModelError: it is not here."""
        with self._making:
            self._check_open()
            if self._chat is None:
                s = self.settings
                self._chat = (
                    ServedChat(s.chat_url, s.chat_name, s.chat_key.get_secret_value())
                    if s.chat_url
                    else LlamaChat(
                        path=self.store.path(s.chat_model),
                        n_ctx=s.n_ctx,
                        n_threads=s.n_threads,
                        n_gpu_layers=s.n_gpu_layers,
                        tuned=s.data / "tuning.json",
                    )
                )
            return self._chat

    def use_chat(self, name: str) -> None:
        """Let another local model write the answers from now on; an answer that is being written is finished
        first.

        Args:
            name: see `ModelStore.path`.
        Raises:
            ModelError: it is not here, or damaged; the model before it stays.
        """
        self.store.path(name)
        old = self._chat
        with old.turn() if old is not None else contextlib.nullcontext(), self._making:
            self._check_open()
            self.settings = self.settings.changed(chat_model=name, chat_url="")
            self._chat = None
        if old is not None:
            old.end()

    def let_questions_pass(self, limit_s: float = 60) -> None:
        """Wait until the chat model answers nobody."""
        until = time.monotonic() + limit_s
        while (chat := self._chat) is not None and chat.turn().busy and time.monotonic() < until:
            time.sleep(0.1)

    def tune(self) -> None:
        """Find out how many threads suit this machine, once, unless somebody asks; see `rag.model.tuning`."""
        chat = self.chat
        if isinstance(chat, LlamaChat):
            self.in_idle_time(lambda turn: chat.engine(turn.waited_for).tune(turn.waited_for))

    def in_idle_time(self, work: Callable[[Turn], object]) -> None:
        """Do something with the chat model unless somebody has it, and give way to who comes."""
        turn = self.chat.turn()
        if turn.take_if_free():
            try:
                with contextlib.suppress(Cancelled):
                    work(turn)
            finally:
                turn.give_back()

    def begin(self) -> None:
        """Begin to load the embedding model, for which the first question would wait longest, without
        waiting; who needs it hears what fails.
        """
        with contextlib.suppress(RagError):
            self.embeddings.begin()

    def forget(self) -> None:
        """Forget all texts that were read: the processes hold states and words in memory."""
        for model in (self._chat, self._embeddings):
            if model is not None:
                model.close()

    def end(self) -> None:
        """Free both for good, at once, whatever goes on in other threads."""
        self.closed = True
        with self._making:
            ending = [model for model in (self._chat, self._embeddings) if model is not None]
            self._chat = self._embeddings = None
        for model in ending:
            model.end()

    def _check_open(self) -> None:
        if self.closed:
            raise ClosedError
