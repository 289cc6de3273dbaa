"""Complete a question from the conversation: 그건 얼마야? · 두 번째는? · 민간은? · 신청 기간은? · 3분기는?

Whether a question hangs on the one before is learned: a logistic regression over its vector (`is_dependent`),
made and measured by `models/followups/train.py`. One that does takes the referent of its pronoun, or takes
the place of its like, from the question before, by rule; where no rule fits, what that was about stands
before it. No model writes: that would cost seconds, and a wrong completion must be plain to see (it is shown
as the question that was understood). Where no vector is known, the rules tell by themselves what hangs, and
what none covers is asked as it stands: they know a third of what hangs, and change as many of those that do
not.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import StrEnum
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rag.question import linear
from rag.question.topic import INTERROGATIVES, NOUNS, OPENINGS, topic, without_opening
from rag.root import ROOT
from rag.text import korean, lexicon
from rag.text.korean import Morpheme
from rag.text.numbers import Number, numbers
from rag.text.particles import with_particle
from rag.text.vocabulary import alternatives, vocabulary
from rag.types import Answer

FILE = ROOT / "models" / "followups" / "weights.json"
_WORDS = vocabulary(__file__)
_ORDINALS = _WORDS["ordinals"].keys(int)
_ORDINAL = re.compile("(" + alternatives(_ORDINALS) + r")\s?번\s?째")
_THING = re.compile(
    "(?<![가-힣])(" + alternatives(_WORDS["things"].words()) + ")(은|는|이|가|을|를|의|에|도)?(?![가-힣])"
)
_PLACE = re.compile(
    "(?<![가-힣])(" + alternatives(_WORDS["places"].words()) + ")(에서는|에는|에서|에|은|는|의)?(?![가-힣])"
)
_PERSON = re.compile("(?<![가-힣])(" + _WORDS["persons"].pattern() + ")(은|는|이|가|을|를|의|도)?(?![가-힣])")
_ITS = re.compile(r"(?<![가-힣])그\s([가-힣A-Za-z]+?)(은|는|이|가|을|를|의|도)(?![가-힣])")
_NO_BELONGINGS = frozenset(_WORDS["no belongings"].words())
_FRAGMENT = re.compile(
    "^(" + alternatives([*OPENINGS, *_WORDS["openings of fragments"].words()]) + ")?"
    r"\s*(?P<what>[^?.!]{1,24}?)(은|는|도|의\s?경우는|의\s?경우|요)?"
    r"\s*(요|어때요?|어떤가요|어떻습니까|어떻게\s?(되나요|돼요?))?[?.!]?$",
    re.IGNORECASE,
)
_QUESTION_WORDS = re.compile("(" + alternatives([*INTERROGATIVES, *_WORDS["asking"].words()]) + ")")
_ENGLISH_IT = re.compile(r"\b(it|that|they|he|she|this|his|her|its|their)\b", re.IGNORECASE)


class Standing(StrEnum):
    """How a question stands in its conversation."""

    HANGING = "hanging"


def is_dependent(vector: NDArray[np.float32], file: Path = FILE) -> bool:
    """Tell of a question's vector, (dim,) of unit length, whether it needs the question before to be
    understood. Raises ConfigError for damaged weights.
    """
    return linear.logits(vector, file, Standing)[Standing.HANGING] >= 0


def complete(question: str, history: Sequence[Answer], dependent: bool | None = None) -> str:
    """Return the question with what it takes from the conversation put in; the same text where it stands by
    itself.

    Args:
        history: the answers so far, oldest first. dependent: whether it needs the question before, None where
            that is not known.
    """
    if dependent is False or not history or not question.strip():
        return question
    last = history[-1]
    before = last.understood or last.question
    text = question.strip()
    if match := _ORDINAL.search(text):
        items = _items(last)
        place = _ORDINALS[match[1]]
        if place < len(items) and len(korean.content(korean.morphemes(_ORDINAL.sub("", text)))) <= 1:
            return f"{topic(before)} 가운데 {items[place]}에 대해 알려 주세요."
    if (match := _PERSON.search(text)) and (person := _person(before) or _person(last.text)):
        return _put(text, match, person, match[2] or "")
    if match := _THING.search(text):
        particle = match[2] or (
            "은"
            if match[1].endswith("건")
            else "이"
            if match[1].endswith("게")
            else "을"
            if match[1].endswith("걸")
            else ""
        )
        return _put(text, match, topic(before), particle)
    if match := _PLACE.search(text):
        return _put(text, match, topic(before), match[2] or "")
    if (match := _ITS.search(text)) and match[1] not in _NO_BELONGINGS:
        return f"{text[: match.start()]}{topic(before)}의 {match[1]}{match[2]}{text[match.end() :]}"
    english = not re.search("[가-힣]", text)
    if english and not dependent and (match := _ENGLISH_IT.search(text)):
        names = sorted(korean.proper_nouns(before), key=len)
        return _put(text, match, names[-1], "") if names else text
    fragment_match = None if english else _FRAGMENT.match(text)
    fragment = (
        fragment_match["what"].strip() if fragment_match and _is_fragment(fragment_match["what"]) else ""
    )
    if dependent:
        put = _replace_like(before, fragment) if fragment else None
        return put or f"{_conversation_topic(history)} {without_opening(text)}"
    if fragment:
        return _substitute(before, fragment)
    if _QUESTION_WORDS.search(text) and not korean.content(korean.morphemes(_QUESTION_WORDS.sub(" ", text))):
        return f"{with_particle(topic(before), '은')} {text}"
    return question


def _is_fragment(text: str) -> bool:
    """True for what names something and says or asks nothing of it: no question word, no ending of a verb.

    >>> _is_fragment("새로 뽑는 사람"), _is_fragment("이용자가 늘었어 줄었어")
    (True, False)
    """
    tokens = korean.tokens(text)
    return bool(tokens) and not _QUESTION_WORDS.search(text) and tokens[-1].tag not in ("EF", "EC", "ETN")


def _conversation_topic(history: Sequence[Answer]) -> str:
    """Return what the conversation is about: of the last question, and, where that hung on others itself, of
    the last whole one before those, so that a long conversation does not pile up.
    """
    last = history[-1]
    if not _was_completed(last):
        return topic(last.understood or last.question)
    whole_answer = next((answer for answer in reversed(history[:-1]) if not _was_completed(answer)), None)
    about = topic(whole_answer.understood or whole_answer.question) if whole_answer else ""
    own_topic = topic(last.question)
    own_topic = own_topic if _is_fragment(own_topic) else ""
    return f"{about} {own_topic}".strip() or topic(last.understood)


def _was_completed(answer: Answer) -> bool:
    """True where something was put before a question."""
    question = without_opening(answer.question)
    return answer.understood not in ("", answer.question, question) and answer.understood.endswith(question)


def _replace_like(before: str, fragment: str) -> str | None:
    """Put a fragment into the question before where what it replaces is beyond doubt: a number or date of the
    same unit, a name by a name, the one word that is asked about by turns with it, or the phrase that ends in
    the same noun. Else None.
    """
    tokens, figures = korean.tokens(before), numbers(fragment)
    rest = _without_numbers(fragment, figures)
    new = korean.tokens(rest)
    result = _substitute(before, fragment)
    if result.endswith(before):  # nothing was replaced
        return None
    names = [token for token in new if token.tag == "NNP"]
    name = len(new) == len(names) == 1 and any(t.tag == "NNP" and t.form != names[0].form for t in tokens)
    same_noun = len(new) > 1 and any(t.form == new[-1].form and t.tag in NOUNS for t in tokens)
    return result if not rest or name or same_noun or _counterpart(before, tokens, rest) else None


def _without_numbers(fragment: str, figures: Sequence[Number]) -> str:
    """Return a fragment without its numbers and their particles."""
    for number in sorted(figures, key=lambda n: -n.start):
        fragment = fragment[: number.start] + fragment[number.end :]
    return re.sub(r"^[~∼\-]?\s?(년|월)?(에는|에|의|도)?\s*", "", fragment.strip()).strip()


def _substitute(before: str, fragment: str) -> str:
    """Put "민간", "미국", "3분기" or "2003~2007년에 미국" into the place of its like in the question
    before.
    """
    result = before
    figures = numbers(fragment)
    ends = {n.part: n for n in figures}
    for number in figures:
        figure_text = (
            fragment[ends["from"].start : ends["to"].end]
            if number.part and len(ends) > 1
            else fragment[number.start : number.end]
        )
        if number.part != "to":
            result = _put_number(result, figure_text, number)
    rest = _without_numbers(fragment, figures)
    if not rest:
        return result if result != before else f"{with_particle(fragment, '은')} {before}"
    tokens = korean.tokens(result)
    new_tokens = korean.tokens(rest)
    place = _counterpart(result, tokens, rest) or _similar_phrase(tokens, new_tokens)
    if place is None:
        return f"{with_particle(fragment, '은')} {before}"
    start, end, i = place
    particle = (
        tokens[i].form if i < len(tokens) and tokens[i].tag.startswith("J") and tokens[i].start <= end else ""
    )
    after = tokens[i].end if particle else end
    return f"{result[:start]}{with_particle(rest, particle) if particle else rest}{result[after:]}"


def _counterpart(text: str, tokens: Sequence[Morpheme], fragment: str) -> tuple[int, int, int] | None:
    """Find the one word that is asked about by turns with `fragment`, as 남성 is with 여성. (start, end,
    token after)
    """
    counterparts = {word for group in lexicon.COUNTERPARTS if fragment in group for word in group} - {
        fragment
    }
    ends = {token.end: i + 1 for i, token in enumerate(tokens)}
    places = {
        (t.start, t.start + len(word))
        for t in tokens
        for word in counterparts
        if text.startswith(word, t.start) and t.start + len(word) in ends
    }
    start, end = max(places, key=lambda place: place[1] - place[0], default=(0, 0))  # 청년층 rather than 청년
    return (start, end, ends[end]) if len({place[0] for place in places}) == 1 else None


def _similar_phrase(
    tokens: Sequence[Morpheme], new_tokens: Sequence[Morpheme]
) -> tuple[int, int, int] | None:
    """Find the phrase that the new words stand in for: with the same last noun; a name for a name; else the
    topic. (start, end, token after)
    """
    nouns = ("NNG", "NNP", "SL", "XSN", "NNB", "XPN", "SN", "NR")
    head = new_tokens[-1].form
    for i, token in enumerate(tokens):
        if len(new_tokens) > 1 and token.form == head and token.tag in nouns:
            first = i
            for _ in range(sum(b.start > a.end for a, b in pairwise(new_tokens))):  # as many words before it
                first = max(0, _word_start(tokens, first) - 1)
            return tokens[_word_start(tokens, first)].start, token.end, i + 1
    if any(t.tag == "NNP" for t in new_tokens):
        for i in range(len(tokens) - 1, -1, -1):
            if tokens[i].tag == "NNP" and i + 1 < len(tokens) and tokens[i + 1].tag.startswith("J"):
                return tokens[i].start, tokens[i].end, i + 1
        return None
    for i in range(len(tokens) - 1, 0, -1):
        if (
            tokens[i].tag in ("JX", "JKS")
            and tokens[i].form in ("은", "는", "이", "가")
            and tokens[i - 1].tag in ("NNG", "NNP", "SL", "XSN")
        ):
            first = i - 1
            while first and tokens[first - 1].tag in nouns and tokens[first - 1].end == tokens[first].start:
                first -= 1
            return tokens[first].start, tokens[i - 1].end, i
    return None


def _word_start(tokens: Sequence[Morpheme], i: int) -> int:
    """The first morpheme of the (space-separated) word that morpheme `i` stands in."""
    while i and tokens[i - 1].end >= tokens[i].start:
        i -= 1
    return i


def _put_number(text: str, figure_text: str, number: Number) -> str:
    """Replace the number of the same unit; of a date only the parts that are named."""
    for old in numbers(text):
        if number.date and old.date:
            year, quarter, month, day = number.date
            if year is None and old.date.year is not None and (quarter or month or day):
                return f"{text[: old.start]}{old.date.year}년 {figure_text}{text[old.end :]}"
            return text[: old.start] + figure_text + text[old.end :]
        if number.unit == old.unit and number.date is None and old.date is None:
            return text[: old.start] + figure_text + text[old.end :]
        if number.part and old.date:  # 2003~2007년 for 2022년
            return text[: old.start] + figure_text + text[old.end :]
    return text


def _items(answer: Answer) -> list[str]:
    """Return the things that an answer lists."""
    for source in (*(s.text for s in answer.sentences), *(c.quote for c in answer.citations)):
        listed = max(
            re.findall(r"(?:[^,、·]{2,24}[,、·]\s?){1,6}[^,.、·]{2,24}", source), key=len, default=""
        )
        parts = [
            re.sub(
                r"^(그리고|및|와|과)\s|\s?(세|두|네|다섯)\s가지.*$|(이다|입니다|등|을|를|이|가)[.]?$",
                "",
                p.strip(),
            )
            for p in re.split("[,、·]", listed)
        ]
        if len(parts) > 1:
            parts[0] = parts[0].split(" ", 1)[-1] if "는 " in parts[0] or "은 " in parts[0] else parts[0]
            return [p for p in parts if p]
    return []


def _person(text: str) -> str:
    titles = "|".join(sorted(lexicon.TITLES, key=len, reverse=True))
    match = re.search(rf"([가-힣]{{2,4}} (?:{titles}))(?![가-힣]{{2}})", text)
    return match[1] if match else ""


def _put(text: str, match: re.Match[str], phrase: str, particle: str) -> str:
    return f"{text[: match.start()]}{with_particle(phrase, particle)}{text[match.end() :]}"
