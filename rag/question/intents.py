"""Questions about the library itself: which documents are there, what is in one, how do two differ, where
does the last answer come from.

The words for documents, lists, sums, differences and sources are also those of many a question about what
the documents say (어떤 자료를 내야 하나요? 정리해고는 언제 통보하나요?). So a question is about the library
only where all that it says is: beside names of documents, no word of content stands in it but words for
documents as such and for what is wanted of them. What is not sure is an ordinary question. Pure but for Kiwi.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from rag.text import korean
from rag.text.korean import normalise
from rag.text.summary import main_title

Span = tuple[int, int]

_DOCUMENT = frozenset(
    "문서 자료 파일 브리프 보고서 글 document documents file files brief briefs report reports".split()
)
_LISTING = frozenset("목록 리스트 list".split())
_THERE = frozenset("있 가지 갖 보유 have there library folder".split())
_PUT = frozenset("등록 저장 올리 넣 들어가 들어오".split())  # 올린 파일: what is there
_SHOWING = frozenset("알리 보이 말하 show tell give".split())
_ALL = frozenset("모두 다 전부 모든 전체 all".split())
_WHAT = frozenset("무엇 뭐 뭣 무슨 어떤 몇 what which".split())
_SUMMING = frozenset("요약 간추리 정리 summarise summarize summary".split())
_CONTENT = frozenset("내용 요지 points contents about".split())
_DIFFERING = frozenset("차이 차이점 비교 다르 difference differences differ compare".split())
_THIS = frozenset("이 그 해당 this that".split())
_TWO = frozenset("두 둘 both two".split())
_CITED = frozenset("출처 근거 원문 source sources".split())
_WRITTEN = frozenset("적히 쓰이 나오 실리 written say says".split())
_SAID = frozenset("답 답변 말 이야기 얘기 내용 그것 이것 그거 이거 it".split())  # by the last answer
_FUNCTION = frozenset(
    "the a an of is are do does you your me my in to for and between with from can could please".split()
)  # English ones
_LIST = (
    _DOCUMENT
    | _LISTING
    | _THERE
    | _PUT
    | _SHOWING
    | _ALL
    | _WHAT
    | _FUNCTION
    | frozenset("개 것 거 좀 총 들 지금 현재 여기 너 당신 라이브러리 폴더".split())
)
_SUMMARY = (
    (_DOCUMENT | _SUMMING | _CONTENT | _THIS | _SHOWING | _ALL | _WHAT | _FUNCTION)
    | frozenset(("핵심 주요 중심 간단 간단히 간략 간략히 짧 쉽 어떻 좀 것 거 수 있 부탁 main key short "
        "briefly it").split())
)  # fmt: skip
_DIFFERENCE = (
    _DOCUMENT
    | _DIFFERING
    | _SHOWING
    | _WHAT
    | _THIS
    | _TWO
    | _FUNCTION
    | frozenset("어떻 점 사이 좀 수 있 how".split())
)
_SOURCE = (
    _CITED
    | _SAID
    | _THIS
    | _SHOWING
    | _FUNCTION
    | frozenset("무엇 뭐 어디 있 나오 적히 방금 좀 보 수 what where".split())
)
_PLACE = (
    _DOCUMENT
    | _SAID
    | _THIS
    | _WRITTEN
    | _FUNCTION
    | frozenset("어디 어느 몇 쪽 페이지 있 것 거 where which page".split())
)

_COUNT = re.compile(
    r"(한|두|세|네|다섯|여섯|일곱|\d{1,2}|one|two|three|four|five)\s?(줄|문장|가지|lines?|sentences?|points?)"
)
_COUNTS = {
    "한": 1,
    "두": 2,
    "세": 3,
    "네": 4,
    "다섯": 5,
    "여섯": 6,
    "일곱": 7,
    "one": 1,
    "two": 2,
    "three": 3,
    "four": 4,
    "five": 5,
}
_PARTICLE = re.compile(
    r"(?:은|는|이|가|을|를|의|에|에는|에서|에서는|와|과|이?랑|하고|도|만|이?란|이?야|인가요)?(?![0-9A-Za-z가-힣])",
    re.IGNORECASE,
)
_QUESTION_ENDS = ("나요", "까", "가", "나", "냐", "니")


@dataclass(frozen=True, slots=True)
class Task:
    """What is asked of whole documents. `kind`: list, summary or difference; `documents`: indices; `count`:
    sentences wanted of each.
    """

    kind: str
    documents: tuple[int, ...]
    count: int


def recognise(
    question: str, titles: Sequence[str], paths: Sequence[str], chosen: Sequence[int] = ()
) -> Task | None:
    """Tell whether a question is about whole documents, and which; None for an ordinary question.

    Args:
        titles, paths: of all documents. chosen: indices of those that the last answer cites ("이 문서"), the
            first first.

    >>> titles, paths = ["돌봄 계획", "교통 계획"], ["a.md", "b.md"]
    >>> recognise("교통 계획을 두 줄로 요약해 줘", titles, paths)
    Task(kind='summary', documents=(1,), count=2)
    >>> recognise("교통 계획의 예산을 요약해 줘", titles, paths)
    """
    text = normalise(question)
    if not _Said(text).has(_DOCUMENT | _SUMMING | _CONTENT | _DIFFERING | {"핵심"}):
        return None
    places = _named(text, titles, paths)
    named = tuple(dict.fromkeys(i for _, i in places))
    count = _COUNT.search(text)
    said = _Said(text, [*(span for span, _ in places), *([count.span()] if count else [])])
    if said.demanding:
        return None
    if not named and not count and said.only(_LIST) and _asks_for_list(said):
        return Task("list", tuple(range(len(titles))), 1)
    if said.only(_SUMMARY) and (_asks_for_summary(said) or _asks_for_content(said)):
        return _summary(text, named or _in_sight(said, len(titles), chosen))
    if said.only(_DIFFERENCE) and said.has(_DIFFERING):
        if not named and said.has(_TWO) and said.has(_DOCUMENT):
            named = tuple(chosen) if len(chosen) == 2 else tuple(range(len(titles)))
        return Task("difference", named, 2) if len(named) == 2 else None
    return None


def summary_in_sight(
    question: str, titles: Sequence[str], paths: Sequence[str], chosen: Sequence[int] = ()
) -> Task | None:
    """Return what a summary would be of, should a question ask for one (`rag.question.about` tells): what it
    names, what "이" or "그" points at, or the only document. None where there is no such document.

    Args: see `recognise`.

    >>> summary_in_sight("교통 계획은 뭐 하자는 거야?", ["돌봄 계획", "교통 계획"], ["a.md", "b.md"])
    Task(kind='summary', documents=(1,), count=3)
    """
    text = normalise(question)
    documents = tuple(dict.fromkeys(i for _, i in _named(text, titles, paths)))
    if not documents and chosen and _Said(text).has(_THIS):
        documents = tuple(chosen[:1])
    if not documents and len(titles) == 1:
        documents = (0,)
    return _summary(text, documents)


def _summary(text: str, documents: tuple[int, ...]) -> Task | None:
    """Return the summary of some documents, as long as a text wants it; None for none."""
    count = _COUNT.search(text)
    wanted = 3 if count is None else int(count[1]) if count[1].isdigit() else _COUNTS[count[1]]
    return Task("summary", documents, max(1, min(wanted, 10))) if documents else None


def asks_source(question: str) -> bool:
    """True for a question about where the last answer comes from.

    >>> asks_source("출처는?"), asks_source("출처 표시 의무는 언제부터인가요?"), asks_source("어디에 있나요?")
    (True, False, False)
    """
    said = _Said(normalise(question))
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

    def __init__(self, text: str, spans: Sequence[Span] = ()) -> None:
        def outside(start: int, end: int) -> bool:
            return not any(start < b and a < end for a, b in spans)

        self.tokens = [t for t in korean.tokens(text) if outside(t.start, t.end)]
        self.words = {m[0] for m in re.finditer("[a-z]+", text) if outside(*m.span())}
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


def _named(text: str, titles: Sequence[str], paths: Sequence[str]) -> list[tuple[Span, int]]:
    """Return where titles or file names stand in a (normalised) question, with their documents, in order;
    longer names first.

    A name begins and ends where words do, but for a particle; one that several documents bear names none.
    """
    names: dict[str, set[int]] = {}
    for i, (title, path) in enumerate(zip(titles, paths, strict=True)):
        file = path.rsplit("/", 1)[-1]
        stem = file.rsplit(".", 1)[0]
        short = re.sub(r"\s*\([^()]*\)$", "", main_title(title))  # 시행 계획(2025)
        for name in {short, main_title(title), title, path, file, stem, re.sub(r"^[\d_\W]+", "", stem)}:
            names.setdefault(_flat(normalise(name)), set()).add(i)
    found: list[tuple[Span, int]] = []
    flat = _flat(text)
    for name in sorted((name for name in names if len(name) > 1 and name in flat), key=len, reverse=True):
        for match in re.finditer(r"(?<![0-9a-z가-힣])" + r"[\s_]*".join(map(re.escape, name)), text):
            free = all(match.end() <= a or b <= match.start() for (a, b), _ in found)
            if free and len(names[name]) == 1 and _PARTICLE.match(text, match.end()):
                found.append((match.span(), min(names[name])))
    return sorted(found)


def _flat(text: str) -> str:
    return re.sub(r"[\s_]", "", text)
