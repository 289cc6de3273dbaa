"""The fixed sentences that an answer may hold, in one place, by language."""

from __future__ import annotations

REFUSAL = {
    "ko": "문서에서 답을 찾지 못했습니다.",
    "en": "The documents do not hold an answer to this.",
}
UNREAD = {
    "ko": "다만 그림으로 된 {count}쪽은 읽지 못한 채 찾았습니다.",
    "en": "{count} pages that are pictures have not been read, though.",
}
UNREAD_PAGE = {"ko": UNREAD["ko"], "en": "{count} page that is a picture has not been read, though."}
NEAREST = {"ko": "가까운 문서: {titles}", "en": "Nearest documents: {titles}"}
RELATED = {
    "ko": "이 질문의 답이라고 확인하지는 못했습니다. 가장 가까운 대목입니다:",
    "en": "This is not confirmed to answer the question. The nearest passages:",
}
QUOTED = {"ko": "문서에는 이렇게 적혀 있습니다:", "en": "The document says:"}
RELATED_PART = {
    "ko": "“{part}” – 이에 대한 답이라고 확인하지는 못했습니다. 가장 가까운 대목: “{quote}”",
    "en": "This is not confirmed to answer “{part}”: “{quote}”",
}
NO_PART = {
    "ko": "“{part}” – 이에 대한 답은 문서에서 찾지 못했습니다.",
    "en": "The documents do not answer “{part}”.",
}
VERSIONS = {
    "ko": "문서마다 값이 다릅니다. 새 문서부터 적습니다.",
    "en": "The documents give different values. The newest comes first.",
}
VERSION = {"ko": "{title}({date}): “{quote}”", "en": "{title} ({date}): “{quote}”"}
AS_OF = {"ko": "({date} 문서 기준)", "en": "(as of {date})"}
PREMISE = {
    "ko": (
        "질문에 나온 ‘{name}’{particle} 문서에서 확인되지 않습니다. 문서에는 이렇게 적혀 있습니다: “{quote}”"
    ),
    "en": "The documents do not confirm “{name}” of your question. They say: “{quote}”",
}
SOURCES = {"ko": "{title}: “{quote}”", "en": "{title}: “{quote}”"}
PAGE = {"ko": "{page}쪽", "en": "p. {page}"}
LABELLED_PAGE = {
    "ko": "{label}쪽(파일의 {page}번째 쪽)",
    "en": "p. {label} (page {page} of the file)",
}

# what was computed from a table's cells; {line} is the row or column that they stand in
CELL = {"ko": "{name}의 ‘{line}’ 값은 {value}입니다.", "en": "“{line}” of {name} is {value}."}
LARGEST = {
    "ko": "‘{line}’ 값이 가장 큰 것은 {name}입니다: {value} ({among}개 가운데).",
    "en": "Of {among}, {name} has the largest “{line}”: {value}.",
}
SMALLEST = {
    "ko": "‘{line}’ 값이 가장 작은 것은 {name}입니다: {value} ({among}개 가운데).",
    "en": "Of {among}, {name} has the smallest “{line}”: {value}.",
}
SUM = {
    "ko": "‘{line}’ 값을 모두 더하면 {result}입니다({formula}, 계산함).",
    "en": "All “{line}” together are {result} ({formula}, computed).",
}
AVERAGE = {
    "ko": "‘{line}’ 값의 평균은 {result}입니다({formula}, 계산함).",
    "en": "The mean “{line}” is {result} ({formula}, computed).",
}
VALUES = {"ko": "{among}개 값", "en": "{among} values"}  # of too many to name
DIFFERENCE = {
    "ko": "‘{line}’ 값의 차이는 {result}입니다: {first} {one}, {second} {other} ({formula}, 계산함).",
    "en": "“{line}”: {first} {one}, {second} {other}; the difference is {result} ({formula}, computed).",
}
TIMES = {
    "ko": "{first}의 ‘{line}’ 값은 {second}의 {result}배입니다: {one}, {other} ({formula}, 계산함).",
    "en": "“{line}” of {first} is {result} times that of {second}: {one}, {other} ({formula}, computed).",
}
ROSE_BY = {
    "ko": "‘{line}’ 값은 {result} 늘었습니다: {first} {one}, {second} {other} ({formula}, 계산함).",
    "en": "“{line}” rose by {result}: {first} {one}, {second} {other} ({formula}, computed).",
}
FELL_BY = {
    "ko": "‘{line}’ 값은 {result} 줄었습니다: {first} {one}, {second} {other} ({formula}, 계산함).",
    "en": "“{line}” fell by {result}: {first} {one}, {second} {other} ({formula}, computed).",
}
ROSE = {
    "ko": "‘{line}’ 값은 늘었습니다: {first} {one}, {second} {other}.",
    "en": "“{line}” rose from {one} ({first}) to {other} ({second}).",
}
FELL = {
    "ko": "‘{line}’ 값은 줄었습니다: {first} {one}, {second} {other}.",
    "en": "“{line}” fell from {one} ({first}) to {other} ({second}).",
}
GROWTH = {
    "ko": "증감률은 {result}%입니다({formula}, 계산함).",
    "en": "That is {result} % ({formula}, computed).",
}
GREATER = {
    "ko": "‘{line}’ 값은 {first} 쪽이 더 큽니다: {first} {one}, {second} {other}.",
    "en": "“{line}” is greater for {first}: {first} {one}, {second} {other}.",
}
SAME = {
    "ko": "‘{line}’ 값은 {first}, {second} 모두 {one}입니다.",
    "en": "“{line}” is {one} for both {first} and {second}.",
}
COUNT = {
    "ko": "{among}개 가운데 ‘{line}’ 값이 {limit} {bound}인 것은 {count}개입니다",
    "en": "Of {among}, {count} have “{line}” {bound} {limit}",
}
SERIES = {"ko": "‘{line}’ 값은 다음과 같습니다.", "en": "“{line}”:"}
OVER, AT_LEAST = {"ko": "초과", "en": "over"}, {"ko": "이상", "en": "of at least"}
UNDER, AT_MOST = {"ko": "미만", "en": "under"}, {"ko": "이하", "en": "of at most"}


def page_name(page: int | None, label: str, language: str) -> str:
    """Name a page as it is printed, for who holds the paper, and as it is counted, for who opens the file.

    Args:
        page: from 1, None for none. label: what the file calls it, "" where that is its number.

    >>> page_name(4, "", "ko"), page_name(4, "iv", "ko"), page_name(None, "", "ko")
    ('4쪽', 'iv쪽(파일의 4번째 쪽)', '')
    """
    if page is None:
        return ""
    return (LABELLED_PAGE if label else PAGE)[language].format(page=page, label=label)
