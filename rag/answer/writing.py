"""The chat model says in one or two sentences what the chosen sentences of a source say: it sees those, with
what stands above them, and no more.

Whether they answer was decided before (`rag.answer.reader`); what it writes is checked after
(`rag.answer.compose`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from rag.model.chat import LlamaChat, stop_at
from rag.model.prompting import ReadingPrompt
from rag.model.served import ServedChat
from rag.types import Passage

MAX_TOKENS = 160  # of one answer: two sentences
STOPS = ("\n\n", "[질문]", "[문서]", "[Question]", "[Document]")


@dataclass(slots=True)
class Counts:
    """Tokens of one question: in prompts, of those known from an earlier one, and generated."""

    prompt: int = 0
    reused: int = 0
    generated: int = 0


class Writer:
    """Writes answers to one question with one model; the caller holds `chat.turn()`.

    Args:
        chat: the model, here or on a server. prompt: in the source's language. question: as asked.
        cancelled: looked at between pieces of work; when it says True, Cancelled is raised.
    """

    def __init__(
        self,
        chat: LlamaChat | ServedChat,
        prompt: ReadingPrompt,
        question: str,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> None:
        self.chat, self.prompt, self.question, self.cancelled = chat, prompt, question, cancelled
        self.counts = Counts()

    def answer(self, excerpt: Passage) -> Iterator[str]:
        """Generate the answer from a few sentences, piece by piece."""
        for piece in stop_at(
            self._from_server(self.chat, excerpt)
            if isinstance(self.chat, ServedChat)
            else self._from_engine(self.chat, excerpt),
            STOPS,
        ):
            self.counts.generated += 1
            yield piece

    def warm(self) -> None:
        """Read the instructions, so that a question need not wait for that; a server keeps them in its own
        way.
        """
        if isinstance(self.chat, ServedChat):
            self.chat.warm_up()
        else:
            tokens, instructions = self._tokens(self.chat, None)
            self._begin(self.chat, tokens[:instructions])

    def _from_server(self, chat: ServedChat, excerpt: Passage) -> Iterator[str]:
        return chat.write(
            self.prompt.messages(self.question, excerpt.chunk.context, excerpt.text),
            MAX_TOKENS,
            self.cancelled,
        )

    def _from_engine(self, chat: LlamaChat, excerpt: Passage) -> Iterator[str]:
        tokens, instructions = self._tokens(chat, excerpt)
        n_read = self._begin(chat, tokens[:instructions])
        n_read += len(tokens) - chat.engine(self.cancelled).prefill(tokens, self.cancelled)
        self.counts.prompt += len(tokens)
        self.counts.reused += len(tokens) - n_read
        yield from chat.engine(self.cancelled).generate(MAX_TOKENS, self.cancelled)

    def _begin(self, chat: LlamaChat, instructions: list[int]) -> int:
        """Bring the engine behind the instructions, whose state is kept. Returns how many tokens were not
        known before.
        """
        engine = chat.engine(self.cancelled)
        if engine.keeps(instructions):
            return 0
        n_read = len(instructions) - engine.prefill(instructions, self.cancelled)
        engine.keep()
        return n_read

    def _tokens(self, chat: LlamaChat, excerpt: Passage | None) -> tuple[list[int], int]:
        """Return the prompt's tokens, and how many of them are instructions."""
        context, text = (excerpt.chunk.context, excerpt.text) if excerpt else ("", "")
        while True:
            parts = chat.prompt(self.prompt.messages(self.question, context, text))
            total = sum(map(len, parts))
            if total + MAX_TOKENS < chat.engine(self.cancelled).n_ctx or len(text) < 100:
                break
            text = text[: len(text) * 3 // 4]  # only with a very small context or a very long question
        return [token for part in parts for token in part], total - sum(
            map(len, parts[-3:])
        )  # passage, question and the template's end follow
