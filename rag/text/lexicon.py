"""Words that the checker must know: which mean the same, which are opposites, which say nothing that could
be wrong.

Words are dictionary forms as Kiwi gives them (늘어나, 증가); those that mean the same are in synonyms.txt. A
synonym or a neutral word too many makes the checker trust a false sentence, one too few only shows the
source's own sentence instead: lists hold what is so in any text.
"""

from __future__ import annotations

import re
from pathlib import Path

# Two sides that cannot both be meant.
_OPPOSITE = """
증가 늘 늘어나 늘리 확대 상승 오르 올리 커지 높아지 높이 급증 많아지 키우 넓히 넓어지 인상 상향 |\
 감소 줄 줄어들 줄이 축소 하락 내리 낮아지 낮추 급감 적어지 떨어지 절감 단축 인하 하향 작아지 깎 삭감
높 | 낮
크 | 작
많 | 적
길 | 짧
빠르 | 느리
넓 | 좁
강하 | 약하
강화 | 완화
찬성 | 반대
허용 | 금지
포함 | 제외
수입 | 수출
유지 | 폐지
성공 | 실패
흑자 | 적자
유리 | 불리
시작 | 끝나
처음 | 마지막
앞서 | 뒤지
이전 | 이후
전 | 후
최대 | 최소
최고 | 최저
상반기 | 하반기
국내 | 해외
공공 | 민간
공급 | 수요
매수 | 매도
승인 | 거부
합법 | 불법
의무 | 자율
직접 | 간접
개선 | 악화
안전 | 위험
가능 | 불가능
장점 | 단점
이익 | 손해
집중 | 분산
개방 | 폐쇄
쉽 | 어렵
좋 | 나쁘
남 | 북
동 | 서
위 | 아래
안 | 밖
내부 | 외부
먼저 | 나중
오전 | 오후
전체 | 일부
모두 | 일부
모든 | 일부
가장 | 덜
더 | 덜
반드시 | 가끔
항상 | 가끔
""".split("\n")

_GROUPS = [
    words
    for line in Path(__file__).with_name("synonyms.txt").read_text(encoding="utf-8").splitlines()
    if (words := line.partition("#")[0].split())
]

SYNONYMS: dict[str, frozenset[str]] = {}
NAMES: dict[str, str] = {}  # word → the name of its first group, to see which words stand in the same place
for _group in _GROUPS:
    for _word in _group:
        SYNONYMS[_word] = SYNONYMS.get(_word, frozenset()) | frozenset(_group)
        NAMES.setdefault(_word, NAMES.get(_group[0], _group[0]))

OPPOSITES: dict[str, frozenset[str]] = {}
for _line in _OPPOSITE:
    if "|" in _line:
        _left, _right = (frozenset(side.split()) for side in _line.split("|"))
        for _side, _facing in ((_left, _right), (_right, _left)):
            for _word in _side:
                OPPOSITES[_word] = OPPOSITES.get(_word, frozenset()) | _facing

# Verbs of becoming, by the adjective they are made of.
BECOMING = dict(
    pair.split(":")
    for pair in (
        "많아지:많 적어지:적 넓어지:넓 좁아지:좁 커지:크 작아지:작 길어지:길 짧아지:짧 빨라지:빠르 "
        "느려지:느리 좋아지:좋 나빠지:나쁘 강해지:강하 약해지:약하 "
        "쉬워지:쉽 어려워지:어렵 나아지:좋 높아지:높 낮아지:낮 깊어지:깊 얕아지:얕 무거워지:무겁 "
        "가벼워지:가볍"
    ).split()
)

# Words that carry no claim of their own.
NEUTRAL = frozenset(
    """
    것 수 등 때 중 및 점 바 데 뿐 만큼 경우 상황 내용 부분 측면 관련 대상 사실 정도 자체 사이 가운데 통하 위하 대하 따르 관하 의하 인하 통해 위해
    대해 하 되 있 이 그 저 또 또한 그리고 그러나 하지만 즉 따라서 그래서 특히 역시 각각 각기 이런 그런 어떤 해당 이러하 그러하 어떠하 이번 본 같
    보 보이 가지 들 나 오 가 문서 자료 글 브리프 답 질문 이것 그것 여기 거기 약 대략 한편 더불어 속하 이름
    뜻 이르 달하 말 아니 않 못 없 이때 당시 형태 종류 방식 방법 사람 곳 기록 나타내 나타나 적히 적 밝히 전하
    말하 가리키 의미 정하 비롯 대로 씩 당 쪽 편 식 명 개
    """.split()
)

# Each line: what is asked about by turns, so that one follows another in the same question (남성의 사용률은?
# – 여성은?)
COUNTERPARTS = tuple(
    frozenset(line.split())
    for line in """
정부 공공 민간
남성 여성 남자 여자
국내 해외 국외
수출 수입
대기업 중견기업 중소기업 소상공인
초등학교 중학교 고등학교 대학교 대학
초등학생 중학생 고등학생 대학생
도시 농촌 어촌
수도권 비수도권 지방
정규직 비정규직
상용직 임시직 일용직
임금근로자 자영업자
취업자 실업자
청년 청년층 중장년 중장년층 노인 고령자 고령층
제조업 서비스업 건설업 농업
유료 무료
온라인 오프라인
국립 공립 사립
상한 하한
상반기 하반기
작년 올해 내년
""".strip().splitlines()
)
BOUNDS = frozenset("이상 이하 이내 미만 초과 최소 최소한 최대 적어도 많아야 넘".split())  # said with a number

# What a person may be called after the name.
TITLES = frozenset(
    """
    의원 국회의원 대표 상무 전무 부사장 사장 회장 장관 차관 대통령 총리 교수 박사 연구원 연구위원 본부장 실장 국장 과장 팀장 부장 위원장 위원 시장
    도지사 지사 청장 기자 작가 변호사 판사 감독 선수 씨 원장 총장 이사 이사장 센터장 소장 정책관 정책실장 편집자 전문가 창업자
    """.split()
)


# Names that Korean texts write in Hangul, for questions in English (and 오픈AI for OpenAI).
ALIASES = dict(
    pair.split(":")
    for pair in (
        "openai:오픈ai deepseek:딥시크 google:구글 microsoft:마이크로소프트 naver:네이버 kakao:카카오 "
        "samsung:삼성 "
        "nvidia:엔비디아 apple:애플 softbank:소프트뱅크 alibaba:알리바바 meta:메타 amazon:아마존 "
        "hyundai:현대 "
        "huawei:화웨이 mistral:미스트랄 stargate:스타게이트 iphone:아이폰 korea:한국 korean:한국 china:중국 "
        "chinese:중국 japan:일본 japanese:일본 america:미국 american:미국 usa:미국 canada:캐나다 "
        "france:프랑스 french:프랑스 germany:독일 europe:유럽 european:유럽 kenya:케냐 india:인도 "
        "italy:이탈리아 ukraine:우크라이나 seoul:서울 busan:부산 trump:트럼프 hinton:힌튼 mathenge:마테엔게 "
        "altman:알트만"
    ).split()
)


def in_hangul(text: str) -> list[str]:
    """Return the Hangul forms of the Latin names in a text.

    >>> in_hangul("When did OpenAI release o1?")
    ['오픈ai']
    """
    return [ALIASES[word] for word in dict.fromkeys(re.findall("[a-z]+", text.lower())) if word in ALIASES]


# Countries as offices write them in one letter: 美·中.
_HANJA = {
    "한국": "韓", "북한": "北", "미국": "美", "중국": "中", "일본": "日", "독일": "獨", "영국": "英", "프랑스": "佛", "러시아": "露", "인도": "印",
    "호주": "濠", "이탈리아": "伊", "캐나다": "加", "베트남": "越", "대만": "臺",
}  # fmt: skip


def names_country(name: str, text: str) -> bool:
    """True where a text names a country by its Chinese letter.

    >>> names_country("미국", "(美) 2.1→1.5"), names_country("독일", "(美) 2.1→1.5")
    (True, False)
    """
    return name in _HANJA and _HANJA[name] in text


# Verbs of saying and thinking, whose tense is the report's, not the deed's.
_SAYING = frozenset(
    """말 말하 이야기 얘기 밝히 전하 설명 강조 주장 지적 언급 평가 보 꼽 비판 역설 답 답하 진단 분석 우려 걱정 전망 예상 예측 내다보 판단 여기 생각
    제안 제언 제시 건의 권하 권 권고 촉구 요구 요청 호소 발표 보도 다루 담기 하 되 있 같 적히""".split()
)


def is_saying(word: str) -> bool:
    """True for verbs of saying and thinking.

    >>> is_saying("주장"), is_saying("혁신")
    (True, False)
    """
    return word in _SAYING
