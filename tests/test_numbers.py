"""Every spelling of a number reads as itself, and numbers that only look alike do not.

The generators below spell numbers from tables of their own; an outside oracle for numerals in letters is num2words.
"""

from __future__ import annotations

from itertools import pairwise, product

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from rag.text.dates import Date
from rag.text.numbers import Number, caption_units, heap_numbers, numbers
from rag.text.quantity import missing_numbers, same_measure, same_number

MYRIADS = (("조", 10**12), ("억", 10**8), ("만", 10**4), ("", 1))
PARTICLES = "은 는 이 가 을 를 의 에 로 으로 과 와 도 만 까지 부터 보다 이며 이다 입니다 인".split()
UNITS = {"원": "원", "명": "명", "개": "개", "%": "%", "퍼센트": "%", "건": "건", "곳": "곳", "가구": "가구", "톤": "톤", "㎞": "km", "km": "km", "배": "배",
         "개월": "개월", "달러": "달러", "MW": "mw", "㎿": "mw", "㎡": "㎡", "%p": "%p", "개소": "곳", "살": "세"}  # fmt: skip
SAME = """
6,710억 개 = 671,000,000,000개 | 5천만 원 = 50,000,000원 | 30% = 30퍼센트 | 4억 5천만 원 = 450,000,000원 | 1조 3,000억 원 = 1.3조 원 | 40.7만 명 = 407,000명
5,000억 달러 = 5천억 달러 | 3만 장 = 30,000장 | 3만명 = 3만 명 | 2,000만명 = 2천만 명 | 1만2천명 = 12,000명 | 3만 5000명 = 3만5천 명 | 23.9.1에 = 2023년 9월 1일
23.4~8월 = 2023년 4월부터 8월까지 | '23.4~8월 = 23.4~8월 | 14일 이내 = 14일 안에 | 14일 내에 = 14일 이내 | 5천만 원까지 = 최대 5천만 원 | 1.5배 = 150% | 3할 = 30%
3할 5푼 = 35% | 10분의 3 = 30% | 삼분의 일 = 3분의 1 | 30‰ = 3% | 50bp = 0.5%p | 2%포인트 = 2%p | 오후 2시 30분 = 14:30 | 오후 2시~4시 = 14:00~16:00 | 낮 12시 = 12:00
2시 = 오후 2시 | 1.2GW = 1,200㎿ | 3㎞ = 3,000m | 2년 = 24개월 | 3년간 = 3년 동안 | 2024년 = 24년 | 24년 = '24년 | 5개 국가 = 5개국 | $5 million = 500만 달러
2007년 = 07년 | 90년대 = 1990년대 | 제3조 = 제3조제2항 | 제2항 = 제3조제1항 및 제2항 | 마이너스 0.7% = △0.7% | 영하 5도 = -5℃ | 이익: (1,234) | 합계 = 이익: △1,234 | 합계
스물두 명 = 22명 | 석 달 = 3개월 | 30여 명 = 30명 | 열 개 = 10개 | 3만 원이 넘는 = 3만 원 초과 | 10%에 못 미치는 = 10% 미만 | 300만원 = 월 3백만원
"""
DIFFERENT = """
5천만 원 ≠ 5천억 원 | 30% ≠ 30명 | 제3조 ≠ 3조 원 | 14.6% ≠ 146% | 2024년 ≠ 2025년 | 41% ≠ 77% | 23.9.1 ≠ 2023년 9월 2일 | 12.5.3절 ≠ 2012년 5월 3일
3명 ≠ 3만명 | 2,000명 ≠ 2,000만명 | 1만 2명 ≠ 1만2천명 | 0.7% ≠ △0.7% | 0.7% ≠ 성장률은 -0.7% | 60조 ≠ 제60조 | 3% ≠ 3%p | 2배 ≠ 2% | 2024년 ≠ 2024년 상반기
상반기 ≠ 하반기 | 2024년 2분기 ≠ 2024년 | 제3조제1항 ≠ 제3조제2항 | 제3조 ≠ 제3조의2 | 제3조제2항 ≠ 제3조제1항, 제5조제2항 | 2024년 ≠ 24년 동안
14일 이상 ≠ 14일 안에 | 오후 2시 ≠ 오전 2시 | 14:30 ≠ 2시 30분 | 2020 ≠ 20202021 | 30년 ≠ 30~40년 | 1,234 ≠ 이익: (1,234) | 합계 | 1,000억 원 ≠ 1,000조 원
"""
NONE = """조 장관 | 억 단위 | 구조 조정 | 이천시 | 백화점 | 일조 시간 | GPT-4 | COVID-19 | MATH-500 | H100 | 5G | G3 | 만족도 | 수십만 명 | https://a.kr/2024/12 | a2024@b.kr
044)203-1234 | 전화 203-5678 | (30113) 세종특별자치시 | 우) 30113 | www.korea.kr/3"""
READ = {
    "1만 1000 건의": [(11000.0, "건")],
    "▲ 5개 기관": [(5, "개")], "▲서울 3곳": [(3, "곳")], "9프로그램": [(9, "")], "3 대학": [(3, "")], "5 만족": [(5, "")], "3 조사": [(3, "")],
    "3조각": [(3, "")], "9경기": [(9, "")], "5분의 1만을": [(20, "%")], "2020,2021": [(2020, ""), (2021, "")], "만 19세": [(19, "세")],
    "12.3 -4.5 6.7 -8.9": [(12.3, ""), (-4.5, ""), (6.7, ""), (-8.9, "")], "-14세 이상": [(14, "세")], "5명-3명": [(5, "명"), (3, "명")], "(9)": [(9, "")],
    "5-3생활권": [(5, ""), (3, "")], "코로나-19": [(19, "")], "-5~3%": [(-5, "%"), (3, "%")], "천5백만 원": [(15e6, "원")], "만19세": [(19, "세")], "2024.5포인트": [(2024.5, "포인트")], "문의 300건": [(300, "건")], "전화 3대": [(3, "대")], "1500-2000명": [(1500, "명"), (2000, "명")], "3개 사업연도": [(3, "개")], "▲1차 ▲2차": [(1, "차"), (2, "차")],
    "$9,000억 규모": [(9e11, "달러")], "100여만 명": [(1e6, "명")], "십여 명": [(10, "명")], "H100 삼만 장": [(30000, "장")],
}  # fmt: skip


def pairs(table: str, sign: str) -> list[tuple[str, str]]:
    """Return the pairs of a table; a row of the program's own tables keeps its bars."""
    cells: list[str] = []
    for cell in table.replace("\n", " | ").split(" | "):
        if cell.strip() == "합계" or cell.strip().startswith("합계 ="):
            cells[-1] += f" | {cell}"
        elif cell.strip():
            cells.append(cell)
    return [tuple(part.strip() for part in cell.split(f" {sign} ", 1)) for cell in cells]  # type: ignore[misc]


@pytest.mark.parametrize(("a", "b"), pairs(SAME, "="))
def test_the_same_number_in_two_spellings(a: str, b: str) -> None:
    assert numbers(a) and not missing_numbers(numbers(a), numbers(b))


@pytest.mark.parametrize(("a", "b"), pairs(DIFFERENT, "≠"))
def test_different_numbers(a: str, b: str) -> None:
    assert missing_numbers(numbers(a), numbers(b))


@pytest.mark.parametrize("text", [cell.strip() for cell in NONE.replace("\n", " | ").split(" | ")])
def test_what_is_no_number(text: str) -> None:
    assert numbers(text) == []


@pytest.mark.parametrize("text", READ)
def test_what_is_read(text: str) -> None:
    assert [(n.value, n.unit) for n in numbers(text)] == READ[text]


def test_spans_are_exact() -> None:
    text = "예산은 4억 5천만 원이고 증가율은 △0.7%, 기간은 오후 2시부터다."
    assert [text[n.start : n.end] for n in numbers(text)] == ["4억 5천만 원", "△0.7%", "오후 2시"]


def test_about_is_recorded_but_does_not_decide() -> None:
    (bare,) = numbers("30명")
    for text in ("약 30명", "30여 명", "30명 남짓", "30명가량", "30명 정도"):
        (number,) = numbers(text)
        assert number.about and not bare.about and same_number(number, bare) and same_number(bare, number)


def test_the_document_date_makes_last_year_a_date() -> None:
    written = Date(2024, month=8, day=1)
    assert numbers("전년 동기 대비") == []
    assert [n.date for n in numbers("올해 2분기는 전년 동기보다", written)] == [
        (2024, 2, None, None),
        (2023, 2, None, None),
    ]
    assert [n.date for n in numbers("작년 하반기, 내년", written)] == [
        (2023, 6, None, None),
        (2025, None, None, None),
    ]


def test_a_caption_gives_units_and_keeps_signs() -> None:
    assert [(n.value, n.unit) for n in caption_units("(단위: 백만 달러, %)", numbers("합계 △1.1"))] == [
        (-1_100_000.0, "달러"),
        (-1.1, "%"),
    ]


def test_a_heap_holds_negative_numbers() -> None:
    text = "수지 1.2 △0.3 -4.0 0.8, 예산 3"
    assert [n.value for n in heap_numbers(text, numbers(text))] == [1.2, -0.3, -4.0, 0.8]


# --- amounts


def small_words(n: int, digits: str, draw: st.DrawFn) -> str:
    """Spell 1 to 9999 with 천, 백, 십 and the given digits ("일이삼…" or "123…")."""
    word = ""
    for scale, factor in (("천", 1000), ("백", 100), ("십", 10), ("", 1)):
        digit = n // factor % 10
        if digit:
            word += ("" if digit == 1 and scale and draw(st.booleans()) else digits[digit - 1]) + scale
    return word


@st.composite
def spelled(draw: st.DrawFn, value: int) -> str:
    """Spell a whole number in digits, with commas, with myriads (glued or spaced), with 천 백 십, or in letters."""
    style = draw(st.sampled_from(["digits", "commas", "myriads", "mixed", "letters"]))
    if style == "digits":
        return str(value)
    if style == "commas":
        return f"{value:,}"
    groups = [(value // factor % 10**4, name) for name, factor in MYRIADS if value // factor % 10**4]
    text = ""
    for i, (n, name) in enumerate(groups):
        if style == "myriads":
            written = draw(st.sampled_from([str(n), f"{n:,}"]))
        else:
            written = small_words(n, "일이삼사오육칠팔구" if style == "letters" else "123456789", draw)
            written = (
                "1" * (style == "mixed" and i == 0 and written[0] in "천백십") + written
            )  # 천1 is not written
        if style == "letters" and i == 0 and n == 1 and name == "만" and draw(st.booleans()):
            written = ""
        spaced = (
            i
            and draw(st.booleans())
            and (style == "letters" or name or n >= 1000 or written[-1:] in "천백십")
        )
        text += (" " if spaced else "") + written + name
    return text


VALUES = st.one_of(
    st.integers(1, 9999),
    st.integers(1, 10**15),
    st.builds(lambda a, b: a * 10**b, st.integers(1, 9999), st.integers(0, 11)),
    st.builds(
        lambda a, b, c: a * 10**b + c, st.integers(1, 99), st.sampled_from([4, 8, 12]), st.integers(1, 9999)
    ),
)


def only(text: str) -> Number:
    found = numbers(text)
    assert len(found) == 1, (text, found)
    return found[0]


@settings(max_examples=1500, deadline=None)
@given(
    st.data(), VALUES, st.sampled_from(sorted(UNITS)), st.sampled_from(PARTICLES), st.sampled_from(["", " "])
)
def test_every_spelling_of_a_value_reads_as_itself(
    data: st.DataObject, value: int, unit: str, particle: str, blank: str
) -> None:
    written = data.draw(spelled(value))
    assume(
        not written.endswith("조") or unit in ("원", "달러", "개", "명", "톤", "%")
    )  # 3조건, 3조가구: read as no trillions
    in_letters = not any(c.isdigit() for c in written)
    if in_letters:  # which are read before the counters in use there
        assume(unit in ("원", "명", "개", "%", "퍼센트", "건", "곳", "가구", "톤", "달러") and value >= 10)
        assume(len(written.replace(" ", "")) > 1 and not (written[-1] == "조" and unit not in ("원", "달러")))
    assume(
        blank == ""
        or in_letters
        or value >= 100
        or (unit, particle) not in {("개", "인"), ("원", "인"), ("건", "의"), ("배", "로"), ("명", "의")}
    )
    text = f"올림픽공원의 것은 {written}{blank}{unit}{particle}"
    number = only(text)
    assert (number.value, number.unit) == (value, UNITS[unit]), text
    assert text[number.start : number.end] == f"{written}{blank}{unit}", text
    assert number.bound == ("<=" if particle == "까지" else "")


@settings(max_examples=600, deadline=None)
@given(st.data(), VALUES, VALUES)
def test_two_values_never_read_the_same(data: st.DataObject, a: int, b: int) -> None:
    assume(a != b and min(a, b) >= 10)
    x, y = (only(f"{data.draw(spelled(v))} 달러") for v in (a, b))
    assert not same_number(x, y) and not same_number(y, x)


@settings(max_examples=300, deadline=None)
@given(
    st.integers(1, 99_999),
    st.integers(1, 3),
    st.sampled_from([m for m in MYRIADS if m[0]]),
    st.sampled_from(["원", " 원", "명"]),
)
def test_decimals_before_a_scale(digits: int, places: int, myriad: tuple[str, int], unit: str) -> None:
    scale, factor = myriad
    value = digits * factor // 10**places
    assert same_number(only(f"{digits / 10**places:.{places}f}{scale}{unit}"), only(f"{value:,}{unit}"))


def test_numerals_in_letters_as_num2words_spells_them() -> None:
    from num2words import num2words

    values = [
        *range(10, 2000),
        *(n * 10**k + m for n in range(1, 40) for k in range(3, 12) for m in (0, 1, 20, 305)),
    ]
    for value in values:
        word = num2words(value, lang="ko")
        if len(word) > 1:  # 백, 천 alone begin words
            assert (only(f"{word} 원").value, only(f"{word} 달러를").value) == (value, value), word


SIGNS = ["−", "-", "△", "▲", "▼", "마이너스 ", "마이너스"]


@settings(max_examples=400, deadline=None)
@given(
    st.integers(1, 10**7),
    st.sampled_from(["%", "%p", "억원", "만 명", "원", ""]),
    st.sampled_from(SIGNS),
    st.sampled_from(["증가율은 ", "수지(", "합계: "]),
)
def test_signs_survive(tenths: int, unit: str, sign: str, before: str) -> None:
    figure = f"{tenths / 10:,.1f}{unit}"
    minus, plus = only(f"{before}{sign}{figure}"), only(f"{before}{figure}")
    assert minus.value == -plus.value < 0
    assert not same_number(minus, plus) and not same_number(plus, minus)
    assert all(same_number(minus, only(f"{before}{other}{figure}")) for other in SIGNS)


@settings(max_examples=300, deadline=None)
@given(
    st.integers(1, 9000),
    st.integers(1, 9000),
    st.sampled_from(["~", "∼", "-", "–", " ~ ", " - ", " 내지 "]),
    st.sampled_from(["%", "명", "만 명", "억원", "㎡"]),
)
def test_ranges(a: int, b: int, to: str, unit: str) -> None:
    assume(a < b and not (1600 <= a and b < 2200))
    low, high = numbers(f"규모는 {a:,}{to}{b:,}{unit}")
    (first,), (last,) = numbers(f"{a}{unit}"), numbers(f"{b}{unit}")
    assert (low.value, low.part, low.mate) == (first.value, "from", last.value)
    assert (high.value, high.part, high.mate) == (
        last.value,
        "to",
        first.value,
    ) and low.unit == high.unit == last.unit
    assert not missing_numbers([low, high], numbers(f"{a}{unit}~{b}{unit}"))
    assert missing_numbers([first], [low, high]) and missing_numbers(
        numbers(f"{b}{unit}~{a + b}{unit}"), [low, high]
    )


@settings(max_examples=200, deadline=None)
@given(st.integers(1, 4000))
def test_times_and_percent_are_one_dimension(percent: int) -> None:
    times, share, points = only(f"{percent / 100:g}배"), only(f"{percent}%"), only(f"{percent}%p")
    assert same_number(times, share) and same_number(share, times) and same_measure(times, share)
    assert times.key == share.key != points.key
    assert not same_number(share, points) and not same_measure(share, points)
    assert same_number(share, only(f"{10 * percent}‰")) and not same_number(times, only(f"{percent + 1}%"))


@pytest.mark.parametrize(("bound", "words"), [
    (">=", "{} 이상|{}이상의|최소 {}|적어도 {}|at least {}"), ("<=", "{} 이하|{} 이내|{} 안에|{}까지|최대 {}|at most {}|up to {}"),
    ("<", "{} 미만|less than {}|{}에 못 미치는"), (">", "{} 초과|{}을 넘는|{}를 초과하는|more than {}|{}을 웃도는"), ("", "{}|{}에서|{}의|{} 규모의"),
])  # fmt: skip
def test_bounds(bound: str, words: str) -> None:
    for text, number in product(words.split("|"), ("30명", "3만 명", "14일", "5천만 원", "20%", "3.5배")):
        assert only(text.format(number)).bound == bound, text.format(number)


# --- dates

DATES = st.tuples(st.integers(2000, 2039), st.integers(1, 12), st.integers(1, 28))
DAY = ["{y}년 {m}월 {d}일", "{y}. {m}. {d}.", "{y}.{m}.{d}", "{y}-{m:02}-{d:02}", "'{s:02}.{m}.{d}.", "’{s:02}. {m}. {d}.", "‘{s:02}년 {m}월 {d}일",
       "{y}년{m}월{d}일", "{y}/{m:02}/{d:02}", "{s:02}년 {m}월 {d}일"]  # fmt: skip
MONTH = [
    "{y}년 {m}월",
    "{y}. {m}.",
    "{y}.{m}월",
    "'{s:02}.{m}월",
    "'{s:02}. {m}.",
    "{s:02}년 {m}월",
    "{y}-{m:02}",
]
QUARTER = ["{y}년 {q}분기", "{y}년 {q}/4분기", "'{s:02}.{q}Q", "{s:02}.{q}Q", "'{s:02}.{q}/4", "'{s:02}년 {q}분기", "{s:02}년 {a}~{b}월", "{y}년 {a}월~{b}월",
           "{y}년 {a}월부터 {b}월까지", "{q}Q{s:02}", "{y}.{a}~{b}월", "{y} {q}분기", "{y}년도 {q}분기"]  # fmt: skip
HALF = [
    "{y}년 {h}반기",
    "'{s:02}.{h}",
    "'{s:02}년 {h}반기",
    "{y}년 {a}~{b}월",
    "{s:02}년 {h}반기",
    "{s:02}.{n}H",
    "{y} {h}반기",
    "{y}년 {n}~{n2}분기",
]


def dated(
    template: str, y: int, m: int = 1, d: int = 1, q: int = 1, half: bool = False, n: int = 1
) -> Number:
    first = 6 * n - 5 if half else 3 * q - 2
    text = template.format(
        y=y,
        s=y % 100,
        m=m,
        d=d,
        q=q,
        a=first,
        b=first + (5 if half else 2),
        h="상하"[n - 1],
        n=2 * n - 1 if "분기" in template else n,
        n2=2 * n,
    )
    return only(f"시행일은 {text}")


@settings(max_examples=300, deadline=None)
@given(DATES, DATES, st.sampled_from(list(product(DAY, DAY))), st.sampled_from(list(product(MONTH, MONTH))))
def test_days_and_months(
    one: tuple[int, int, int], other: tuple[int, int, int], day: tuple[str, str], month: tuple[str, str]
) -> None:
    assert same_number(dated(day[0], *one), dated(day[1], *one)) and same_number(
        dated(month[0], *one), dated(month[1], *one)
    )
    assert same_number(dated(month[0], *one), dated(day[0], *one)) and not same_number(
        dated(day[0], *one), dated(month[0], *one)
    )
    if one != other:
        assert not same_number(dated(day[0], *one), dated(day[1], *other))
    if one[:2] != other[:2]:
        assert not same_number(dated(month[0], *one), dated(month[1], *other))


@settings(max_examples=300, deadline=None)
@given(
    st.integers(2000, 2039),
    st.integers(2000, 2039),
    st.integers(1, 4),
    st.integers(1, 4),
    st.sampled_from(list(product(QUARTER, QUARTER))),
    st.sampled_from(list(product(HALF, HALF))),
)
def test_quarters_and_halves(
    year: int, other: int, q: int, r: int, quarter: tuple[str, str], half: tuple[str, str]
) -> None:
    n, k = (q + 1) // 2, (r + 1) // 2
    assert same_number(dated(quarter[0], year, q=q), dated(quarter[1], year, q=q))
    assert same_number(dated(half[0], year, half=True, n=n), dated(half[1], year, half=True, n=n))
    if (year, q) != (other, r):
        assert not same_number(dated(quarter[0], year, q=q), dated(quarter[1], other, q=r))
    if (year, n) != (other, k):
        assert not same_number(dated(half[0], year, half=True, n=n), dated(half[1], other, half=True, n=k))
    whole = only(f"{year}년")
    for part in (dated(quarter[0], year, q=q), dated(half[0], year, half=True, n=n)):
        assert not same_number(whole, part) and not same_number(part, whole)
    assert not same_number(dated(quarter[0], year, q=q), dated(half[0], year, half=True, n=n))


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 23), st.integers(0, 59), st.integers(0, 23), st.integers(0, 59))
def test_times(hour: int, minute: int, hour2: int, minute2: int) -> None:
    def spellings(h: int, m: int) -> list[Number]:
        half = f"{'오전' if h < 12 else '오후'} {h % 12 or 12}시" + (f" {m}분" if m else "")
        return [only(half), only(f"{h}:{m:02}"), only(f"{h:02}:{m:02}")]

    for a, b in product(spellings(hour, minute), repeat=2):
        assert same_number(a, b)
    if (hour, minute) != (hour2, minute2):
        assert not any(
            same_number(a, b) for a, b in product(spellings(hour, minute), spellings(hour2, minute2))
        )


# --- articles, and what is no quantity

LEVELS = st.tuples(st.integers(1, 999), st.integers(0, 30), st.integers(0, 20), st.integers(0, 20))


def article(levels: tuple[int, int, int, int], blank: str = "") -> str:
    jo, ui, hang, ho = levels
    parts = [
        f"제{jo}조" + (f"의{ui}" if ui else ""),
        f"제{hang}항" if hang else "",
        f"제{ho}호" if ho else "",
    ]
    return blank.join(part for part in parts if part)


@settings(max_examples=300, deadline=None)
@given(LEVELS, LEVELS, st.sampled_from(PARTICLES), st.sampled_from("조원 명 개 호 조 % 년 조 원".split(" ")))
def test_articles_are_no_amounts(
    one: tuple[int, int, int, int], other: tuple[int, int, int, int], particle: str, unit: str
) -> None:
    read = only(f"법 {article(one)}{particle}")
    assert same_number(read, only(article(one, " "))) and read.key == only(article(one)).key
    amount = only(f"{one[0]}{unit}")
    assert not same_number(read, amount) and not same_number(amount, read)
    if one != other and (one[0], one[1]) != (other[0], other[1]):
        assert not same_number(read, only(article(other)))


DIGIT = st.integers(0, 9).map(str)


@settings(max_examples=400, deadline=None)
@given(
    st.sampled_from(["02-DDD-DDDD", "02-DDDD-DDDD", "031-DDD-DDDD", "(044) DDD-DDDD", "044-DDD-DDDD", "010-DDDD-DDDD", "1588-DDDD", "02)DDD-DDDD", "+82-2-DDD-DDDD",
                     "070.DDDD.DDDD", "DDD-DD-DDDDD", "DDDDDD-1DDDDDD", "978-89-DDD-DDDD-D", "☎ DDD-DDDD", "우편번호 DDDDD", "https://www.korea.kr/DDDD/DD?a=DDD"]),
    st.lists(DIGIT, min_size=16, max_size=16), st.sampled_from(["문의: {}", "{}", "담당자 김철수({})", "연락은 {}로 하면 된다"]),
)  # fmt: skip
def test_telephone_and_registration_numbers_are_no_quantities(
    pattern: str, digits: list[str], around: str
) -> None:
    for digit in digits:
        pattern = pattern.replace("D", digit, 1)
    assert numbers(around.format(pattern)) == []


@settings(max_examples=300, deadline=None)
@given(st.text("0123456789.,-~△▲%()'년월일분기만천억조명원시제항호의 상하반약여\n가a$:/", max_size=24))
def test_whatever_is_read_stands_in_order_within_the_text(text: str) -> None:
    found = numbers(text)
    assert all(0 <= n.start < n.end <= len(text) for n in found)
    assert all(a.end <= b.start for a, b in pairwise(found))
