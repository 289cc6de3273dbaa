"""What a question demands of its answer: the names, numbers and dates that it gives, and a figure where it asks
for one.

None of these decides by itself: how much each is worth is fitted on questions about documents that nothing
was trained on (`models/reader/calibrate.py`). Pure but for Kiwi (`rag.text.korean`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from rag.text import korean, names
from rag.text.numbers import Number, missing_numbers, numbers
from rag.text.vocabulary import alternatives, vocabulary

MOST = 2.0  # missing names, and numbers, that are counted; more are as bad
_WORDS = vocabulary(__file__)
_WANTS_FIGURE = re.compile(
    alternatives(_WORDS["interrogatives"].words())
    + "|("
    + alternatives(_WORDS["figures"].words())
    + r")[은이]?\s*\?*$|"
    r"\bwhen\b|how (much|many|long|often|old)|what (year|date|percentage|share)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Demands:
    """What a question gives: `names` and `numbers` that what answers must be about; `figure`: it asks for a
    number or a date.
    """

    question: str
    names: frozenset[str]
    numbers: tuple[Number, ...]
    figure: bool

    @classmethod
    def of(cls, question: str) -> Demands:
        """Take a question apart.

        >>> sorted(Demands.of("삼성전자의 2025년 예산은 얼마인가요?").names)
        ['삼성전자']
        """
        in_korean = re.search("[가-힣]", question) is not None
        given = tuple(n for n in numbers(question) if not (n.value == 1 and question[n.start] == "한"))
        return cls(
            question,
            frozenset(korean.proper_nouns(question)) if in_korean else frozenset(),
            given,
            _WANTS_FIGURE.search(question.strip()) is not None,
        )

    def lacking(self, source: str, sentence: str) -> tuple[float, float, float]:
        """Return how much is missing of it: names and numbers of the question that a source does not hold,
        0 to MOST each, and 1 where a figure is asked for and a sentence holds none but the question's.

        >>> Demands.of("2024년 예산은 얼마인가요?").lacking("2025년 예산은 3억 원이다.", "2025년 예산은 3억 원이다.")
        (0.0, 1.0, 0.0)
        """
        lost = sum(not names.is_mentioned(name, source, source, self.question) for name in self.names)
        gone = len(missing_numbers(self.numbers, numbers(source))) if self.numbers else 0
        new = not self.figure or bool(missing_numbers(numbers(sentence), self.numbers))
        return min(MOST, float(lost)), min(MOST, float(gone)), float(not new)
