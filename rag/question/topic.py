"""What a question is about, by its particles. Pure but for Kiwi (`rag.text.korean`)."""

from __future__ import annotations

import re
from pathlib import Path

from rag.text import korean
from rag.text.vocabulary import alternatives, vocabulary

NOUNS = ("NNG", "NNP", "NNB", "XSN", "SL", "SN", "NR", "SW")  # tags that a noun phrase ends in
_WORDS = vocabulary(Path(__file__).with_name("followups"))
INTERROGATIVES = _WORDS["interrogatives"].words()
OPENINGS = _WORDS["openings"].words()
_OPENING = re.compile("^(" + alternatives(OPENINGS) + r")\s")


def topic(question: str) -> str:
    """Return what a question is about: the noun phrase before its last 은/는, else before 이/가 or 을/를, of
    what stands before the word that asks; else all of that up to its last noun.

    >>> topic("스타게이트 프로젝트는 누가 발표했나요?"), topic("도서관 관람 시간 알려 주세요")
    ('스타게이트 프로젝트', '도서관 관람 시간')
    """
    tokens = korean.tokens(question)
    asks = next((token.start for token in tokens if token.form in INTERROGATIVES), 0)
    limit = asks or len(question)
    tokens = [token for token in tokens if token.start <= limit]
    ends = [i for i, token in enumerate(tokens) if token.tag in NOUNS and token.end <= limit]
    for particles in (("JX",), ("JKS",), ("JKO",)):
        for i in reversed(ends):
            after = tokens[i + 1] if i + 1 < len(tokens) else None
            if after and after.tag in particles and after.form in ("은", "는", "이", "가", "을", "를"):
                return without_opening(question[: tokens[i].end])
    phrase = question[: tokens[ends[-1]].end] if ends else re.sub(r"[?.!]+$", "", question)
    return without_opening(phrase)


def without_opening(text: str) -> str:
    """Return a text without a word that only goes on from what was said before.

    >>> without_opening("그럼 예산은?")
    '예산은?'
    """
    return _OPENING.sub("", text.strip())
