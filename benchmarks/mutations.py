"""Make false sentences out of true ones, in thirteen ways, to measure the checker (see
benchmarks/checker.py).

    digit, unit, percentage, date, sign, myriad, points (% or %p), negation, comparison, person,
    organisation, swap (of subject and object), addition

Each changes one thing and leaves a sentence that reads well. Pure: a sentence and a random generator in, a
sentence or None out. Replacements for people and organisations come from the same passage where it names
others (the harder case), else from a list.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence

from rag.text import lexicon
from rag.text.korean import Morpheme, join, tokens
from rag.text.numbers import numbers

Mutation = Callable[[str, str, random.Random], str | None]  # (sentence, passage, random) -> false sentence

PEOPLE = "박민준 김서연 이도윤 최지우 정하은 한동석 오세린 윤태호 장미래 서강준".split()
ORGANISATIONS = (
    "한국은행 금융위원회 금융감독원 행정안전부 교육부 과학기술정보통신부 국세청 대법원 기획재정부 "
    "중소벤처기업부 보건복지부 쿠팡 네이버 카카오 구글 아마존 "
    "오픈AI 딥시크 알리바바 마이크로소프트 메조미디어 통계청 국토교통부 고용노동부 환경부 특허청 산업은행 "
    "삼성전자 현대차 엔비디아 소프트뱅크 폴리뉴스"
).split()
ADVERBIALS = (
    "전국 최초로|내년부터|국회의 동의를 얻어|청년 단체와 함께|예비비를 들여|시범 사업을 거쳐|"
    "외국 기업과 손잡고|주민 투표를 거쳐|독일의 선례에 따라|민간 재단의 후원으로|감사원의 지적에 따라|야당의 "
    "반대에도|"
    "특별법을 제정하여|대구와 부산에서|3년 안에|비공개로|군 당국과 협의하여|세금을 깎아|"
    "노조와 합의하여|인공위성을 이용해"
).split("|")
CLAUSES = (
    ", 이에 따라 지방세도 인하된다|, 관련 법안은 이미 통과되었다|, 전문가들은 이를 크게 환영했다|, 재원은 "
    "국채로 마련된다"
    "|, 시민 단체는 소송을 냈다|, 내년에 평가 보고서가 나온다|"
    ", 국제 공동 연구도 진행 중이다|, 주무 부처는 세 번 바뀌었다|, 외국인 투자자도 몰렸다|, 관련 특허는 모두 "
    "만료되었다"
).split("|")
_COMPARED = [
    tuple(pair.split(":"))
    for pair in (
        "이상:이하 초과:미만 증가:감소 확대:축소 상승:하락 최대:최소 강화:완화 찬성:반대 허용:금지 포함:제외 "
        "높:낮 많:적 크:작 "
        "늘:줄 빠르:느리 넓:좁 길:짧 앞서:뒤지 높아지:낮아지 늘어나:줄어들 성공:실패 개선:악화 유리:불리 "
        "처음:마지막 이전:이후 "
        "공공:민간 국내:해외 오르:내리 상향:하향 인상:인하 직접:간접 쉽:어렵 좋:나쁘 가능:불가능 "
    ).split()
]
_TURN = {a: b for pair in _COMPARED for a, b in (pair, pair[::-1])}
_UNIT_TURNS = {
    "억": ("만", "조"), "만": ("천", "억"), "조": ("억",), "천만": ("천",), "명": ("개", "곳"), "개": ("명", "배"), "장": ("대",), "대": ("장",), "곳": ("명",),
    "년": ("개월",), "개월": ("년",), "시간": ("분", "일"), "달러": ("원", "유로"), "원": ("달러",), "%": ("%p", "배"), "건": ("명",), "배": ("%",),
    "위": ("점",),
    "일": ("주", "개월"), "회": ("년",), "월": ("주",), "개국": ("개사",), "조 원": ("억 원",), "억 원": ("조 원",), "퍼센트": ("배",),
}  # fmt: skip

_LOSS = re.compile("감소|줄|하락|낮|내[려리린]|떨어|적자|축소|손실|위축|역성장|후퇴|둔화")


def digit(sentence: str, passage: str, rng: random.Random) -> str | None:
    """Change one digit of an amount or count."""
    plain = [
        n
        for n in numbers(sentence)
        if n.start > 3 and n.date is None and n.unit != "%" and re.search(r"\d", sentence[n.start : n.end])
    ]
    return _change_digit(sentence, rng.choice(plain).start, rng) if plain else None


def percentage(sentence: str, passage: str, rng: random.Random) -> str | None:
    """Change one digit of a percentage."""
    shares = [n for n in numbers(sentence) if n.unit in ("%", "%p")]
    return _change_digit(sentence, rng.choice(shares).start, rng) if shares else None


def date(sentence: str, passage: str, rng: random.Random) -> str | None:
    """Move a date: another year, quarter, month or day."""
    dates = [n for n in numbers(sentence) if n.date is not None]
    if not dates:
        return None
    chosen = rng.choice(dates)
    parts = list(re.finditer(r"\d+", sentence[chosen.start : chosen.end]))
    if not parts:
        return None
    part = rng.choice(parts)
    old = int(part[0])
    limit = 4 if "분기" in sentence[chosen.start : chosen.end] and old < 5 else 12
    new = (
        old + rng.choice([-2, -1, 1, 2])
        if old > 31
        else rng.choice([n for n in range(1, limit + 1) if n != old])
    )
    return (
        sentence[: chosen.start + part.start()]
        + str(new).zfill(len(part[0]))
        + sentence[chosen.start + part.end() :]
    )


def unit(sentence: str, passage: str, rng: random.Random) -> str | None:
    """Give a number another unit or another scale."""
    places = []
    for found in numbers(sentence):
        if found.date is not None or found.start <= 3:  # at the start stand labels of lists: 2) …
            continue
        span = sentence[found.start : found.end]
        for old, new in _UNIT_TURNS.items():
            at = span.rfind(old)
            if at > 0 and not (old == "원" and "달러" in span):
                places.append((found.start + at, old, rng.choice(new)))
    if not places:
        return None
    at, old, new = rng.choice(places)
    changed = sentence[:at] + new + sentence[at + len(old) :]
    return (
        changed
        if [(n.value, n.unit) for n in numbers(changed)] != [(n.value, n.unit) for n in numbers(sentence)]
        else None
    )


def sign(sentence: str, passage: str, rng: random.Random) -> str | None:
    """Turn the sign of a percentage or amount round: 0.7% → -0.7%, △500억 원 → 500억 원. Not beside words of
    loss, with which -0.7% is said, too.
    """
    if _LOSS.search(sentence):
        return None
    measured = [
        n
        for n in numbers(sentence)
        if n.date is None and not n.part and not n.bound and n.unit in ("%", "%p", "원", "달러", "도")
    ]
    places = []
    for found in measured:
        minus = re.match(r"[-−△▲▼]|(?:마이너스|영하)\s?", sentence[found.start : found.end])
        if minus:
            places.append((found.start, found.start + minus.end(), ""))
        elif found.start and (sentence[found.start - 1].isspace() or sentence[found.start - 1] == "("):
            places.append((found.start, found.start, rng.choice(["-", "△", "마이너스 "])))
    if not places:
        return None
    start, end, mark = rng.choice(places)
    changed = sentence[:start] + mark + sentence[end:]
    return changed if [n.value for n in numbers(changed)] != [n.value for n in numbers(sentence)] else None


def myriad(sentence: str, passage: str, rng: random.Random) -> str | None:
    """Give an amount another scale (만 for 억), or none (3명 for 3만명)."""
    places = []
    for found in numbers(sentence):
        if (
            found.date is None and found.article is None and found.start > 3
        ):  # at the start stand labels of lists: 2) …
            places += [
                (found.start + m.start(), m[0])
                for m in re.finditer(r"(?<=[\d천백십여])[만억조]", sentence[found.start : found.end])
            ]
    if not places:
        return None
    at, old = rng.choice(places)
    changed = (
        sentence[:at]
        + rng.choice([scale for scale in ("만", "억", "조", "") if scale != old])
        + sentence[at + 1 :]
    )
    return changed if [n.value for n in numbers(changed)] != [n.value for n in numbers(sentence)] else None


def points(sentence: str, passage: str, rng: random.Random) -> str | None:
    """Say percentage points for percent, or percent for percentage points."""
    shares = [n for n in numbers(sentence) if n.unit in ("%", "%p")]
    places = [
        (n.start + m.start(), m[0], n.unit)
        for n in shares
        for m in re.finditer(r"\s?(?:%|퍼센트)(?:p|\s?포인트)?$", sentence[n.start : n.end], re.IGNORECASE)
    ]
    if not places:
        return None
    at, old, name = rng.choice(places)
    new = (
        re.sub(r"(?:p|\s?포인트)$", "", old, flags=re.IGNORECASE)
        if name == "%p"
        else f"{old}{'p' if old.endswith('%') else '포인트'}"
    )
    return sentence[:at] + new + sentence[at + len(old) :]


def negation(sentence: str, passage: str, rng: random.Random) -> str | None:
    """Deny what the sentence says last, or say what it denies."""
    found = tokens(sentence)
    last = next((i for i in range(len(found) - 1, -1, -1) if found[i].tag == "EF"), None)
    if last is None:
        return None
    word = next((i for i in range(last, -1, -1) if i == 0 or found[i].start > found[i - 1].end), 0)
    morphs = [(t.form, t.tag) for t in found[word : last + 1]]
    tags = [tag for _, tag in morphs]
    if ("않", "VX") in morphs:
        return None if word < 2 else _affirm(sentence, found, word, last)
    for i, (form, tag) in enumerate(morphs):
        if form in ("없", "있") and tag in ("VA", "VX"):
            if tag == "VX":
                return None
            morphs[i] = ("있" if form == "없" else "없", "VA")
            return _rejoin(sentence, found, word, last, morphs)
        if tag == "VCN":
            return (
                re.sub(r"[이가] 아(니|닙)", lambda m: "이" if m[1] == "니" else "입", sentence)
                if i == 0
                else None
            )
    stem = max((i for i, tag in enumerate(tags) if tag in ("VV", "VA", "XSV", "XSA")), default=None)
    if stem is not None:
        return _rejoin(
            sentence,
            found,
            word,
            last,
            [*morphs[: stem + 1], ("지", "EC"), ("않", "VX"), *morphs[stem + 1 :]],
        )
    copula = next((i for i, tag in enumerate(tags) if tag == "VCP"), None)
    if copula:
        return _rejoin(
            sentence,
            found,
            word,
            last,
            [*morphs[:copula], ("이", "JKC"), ("아니", "VCN"), *morphs[copula + 1 :]],
        )
    return None


def comparison(sentence: str, passage: str, rng: random.Random) -> str | None:
    """Turn a direction round: 이상/이하, 증가/감소, 높다/낮다, 이전/이후."""
    found = tokens(sentence)
    places = [
        i
        for i, t in enumerate(found)
        if t.form in _TURN and t.tag in ("NNG", "VV", "VA", "XR", "MAG") and sentence[t.start] == t.form[0]
    ]
    if not places:
        return None
    i = rng.choice(places)
    first = next((j for j in range(i, -1, -1) if j == 0 or found[j].start > found[j - 1].end), 0)
    end = next(
        (j for j in range(i, len(found)) if j + 1 == len(found) or found[j + 1].start > found[j].end), i
    )
    morphs = [
        (_TURN[t.form] if j == i else t.form, t.tag) for j, t in enumerate(found[first : end + 1], first)
    ]
    changed = _rejoin(sentence, found, first, end, morphs)
    return changed if changed != sentence else None


def person(sentence: str, passage: str, rng: random.Random) -> str | None:
    """Put another person in."""
    found = tokens(sentence)
    names = [t for i, t in enumerate(found) if t.tag == "NNP" and 2 <= len(t.form) <= 4 and _titled(found, i)]
    if not names:
        return None
    name = rng.choice(names)
    around = tokens(passage)
    others = [
        t.form for i, t in enumerate(around) if t.tag == "NNP" and len(t.form) == 3 and _titled(around, i)
    ]
    pool = [o for o in others if o not in sentence] or [p for p in PEOPLE if p not in passage]
    return sentence[: name.start] + rng.choice(pool) + sentence[name.end :]


def organisation(sentence: str, passage: str, rng: random.Random) -> str | None:
    """Put another organisation in."""
    named = [o for o in ORGANISATIONS if re.search(rf"(?<![가-힣A-Za-z]){o}", sentence)]
    if not named:
        return None
    old = rng.choice(named)
    near = [o for o in ORGANISATIONS if o in passage and o not in sentence]
    new = rng.choice(near or [o for o in ORGANISATIONS if o not in passage])
    at = sentence.index(old)
    return sentence[:at] + new + _fit_particle(new, sentence[at + len(old) :])


def swap(sentence: str, passage: str, rng: random.Random) -> str | None:
    """Let the subject and the object (or what it is compared with, or whom it reaches) change places."""
    found = tokens(sentence)
    doers = [
        i
        for i, t in enumerate(found)
        if i and t.tag in ("JKS", "JX") and t.form in "이가은는" and found[i - 1].tag in ("NNG", "NNP")
    ]
    others = [
        i
        for i, t in enumerate(found)
        if i
        and (t.tag == "JKO" or (t.tag == "JKB" and t.form in ("보다", "에게")))
        and found[i - 1].tag in ("NNG", "NNP")
    ]
    pairs = [
        (a, b)
        for a in doers
        for b in others
        if 0 < b - a < 14 and not any(found[k].tag == "EC" for k in range(a, b))
    ]
    if not pairs:
        return None
    a, b = rng.choice(pairs)
    first, second = _phrase(found, a - 1), _phrase(found, b - 1)
    one, two = sentence[first : found[a - 1].end], sentence[second : found[b - 1].end]
    if (
        one == two
        or first >= second
        or (sentence[first - 1 : first] + sentence[second - 1 : second]).strip()
        or not re.fullmatch("[가-힣A-Za-z0-9 ]{2,}", one + two)
    ):
        return None
    between = sentence[found[a - 1].end : second]
    rest = sentence[found[b - 1].end :]
    return sentence[:first] + two + _fit_particle(two, between) + one + _fit_particle(one, rest)


def addition(sentence: str, passage: str, rng: random.Random) -> str | None:
    """Add something plausible that the source does not say."""
    if rng.random() < 0.5 and re.search("다[.]$", sentence):
        found = tokens(sentence)
        if found[-2].tag == "EF":
            return (
                re.sub(r"다\.$", "고", sentence) + rng.choice(CLAUSES) + "."
                if re.search("[었았였]다[.]$", sentence)
                else sentence[:-1] + rng.choice(CLAUSES) + "."
            )
    blanks = [m.start() for m in re.finditer("(?<=[은는이가]) ", sentence)]
    if not blanks:
        return None
    at = rng.choice(blanks)
    return f"{sentence[:at]} {rng.choice([a for a in ADVERBIALS if a not in passage])}{sentence[at:]}"


MUTATIONS: dict[str, Mutation] = {
    "digit": digit, "unit": unit, "percentage": percentage, "date": date, "sign": sign, "myriad": myriad, "points": points,
    "negation": negation, "comparison": comparison, "person": person,
    "organisation": organisation, "swap": swap, "addition": addition,
}  # fmt: skip


def _change_digit(sentence: str, at: int, rng: random.Random) -> str | None:
    match = re.search(r"\d[\d,.]*", sentence[at:])
    if not match:
        return None
    places = [at + match.start() + i for i, c in enumerate(match[0]) if c.isdigit()]
    place = rng.choice(places)
    new = rng.choice([d for d in "123456789" if d != sentence[place]])
    return sentence[:place] + new + sentence[place + 1 :]


def _rejoin(
    sentence: str, found: Sequence[Morpheme], first: int, last: int, morphs: Sequence[tuple[str, str]]
) -> str:
    return sentence[: found[first].start] + join(morphs) + sentence[found[last].end :]


def _affirm(sentence: str, found: Sequence[Morpheme], word: int, last: int) -> str | None:
    """Take 지 않 out of the end."""
    begin = next((i for i in range(word - 1, -1, -1) if i == 0 or found[i].start > found[i - 1].end), 0)
    morphs = [(t.form, t.tag) for t in found[begin : last + 1]]
    kept = [
        m
        for i, m in enumerate(morphs)
        if m != ("않", "VX")
        and not (m == ("지", "EC") and i + 1 < len(morphs) and morphs[i + 1] == ("않", "VX"))
    ]
    kept = [m for m in kept if m[0] not in ("는", "은") or m[1] != "JX"]
    return _rejoin(sentence, found, begin, last, kept) if len(kept) < len(morphs) else None


def _titled(found: Sequence[Morpheme], i: int) -> bool:
    return i + 1 < len(found) and found[i + 1].form in lexicon.TITLES


def _phrase(found: Sequence[Morpheme], i: int) -> int:
    while i and found[i - 1].tag in ("NNG", "NNP", "SL") and found[i - 1].end >= found[i].start - 1:
        i -= 1
    return found[i].start


def _fit_particle(word: str, rest: str) -> str:
    """Give the particle that follows the form which the word's last letter asks for."""
    closed = "가" <= word[-1] <= "힣" and (ord(word[-1]) - ord("가")) % 28 > 0
    for with_final, without in (("은", "는"), ("이", "가"), ("을", "를"), ("과", "와")):
        for particle in (with_final, without):
            if rest.startswith(particle) and (len(rest) == 1 or not rest[1:2].isalpha()):
                return (with_final if closed else without) + rest[1:]
    return rest
