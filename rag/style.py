"""How an answer reads: polite endings, whole sentences. Only the end of a sentence and what frames a bare answer is ever changed."""

from __future__ import annotations

import re

from rag import korean
from rag.conversation import topic

_WH_NOUN = re.compile(
    r"(?P<wh>얼마|언제|누구|어디|무엇|뭐|몇\s?(?P<unit>[가-힣]{1,3}?)|어느 [가-힣 ]{1,12}?|어떤 [가-힣 ]{1,12}?|무슨 [가-힣 ]{1,12}?)"
    r"(?:이며|이고)?\s?(인가요|입니까|이에요|예요|야|이야|인지|일까요|죠|이죠|인가)\s?[?.]?$"
)


def polite(sentence: str) -> str:
    """Return a sentence in the polite style (했다 → 했습니다); as it stands where its end is of another kind.

    >>> polite("예산은 3억 원이다."), polite("도서관을 연다"), polite("세 곳입니다.")
    ('예산은 3억 원입니다.', '도서관을 엽니다', '세 곳입니다.')
    """
    found = korean.tokens(sentence)
    last = next((i for i in range(len(found) - 1, -1, -1) if found[i].tag == "EF"), None)
    if last is None or found[last].form not in ("다", "ᆫ다", "는다") or any(t.tag not in ("SF", "SS", "SSC", "SY") for t in found[last + 1 :]):
        return sentence
    word = next((i for i in range(last, -1, -1) if i == 0 or found[i].start > found[i - 1].end), 0)
    with korean._lock:
        joined = korean.kiwi().join([*((t.form, t.tag) for t in found[word:last]), ("습니다", "EF")])
    return sentence[: found[word].start] + str(joined) + sentence[found[last].end :]


def completed(bare: str, question: str) -> str:
    """Make a sentence of a bare answer with the words of its question, "" where the question's form does not allow it.

    >>> completed("약 5천만 원", "H100 한 장의 가격은 얼마인가요?")
    'H100 한 장의 가격은 약 5천만 원입니다.'
    """
    match = _WH_NOUN.search(question)
    about = topic(question)
    if not match or not about or not question.startswith(about):
        return ""
    between = question[len(about) : match.start()].strip()
    if between not in ("은", "는", "이", "가"):
        return ""
    answer = re.sub(r"(이다|입니다|이에요|예요)?[.\s]*$", "", bare).strip()
    return f"{question[: match.start()].rstrip()} {answer}입니다." if answer else ""
