"""What a question demands of its answer: names, numbers and periods that must hold, the thing that is asked for, its premise.

Evidence about another person, product, place, year or quarter is no evidence, however sure a model is. Pure but for Kiwi (`rag.korean`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

from rag import grammar, korean, lexicon, names
from rag.korean import Token
from rag.numbers import DATE, Number, missing_numbers, numbers
from rag.prompting import language_of
from rag.units import same_dimension

_MONEY = frozenset({"원", "달러", "유로", "엔", "위안"})
_HOW_MANY = re.compile(r"몇\s?([가-힣%]{0,4}?)(?:인가|이나|씩|을|를|이|가|의|에|은|는|까지|부터|\s|\?|이상|입|예|야|로|으로|째|$)")
_ASKED_UNITS = (
    (re.compile(r"얼마(?!나)|how much|how (large|big) is the (investment|budget|fund)|\bprice\b|\bcost\b", re.IGNORECASE), _MONEY),
    (re.compile(r"언제|\bwhen\b|what date|what year", re.IGNORECASE), frozenset({DATE, "년", "개년", "시", "시각"})),
    (re.compile(r"what percentage|what share|how many percent", re.IGNORECASE), frozenset({"%"})),
    (re.compile(r"how many hours", re.IGNORECASE), frozenset({"시간"})),
    (re.compile(r"how many (people|lawmakers|persons|users|students|workers|members)", re.IGNORECASE), frozenset({"명"})),
    (re.compile(r"how many", re.IGNORECASE), frozenset({"개", "명", "곳", "장", "대", "건", "회"})),
)
_TIED = re.compile(r"([가-힣A-Za-z0-9]{2,}?)(?:가|이|의|을|를|에서)? (?:보도한|소속(?:의|인)?|출신(?:의|인)?|다니는|그만둔|떠난|일하는) $")
_SURNAMES = frozenset(
    "김이박최정강조윤장임한오서신권황안송류전홍고문양손배백허유남심노하곽성차주우구민진지엄채원천방공현함변염여추도소석선설마길연위표명왕금옥육맹탁국나"
)
_LISTED = re.compile(r"[가-힣a-z0-9]{2,}(?:\s?,\s?[가-힣a-z0-9]{2,}){2,}")
_NAMED = re.compile(r"이름(은|이|을)")
_ASKED = re.compile(r"(얼마|몇|언제|누구|어디|무엇|뭐)")
_ANSWERED_BY_KIND = frozenset(
    """것 사람 이름 나라 회사 기관 곳 지역 기업 때 날 시점 시기 수 개수 숫자 비율 정도 규모 금액 값 가격 돈 비용 정당 소속 직함 도시 뜻 제목 차이
    차이점 내용 이유 방법 방식 문제 조치 요소 이점 점 이상 이하 미만 초과""".split()
)


def missing_conditions(question: str, source: str, document: str = "") -> list[str]:
    """Return the names (Hangul, or Latin with digits) and the numbers and dates of a question that a source does not hold.

    Args:
        document: all that the source is a part of: who is named there may be called by surname and title here.

    >>> missing_conditions("H200 한 장은 얼마인가요?", "H100 한 장은 5천만 원이다.")
    ['h200']
    """
    asked = [name for name in sorted(korean.proper_nouns(question)) if re.fullmatch("[가-힣]{2,}|.*[0-9].*", name)]
    asked = [name for name in asked if not re.search(re.escape(name) + "(형|식)(?![가-힣]{2})", korean.normalise(question))]  # 한국형: a kind, not a name
    lacking = [name for name in asked if not lexicon.names_country(name, source) and not names.said(name, source, document, question)]
    for match in _LISTED.finditer(korean.normalise(question)):  # of several that are asked for together most must stand there
        items = re.split(r"\s?,\s?", match[0])
        lost = [name for name in lacking if any(item.startswith(name) for item in items)]
        lacking = [name for name in lacking if name not in lost or len(lost) * 2 > len(items)]
    if language_of(question) == "en":
        flat = korean.normalise(source).replace(" ", "")
        lacking += [name for name in lexicon.in_hangul(question) if name not in flat and name[:2] not in flat]
    held = numbers(source)
    written = [(n, question[n.start : n.end].strip()) for n in missing_numbers(numbers(question), held)]
    written = [(n, words) for n, words in written if not (n.value == 1 and words.startswith("한"))]  # 한 장의 가격: a measure, which goes without saying
    return lacking + [words for n, words in written if (not _abbreviated(n, held, source) if n.date else words not in source and not words.endswith("가지"))]


def _abbreviated(asked: Number, held: Sequence[Number], source: str) -> bool:
    """True where a source writes a year as ('23) or (23), or a quarter or half as one of its months."""
    assert asked.date is not None
    year, quarter, month, day = asked.date
    if year and not (quarter or month or day):
        return re.search(rf"[(‘’']\s?{year % 100:02d}(?![\d,.]*[\d%])", source) is not None
    months = range(3 * quarter - 2, 3 * quarter + 1) if quarter and quarter <= 4 else range(6 * (quarter or 5) - 29, 6 * (quarter or 5) - 23)
    return bool(quarter) and any(n.date and n.date[0] == year and n.date[2] in months for n in held)


def unmet(question: str, quoted: str, above: str) -> str:
    """Return the period, name or number of a question that a cited sentence or row contradicts, "" for none.

    A period: the sentence is about another one of the same kind (question 2분기, sentence 3분기). A row of a table speaks for itself:
    the question's names and dates that other rows hold must stand in this one or above the table.

    >>> unmet("2025년 3분기 이용자는?", "분기: 2025년 2분기 | 이용자: 14,260명", "이용 현황")
    '2025년 3분기'
    """
    here, there = ([n for n in numbers(text) if n.date is not None] for text in (quoted, above))
    dates = here or (there if " | " in quoted else [])
    for asked in numbers(question):
        if asked.date is not None and dates and not any(_compatible(asked, n) for n in dates):
            return question[asked.start : asked.end].strip()
    return ""


def _compatible(asked: Number, said: Number) -> bool:
    """True where no part of two dates contradicts."""
    assert asked.date is not None and said.date is not None
    if asked.date[1] is None and asked.date[2] is None and said.date[1] is not None and asked.date[0] == said.date[0]:
        return False  # a year is not its quarter
    return all(a is None or b is None or a == b for a, b in zip(asked.date, said.date, strict=True))


def rows_met(question: str, row: str, rows: Iterable[str], above: str) -> bool:
    """True where a table's row holds the words of the question that tell its rows apart.

    >>> rows = ["배움터: 솔숲 배움터 | 강사: 6명", "배움터: 한내 배움터 | 강사: 9명"]
    >>> rows_met("한내 배움터의 강사는 몇 명인가요?", rows[0], rows, ""), rows_met("한내 배움터의 강사는 몇 명인가요?", rows[1], rows, "")
    (False, True)
    """
    flat = [korean.normalise(r).replace(" ", "") for r in rows]
    own = korean.normalise(row).replace(" ", "")
    for word in re.findall(r"[가-힣A-Za-z0-9]{2,}", korean.normalise(question)):
        stem = next((word[:n] for n in range(len(word), 1, -1) if any(word[:n] in r for r in flat)), "")
        holders = [r for r in flat if stem and stem in r]
        if holders and len(holders) < len(flat) and stem not in own and stem not in korean.normalise(above).replace(" ", ""):
            return False
    return True


def row_is_named(said: str, row: str, rows: Sequence[str]) -> bool:
    """True where a text names the row of a table that it is about, or no other row has another name.

    A row's name is its first cell. What one row says is not said of all.

    >>> rows = ["배움터: 솔숲 배움터 | 강사: 6명", "배움터: 한내 배움터 | 강사: 9명"]
    >>> row_is_named("배움터의 강사는 6명입니다.", rows[0], rows), row_is_named("솔숲 배움터의 강사는 6명입니다.", rows[0], rows)
    (False, True)
    """
    names = [korean.normalise(_first_cell(other)).split() for other in rows]
    own = set(korean.normalise(_first_cell(row)).split()) - set(names[0]).intersection(*names)
    flat = korean.normalise(said).replace(" ", "")
    return not own or any(word in flat for word in own)


def _first_cell(row: str) -> str:
    return row.split(" | ", 1)[0].split(": ", 1)[-1]


def expected_units(question: str) -> frozenset[str]:
    """Return the units of which one must stand in an answer: 명 for 몇 명, money for 얼마, a date for 언제; empty where that is open.

    >>> sorted(expected_units("여야 의원은 몇 명인가요?")), sorted(expected_units("What percentage?")), sorted(expected_units("왜 그런가요?"))
    (['명'], ['%'], [])
    """
    if match := _HOW_MANY.search(question):
        return frozenset(n.unit for n in numbers(f"1{match[1]}") if n.unit) if match[1] else frozenset()
    for pattern, units in _ASKED_UNITS:
        if pattern.search(question):
            return units
    return frozenset()


def answers_kind(question: str, text: str) -> bool:
    """True where a text holds a number of the unit, or a name, that the question asks for; where it asks for neither, always.

    누가 is answered by any noun: that 물가 and 시장 do nothing, and 국가 and 사장 do, is told neither by their tags nor by what they end in.
    """
    units = expected_units(question)
    if units:
        new = missing_numbers(numbers(text), numbers(question))
        return any(any(same_dimension(n.unit, unit) for unit in units) or (not n.unit and n.date is None and " | " in text) for n in new)
    return not _NAMED.search(question) or bool(korean.proper_nouns(text) - korean.proper_nouns(question))


def focus(question: str) -> str:
    """Return the noun that is asked for: 예산 of "소버린 AI의 예산은 얼마인가요?"; "" where it is not plain.

    >>> focus("소버린 AI 구축에 정부가 배정한 예산은 얼마인가요?"), focus("누가 발표했나요?")
    ('예산', '')
    """
    found = korean.tokens(question)
    for i in range(len(found) - 1, 0, -1):
        token = found[i]
        if token.tag == "JX" and token.form in ("은", "는") and _ASKED.match("".join(t.form for t in found[i + 1 : i + 3])):
            noun = found[i - 1]
            if noun.tag == "XSN" and i > 1 and noun.form != "들":
                return found[i - 2].form + noun.form
            if noun.tag in ("NNG", "NNP") and noun.form not in _ANSWERED_BY_KIND:
                whole = noun.form
                if i > 1 and found[i - 2].tag == "NNG" and found[i - 2].end == noun.start:
                    whole = found[i - 2].form + whole
                return whole
    return ""


def focus_missing(question: str, source: str) -> bool:
    """True where a source neither names what is asked for nor anything that may stand for it."""
    asked = focus(question)
    if not asked:
        return False
    flat = korean.normalise(source).replace(" ", "")
    words = [asked] if asked[-1] in "률율료액량" else korean.content(korean.morphemes(asked)) or [asked]
    held = grammar.held(korean.morphemes(source))
    return asked not in flat and not all(word in held or word in flat for word in words)


def false_premise(question: str, texts: Sequence[str], known: Callable[[str], bool] = lambda name: False) -> tuple[str, str] | None:
    """Find a name that a question ties to somebody whom a sentence ties to another: (the wrong name, the somebody), None for none.

    It is wrong only where no text says it, under any of its names, and the library does not know it.

    Args:
        texts: what was found for the question. known: tells whether a name stands anywhere in the library; asked last.

    >>> false_premise("삼성전자 김필수 상무는 무엇을 꼽았나요?", ["네이버클라우드 김필수 상무의 발표"])
    ('삼성전자', '김필수')
    >>> false_premise("삼성전자 김필수 상무는 무엇을 꼽았나요?", ["김필수 상무의 발표"])
    """
    text = korean.normalise(question)
    found = korean.tokens(text)
    for start, end, person in _somebodies(found):
        who = text[start:end]
        tied = _tied(text, found, start, end, person)
        if not tied or any(names.said(name, source) for name in tied for source in texts):
            continue
        another = any(ties_another(source[a:b], who, person) for source in texts for a, b in korean.sentences(source))
        if another and not any(map(known, tied)):
            at = question.lower().find(tied[0])
            return question[at : at + len(tied[0])] if at >= 0 else tied[0], who
    return None


def _somebodies(found: Sequence[Token]) -> list[tuple[int, int, bool]]:
    """Return where names stand, and whether they are certainly people's: with a title, with a Korean surname, of two parts (제프리 힌튼)."""
    spans: list[tuple[int, int, bool]] = []
    for i, token in enumerate(found):
        if token.tag != "NNP" or len(token.form) < 2 or token.form in lexicon.TITLES:
            continue
        titled = i + 1 < len(found) and found[i + 1].form in lexicon.TITLES
        korean_name = token.form[0] in _SURNAMES and (len(token.form) == 3 or (titled and len(token.form) <= 4))
        before = found[i - 1] if i else None
        if before and not korean_name and before.tag == "NNP" and before.end + 1 == token.start and (before.start, before.end, True) not in spans:
            spans = [span for span in spans if span[1] != before.end]
            spans.append((before.start, token.end, True))
        else:
            spans.append((token.start, token.end, korean_name or titled))
    return spans


def ties_another(sentence: str, who: str, person: bool = True) -> bool:
    """True where a sentence or a row says to whom somebody belongs.

    >>> ties_another("네이버클라우드 김필수 상무의 발표", "김필수"), ties_another("이날 김필수 상무의 발표", "김필수")
    (True, False)
    """
    text = korean.normalise(sentence)
    if who not in text:
        return False
    if " | " in text:
        return any("소속" in label and bool(value.strip()) for label, _, value in (cell.partition(": ") for cell in text.split(" | ")))
    found = korean.tokens(text)
    return any(_tied(text, found, match.start(), match.end(), person) for match in re.finditer(re.escape(who), text))


def _tied(text: str, found: Sequence[Token], start: int, end: int, person: bool) -> list[str]:
    """Return to whom a normalised text says that somebody belongs, whose name stands at a span of it.

    That is whom they left or belong to (구글을 떠난, 구글 소속); of a person also the body right before the name (네이버 김필수 상무, 네이버
    대표 김필수), with the names before it, or the one between name and title (김필수 네이버 상무, 김필수(네이버)).
    """
    if tie := _TIED.search(text[:start]):
        return [tie[1]]
    if not person:
        return []
    before, after = _runs([t for t in reversed(found) if t.end <= start]), _runs([t for t in found if t.start >= end])
    words = [run for run in before if text[run[0].start : run[-1].end] not in lexicon.TITLES]
    if words and _is_body(text, words[0]):
        return [text[run[0].start : run[-1].end] for run in reversed(words[:3]) if _is_body(text, run)]
    follows = text[after[0][-1].end :].lstrip(") ") if after else ""
    bracketed = bool(after) and text[end : after[0][0].start].strip() == "("
    if after and _is_body(text, after[0]) and (bracketed or any(follows.startswith(title) for title in lexicon.TITLES)):
        return [text[after[0][0].start : after[0][-1].end]]
    return []


def _runs(found: Sequence[Token]) -> list[list[Token]]:
    """Return the words of nouns at the beginning of morphemes that are given in either direction, each in its order; a first 의 or ( is passed over."""
    runs: list[list[Token]] = []
    for n, token in enumerate(found):
        if token.tag in ("NNG", "NNP", "SL", "XSN", "XPN"):
            near = runs[-1] if runs else []
            if near and token.end == near[0].start:
                near.insert(0, token)
            elif near and near[-1].end == token.start:
                near.append(token)
            else:
                runs.append([token])
        elif n or token.tag not in ("JKG", "SSO"):
            break
    return runs


def _is_body(text: str, run: Sequence[Token]) -> bool:
    """True for a name, or a noun that ends as names of bodies do (기재부)."""
    written = text[run[0].start : run[-1].end]
    return len(written) > 1 and written not in lexicon.TITLES and (any(t.tag in ("NNP", "SL") for t in run) or names.is_body(written))


def without(question: str, name: str) -> str:
    """Return a question without a name and the particle and verb that tie it: 애플을 그만둔 제프리 힌튼은 → 제프리 힌튼은.

    >>> without("삼성전자 김필수 상무는 누구인가요?", "삼성전자")
    '김필수 상무는 누구인가요?'
    """
    tie = r"(의|에서|을|를|이|가)?\s?(그만둔|떠난|나온|보도한|일한|다니는|소속(의|인)?|출신(의|인)?)?\s*"
    cut = re.sub(re.escape(name) + tie, "", question, count=1, flags=re.IGNORECASE)
    return cut.strip() or question
