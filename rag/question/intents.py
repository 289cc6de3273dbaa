"""Questions about the library itself that are known by their words: which documents are there, what is in one,
how do two differ, where does the last answer come from.

The words for documents, lists, sums, differences and sources are also those of many a question about what
the documents say (어떤 자료를 내야 하나요? 정리해고는 언제 통보하나요?). So a question is known so only where
all that it says is of this kind: beside names of documents, no word of content stands in it but words for
documents as such and for what is wanted of them. What people say in other words is learned
(`rag.question.purpose`), which in turn knows few questions that hold a name. Pure but for Kiwi.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from rag.question.purpose import Purpose
from rag.question.tasks import COUNT, DIFFERENCE_SENTENCES, Span, Task, count_in, named_in
from rag.question.wording import Wording
from rag.text import korean
from rag.text.vocabulary import vocabulary

_WORDS = {name: frozenset(section.words()) for name, section in vocabulary(__file__).items()}
_DOCUMENT = _WORDS["document"]
_LISTING = _WORDS["listing"]
_THERE = _WORDS["there"]
_PUT = _WORDS["put"]
_SHOWING = _WORDS["showing"]
_ALL = _WORDS["all"]
_WHAT = _WORDS["what"]
_SUMMING = _WORDS["summing"]
_CONTENT = _WORDS["content"]
_DIFFERING = _WORDS["differing"]
_THIS = _WORDS["this"]
_TWO = _WORDS["two"]
_CITED = _WORDS["cited"]
_WRITTEN = _WORDS["written"]
_SAID = _WORDS["answer"]
_FUNCTION = _WORDS["function"]
_LIST = _DOCUMENT | _LISTING | _THERE | _PUT | _SHOWING | _ALL | _WHAT | _FUNCTION | _WORDS["in list"]
_SUMMARY = (
    _DOCUMENT | _SUMMING | _CONTENT | _THIS | _SHOWING | _ALL | _WHAT | _FUNCTION | _WORDS["in summary"]
)
_DIFFERENCE = _DOCUMENT | _DIFFERING | _SHOWING | _WHAT | _THIS | _TWO | _FUNCTION | _WORDS["in difference"]
_SOURCE = _CITED | _SAID | _THIS | _SHOWING | _FUNCTION | _WORDS["in source"]
_PLACE = _DOCUMENT | _SAID | _THIS | _WRITTEN | _FUNCTION | _WORDS["in place"]
_QUESTION_ENDS = ("나요", "까", "가", "나", "냐", "니")


def recognise(
    question: Wording, titles: Sequence[str], paths: Sequence[str], chosen: Sequence[int] = ()
) -> Task | None:
    """Tell whether a question is about whole documents, and which; None for an ordinary question.

    Args:
        titles, paths: of all documents. chosen: indices of those that the last answer cites ("이 문서"), the
            first first.

    >>> titles, paths = ["돌봄 계획", "교통 계획"], ["a.md", "b.md"]
    >>> recognise(Wording("교통 계획을 두 줄로 요약해 줘"), titles, paths)
    Task(purpose=<Purpose.ABOUT: 'about'>, documents=(1,), count=2)
    >>> recognise(Wording("교통 계획의 예산을 요약해 줘"), titles, paths)
    """
    if not _Said(question).has(_DOCUMENT | _SUMMING | _CONTENT | _DIFFERING | {"핵심"}):
        return None
    places = named_in(question, titles, paths)
    named = tuple(dict.fromkeys(i for _, i in places))
    count = COUNT.search(question.normalised)
    said = _Said(question, [*(span for span, _ in places), *([count.span()] if count else [])])
    if said.demanding:
        return None
    if not named and not count and said.only(_LIST) and _asks_for_list(said):
        return Task(Purpose.LIST, tuple(range(len(titles))), 1)
    if said.only(_SUMMARY) and (_asks_for_summary(said) or _asks_for_content(said)):
        documents = named or _in_sight(said, len(titles), chosen)
        return Task(Purpose.ABOUT, documents, count_in(question)) if documents else None
    if said.only(_DIFFERENCE) and said.has(_DIFFERING):
        if not named and said.has(_TWO) and said.has(_DOCUMENT):
            named = tuple(chosen) if len(chosen) == 2 else tuple(range(len(titles)))
        return Task(Purpose.DIFFERENCE, named, DIFFERENCE_SENTENCES) if len(named) == 2 else None
    return None


def asks_source(question: Wording) -> bool:
    """True for a question about where the last answer comes from.

    >>> asks_source(Wording("출처는?")), asks_source(Wording("출처 표시 의무는 언제부터인가요?"))
    (True, False)
    >>> asks_source(Wording("어디에 있나요?"))
    False
    """
    said = _Said(question)
    if said.has(_CITED):
        return said.only(_SOURCE)
    if not said.only(_PLACE) or said.demanding:
        return False
    place = (said.has({"어느", "which"}) and said.has(_DOCUMENT)) or (
        said.has({"쪽", "페이지", "page"}) and said.has({"몇", "어느", "which"})
    )
    if place:
        return said.has(_WRITTEN | {"있"})
    return (
        said.has({"어디", "where"})
        and said.has(_WRITTEN)
        and (said.being or said.has(_SAID - {"그것", "이것"}) or said.has({"written", "say", "says"}))
    )


class _Said:
    """What a question says beside the names of documents.

    `words`: its words of content; `being`: it speaks of a state (나와 있다, 올린 파일); `demanding`: of what
    somebody must do or did.
    """

    def __init__(self, question: Wording, spans: Sequence[Span] = ()) -> None:
        def outside(start: int, end: int) -> bool:
            return not any(start < b and a < end for a, b in spans)

        self.tokens = [t for t in question.tokens if outside(t.start, t.end)]
        self.words = {m[0] for m in re.finditer("[a-z]+", question.normalised) if outside(*m.span())}
        self.words |= {
            t.form
            for t in self.tokens
            if (t.tag in korean.CONTENT_TAGS and t.tag != "SL") or t.tag in ("NP", "NNB")
        }
        self.being = any(
            (a.tag == "EC" and a.form in ("어", "아") and b.form == "있")
            or (a.form in _PUT and b.tag == "ETM" and b.form == "ᆫ")
            for a, b in pairwise(t for t in self.tokens if t.tag != "XSV")
        )
        self.demanding = any(
            (t.tag == "EC" and t.form.endswith(("어야", "아야", "여야")))
            or (t.tag == "EP" and t.form in ("었", "았"))
            for t in self.tokens
        )

    def only(self, vocabulary: frozenset[str]) -> bool:
        return bool(self.words) and self.words <= vocabulary

    def has(self, words: frozenset[str] | set[str]) -> bool:
        return bool(self.words & words)


def _asks_for_list(said: _Said) -> bool:
    within = any(
        a.form in _DOCUMENT and b.tag == "JKB" for a, b in pairwise(t for t in said.tokens if t.tag != "XSN")
    )
    if not said.has(_DOCUMENT) or within:  # 보고서에는 무엇이 있나요?
        return False
    counted = {"몇", "개"} <= said.words
    there = said.has(_THERE) or said.being
    return (
        said.has(_LISTING)
        or counted
        or (there and said.has(_WHAT))
        or (said.has(_ALL) and said.has(_SHOWING))
    )


def _asks_for_summary(said: _Said) -> bool:
    """True for 요약해 줘, but not for 정리하나요? and 정리는 어떻게 하나요?, which ask of somebody's doing."""
    verbs = [t for t in said.tokens if t.tag != "XSV"]
    does = any(
        a.form in _SUMMING and b.tag == "EF" and b.form.endswith(_QUESTION_ENDS) for a, b in pairwise(verbs)
    )
    return said.has(_SUMMING) and not does and not said.has({"어떻", "몇"})


def _asks_for_content(said: _Said) -> bool:
    """True for 무슨 내용이야? and 핵심만 알려 줘, but not for 핵심은 무엇인가요?, which may be asked of any
    matter.
    """
    only_core = any(a.form == "핵심" and b.form == "만" for a, b in pairwise(said.tokens))
    return said.has(_CONTENT) or (only_core and said.has(_SHOWING))


def _in_sight(said: _Said, total: int, chosen: Sequence[int]) -> tuple[int, ...]:
    """Return the one document that is meant without its name: by "이 문서", or by asking for a summary of
    nothing else.
    """
    pointed = said.has(_THIS)
    if pointed and not said.has(_DOCUMENT):
        return ()
    if chosen and (pointed or said.has(_SUMMING)):
        return tuple(chosen[:1])
    return (
        (0,) if total == 1 and (pointed or said.has(_SUMMING) or not (chosen or said.has(_DOCUMENT))) else ()
    )
