"""A name is said where one of its names stands, and no friend of it is taken for it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.text.names import abbreviates, is_mentioned
from rag.text.particles import with_particle

SAME = """
기재부 기획재정부
과기정통부 과학기술정보통신부
과기부 과학기술정보통신부
중기부 중소벤처기업부
산자부 산업통상자원부
농식품부 농림축산식품부
문체부 문화체육관광부
국토부 국토교통부
해수부 해양수산부
행안부 행정안전부
여가부 여성가족부
고용부 고용노동부
공정위 공정거래위원회
금융위 금융위원회
방통위 방송통신위원회
개보위 개인정보보호위원회
개인정보위 개인정보보호위원회
금감원 금융감독원
질병청 질병관리청
한은 한국은행
서울대 서울대학교
서울교대 서울교육대학교
서울시 서울특별시
강원도 강원특별자치도
부산시 부산광역시
""".split("\n")[1:-1]

DIFFERENT = """
기재부 교육부
공정위 금융위
공정위 금융위원회
금융위 금융분쟁조정위원회
금융위 공정거래위원회
한국은행 한은행복재단
한은 한은행복재단
한국 한국은행
한국은행 한국
중국 중소국가
미국 미래국토
서울대 서울시립대학교
서울대 서울과학기술대학교
서울 서울대학교
서울시 서울시립대학교
경기대 경기과학기술대학교
전라도 전라남도
충청도 충청북도
국방부 국토교통부
교육부 고용노동부
환경부 행정안전부
금감원 금융위원회
질병청 질병관리본부
중기부 중소기업중앙회
산업은행 산업통상자원부
네이버 네이버클라우드의
삼성전자 삼성생명
김필수 김수필
김영 김수영
""".split("\n")[1:-1]


@pytest.mark.parametrize("pair", SAME)
@pytest.mark.parametrize("particle", ["", "은", "의", "이"])
def test_an_abbreviation_is_its_long_form(pair: str, particle: str) -> None:
    short, long = pair.split()
    assert is_mentioned(short, f"어제 {with_particle(long, particle)} 발표했다.")
    assert is_mentioned(long, f"어제 {with_particle(short, particle)} 발표했다.")


@pytest.mark.parametrize("pair", DIFFERENT)
def test_false_friends_are_two(pair: str) -> None:
    one, other = pair.split()
    assert not abbreviates(one, other) and not abbreviates(other, one)
    if one not in other:
        assert not is_mentioned(one, f"어제 {other} 발표했다.")
    if other not in one:
        assert not is_mentioned(other, f"어제 {one} 발표했다.")


SHORTS, LONGS = zip(*(pair.split() for pair in SAME), strict=True)
UNRELATED = [(short, long) for short in SHORTS for long in LONGS if f"{short} {long}" not in SAME]


@settings(deadline=None, max_examples=150)
@given(st.sampled_from(UNRELATED))
def test_no_abbreviation_is_that_of_another_body(pair: tuple[str, str]) -> None:
    assert not abbreviates(*pair)


DOCUMENT = """한국지능정보사회진흥원(NIA, 이하 “진흥원”이라 한다)은 새 이름을 얻었다. 지난해 국제 통화 기금(IMF)은 전망을 고쳤다.
엔씨소프트(NCSOFT)와 산업진흥협회(이하 '협회')가 맺었다. SK텔레콤(이하 회사)도 든다. 네이버클라우드(김필수 상무)의 발표가 있었다.
매출(전년 대비)은 늘었다. 그 뒤 전국농민총연맹(전농)이 뒤따랐다."""


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("NIA", "진흥원은 밝혔다.", True),
        ("한국지능정보사회진흥원", "진흥원은 밝혔다.", True),
        ("한국지능정보사회진흥원", "NIA는 밝혔다.", True),
        ("NIA", "한국지능정보사회진흥원은 밝혔다.", True),
        ("NIA", "협회는 밝혔다.", False),
        ("IMF", "국제통화기금은 밝혔다.", True),
        ("국제통화기금", "IMF는 밝혔다.", True),
        ("엔씨소프트", "NCSOFT는 밝혔다.", True),
        ("NCSOFT", "엔씨소프트는 밝혔다.", True),
        ("산업진흥협회", "협회는 밝혔다.", True),
        ("SK텔레콤", "회사는 밝혔다.", True),
        ("전농", "전국농민총연맹은 밝혔다.", True),
        ("전국농민총연맹", "전농은 밝혔다.", True),
        ("김필수", "네이버클라우드는 밝혔다.", False),
        ("네이버클라우드", "김필수 상무는 밝혔다.", False),
        ("매출", "전년 대비 줄었다.", False),
    ],
)
def test_a_document_says_what_its_names_are_called(name: str, text: str, expected: bool) -> None:
    assert is_mentioned(name, text, DOCUMENT) == expected


PEOPLE = "네이버클라우드 김필수 상무의 발표. 이해민 의원과 박영수 교수, 박철수 교수가 말했다."


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("김필수", "김 상무는 세 가지를 꼽았다.", True),
        ("김철수", "김 상무는 세 가지를 꼽았다.", False),
        ("김필수", "강김 상무는 세 가지를 꼽았다.", False),
        ("김필수", "김 교수는 세 가지를 꼽았다.", False),
        ("이해민", "이 의원은 세 가지를 꼽았다.", True),
        ("박영수", "박 교수는 세 가지를 꼽았다.", False),  # or is it the other one?
    ],
)
def test_a_person_is_called_by_surname_and_title_once_named(name: str, text: str, expected: bool) -> None:
    assert is_mentioned(name, text, PEOPLE) == expected


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("H100", "H100은 비싸다", True),
        ("H20", "H200은 비싸다", False),
        ("GPT-4", "GPT 4는", True),
        ("GPT-4", "GPT-4o는", False),
        ("R1", "딥시크 R1이", True),
    ],
)
def test_a_latin_name_is_a_whole_word(name: str, text: str, expected: bool) -> None:
    assert is_mentioned(name, text) == expected
