"""Questions about the library itself that are known by their words: which documents are there, what is in
one, how do two differ, where does the last answer come from.

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
from rag.question.tasks import COUNT, DIFFERENCE_SENTENCES, Span, Task, count_in, mentions
from rag.question.wording import Wording
from rag.text import korean
from rag.text.vocabulary import vocabulary

_WORDS = {name: frozenset(section.words()) for name, section in vocabulary(__file__).items()}
_DOCUMENT = _WORDS["document"]
_LISTING = _WORDS["listing"]
_PRESENCE = _WORDS["there"]
_PLACEMENT = _WORDS["put"]
_SHOW = _WORDS["showing"]
_ALL = _WORDS["all"]
_QUESTION_WORDS = _WORDS["what"]
_SUMMARISE = _WORDS["summing"]
_CONTENT = _WORDS["content"]
_DIFFER = _WORDS["differing"]
_POINTER = _WORDS["this"]
_PAIR = _WORDS["two"]
_CITATION = _WORDS["cited"]
_WRITING = _WORDS["written"]
_ANSWER = _WORDS["answer"]
_FUNCTION = _WORDS["function"]
_LIST = (
    _DOCUMENT
    | _LISTING
    | _PRESENCE
    | _PLACEMENT
    | _SHOW
    | _ALL
    | _QUESTION_WORDS
    | _FUNCTION
    | _WORDS["in list"]
)
_SUMMARY = (
    _DOCUMENT
    | _SUMMARISE
    | _CONTENT
    | _POINTER
    | _SHOW
    | _ALL
    | _QUESTION_WORDS
    | _FUNCTION
    | _WORDS["in summary"]
)
_DIFFERENCE = (
    _DOCUMENT | _DIFFER | _SHOW | _QUESTION_WORDS | _POINTER | _PAIR | _FUNCTION | _WORDS["in difference"]
)
_SOURCE = _CITATION | _ANSWER | _POINTER | _SHOW | _FUNCTION | _WORDS["in source"]
_PLACE = _DOCUMENT | _ANSWER | _POINTER | _WRITING | _FUNCTION | _WORDS["in place"]
_QUESTION_ENDS = ("나요", "까", "가", "나", "냐", "니")


def recognise(
    question: Wording, titles: Sequence[str], paths: Sequence[str], cited: Sequence[int] = ()
) -> Task | None:
    """Tell whether a question is about whole documents, and which; None for an ordinary question.

    Args:
        titles, paths: of all documents. cited: indices of those that the last answer cites ("이 문서"), the
            first first.

    >>> titles, paths = ["돌봄 계획", "교통 계획"], ["a.md", "b.md"]
    >>> recognise(Wording("교통 계획을 두 줄로 요약해 줘"), titles, paths)
    Task(purpose=<Purpose.ABOUT: 'about'>, documents=(1,), count=2)
    >>> recognise(Wording("교통 계획의 예산을 요약해 줘"), titles, paths)
    """
    if not _Rest(question).has(_DOCUMENT | _SUMMARISE | _CONTENT | _DIFFER | {"핵심"}):
        return None
    places = mentions(question, titles, paths)
    documents = tuple(dict.fromkeys(i for _, i in places))
    count = COUNT.search(question.normalised)
    rest = _Rest(question, [*(span for span, _ in places), *([count.span()] if count else [])])
    if rest.demanding:
        return None
    if not documents and not count and rest.only(_LIST) and _asks_for_list(rest):
        return Task(Purpose.LIST, tuple(range(len(titles))), 1)
    if rest.only(_SUMMARY) and (_asks_for_summary(rest) or _asks_for_content(rest)):
        in_sight = documents or _document_in_sight(rest, len(titles), cited)
        return Task(Purpose.ABOUT, in_sight, count_in(question)) if in_sight else None
    if rest.only(_DIFFERENCE) and rest.has(_DIFFER):
        if not documents and rest.has(_PAIR) and rest.has(_DOCUMENT):
            documents = tuple(cited) if len(cited) == 2 else tuple(range(len(titles)))
        return Task(Purpose.DIFFERENCE, documents, DIFFERENCE_SENTENCES) if len(documents) == 2 else None
    return None


def asks_source(question: Wording) -> bool:
    """True for a question about where the last answer comes from.

    >>> asks_source(Wording("출처는?")), asks_source(Wording("출처 표시 의무는 언제부터인가요?"))
    (True, False)
    >>> asks_source(Wording("어디에 있나요?"))
    False
    """
    rest = _Rest(question)
    if rest.has(_CITATION):
        return rest.only(_SOURCE)
    if not rest.only(_PLACE) or rest.demanding:
        return False
    place = (rest.has({"어느", "which"}) and rest.has(_DOCUMENT)) or (
        rest.has({"쪽", "페이지", "page"}) and rest.has({"몇", "어느", "which"})
    )
    if place:
        return rest.has(_WRITING | {"있"})
    return (
        rest.has({"어디", "where"})
        and rest.has(_WRITING)
        and (rest.being or rest.has(_ANSWER - {"그것", "이것"}) or rest.has({"written", "say", "says"}))
    )


class _Rest:
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
            or (a.form in _PLACEMENT and b.tag == "ETM" and b.form == "ᆫ")
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


def _asks_for_list(rest: _Rest) -> bool:
    inside_document = any(
        a.form in _DOCUMENT and b.tag == "JKB" for a, b in pairwise(t for t in rest.tokens if t.tag != "XSN")
    )
    if not rest.has(_DOCUMENT) or inside_document:  # 보고서에는 무엇이 있나요?
        return False
    counted = {"몇", "개"} <= rest.words
    present = rest.has(_PRESENCE) or rest.being
    return (
        rest.has(_LISTING)
        or counted
        or (present and rest.has(_QUESTION_WORDS))
        or (rest.has(_ALL) and rest.has(_SHOW))
    )


def _asks_for_summary(rest: _Rest) -> bool:
    """True for 요약해 줘, but not for 정리하나요? and 정리는 어떻게 하나요?, which ask of somebody's
    doing.
    """
    verbs = [t for t in rest.tokens if t.tag != "XSV"]
    does = any(
        a.form in _SUMMARISE and b.tag == "EF" and b.form.endswith(_QUESTION_ENDS) for a, b in pairwise(verbs)
    )
    return rest.has(_SUMMARISE) and not does and not rest.has({"어떻", "몇"})


def _asks_for_content(rest: _Rest) -> bool:
    """True for 무슨 내용이야? and 핵심만 알려 줘, but not for 핵심은 무엇인가요?, which may be asked of any
    matter.
    """
    only_core = any(a.form == "핵심" and b.form == "만" for a, b in pairwise(rest.tokens))
    return rest.has(_CONTENT) or (only_core and rest.has(_SHOW))


def _document_in_sight(rest: _Rest, total: int, cited: Sequence[int]) -> tuple[int, ...]:
    """Return the one document that is meant without its name: by "이 문서", or by asking for a summary of
    nothing else.
    """
    pointed = rest.has(_POINTER)
    if pointed and not rest.has(_DOCUMENT):
        return ()
    if cited and (pointed or rest.has(_SUMMARISE)):
        return tuple(cited[:1])
    return (
        (0,) if total == 1 and (pointed or rest.has(_SUMMARISE) or not (cited or rest.has(_DOCUMENT))) else ()
    )
