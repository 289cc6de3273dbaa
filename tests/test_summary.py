"""Questions about whole documents are answered by sentences from all over them."""

from __future__ import annotations

from rag.text.summary import contrast, summarise

TEXT = (
    "시는 도서관을 밤까지 열기로 했다.\n도서관 이용자는 해마다 늘고 있다고 시는 밝혔다.\n도서관 예산은 4억 원으로 정해졌다고 한다.\n"
    "버스 노선은 다음 달에 새로 짠다고 한다.\n버스 요금은 그대로 두기로 시가 결정했다.\n버스 이용자는 조금 줄었다고 한다."
)
HALF = TEXT.index("버스")


def test_a_summary_comes_from_all_sections_in_their_order() -> None:
    spans = summarise(TEXT, [(0, HALF), (HALF, len(TEXT))], 2)
    assert len(spans) == 2 and spans[0][0] < HALF <= spans[1][0]


def test_a_contrast_says_of_each_what_the_other_does_not_say() -> None:
    first, second = contrast([TEXT[:HALF], TEXT[HALF:]], [[(0, HALF)], [(0, len(TEXT) - HALF)]], 1)
    assert "도서관" in TEXT[slice(*first[0])] and "버스" in TEXT[HALF:][slice(*second[0])]
