"""Questions that the library itself suggests: each is made from a sentence that answers it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from rag.text.particles import with_particle
from rag.text.summary import main_title
from rag.text.vocabulary import alternatives, vocabulary

_READ_CHARS = 20_000  # of a document's beginning
_DEFINED = re.compile(
    r"(?:^|(?<=[.다] ))(?P<name>[가-힣A-Za-z0-9·()]{2,12}(?: [가-힣A-Za-z0-9·()]{1,12})?)(?:이란|란) ",
    re.MULTILINE,
)
_WORDS = vocabulary(__file__)
_COUNTED = re.compile(
    r"(?:^|(?<=[.다] ))(?P<name>[가-힣A-Za-z0-9·() ]{4,34}?)(?P<topic>[은는]) (?:약 |총 |모두 )?"
    r"[\d,.]+(?:만|억|조|천)?\s?(?P<unit>"
    + alternatives(_WORDS["units"].words())
    + r")(?:이다|다|입니다|으로|로)",
    re.MULTILINE,
)
_POINTING = frozenset(_WORDS["pointing"].words())
_AMOUNTS = frozenset(_WORDS["amounts"].words())


def suggest(documents: Sequence[tuple[str, str]], count: int = 4) -> list[str]:
    """Return up to `count` questions about documents given as (title, text), from as many documents as
    possible.

    >>> suggest([("돌봄 계획", "돌봄이란 서로 보살피는 일이다. 돌봄 로봇의 첫해 값은 3억 원이다.")], 3)
    ['돌봄이란 무엇인가요?', '돌봄 로봇의 첫해 값은 얼마인가요?', '돌봄 계획을 세 줄로 요약해 줘']
    """
    made = [list(dict.fromkeys(_of_text(text[:_READ_CHARS]))) for _, text in documents]
    longest = max(map(len, made), default=0)
    turns = dict.fromkeys(questions[i] for i in range(longest) for questions in made if i < len(questions))
    chosen = list(turns)[: max(0, count - 1)]
    if documents:
        chosen.append(f"{with_particle(main_title(documents[0][0]), '을')} 세 줄로 요약해 줘")
    return chosen[:count]


def _of_text(text: str) -> Iterator[str]:
    defined = _DEFINED.search(text)
    if defined:
        yield f"{with_particle(defined['name'], '란')} 무엇인가요?"
    for counted in _COUNTED.finditer(text):
        words = counted["name"].split()
        if len(words) >= 3 and words[0] not in _POINTING:
            asked = "얼마" if counted["unit"] in _AMOUNTS else f"몇 {counted['unit']}"
            yield f"{counted['name']}{counted['topic']} {asked}인가요?"
