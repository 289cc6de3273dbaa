"""A question as it is understood: what was typed, what it means in its conversation, what it asks one by
one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from rag.errors import QuestionError
from rag.question import followups, intents, premises
from rag.question.operation import Operation, operation
from rag.question.parts import questions_in
from rag.question.purpose import Purpose, purpose
from rag.question.wording import Wording
from rag.text import korean
from rag.text.cleaning import clean
from rag.types import Answer

MAX_QUESTION_CHARS = 2000


@dataclass(frozen=True)
class Question(Wording):
    """A question, as whatever answers it takes it; as a wording it is whole, with what the conversation
    before it says.

    Attributes:
        original_text: as it was typed, on one line. language: in which it was typed, "ko" or "en".
        history: the conversation's answers so far, oldest first.
        purpose, whole_purpose: what it is after as it was typed, and as it is whole. operation: what it wants
            of a table's figures, as it is whole.
    """

    original_text: str
    language: str
    history: tuple[Answer, ...] = ()
    purpose: Purpose = Purpose.CONTENT
    whole_purpose: Purpose = Purpose.CONTENT
    operation: Operation = Operation.NONE

    @cached_property
    def parts(self) -> tuple[Question, ...]:
        """The questions that it holds, in order, each typed as the whole was; itself where it asks one
        thing.
        """
        texts = questions_in(self.text)
        return tuple(replace(self, text=text) for text in texts) if len(texts) > 1 else (self,)

    @cached_property
    def original(self) -> Wording:
        """Itself as it was typed."""
        return self if self.text == self.original_text else Wording(self.original_text)

    @property
    def asks_source(self) -> bool:
        """True where it asks where the last answer comes from, which has sources or shows some."""
        has_sources = bool(self.history and self.history[-1].sources)
        return has_sources and (self.purpose is Purpose.SOURCE or intents.asks_source(self.original))

    def without(self, name: str) -> Question:
        """Return it without a name that no document knows."""
        return replace(self, text=premises.without(self.text, name))


def understand(
    question: str,
    history: Sequence[Answer] = (),
    vector_of: Callable[[str], NDArray[np.float32]] | None = None,
) -> Question:
    """Take a question as typed.

    Args:
        history: see `Question`. vector_of: embeds a text, (dim,) of unit length, with the model beside which
            all that is known of questions was learned; without it every question is after what documents say,
            and what hangs on the one before is told by rules.
    Raises:
        QuestionError: it is empty or too long.
    """
    original_text = checked(question)
    dependent = followups.is_dependent(vector_of(original_text)) if history and vector_of else None
    text = followups.complete(original_text, history, dependent)
    complete_question = Question(text, original_text, korean.language_of(original_text), tuple(history))
    if vector_of is None:
        return complete_question
    vector = vector_of(text)
    return replace(
        complete_question,
        purpose=purpose(vector_of(original_text)),
        whole_purpose=purpose(vector),
        operation=operation(vector),
    )


def checked(question: str) -> str:
    """Return a question without what cannot be seen in it. Raises QuestionError: it is empty or too long."""
    question = " ".join(clean(question[: MAX_QUESTION_CHARS * 4]).split())
    if not question:
        raise QuestionError("question-empty")
    if len(question) > MAX_QUESTION_CHARS:
        raise QuestionError("question-too-long", limit=MAX_QUESTION_CHARS)
    return question
