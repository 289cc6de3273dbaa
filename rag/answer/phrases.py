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
NEAR_PART = {
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
