"""The fixed sentences that an answer may hold, in one place, by language."""

from __future__ import annotations

REFUSAL = {
    "ko": "문서에서 답을 찾지 못했습니다.",
    "en": "The documents do not hold an answer to this.",
}
NEAREST = {"ko": "가까운 문서: {titles}", "en": "Nearest documents: {titles}"}
QUOTED = {"ko": "문서에는 이렇게 적혀 있습니다: “{quote}”", "en": "The document says: “{quote}”"}
