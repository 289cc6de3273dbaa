"""What a question takes for granted: whom it ties somebody to; and which row of a table a text is about.
Pure but for Kiwi (`rag.text.korean`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from rag.question.wording import Wording
from rag.text import korean, lexicon, names
from rag.text.korean import Morpheme
from rag.text.vocabulary import vocabulary

_WORDS = vocabulary(__file__)
_TIE = re.compile(
    r"([가-힣A-Za-z0-9]{2,}?)(?:가|이|의|을|를|에서)? "
    r"(?:" + _WORDS["ties"].pattern() + ") $"
)
_CUT_WITH_NAME = r"(?:의|에서|을|를|이|가)?\s?(?:" + _WORDS["cut with a name"].pattern() + r")?\s*"
_SURNAMES = frozenset(_WORDS["surnames"].words())


def row_is_named(text: str, row: str, rows: Sequence[str]) -> bool:
    """True where a (normalised) text names the row of a table that it is about, or no other row has another
    name.

    A row's name is its first cell. What one row says is not said of all.

    >>> rows = ["배움터: 솔숲 배움터 | 강사: 6명", "배움터: 한내 배움터 | 강사: 9명"]
    >>> (row_is_named("배움터의 강사는 6명입니다.", rows[0], rows),
    ... row_is_named("솔숲 배움터의 강사는 6명입니다.", rows[0], rows))
    (False, True)
    """
    names = [korean.normalise(_first_cell(other)).split() for other in rows]
    own_words = set(korean.normalise(_first_cell(row)).split()) - set(names[0]).intersection(*names)
    flat = text.replace(" ", "")
    return not own_words or any(word in flat for word in own_words)


def _first_cell(row: str) -> str:
    return row.split(" | ", 1)[0].split(": ", 1)[-1]


def false_premise(
    question: Wording, texts: Sequence[str], is_known: Callable[[str], bool] = lambda name: False
) -> tuple[str, str] | None:
    """Find a name that a question ties to somebody whom a sentence ties to another: (the wrong name, the
    somebody), None for none.

    It is wrong only where no text says it, under any of its names, and the library does not know it.

    Args:
        texts: what was found for the question. is_known: tells whether a name stands anywhere in the library;
            asked last.

    >>> question = Wording("삼성전자 김필수 상무는 무엇을 꼽았나요?")
    >>> false_premise(question, ["네이버클라우드 김필수 상무의 발표"])
    ('삼성전자', '김필수')
    >>> false_premise(question, ["김필수 상무의 발표"])
    """
    text = question.normalised
    for start, end, person in _name_spans(question.tokens):
        name = text[start:end]
        bodies = _bodies_of(text, question.tokens, start, end, person)
        if not bodies or any(names.is_mentioned(body, source) for body in bodies for source in texts):
            continue
        another = any(
            ties_another(source[a:b], name, person) for source in texts for a, b in korean.sentences(source)
        )
        if another and not any(map(is_known, bodies)):
            at = question.text.lower().find(bodies[0])
            return question.text[at : at + len(bodies[0])] if at >= 0 else bodies[0], name
    return None


def _name_spans(tokens: Sequence[Morpheme]) -> list[tuple[int, int, bool]]:
    """Return where names stand, and whether they are certainly people's: with a title, with a Korean
    surname, of two parts (제프리 힌튼).
    """
    spans: list[tuple[int, int, bool]] = []
    for i, token in enumerate(tokens):
        if token.tag != "NNP" or len(token.form) < 2 or token.form in lexicon.TITLES:
            continue
        titled = i + 1 < len(tokens) and tokens[i + 1].form in lexicon.TITLES
        korean_name = token.form[0] in _SURNAMES and (
            len(token.form) == 3 or (titled and len(token.form) <= 4)
        )
        before = tokens[i - 1] if i else None
        if (
            before
            and not korean_name
            and before.tag == "NNP"
            and before.end + 1 == token.start
            and (before.start, before.end, True) not in spans
        ):
            spans = [span for span in spans if span[1] != before.end]
            spans.append((before.start, token.end, True))
        else:
            spans.append((token.start, token.end, korean_name or titled))
    return spans


def ties_another(sentence: str, name: str, person: bool = True) -> bool:
    """True where a sentence or a row says to whom somebody belongs.

    >>> ties_another("네이버클라우드 김필수 상무의 발표", "김필수")
    True
    >>> ties_another("이날 김필수 상무의 발표", "김필수")
    False
    """
    text = korean.normalise(sentence)
    if name not in text:
        return False
    if " | " in text:
        return any(
            "소속" in label and bool(value.strip())
            for label, _, value in (cell.partition(": ") for cell in text.split(" | "))
        )
    tokens = korean.tokens(text)
    return any(
        _bodies_of(text, tokens, match.start(), match.end(), person)
        for match in re.finditer(re.escape(name), text)
    )


def _bodies_of(text: str, tokens: Sequence[Morpheme], start: int, end: int, person: bool) -> list[str]:
    """Return to whom a normalised text says that somebody belongs, whose name stands at a span of it.

    That is whom they left or belong to (구글을 떠난, 구글 소속); of a person also the body right before the
    name (네이버 김필수 상무, 네이버 대표 김필수), with the names before it, or the one between name and
    title (김필수 네이버 상무, 김필수(네이버)).
    """
    if tie := _TIE.search(text[:start]):
        return [tie[1]]
    if not person:
        return []
    before, after = (
        _noun_runs([t for t in reversed(tokens) if t.end <= start]),
        _noun_runs([t for t in tokens if t.start >= end]),
    )
    words = [run for run in before if text[run[0].start : run[-1].end] not in lexicon.TITLES]
    if words and _is_body(text, words[0]):
        return [text[run[0].start : run[-1].end] for run in reversed(words[:3]) if _is_body(text, run)]
    follows = text[after[0][-1].end :].lstrip(") ") if after else ""
    bracketed = bool(after) and text[end : after[0][0].start].strip() == "("
    if (
        after
        and _is_body(text, after[0])
        and (bracketed or any(follows.startswith(title) for title in lexicon.TITLES))
    ):
        return [text[after[0][0].start : after[0][-1].end]]
    return []


def _noun_runs(tokens: Sequence[Morpheme]) -> list[list[Morpheme]]:
    """Return the words of nouns at the beginning of morphemes that are given in either direction, each in
    its order; a first 의 or ( is passed over.
    """
    runs: list[list[Morpheme]] = []
    for n, token in enumerate(tokens):
        if token.tag in ("NNG", "NNP", "SL", "XSN", "XPN"):
            run = runs[-1] if runs else []
            if run and token.end == run[0].start:
                run.insert(0, token)
            elif run and run[-1].end == token.start:
                run.append(token)
            else:
                runs.append([token])
        elif n or token.tag not in ("JKG", "SSO"):
            break
    return runs


def _is_body(text: str, run: Sequence[Morpheme]) -> bool:
    """True for a name, or a noun that ends as names of bodies do (기재부)."""
    noun = text[run[0].start : run[-1].end]
    return (
        len(noun) > 1
        and noun not in lexicon.TITLES
        and (any(t.tag in ("NNP", "SL") for t in run) or names.is_body(noun))
    )


def without(question: str, name: str) -> str:
    """Return a question without a name and the particle and verb that tie it: 애플을 그만둔 제프리 힌튼은 →
    제프리 힌튼은.

    >>> without("삼성전자 김필수 상무는 누구인가요?", "삼성전자")
    '김필수 상무는 누구인가요?'
    """
    shortened = re.sub(re.escape(name) + _CUT_WITH_NAME, "", question, count=1, flags=re.IGNORECASE)
    return shortened.strip() or question
