"""How an answer reads: polite endings, whole sentences. Only the end of a sentence and what frames a bare
answer is ever changed.
"""

from __future__ import annotations

import re

from rag.question.wording import Wording
from rag.text import korean, lexicon
from rag.text.vocabulary import alternatives, vocabulary

_PLAIN_ENDS = frozenset({"다", "ᆫ다", "는다"})
_SPOKEN_ENDS = _PLAIN_ENDS | {"습니다", "ᆸ니다"}
_QUESTION_ENDS = frozenset({"나요", "는가요", "ᆫ가요", "은가요", "ᆸ니까", "습니까"})
_WORDS = vocabulary(__file__)
_WH = re.compile(alternatives(_WORDS["interrogatives"].words()))
_WH_NOUN = re.compile(
    "(?:" + _WORDS["nouns that are asked for"].pattern() + ")"
    r"(?:이며|이고)?\s?(인가요|입니까|이에요|예요|야|이야|인지|일까요|죠|이죠|인가)\s?[?.]?$"
)


def polite(sentence: str) -> str:
    """Return a sentence in the polite style (했다 → 했습니다); as it stands where its end is of another kind.

    >>> polite("예산은 3억 원이다."), polite("도서관을 연다"), polite("세 곳입니다."), polite("13,900명이다.")
    ('예산은 3억 원입니다.', '도서관을 엽니다', '세 곳입니다.', '13,900명입니다.')
    """
    return _with_ending(sentence, _PLAIN_ENDS) or sentence


def as_statement(sentence: str) -> str:
    """Return a sentence that ends as a question as a statement, where nothing in it asks (했나요 →
    했습니다); "" where something does.

    >>> as_statement("AI가 전쟁을 억제할 수도 있다고 했나요."), as_statement("가격은 얼마인가요?")
    ('AI가 전쟁을 억제할 수도 있다고 했습니다.', '')
    """
    if _WH.search(sentence):
        return ""
    statement = _with_ending(sentence.rstrip("?. "), _QUESTION_ENDS)
    return f"{statement}." if statement else ""


def nominal(sentence: str) -> str:
    """Return a sentence with the nominal ending of reports (했습니다 → 했음), without its full stop; as it
    stands where it ends otherwise.

    >>> nominal("예산은 3억 원입니다."), nominal("노선이 늘어났다."), nominal("일이 어렵습니다")
    ('예산은 3억 원임', '노선이 늘어났음', '일이 어려움')
    """
    return _with_ending(sentence.rstrip(". "), _SPOKEN_ENDS, ("음", "ETN")) or sentence


def _with_ending(sentence: str, endings: frozenset[str], ending: tuple[str, str] = ("습니다", "EF")) -> str:
    """Give a sentence that ends in one of `endings` another ending; "" where it ends otherwise."""
    tokens = korean.tokens(sentence)
    last = next((i for i in range(len(tokens) - 1, -1, -1) if tokens[i].tag == "EF"), None)
    if (
        last is None
        or tokens[last].form not in endings
        or any(t.tag not in ("SF", "SS", "SSC", "SY") for t in tokens[last + 1 :])
    ):
        return ""
    predicate = next(
        (i for i in range(last, -1, -1) if tokens[i].tag[:2] in ("VV", "VA", "VX", "VC", "XS")), None
    )
    if predicate is None:
        return ""
    predicate_text = korean.join(
        [*((t.form, t.tag + "-I" * t.irregular) for t in tokens[predicate:last]), ending]
    )
    if sentence.startswith("였", tokens[predicate].start):
        predicate_text = predicate_text.replace("이었", "였", 1)  # Kiwi joins the two apart
    return sentence[: tokens[predicate].start] + predicate_text + sentence[tokens[last].end :]


def as_sentence(bare: str) -> str:
    """Return a bare noun or figure as a polite sentence; as it stands where it ends otherwise.

    >>> as_sentence("6,710억 개"), as_sentence("네이버."), as_sentence("예산이다.")
    ('6,710억 개입니다.', '네이버입니다.', '예산이다.')
    """
    tokens = korean.tokens(bare.rstrip(". "))
    return (
        f"{bare.rstrip('. ')}입니다."
        if tokens and tokens[-1].tag in ("NNG", "NNP", "NNB", "NR", "SN", "SL", "XSN")
        else bare
    )


def in_hangul(sentence: str, source: str) -> str:
    """Write names that a model put in Latin letters as the source does: Google → 구글.

    >>> in_hangul("힌튼은 Google에서 물러났다.", "힌튼은 구글에서 물러났다")
    '힌튼은 구글에서 물러났다.'
    """

    def put(match: re.Match[str]) -> str:
        name = lexicon.ALIASES.get(match[0].lower(), "")
        at = source.lower().find(name) if name and match[0].lower() not in source.lower() else -1
        return source[at : at + len(name)] if at >= 0 else match[0]

    return re.sub(r"[A-Za-z]+", put, sentence)


def spaced(sentence: str, source: str) -> str:
    """Write a figure and its counter together where the source does: 5 곳 → 5곳.

    >>> spaced("기업 5 곳이 3 억 원을 냈다.", "기업 5곳이 3 억 원을 냈다")
    '기업 5곳이 3 억 원을 냈다.'
    """
    return re.sub(
        r"(\d) ([가-힣])",
        lambda m: m[1] + m[2] if m[1] + m[2] in source and m[0] not in source else m[0],
        sentence,
    )


def topicalises_verb(sentence: str, question: Wording) -> bool:
    """True where a sentence makes the verb that the question ends with its topic or subject, which is no
    Korean: a small model takes it for a noun.

    >>> question = Wording("소버린 AI가 왜 필요하다고 해?")
    >>> topicalises_verb("소버린 AI가 필요하다고 해는 통제권을 뜻한다.", question)
    True
    >>> topicalises_verb("예산은 3억 원이다.", Wording("예산은?"))
    False
    """
    if not question.last_verb:
        return False
    verb = re.escape(question.last_verb)
    return re.search(rf"(?<![가-힣]){verb}(은|는|이|가)(?![가-힣])", sentence) is not None


def completed(bare: str, question: Wording) -> str:
    """Make a sentence of a bare answer with the words of its question, "" where the question's form does not
    allow it.

    >>> completed("약 5천만 원", Wording("H100 한 장의 가격은 얼마인가요?"))
    'H100 한 장의 가격은 약 5천만 원입니다.'
    """
    text, about = question.text, question.topic
    match = _WH_NOUN.search(text)
    if not match or not about or not text.startswith(about):
        return ""
    between = text[len(about) : match.start()].strip()
    if between not in ("은", "는", "이", "가"):
        return ""
    answer = re.sub(r"(이다|입니다|이에요|예요)?[.\s]*$", "", bare).strip()
    return f"{text[: match.start()].rstrip()} {answer}입니다." if answer else ""
