"""Words that the checker must know: which mean the same, which are opposites, which say nothing that could be wrong.

Words are dictionary forms as Kiwi gives them (늘어나, 증가). Lists are short on purpose: a word that is missing makes the checker
stricter (the source's own sentence is shown instead), never more trusting.
"""

from __future__ import annotations

import re

# Each line: words that may stand for each other. A line's first word is their name.
_SAME = """
증가 늘 늘어나 늘리 확대 상승 오르 올리 커지 높아지 높이 급증 많아지 키우 넓히 넓어지 인상 상향
감소 줄 줄어들 줄이 축소 하락 내리 낮아지 낮추 급감 적어지 떨어지 절감 단축 인하 하향 작아지
높 상위
낮 하위
크 거대 막대 대규모 대형
작 소규모 소형
말 말하 밝히 설명 강조 주장 지적 언급 전하 평가 보 꼽 비판 설파 역설 이야기 얘기 답 답하 진단 분석 우려 걱정 전망 예상 예측 내다보 판단 여기 생각 의견 시각 견해
제안 제언 제시 건의 권하 권 권고 촉구 요구 요청 호소
쓰 쓰이 사용 이용 활용 쓰임
만들 제작 조성 구축 세우 설립 짓 건립 건설 마련 깔 놓 꾸리 구성 만들어지 세워지 창설 신설
열 열리 개최 개관
시작 착수 개시 출발
끝나 끝내 종료 마치 완료 끝 마감
나오 출시 내놓 공개 발표 선보이 나타나 등장 출간
맡 담당 책임 수행
뽑 선출 선정 선발 선택 고르
주 제공 지급 지원 나누어주 공급
내 내놓 출자 부담 내자 납부
받 수령 얻 취득 획득 확보
돈 금액 비용 값 가격 시세 요금 액수
개발비 학습비
기업 회사 업체 사업자
사람 인물 인원 명
일자리 고용 직업
직원 인력 근로자 노동자 종사자
나라 국가 국
어린이 아동 아이
노인 어르신 고령자
의사 뜻 의미 뜻하 의미하
때문 이유 까닭 원인
필요 필요하 요하
중요 핵심 주요 중심
방법 방식 방안 길 수단
목표 목적
계획 예정
결과 성과
능력 역량 힘
집중 쏠리 몰리 치우치
예 사례 본보기 보기 본
속하 소속 몸담 다니 일하
물러나 사임 사퇴 그만두 떠나
앞서 앞지르 능가 뛰어넘 선두 우위
뒤지 뒤처지
같 동일 똑같
비슷 유사 닮
다르 상이 차이
막 방지 예방 억제
풀 해결 해소
고치 바꾸 변경 수정 개정 개편 전환 변하 바뀌
합치 통합 묶
줄여주 경감
나누 공유 배분 분배 나뉘 구분 갈리
모이 참석 참가 참여
살 구매 구입 매입 사들이 사
팔 판매 매각
빠르 신속
처음 최초 첫 첫째
마지막 최후
모두 전부 전체 다 온
대략 약 정도 가량 안팎
지금 현재 오늘날
앞 미래 장래 앞날 향후 앞으로
예전 과거 옛날 이전
매우 아주 몹시 크게 상당히 대단히 무척 많이
매년 해마다
그림 이미지
글 문서 텍스트
가르치 교육
무료 공짜 무상
전기 전력
학교 교육기관
작성 쓰
여러 많 다수 다양
알리 통보 통지
어렵 힘들 곤란
쉽 용이 간편
없애 폐지 제거
어기 위반
지키 준수 보호 보전
유출 새 누출
컴퓨터 컴퓨팅
연구자 연구원 과학자
나쁘 악화
좋 우수 양호 뛰어나
모자라 부족
가지 보유 소유 갖 갖추 지니 두
실행 실시 시행 추진 진행 펴 벌이 이행
휴대전화 휴대폰 핸드폰 전화기
대통령실 청와대
고갈 바닥나
"""

# Two sides that cannot both be meant.
_OPPOSITE = """
증가 감소
높 낮
크 작
많 적
길 짧
빠르 느리
넓 좁
강하 약하
강화 완화
찬성 반대
허용 금지
포함 제외
수입 수출
유지 폐지
성공 실패
흑자 적자
유리 불리
시작 끝나
처음 마지막
앞서 뒤지
이전 이후
전 후
최대 최소
최고 최저
상반기 하반기
국내 해외
공공 민간
공급 수요
매수 매도
승인 거부
합법 불법
의무 자율
직접 간접
개선 악화
안전 위험
가능 불가능
상승 하락
확대 축소
장점 단점
이익 손해
집중 분산
개방 폐쇄
늘 줄
오르 내리
인상 인하
인하 인상
쉽 어렵
좋 나쁘
남 북
동 서
위 아래
안 밖
내부 외부
먼저 나중
오전 오후
전체 일부
모두 일부
모든 일부
가장 덜
더 덜
반드시 가끔
항상 가끔
""".split("\n")

SYNONYMS: dict[str, frozenset[str]] = {}
for _line in _SAME.split("\n"):
    for _word in _line.split():
        SYNONYMS[_word] = SYNONYMS.get(_word, frozenset()) | frozenset(_line.split())

OPPOSITES: dict[str, frozenset[str]] = {}
for _line in _OPPOSITE:
    if _pair := _line.split():
        for _one, _other in (_pair, _pair[::-1]):
            OPPOSITES[_one] = OPPOSITES.get(_one, frozenset()) | frozenset({_other})
for _one in ("증가", "감소"):  # the whole group is opposite, not its name alone
    _other = next(iter(OPPOSITES[_one]))
    for _word in SYNONYMS[_one]:
        OPPOSITES[_word] = OPPOSITES.get(_word, frozenset()) | SYNONYMS["감소" if _one == "증가" else "증가"]

NAMES: dict[str, str] = {}  # word → the name of its group
for _line in _SAME.split("\n"):
    for _word in _line.split():
        NAMES.setdefault(_word, _line.split()[0])

# Verbs of becoming, by the adjective they are made of.
BECOMING = dict(
    pair.split(":")
    for pair in (
        "많아지:많 적어지:적 넓어지:넓 좁아지:좁 커지:크 작아지:작 길어지:길 짧아지:짧 빨라지:빠르 느려지:느리 좋아지:좋 나빠지:나쁘 강해지:강하 약해지:약하 "
        "쉬워지:쉽 어려워지:어렵 나아지:좋 높아지:높 낮아지:낮 깊어지:깊 얕아지:얕 무거워지:무겁 가벼워지:가볍"
    ).split()
)

# Words that carry no claim of their own.
NEUTRAL = frozenset(
    """
    것 수 등 때 중 및 점 바 데 뿐 만큼 경우 상황 내용 부분 측면 관련 대상 사실 정도 자체 사이 가운데 통하 위하 대하 따르 관하 의하 인하 통해 위해
    대해 하 되 있 이 그 저 또 또한 그리고 그러나 하지만 즉 따라서 그래서 특히 역시 각각 각기 이런 그런 어떤 해당 이러하 그러하 어떠하 이번 본 주 같
    보 보이 가지 두 들 나 오 가 알 문서 자료 글 브리프 답 질문 이것 그것 여기 거기 약 대략 총 모두 한편 더불어 함께 우리 자신 스스로 저마다 속하 이름
    뜻 이르 달하 말 아니 않 못 없 안 이때 당시 곧 바로 이미 아직 위 아래 앞 뒤 식 형태 종류 방식 방법 사람 곳 기록 나타내 나타나 적히 적 밝히 전하
    말하 설명 언급 가리키 의미 정하 구체 이외 외 밖 비롯 기준 대로 씩 당 쪽 편 명 개 년 월 일 원
    """.split()
)

# Each line: what is asked about by turns, so that one follows another in the same question (남성의 사용률은? – 여성은?)
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
        "openai:오픈ai deepseek:딥시크 google:구글 microsoft:마이크로소프트 naver:네이버 kakao:카카오 samsung:삼성 "
        "nvidia:엔비디아 apple:애플 softbank:소프트뱅크 alibaba:알리바바 meta:메타 amazon:아마존 hyundai:현대 "
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


_SAYING = frozenset(word for group in ("말", "제안") for word in SYNONYMS[group]) | {"발표", "보도", "다루", "담기", "비판", "하", "되", "있", "같", "적히"}


def is_saying(word: str) -> bool:
    """True for verbs of saying and thinking.

    >>> is_saying("주장"), is_saying("혁신")
    (True, False)
    """
    return word in _SAYING
