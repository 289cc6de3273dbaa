"""Take a question that asks several things apart, so that each gets its own answer: 무엇이며, … 언제인가요?
· 무엇인가요? 그리고 …

By rule, pure but for Kiwi (`rag.text.korean`). What a part leaves out because the first has said it is put
back: its topic, or the period, place and owner before a new topic. A part that would lose such a condition
is no evidence about the right thing, so where it cannot be put back the question stays whole.
"""

from __future__ import annotations

import re

from rag.question.topic import topic
from rag.text import korean
from rag.text.korean import Morpheme
from rag.text.numbers import numbers
from rag.text.particles import with_particle
from rag.text.vocabulary import alternatives, vocabulary

MAX_PARTS = 3
_WORDS = vocabulary(__file__)
_WH = re.compile(alternatives(_WORDS["interrogatives"].words()))
_REQUEST = re.compile(_WH.pattern + "|" + alternatives(_WORDS["requests"].words()))
_JOINTS = frozenset({"며", "으며", "고"})
_WHETHER = frozenset({"ᆫ지", "는지", "은지"})
_LEAD = re.compile("^(" + alternatives(_WORDS["leads"].words()) + r")\s*")
_POINTS_BACK = re.compile("(?<![가-힣])(" + alternatives(_WORDS["points back"].words()) + ")(?![가-힣])")
_ITS = re.compile(r"^(?:그|해당)\s(?=[가-힣]{2})")
_ENGLISH = re.compile(r"(?<=\?)\s+|,?\s+and\s+(?=(?:what|how|who|when|where|why|which)\b)", re.IGNORECASE)


def questions_in(question: str) -> list[str]:
    """Return the questions that a question holds, in order, at most MAX_PARTS; itself where it asks one
    thing.

    >>> questions_in("도서관 예산은 얼마이며, 언제 확정되나요?")
    ['도서관 예산은 얼마인가요?', '도서관 예산은 언제 확정되나요?']
    >>> questions_in("도서관은 몇 시에 열고 닫나요?")
    ['도서관은 몇 시에 열고 닫나요?']
    """
    if not re.search("[가-힣]", question):
        questions = [
            part.strip().removeprefix("And ").strip() for part in _ENGLISH.split(question) if part.strip()
        ]
        conditions = (
            bool(numbers(questions[0])) if questions else False
        )  # English word order leaves no place to put a period or number back
        return questions if 1 < len(questions) <= MAX_PARTS and not conditions else [question]
    questions = []
    rest = ""
    for sentence in re.split(r"(?<=[?.])\s+", question.strip()):
        rest = f"{rest} {sentence}".strip()
        if _REQUEST.search(rest) or rest.endswith("?"):
            questions += _clauses(rest)
            rest = ""
    if rest or len(questions) < 2 or len(questions) > MAX_PARTS:
        return [question]
    about = topic(questions[0])
    has_topic = about != questions[0].rstrip("?.! ") and not _WH.search(about)
    whole_questions = [questions[0]]
    for part in questions[1:]:
        part = _LEAD.sub("", part)
        if has_topic:
            part = _ITS.sub(f"{about}의 ", part)
        if has_topic and about not in part and not _POINTS_BACK.search(part):
            has_own_topic = any(t.tag == "JX" and t.form in ("은", "는") for t in korean.tokens(part))
            part = (
                f"{_conditions(about, part)}{part}"
                if has_own_topic
                else f"{with_particle(about, '은')} {part}"
            )
        whole_questions.append(part)
    return whole_questions


def _conditions(about: str, part: str) -> str:
    """Return what stood before the first topic and holds for a new one too, with a blank behind it; "" for
    nothing.

    >>> (_conditions("가온시 배움터의 2025년 2분기 이용자", "강사는 몇 명인가요?"),
    ... _conditions("2025년 가온시의 예산", "나래시의 예산은 얼마인가요?"))
    ('가온시 배움터의 2025년 2분기 ', '2025년 ')
    """
    dates = [n for n in numbers(about) if n.date]
    has_date = any(n.date for n in numbers(part))
    before = " ".join(about.split()[:-1])
    if (
        " " not in topic(part)
        and not has_date
        and (before.endswith("의") or korean.proper_nouns(before) or any(n.end <= len(before) for n in dates))
    ):
        return f"{before} "
    return "" if has_date or not dates else f"{about[dates[0].start : dates[-1].end].strip()} "


def _clauses(sentence: str) -> list[str]:
    """Cut a sentence behind each clause that asks, where the rest asks too; the clause becomes a question."""
    tokens = korean.tokens(sentence)
    for i, token in enumerate(tokens):
        before, after = sentence[: token.end], sentence[token.end :].lstrip(" ,")
        mark = sentence[token.end : token.end + 1]
        joint = (token.form in _JOINTS and mark in (" ", ",") and tokens[i + 1].tag != "VX") or (
            token.form in _WHETHER and mark == ","
        )
        if token.tag == "EC" and joint and _WH.search(before) and _REQUEST.search(after):
            if len(korean.content(korean.morphemes(before))) < 2 or not (
                question := _as_question(sentence, tokens, i)
            ):
                continue
            return [question, *_clauses(after)]
    return [sentence]


def _as_question(sentence: str, tokens: list[Morpheme], at: int) -> str:
    """Give the clause that ends with the ending `at` the ending of a question; "" where it has no
    predicate.
    """
    first = next(
        (i for i in range(at - 1, -1, -1) if tokens[i].tag[:2] in ("VV", "VA", "VX", "VC", "XS")), None
    )
    if first is None:
        return ""
    ending = "ᆫ가요" if tokens[at - 1].tag in ("VCP", "VA") else "나요"
    predicate_text = korean.join(
        [*((t.form, t.tag + "-I" * t.irregular) for t in tokens[first:at]), (ending, "EF")]
    )
    return f"{sentence[: tokens[first].start]}{predicate_text}?"
