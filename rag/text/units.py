"""Tables of what is written with a number: units and their dimensions, scales, numerals in words, bounds,
and what may follow a counter.

Data and two look-ups; reading is done in `rag.text.amounts`, `rag.text.dates` and `rag.text.numbers`.
"""

from __future__ import annotations

import re

SMALL = {"십": 10, "백": 100, "천": 1_000}
LARGE = {"만": 10**4, "억": 10**8, "조": 10**12, "경": 10**16}
DIGITS = {"영": 0, "일": 1, "이": 2, "삼": 3, "사": 4, "오": 5, "육": 6, "륙": 6, "칠": 7, "팔": 8, "구": 9}
ENGLISH = {"thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12}
_ONES = {
    "한": 1,
    "하나": 1,
    "두": 2,
    "둘": 2,
    "세": 3,
    "셋": 3,
    "네": 4,
    "넷": 4,
    "다섯": 5,
    "여섯": 6,
    "일곱": 7,
    "여덟": 8,
    "아홉": 9,
}
_TENS = {
    "열": 10,
    "스물": 20,
    "서른": 30,
    "마흔": 40,
    "쉰": 50,
    "예순": 60,
    "일흔": 70,
    "여든": 80,
    "아흔": 90,
}
NATIVE = {
    "스무": 20,
    "석": 3,
    "넉": 4,
    **_ONES,
    **_TENS,
    **{f"{ten}{one}": a + b for ten, a in _TENS.items() for one, b in _ONES.items()},
}
NATIVE_COUNTERS = (
    "명 사람 개 가지 곳 군데 나라 개국 개사 차례 번째 번 달 시간 장 대 건 배 권 살 마리 채 쪽 "
    "단계 팀 지역 분야 종류 편 학급 층 해 과목 세대 주 잔"
).split()

MONEY = {"원": "원", "달러": "달러", "불": "달러", "유로": "유로", "엔": "엔", "위안": "위안", "파운드": "파운드", "루피": "루피", "루블": "루블",
         "프랑": "프랑", "크로네": "크로네", "크로나": "크로나", "페소": "페소", "won": "원", "dollars": "달러", "dollar": "달러", "euros": "유로",
         "yen": "엔", "yuan": "위안"}  # fmt: skip
CURRENCY = {"$": "달러", "us$": "달러", "usd": "달러", "€": "유로", "eur": "유로", "£": "파운드", "¥": "엔", "jpy": "엔", "₩": "원", "￦": "원", "krw": "원",
            "cny": "위안"}  # fmt: skip
# Written → name, in lower case.
UNITS = {
    **MONEY, **{word: unit for word, unit in CURRENCY.items() if word.isalpha()},
    "퍼센트포인트": "%p", "퍼센트 포인트": "%p", "%포인트": "%p", "% 포인트": "%p", "%p": "%p", "% p": "%p", "％p": "%p", "percentage points": "%p",
    "퍼센트": "%", "프로": "%", "percent": "%", "％": "%", "%": "%", "퍼밀": "‰", "‰": "‰", "배": "배", "할": "할", "bp": "bp", "포인트": "포인트",
    "명": "명", "인": "명", "사람": "명", "people": "명", "개국": "개국", "개 국가": "개국", "개 나라": "개국", "나라": "개국",
    "개사": "개사", "개 사": "개사", "개소": "곳", "개 소": "곳", "군데": "곳", "곳": "곳", "가지": "개", "개": "개",
    "개월": "개월", "달": "개월", "months": "개월", "개년": "개년", "년간": "개년", "years": "개년", "주년": "주년",
    "년": "년", "년대": "년대", "월": "월", "일간": "일", "일": "일", "days": "일", "시간": "시간", "hours": "시간", "시": "시", "분기": "분기", "분간": "분",
    "분": "분", "minutes": "분", "초": "초", "주일": "주", "주간": "주", "주": "주", "weeks": "주",
    "위": "위", "번째": "위", "차례": "회", "번": "회", "회": "회", "차": "차", "항": "항", "호기": "호기", "호선": "호선", "호": "호", "점": "점",
    "세대": "세대", "세기": "세기", "세": "세", "살": "세", "권": "권", "종류": "종", "종": "종", "장": "장", "대": "대", "건": "건", "가구": "가구",
    "쪽": "쪽", "페이지": "쪽", "면": "면", "단계": "단계", "마리": "마리", "채": "채", "동": "동", "층": "층", "평": "평", "석": "석", "편": "편", "부": "부",
    "팀": "팀", "학급": "학급", "지역": "지역", "분야": "분야", "등급": "등급", "학년": "학년", "학기": "학기", "학점": "학점", "문항": "문항",
    "과목": "과목", "좌": "좌", "병상": "병상", "그루": "그루", "필지": "필지", "척": "척", "켤레": "켤레", "개교": "개교", "개 교": "개교", "품목": "품목",
    "도": "도", "℃": "도", "°c": "도", "배럴": "배럴", "톤": "톤", "t": "톤", "㎏": "kg", "kg": "kg", "킬로그램": "kg", "g": "g", "그램": "g", "mg": "mg",
    "㎞": "km", "km": "km", "킬로미터": "km", "m": "m", "미터": "m", "㎝": "cm", "cm": "cm", "센티미터": "cm", "㎜": "mm", "mm": "mm", "밀리미터": "mm",
    "nm": "nm", "나노미터": "nm", "㎢": "㎢", "km2": "㎢", "km²": "㎢", "제곱킬로미터": "㎢", "㎡": "㎡", "m2": "㎡", "m²": "㎡", "제곱미터": "㎡",
    "평방미터": "㎡", "ha": "ha", "㏊": "ha", "헥타르": "ha", "㎥": "㎥", "m3": "㎥", "m³": "㎥", "세제곱미터": "㎥", "ℓ": "l", "l": "l", "리터": "l",
    "ml": "ml", "㎖": "ml", "밀리리터": "ml", "gw": "gw", "㎇": "gb", "기가와트": "gw", "mw": "mw", "㎿": "mw", "메가와트": "mw", "kw": "kw", "㎾": "kw",
    "킬로와트": "kw", "w": "w", "와트": "w", "twh": "twh", "gwh": "gwh", "mwh": "mwh", "kwh": "kwh", "킬로와트시": "kwh",
    "hz": "hz", "khz": "khz", "mhz": "mhz", "㎒": "mhz", "ghz": "ghz", "㎓": "ghz", "tb": "tb", "gb": "gb", "mb": "mb", "ppm": "ppm", "db": "db", "㏈": "db",
}  # fmt: skip
# Units that can be brought to each other: (dimension, how many of the dimension's own unit one is).
MEASURES = {
    "%": ("비율", 1.0), "배": ("비율", 100.0), "‰": ("비율", 0.1), "%p": ("%p", 1.0), "bp": ("%p", 0.01),
    "개월": ("개월", 1.0), "개년": ("개월", 12.0), "년": ("개월", 12.0), "일": ("일", 1.0), "주": ("주", 1.0), "초": ("초", 1.0), "분": ("초", 60.0),
    "시간": ("초", 3600.0), "시": ("시각", 1.0), "시각": ("시각", 1.0),
    "톤": ("g", 1e6), "kg": ("g", 1e3), "g": ("g", 1.0), "mg": ("g", 1e-3), "km": ("m", 1e3), "m": ("m", 1.0), "cm": ("m", 1e-2), "mm": ("m", 1e-3),
    "㎢": ("㎡", 1e6), "ha": ("㎡", 1e4), "㎡": ("㎡", 1.0), "㎥": ("l", 1e3), "l": ("l", 1.0), "ml": ("l", 1e-3),
    "gw": ("w", 1e9), "mw": ("w", 1e6), "kw": ("w", 1e3), "w": ("w", 1.0), "twh": ("wh", 1e12), "gwh": ("wh", 1e9), "mwh": ("wh", 1e6),
    "kwh": ("wh", 1e3), "ghz": ("hz", 1e9), "mhz": ("hz", 1e6), "khz": ("hz", 1e3), "hz": ("hz", 1.0),
}  # fmt: skip
# Of these a number says which one, not how many: it has no sign.
ORDINAL = frozenset(
    "차 위 단계 월 년 년대 분기 호 호기 호선 항 층 학년 학기 등급 세기 세대 주년 쪽 면".split()
)
# Of numerals in letters (삼만 명): of other units too many words look like them (만세, 백화점, 구조 조정).
SPELLED_UNITS = frozenset(
    "원 명 개 달러 유로 장 대 곳 건 톤 가구 년 개년 개월 주 회 배 % %p ‰ 개국 개사 km ㎡ m kg ha gw mw kw "
    "시간 분 일 세대".split()
)

_PARTICLE = (
    "은|는|이|가|을|를|의|에|로|으로|과|와|도|만|나|이나|까지|부터|보다|에서|에게|처럼|마다|뿐|밖에|씩|째|당|중|간|대|여|말|초|경|쯤|정도|가량|남짓|안팎|내외|규모|짜리|"
    "이상|이하|이내|미만|초과|이후|이전|기준|한도|인|이며|이고|이다|이라|라|라고|입니다|이었다|였다|이었으며|였으며|였고|이었던|였던|이었고|에게서|한테|고|인데|이지만|지만|이란|란|이자|임|등|및|또는"
)
FOLLOWS = re.compile(rf"(?:{_PARTICLE}|는데|다|습니다|예요|이에요|인가요|일|까요){{0,4}}(?![가-힣])")
# Nouns that look like a counter and its particle: after a blank they are the nouns.
_NOUNS = re.compile(
    r"(?:개인|개당|원인|회의|주의|주도|주로|시도|시가|시의|부가|분과|편의|호의|대로|대가|대도|대의|동의|조의|조도|점도|세로|세대|인도|인가|위로|위의|배로|장은|장과|"
    r"도로|도의|도만|도는|차도|차이|면도|석과|종이|종의|월경|일당|초과|초대|초의|분당|이상|만이|만의|명의로|건의|건당|주당|층간)(?![가-힣]{2})"
)
_LONGEST = max(map(len, UNITS))

BOUNDS = {
    "이상": ">=", "최소": ">=", "최소한": ">=", "적어도": ">=", "적게는": ">=", "at least": ">=", "no less than": ">=", "not less than": ">=",
    "or more": ">=", "이하": "<=", "이내": "<=", "안에": "<=", "안으로": "<=", "내에": "<=", "내로": "<=", "내": "<=", "까지": "<=", "최대": "<=",
    "최대한": "<=", "최장": "<=", "많아야": "<=", "많게는": "<=", "at most": "<=", "up to": "<=", "no more than": "<=", "not more than": "<=",
    "within": "<=", "or less": "<=", "미만": "<", "밑도": "<", "하회": "<", "못 미": "<", "채 안 되": "<", "less than": "<", "fewer than": "<",
    "under": "<", "below": "<", "초과": ">", "넘": ">", "웃도": ">", "상회": ">", "more than": ">", "over": ">", "above": ">",
}  # fmt: skip


def unit_at(text: str, at: int, scaled: bool = False) -> tuple[str, str, int] | None:
    """Read the unit that stands at a place, or behind one blank there.

    Args:
        scaled: a large number stands before it, after which a word that looks like a counter is one (5만
            원인, but 5 원인).
    Returns: (its name, what is written, where it ends), None where no unit stands.

    >>> unit_at("3 퍼센트는", 1), unit_at("3 대학", 1)
    (('%', '퍼센트', 5), None)
    """
    begin = at + 1 if text[at : at + 1].isspace() else at
    window = text[begin : begin + _LONGEST].lower()
    for n in range(len(window), 0, -1):
        name = UNITS.get(window[:n])
        if name is None:
            continue
        end = begin + n
        last, after = window[n - 1], text[end : end + 1]
        if last.isascii() and last.isalnum() and after.isascii() and after.isalnum():
            continue
        spaced = begin > at or name == "%" or " " in window[:n]  # 9프로그램, 3개 사업
        if (
            spaced
            and "가" <= last <= "힣"
            and (not FOLLOWS.match(text, end) or (begin > at and not scaled and _NOUNS.match(text, begin)))
        ):
            continue
        return name, window[:n], end
    return None


def same_dimension(a: str, b: str) -> bool:
    """True where two units measure the same: 배 and %, km and m.

    >>> same_dimension("배", "%"), same_dimension("%", "%p")
    (True, False)
    """
    return a == b or (a in MEASURES and b in MEASURES and MEASURES[a][0] == MEASURES[b][0])
