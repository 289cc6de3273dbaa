"""A text that asks something, and what is parsed of it, each once: the only place that parses a question.
Pure but for Kiwi (`rag.text.korean`).

What answers a question takes a `Wording`, and mostly a `rag.question.question.Question`, which is one; it
takes the text apart no further. The conversation (`rag.question.followups`) and the parts
(`rag.question.parts`) come before: they make the texts of wordings.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from rag.question.topic import topic
from rag.text import grammar, korean, lexicon
from rag.text.grammar import ParsedSentence
from rag.text.korean import Morpheme
from rag.text.numbers import Number, numbers


@dataclass(frozen=True)
class Wording:
    """A text that asks something. `text`: as it stands, on one line."""

    text: str

    @cached_property
    def normalised(self) -> str:
        """Its text in the form in which texts are compared."""
        return korean.normalise(self.text)

    @cached_property
    def tokens(self) -> tuple[Morpheme, ...]:
        """All morphemes of `normalised`, with their spans in that."""
        return tuple(korean.tokens(self.normalised))

    @cached_property
    def morphemes(self) -> tuple[str, ...]:
        """Its content morphemes, in order, also those that tell no passage from another."""
        return tuple(korean.morphemes(self.text))

    @cached_property
    def words(self) -> tuple[str, ...]:
        """Its content morphemes, in order."""
        return tuple(korean.content(self.morphemes))

    @cached_property
    def search_words(self) -> tuple[str, ...]:
        """What is searched for: its words, also in Hangul those that are names in Latin letters; where it has
        none of content, all of its morphemes.
        """
        words = korean.morphemes(" ".join([self.text, *lexicon.in_hangul(self.text)]))
        return tuple(korean.content(words) or words)

    @cached_property
    def numbers(self) -> tuple[Number, ...]:
        """Its numbers, in order."""
        return tuple(numbers(self.text))

    @cached_property
    def sentence(self) -> ParsedSentence:
        """What it says, clause by clause."""
        return grammar.parse(self.text)

    @cached_property
    def topic(self) -> str:
        """What it is about, as it is written."""
        return topic(self.text)

    @cached_property
    def last_verb(self) -> str:
        """The word that it ends with where that has a verb's ending, "" where it has none.

        >>> Wording("소버린 AI가 왜 필요하다고 해?").last_verb, Wording("예산은?").last_verb
        ('해', '')
        """
        text = re.sub(r"[?？.!\s]+$", "", self.text)
        tokens = korean.tokens(text)
        return text.split()[-1] if tokens and tokens[-1].tag in ("EF", "EC") else ""
