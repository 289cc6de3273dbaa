"""Make false sentences out of true ones by plain rules on characters, to measure the checker by what it was
not made with.

    digit, article, scale, percent, sign, date, bound, stage, modality, act, negation, body, roles, item,
    quantifier, exception

Each changes one thing and leaves a sentence that reads well. Nothing of `rag` is used: what the checker
cannot read, these rules do not have to read either. Pure: a sentence, its page, another page and a random
generator in, a sentence or None out.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence

Mutation = Callable[
    [str, str, str, random.Random], str | None
]  # (sentence, page, another page, random) -> false sentence
Rule = tuple[str, str | Callable[[re.Match[str]], str]]  # a pattern and what to put there

_BLOCK = ord("가")
_END = r"(?=[.。]?$)"  # at the end of the sentence
_NOT_INSIDE = r"(?<![가-힣\d])"
_COUNT = r"\d[\d,.]*\s?(?:[십백천만억조경]\s?)*[가-힣%㎡A-Za-z]{0,4}?\s?"
_BODY = re.compile(
    r"(?<![가-힣])[가-힣]{2,10}(?:위원회|장관|은행|공단|공사|협회|재단|센터|법원|시장|도지사|대학교|교육청|연구원|진흥원|감독원|의회|교육부|환경부|재정부|복지부|청장|본부|교육감|기관)"
)
_LISTED = re.compile(r"(?<![가-힣\d])[가-힣]{2,8}(?:(?:(?:,\s)[가-힣]{2,8}){2,}|(?:[·ㆍ・][가-힣]{2,8})+)")
_INFLECTED = re.compile(r"[고며여해서면지만던된한는은을를가에의도로니]$")  # no bare noun, or not surely
_SUBJECT_OBJECT = re.compile(
    r"(?:^|(?<=[,.)①-⑳“”] )|(?<=[“”]))([가-힣]{2,10})([은는이가]) ((?:[가-힣0-9·]+ "
    r"){0,2})([가-힣]{2,10})([을를]|에게|보다)(?![가-힣])"
)
_BREAKS = re.compile(r"[고며면서여해한된할될는던인려록지] ")  # words behind which another clause may begin
_NO_NOUNS = frozenset("다음 이상 이하 경우 그것 이것 이는 그는 하나 누구 모두 일부 각각 조치".split())


def _rules(text: str) -> list[Rule]:
    """Read lines of "pattern → replacement"."""
    return [(a.strip(), b.strip()) for a, b in (line.split("→") for line in text.strip().splitlines())]


_SCALES: list[Rule] = [
    (r"(?<=\d)(\s?)억(?=\s?원|\s?달러|[ .,)]|$)", r"\1만"),
    (r"(?<=\d)(\s?)만(?=\s?(?:원|명|대|건|개|톤|호|가구|장|곳)|[ .,)]|$)", r"\1억"),
    (r"(?<=\d)\s?만(?=\s?(?:원|명|대|건|개|톤|호|가구|장|곳))", ""),
    (r"(?<!제\d)(?<!제\d\d)(?<=\d)(\s?)조(?=\s?원|\s?\d|[ .,)]|$)", r"\1억"),
    (r"(?<=\d)(\s?)천(?=만|\s?원|억)", r"\1백"),
]
_PERCENTS: list[Rule] = [
    (r"(?<=\d)\s?%(?![pP])", "%p"),
    (r"(?<=\d)\s?%[pP]", "%"),
    (r"(?<=\d)퍼센트", "배"),
    (r"(?<=\d)bp", "%p"),
]
_SIGNS: list[Rule] = [(r"(?<![\d가-힣A-Za-z.])[△▲\-−–](?=\d)", ""), (r"(?<=\()(?=\d+\.\d+%)", "-")]
_BOUNDS: list[Rule] = [
    (rf"({_COUNT})이상", r"\1이하"), (rf"({_COUNT})이상", r"\1미만"), (rf"({_COUNT})이하", r"\1이상"), (rf"({_COUNT})이하", r"\1초과"),
    (rf"({_COUNT})미만", r"\1이상"), (rf"({_COUNT})미만", r"\1초과"), (rf"({_COUNT})초과(?![하한할])", r"\1미만"),
    (r"(\d\s?(?:일|개월|년|시간|주|분)) 이내", r"\1 이후"), (r"(\d[가-힣%]? )이내(?!에)", r"\1이상"),
    (r"(\d+[가-힣]{1,2}) 전까지", r"\1 후까지"), (r"최대(?=\s?\d)", "최소"), (r"최소(?=\s?\d)", "최대"),
]  # fmt: skip
_STAGES = _rules(
    rf"""
    할 (?:예정|계획)이다{_END} → 하였다
    할 (?:예정|계획)입니다{_END} → 하였습니다
    될 (?:예정|계획)이다{_END} → 되었다
    될 예정입니다{_END} → 되었습니다
    할 (?:예정|계획){_END} → 하였음
    하기로 (?:했다|하였다){_END} → 하였다
    하고 있다{_END} → 할 예정이다
    하고 있습니다{_END} → 할 예정입니다
    되고 있다{_END} → 될 예정이다
    (?<![고기] )(?:했다|하였다){_END} → 할 예정이다
    (?:됐다|되었다){_END} → 될 예정이다
    했습니다{_END} → 할 예정입니다
    {_NOT_INSIDE}검토(?=하|할|한|했|되|된|될|됐| 중) → 시행
    {_NOT_INSIDE}추진(?=하|할|한|했|되|된|될|됐| 중) → 완료
    {_NOT_INSIDE}시행(?=하|할|한|했|되|된|될|됐| 중) → 검토
    {_NOT_INSIDE}완료(?=하|할|한|했|되|된|될|됐| 중) → 추진
    {_NOT_INSIDE}도입(?=하|할|한|했|되|된|될|됐| 중) → 검토
    {_NOT_INSIDE}확정(?=하|할|한|했|되|된|될|됐| 중) → 검토
    {_NOT_INSIDE}의결(?=하|할|한|했|되|된|될|됐| 중) → 심의
    {_NOT_INSIDE}심의(?=하|할|한|했|되|된|될|됐| 중) → 의결
    {_NOT_INSIDE}발표(?=하|할|한|했|되|된|될|됐| 중) → 검토
    {_NOT_INSIDE}지정(?=하|할|한|했|되|된|될|됐| 중) → 검토
    {_NOT_INSIDE}착수(?=하|할|한|했|되|된|될|됐| 중) → 완료
    (?<=[0-9가-힣]) 예정{_END} → 완료
    """
)
_MODES = _rules(
    rf"""
    할 수 있다{_END} → 하여야 한다
    될 수 있다{_END} → 되어야 한다
    할 수 있습니다{_END} → 해야 합니다
    할 수 있음{_END} → 하여야 함
    받을 수 있다{_END} → 받아야 한다
    할 수 있으며 → 하여야 하며
    할 수 있고 → 하여야 하고
    (?:하여야|해야) 한다{_END} → 할 수 있다
    (?:하여야|해야) 합니다{_END} → 할 수 있습니다
    (?:하여야|해야) 함{_END} → 할 수 있음
    (?:되어야|돼야) 한다{_END} → 될 수 있다
    받아야 한다{_END} → 받을 수 있다
    (?:하여야|해야) 하며 → 할 수 있으며
    (?:하여야|해야) 하고 → 할 수 있고
    (?:하여서는|해서는) 아니 ?된다{_END} → 할 수 있다
    (?:하여서는|해서는) 안 ?된다{_END} → 하여도 된다
    (?<![못고])(?<!야 )(?<!도록 )(?<!로 )(?<!지 )한다{_END} → 할 수 있다
    가능성이 있다{_END} → 것이 확실하다
    것으로 (?:예상된다|전망된다|보인다){_END} → 것이 확실하다
    """
)
_ACTS = _rules(
    rf"""
    {_NOT_INSIDE}우려(?=[하한했되된됐를가도]|했) → 전망
    {_NOT_INSIDE}우려(?=[하한했되된됐를가도]|했) → 기대
    {_NOT_INSIDE}비판(?=[하한했되된됐을이도]) → 평가
    {_NOT_INSIDE}권고(?=[하한했할되된됐를가]) → 요구
    {_NOT_INSIDE}요구(?=[하한했할되된됐를가]) → 권고
    {_NOT_INSIDE}지적(?=[하한했할되된됐을이]) → 제안
    {_NOT_INSIDE}강조(?=[하한했할되된됐를]) → 우려
    {_NOT_INSIDE}주장(?=[하한했할되된됐을이]) → 인정
    {_NOT_INSIDE}요청(?=[하한했할되된됐을이]) → 명령
    {_NOT_INSIDE}설명(?=[하한했할되된됐을이]) → 비판
    {_NOT_INSIDE}전망(?=[하한했할되된됐을이]) → 우려
    {_NOT_INSIDE}예상(?=[하한했할되된됐을이]) → 우려
    {_NOT_INSIDE}평가(?=[하한했할되된됐를가]) → 비판
    {_NOT_INSIDE}촉구(?=[하한했할되된됐를가]) → 제안
    {_NOT_INSIDE}제안(?=[하한했할되된됐을이]) → 결정
    {_NOT_INSIDE}분석(?=[하한했할되된됐을이]) → 우려
    {_NOT_INSIDE}판단(?=[하한했할되된됐을이]) → 제안
    {_NOT_INSIDE}밝혔다 → 반박했다
    {_NOT_INSIDE}협의(?=[하한했할되된됐를]) → 합의
    {_NOT_INSIDE}합의(?=[하한했할되된됐를]) → 협의
    {_NOT_INSIDE}승인(?=[하한했할되된됐을이]) → 검토
    {_NOT_INSIDE}허가(?=[하한했할되된됐를가]) → 신고
    {_NOT_INSIDE}신고(?=[하한했할되된됐를가]) → 허가
    {_NOT_INSIDE}통보(?=[하한했할되된됐를가]) → 공고
    {_NOT_INSIDE}통지(?=[하한했할되된됐를가]) → 공고
    {_NOT_INSIDE}취소(?=[하한했할되된됐를가]) → 정지
    {_NOT_INSIDE}기각(?=[하한했할되된됐을이]) → 인용
    {_NOT_INSIDE}과태료(?=를|에|의|가) → 벌금
    {_NOT_INSIDE}지원(?=[하한했할되된됐을]) → 감독
    {_NOT_INSIDE}보호(?=[하한했할되된됐를]) → 준수
    """
)
_DENIALS: list[Rule] = [
    (rf"수 있다{_END}", "수 없다"), (rf"수 있습니다{_END}", "수 없습니다"), (rf"수 있음{_END}", "수 없음"), (rf"수 없다{_END}", "수 있다"),
    (rf"(?<!수 )있다{_END}", "있지 않다"), (rf"(?<!수 )없다{_END}", "있다"), (rf"없습니다{_END}", "있습니다"), (rf"(?<!수 )있습니다{_END}", "있지 않습니다"),
    (rf"하지 아니한다{_END}", "한다"), (rf"하지 않는다{_END}", "한다"), (rf"되지 않는다{_END}", "된다"), (rf"되지 아니한다{_END}", "된다"),
    (rf"하지 않았다{_END}", "하였다"), (rf"하지 못한다{_END}", "할 수 있다"), (rf"지 않습니다{_END}", "ㅂ니다"),
    (rf"(?<!야 )(?<!도록 )한다{_END}", "하지 아니한다"), ((rf"(?<!야 )(?<!아니 )(?<!안 "
        rf")된다{_END}"), "되지 아니한다"),
    (rf"(?:했다|하였다){_END}", "하지 않았다"),
    (rf"(?:됐다|되었다){_END}", "되지 않았다"), (rf"(?<!야 )합니다{_END}", "하지 않습니다"), (rf"됩니다{_END}", "되지 않습니다"),
    (rf"했습니다{_END}", "하지 않았습니다"), (rf"(?<!야 )(?<!기로 )(?<=[가-힣])(?<!포)함{_END}", "하지 않음"), (rf"(?<=[가-힣])됨{_END}", "되지 않음"),
    (rf"(?<=[가-힣])([가-힣])이다{_END}", lambda m: f"{m[1]}{'이' if _closed(m[1]) else '가'} 아니다"),
    (rf"(?<=[가-힣])([가-힣])입니다{_END}", lambda m: f"{m[1]}{'이' if _closed(m[1]) else '가'} 아닙니다"),
    (rf"([가-힣])[이가] 아니다{_END}", lambda m: f"{m[1]}이다"),
    (rf"([가-힣])는다{_END}", lambda m: f"{m[1]}지 않는다" if _closed(m[1]) else m[0]),
    (rf"([가-힣])[었았]다{_END}", lambda m: f"{m[1]}지 않았다" if _closed(m[1]) else m[0]),
    (rf"([가-힣])다{_END}", lambda m: f"{_stem(m[1])}지 않{'는' if ord(m[1]) % 28 == (_BLOCK + 4) % 28 else '았'}다" if _stem(m[1]) else m[0]),
]  # fmt: skip
_QUANTITIES = _rules(
    rf"""
    {_NOT_INSIDE}모두(?= ) → 일부
    {_NOT_INSIDE}모든(?= ) → 일부
    {_NOT_INSIDE}전부(?=[ 를가의])(?! 또는) → 일부
    {_NOT_INSIDE}일부(?= ) → 모든
    {_NOT_INSIDE}대부분(?=[ 의은이]) → 일부
    {_NOT_INSIDE}매년 → 격년으로
    {_NOT_INSIDE}매월 → 매분기
    {_NOT_INSIDE}매일 → 매주
    {_NOT_INSIDE}이미(?= ) → 아직
    {_NOT_INSIDE}아직(?= ) → 이미
    {_NOT_INSIDE}즉시 → 나중에
    {_NOT_INSIDE}지체 없이 → 30일 안에
    {_NOT_INSIDE}항상 → 가끔
    {_NOT_INSIDE}반드시 → 가급적
    {_NOT_INSIDE}이전(?=에|의| ) → 이후
    {_NOT_INSIDE}최초로 → 다시
    {_NOT_INSIDE}처음(?=으로|에| ) → 다시
    {_NOT_INSIDE}직접 → 간접적으로
    {_NOT_INSIDE}각각 → 합하여
    {_NOT_INSIDE}주로 → 오직
    {_NOT_INSIDE}무료 → 유료
    {_NOT_INSIDE}처음 → 마지막
    """
)
_EXCEPTIONS: list[Rule] = [
    (r"\s?\([^()]{2,60}제외(?:한다|하며|하고|함)?\.?\)", ""),
    (r"(?<= )[가-힣A-Za-z0-9·ㆍ]{2,20}[을를] 제외(?:하고는?|한) ", ""),
    (r"(?<= )[가-힣 ]{2,14} 경우에 한(?:하여|정하여|해서?) ", ""),
    (r"(?<= )(?:정당한|특별한|부득이한) (?:사유|사정)[가이] (?:없는 한|없으면|없는 경우에는?),? ", ""),
    (r"(?<= )정당한 사유 없이 ", ""),
    (r"(?<= )(?:원칙적으로|최소한|가급적) ", ""),
    (r"(?<= )[가-힣]{2,10} 외에는 ", ""),
    (r"(?<=[가-힣])에만 ", "에 "),
    (r"(?<=[가-힣])만을 ", lambda m: "을 " if _closed(m.string[m.start() - 1]) else "를 "),
]


def digit(sentence: str, page: str, other: str, rng: random.Random) -> str | None:
    """Change one digit of a number that is no date, no article and no label of a list."""
    found = [m for m in re.finditer(r"\d[\d,]*(?:\.\d+)?", sentence) if m.start() > 3]
    places = [
        m
        for m in found
        if not re.search(r"(?:제|['’‘.~\-])\s?$", sentence[: m.start()])
        and not re.match(r"\s?(?:년|월(?!씩)|일|분기|조의|조제|항|호|[.~\-]\s?\d)", sentence[m.end() :])
    ]
    if not places:
        return None
    at = rng.choice([i for m in [rng.choice(places)] for i in range(*m.span()) if sentence[i].isdigit()])
    return sentence[:at] + rng.choice([d for d in "123456789" if d != sentence[at]]) + sentence[at + 1 :]


def article(sentence: str, page: str, other: str, rng: random.Random) -> str | None:
    """Name another article, paragraph or item."""
    places = list(re.finditer(r"(?<=제)(\d+)(?=[조항호])", sentence))
    return (
        _put(sentence, chosen := rng.choice(places), str(int(chosen[0]) + rng.choice([1, 2, 3])))
        if places
        else None
    )


def date(sentence: str, page: str, other: str, rng: random.Random) -> str | None:
    """Move a year, month, day or quarter."""
    places = list(
        re.finditer(
            r"(?<!\d)\d{4}(?=년|\.)|(?<!\d)\d{2}(?=년)|(?<=['’‘])\d{2}|(?<!\d)\d{1,2}(?=월(?!씩)|일(?![간씩])|/4분기|분기)",
            sentence,
        )
    )
    if not places:
        return None
    chosen = rng.choice(places)
    old, limit = int(chosen[0]), 4 if "분기" in sentence[chosen.end() : chosen.end() + 4] else 12
    new = (
        old + rng.choice([-2, -1, 1, 2])
        if old > limit
        else rng.choice([n for n in range(1, limit + 1) if n != old])
    )
    return _put(sentence, chosen, str(new).zfill(len(chosen[0])))


def body(sentence: str, page: str, other: str, rng: random.Random) -> str | None:
    """Put another body of the same page in the place of one."""
    mine = list(_BODY.finditer(sentence))
    others = sorted(
        {
            m[0]
            for m in _BODY.finditer(page)
            if m[0] not in sentence and not any(m[0] in o[0] or o[0] in m[0] for o in mine)
        }
    )
    if not mine or not others:
        return None
    chosen, new = rng.choice(mine), rng.choice(others)
    return sentence[: chosen.start()] + new + _fitted(new, sentence[chosen.end() :])


def roles(sentence: str, page: str, other: str, rng: random.Random) -> str | None:
    """Let the subject and the object of a clause change places. Nouns are words that the page has with other
    particles, too.
    """
    places = []
    for m in _SUBJECT_OBJECT.finditer(sentence):
        doer, _, between, object_, _ = m.groups()
        if (
            _fitted(doer, m[2]) == m[2]
            and not _BREAKS.search(between)
            and _noun(doer, page)
            and _noun(object_, page)
            and doer != object_
        ):
            places.append(m)
    if not places:
        return None
    m = rng.choice(places)
    return _put(sentence, m, f"{m[4]}{_fitted(m[4], m[2])} {m[3]}{m[1]}{_fitted(m[1], m[5])}")


def item(sentence: str, page: str, other: str, rng: random.Random) -> str | None:
    """Put an item of another page's list in the place of one of a list."""
    lists = list(_LISTED.finditer(sentence))
    news = [
        word
        for m in _LISTED.finditer(other)
        for word in re.split(r",\s|[·ㆍ・]", m[0])[:-1]
        if word not in page and not _INFLECTED.search(word)
    ]
    if not lists or not news:
        return None
    chosen, new = rng.choice(lists), rng.choice(news)
    olds = [m for m in re.finditer(r"[가-힣]+(?=,\s|[·ㆍ・])", chosen[0]) if not _INFLECTED.search(m[0])]
    if not olds:
        return None
    old = rng.choice(olds)
    return sentence[: chosen.start() + old.start()] + new + sentence[chosen.start() + old.end() :]


def by(rules: Sequence[Rule]) -> Mutation:
    """Return the mutation that applies one of the rules at one place."""

    def mutate(sentence: str, page: str, other: str, rng: random.Random) -> str | None:
        places = [(m, new) for pattern, new in rules for m in re.finditer(pattern, sentence)]
        if rules is _DENIALS:  # the first rule that fits is the narrowest
            places = places[:1]
        if not places:
            return None
        match, new = rng.choice(places)
        said = _put(sentence, match, new(match) if callable(new) else match.expand(new))
        return _joined(re.sub(" {2,}", " ", said))

    return mutate


MUTATIONS: dict[str, Mutation] = {
    "digit": digit, "article": article, "scale": by(_SCALES), "percent": by(_PERCENTS), "sign": by(_SIGNS), "date": date, "bound": by(_BOUNDS),
    "stage": by(_STAGES), "modality": by(_MODES), "act": by(_ACTS), "negation": by(_DENIALS), "body": body, "roles": roles, "item": item,
    "quantifier": by(_QUANTITIES), "exception": by(_EXCEPTIONS),
}  # fmt: skip
NUMERIC = frozenset({"digit", "article", "scale", "percent", "sign", "date", "bound"})


def _put(sentence: str, match: re.Match[str], new: str) -> str:
    """Put a text in the place of a match, and give the particle behind it the form that it asks for."""
    rest = sentence[match.end() :]
    return sentence[: match.start()] + new + (_fitted(new, rest) if new and "가" <= new[-1] <= "힣" else rest)


def _closed(letter: str) -> bool:
    """True for a syllable with a final consonant."""
    return (ord(letter) - _BLOCK) % 28 > 0


def _fitted(word: str, rest: str) -> str:
    """Give the particle at the beginning of `rest` the form that the word's last letter asks for.

    >>> _fitted("정부", "은 밝혔다"), _fitted("기관", "가 ")
    ('는 밝혔다', '이 ')
    """
    closed = _closed(word[-1])
    for closing, open_ in (("은", "는"), ("이", "가"), ("을", "를"), ("과", "와")):
        if re.match(rf"[{closing}{open_}](?![가-힣])", rest):
            return (closing if closed else open_) + rest[1:]
    if match := re.match(r"(?:으로|로)(?![가-힣])", rest):
        return ("으로" if closed and (ord(word[-1]) - _BLOCK) % 28 != 8 else "로") + rest[match.end() :]
    return rest


def _noun(word: str, page: str) -> bool:
    """True for a word that a page has with a particle that verbs do not take."""
    return (
        word not in _NO_NOUNS
        and re.search(rf"(?<![가-힣]){word}(?:의|에|에서|에게|과|와|도|으로|로)(?![가-힣])", page) is not None
    )


def _stem(letter: str) -> str:
    """Return the stem in a syllable before 다, which is contracted with 었 or ends in ㄴ: 렸 → 리, 났 → 나,
    린 → 리; "" where none is certain.

    >>> _stem("렸"), _stem("났"), _stem("린"), _stem("든"), _stem("높")
    ('리', '나', '리', '', '')
    """
    first, vowel, last = (
        (ord(letter) - _BLOCK) // 588,
        (ord(letter) - _BLOCK) // 28 % 21,
        (ord(letter) - _BLOCK) % 28,
    )
    if letter in "었았든산판돈논한된인":
        return ""
    if last == 4:
        return chr(ord(letter) - 4)
    vowels = {6: 20, 0: 0, 4: 4, 9: 8, 14: 13}  # ㅕ ← ㅣ, ㅏ, ㅓ, ㅘ ← ㅗ, ㅝ ← ㅜ
    return chr(_BLOCK + first * 588 + vowels[vowel] * 28) if last == 20 and vowel in vowels else ""


def _joined(sentence: str) -> str:
    """Write a final consonant that stands alone under the syllable before it: 하ㅂ니다 → 합니다."""

    def under(match: re.Match[str]) -> str:
        last = (ord(match[1]) - _BLOCK) % 28
        return (
            f"{chr(ord(match[1]) - last + 17)}니다" if last in (0, 8) else f"{match[1]}습니다"
        )  # ㄹ falls off: 줄어들 → 줄어듭니다

    return re.sub(r"([가-힣])ㅂ니다", under, sentence)
