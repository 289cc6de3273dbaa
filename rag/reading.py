"""The model reads passages one at a time: it ranks them, decides whether they answer at all, and answers from the best.

For each passage the prompt is instructions + passage + question. log P(first token = "없음") says how likely the passage does not
answer; it ranks passages, gates refusal before a word is generated, and costs one look. Reading each passage by itself is exact
and lets its key/value state be kept for the next question about it (see `rag.engine`).

How it compares with the usual way, several passages in one prompt: benchmarks/answers.py, figures in README.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from rag.generation import LlamaChat, stop_at
from rag.prompting import ReadingPrompt
from rag.types import Passage

log = logging.getLogger(__name__)
MAX_TOKENS = 160  # of one answer: two sentences
STOPS = ("\n\n", "[질문]", "[문서]", "[Question]", "[Document]")


@dataclass(frozen=True, slots=True)
class Look:
    """What one look at a passage gave. `none` is log P("없음"), at most 0; the lower, the surer that the passage answers."""

    passage: Passage
    none: float


@dataclass(slots=True)
class Counts:
    """Tokens of one question: in prompts, of those read before, for another question or another look, and generated."""

    prompt: int = 0
    reused: int = 0
    generated: int = 0


class Reader:
    """Reads passages for one question with one model; the caller holds `chat.turn()`.

    Args:
        chat: the model. prompt: in the question's language. question: as asked.
        cancelled: looked at between pieces of work; when it says True, Cancelled is raised.
    """

    def __init__(self, chat: LlamaChat, prompt: ReadingPrompt, question: str, cancelled: Callable[[], bool] = lambda: False) -> None:
        self.chat, self.prompt, self.question, self.cancelled = chat, prompt, question, cancelled
        self.counts = Counts()
        self._none = chat.engine(cancelled).tokenize(prompt.none)[0]

    def look(self, passage: Passage) -> Look:
        """Read a passage and the question, and say how likely it does not answer."""
        self._read(passage)
        return Look(passage, self.chat.engine(self.cancelled).logprob(self._none))

    def answer(self, passage: Passage) -> Iterator[str]:
        """Generate the answer from a passage, piece by piece."""
        self._read(passage)
        for piece in stop_at(self.chat.engine(self.cancelled).generate(MAX_TOKENS, self.cancelled), STOPS):
            self.counts.generated += 1
            yield piece

    def warm(self, passage: Passage | None = None) -> bool:
        """Read a passage ahead, None for the instructions alone, so that a question need not wait. Returns False where it was read before."""
        tokens, instructions, shown = self._tokens(passage)
        lengths = (instructions, shown) if passage else (instructions,)
        if self.chat.engine(self.cancelled).has_read(tokens[: lengths[-1]]):
            return False
        self._prefill(tokens, *lengths)
        return True

    def _read(self, passage: Passage) -> None:
        """Bring the engine to the end of the prompt, keeping the states after the instructions and after the passage."""
        tokens, instructions, shown = self._tokens(passage)
        read = self._prefill(tokens, instructions, shown)
        read += len(tokens) - self.chat.engine(self.cancelled).prefill(tokens, self.cancelled)
        self.counts.prompt += len(tokens)
        self.counts.reused += len(tokens) - read

    def _prefill(self, tokens: Sequence[int], *lengths: int) -> int:
        """Read up to each length and keep the state there. Returns how many tokens were not known before."""
        engine = self.chat.engine(self.cancelled)
        read = 0
        for length in lengths:
            if not engine.keeps(tokens[:length]):
                read += length - engine.prefill(tokens[:length], self.cancelled)
                engine.keep()
        return read

    def _tokens(self, passage: Passage | None) -> tuple[list[int], int, int]:
        """Return the prompt's tokens, how many of them are instructions, and how many instructions and passage."""
        context, text = (passage.chunk.context, passage.text) if passage else ("", "")
        while True:
            parts = self.chat.prompt(self.prompt.messages(self.question, context, text))
            total = sum(map(len, parts))
            if total + MAX_TOKENS < self.chat.engine(self.cancelled).n_ctx or len(text) < 100:
                break
            text = text[: len(text) * 3 // 4]  # only with a very small context or a very long question
        shown = total - len(parts[-1]) - len(parts[-2])  # the template's end and the question follow the passage
        return [token for part in parts for token in part], shown - len(parts[-3]), shown
