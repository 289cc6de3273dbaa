"""Read what is written around an amount: its sign, currency, bound (이상, 최소, 안에), and whether it is
about so much (약, 남짓). Pure.
"""

from __future__ import annotations

import re
from pathlib import Path

from rag.text.units import BOUNDS, BOUNDS_BEFORE, CURRENCY
from rag.text.vocabulary import alternatives, vocabulary

_SIGN = re.compile(
    r"(?:(?P<mark>[△▲▼])|(?P<spaced>(?<=\()△\s)|(?P<minus>[-–—−])|(?P<word>(?:마이너스|minus|영하)\s?))$",
    re.IGNORECASE,
)
CURRENCY_BEFORE = re.compile(rf"({alternatives(sorted(CURRENCY, key=len, reverse=True))})\s?$", re.IGNORECASE)
_CELL = re.compile(r"(?:^|[|:\t])\s?\($", re.MULTILINE)
_CELL_ENDS = re.compile(r"\)\s?(?:$|[|\n\t])")
_YEAR_BEFORE = re.compile(r"(?<![\d,.])(?:19|20|21)\d\d\s$")
_WORDS = vocabulary(Path(__file__).with_name("units"))
_ABOUT = re.compile("(?:" + alternatives(_WORDS["about before"].words()) + r")\s?$", re.IGNORECASE)
_ABOUT_AFTER = re.compile(r"\s?(?:" + _WORDS["about behind"].pattern() + ")")
_AFTER = re.compile(
    r"\s?(?:여\s|남짓\s?|가량\s?|정도\s?|규모\s?)?"
    r"(?:(?:[을를이가]\s)?(초과|상회|웃도|밑도|하회|넘(?=[는게어은었으습])|못 미|채 안 되)|(?:에\s)(못 미)"
    r"|(이상|이하|이내|미만|안에|안으로|내에|내로|내(?![가-힣])|까지|or more|or less))",
    re.IGNORECASE,
)
_AFTER_COUNTER = re.compile(
    r"\s?[가-힣]{1,3}\s?(이상|이하|이내|미만|초과)(?![가-힣]{3})"
)  # behind a counter that the table lacks
_BEFORE = re.compile(
    rf"({alternatives(sorted(BOUNDS_BEFORE, key=len, reverse=True))})\s?(?:약\s?)?"
    r"(?:[a-z가-힣]{1,12}\s)?[$€£¥₩△▲▼\-]?$",
    re.IGNORECASE,
)


def sign_at(text: str, start: int, digits: int, end: int, unit: str) -> int | None:
    """Return where the minus before an amount begins, None where it has none. A hyphen may also be of a
    range, a name or a list.

    Args:
        start, end: the amount's span, with currency and unit. digits: where its digits begin.

    >>> sign_at("성장률은 -0.7%", 6, 6, 10, "%"), sign_at("10-20%", 3, 3, 6, "%")
    (5, None)
    >>> sign_at("-14세 이상", 1, 1, 4, "세")
    """
    match = _SIGN.search(text, max(0, start - 6), start)
    if match is None:
        return start if _in_accounts(text, start, digits, end) else None
    if match["word"]:
        return match.start() if not match["word"].startswith("영하") or unit == "도" else None
    if not match["minus"]:
        return match.start()
    before = text[match.start() - 1] if match.start() else "\n"
    exact = unit in ("%", "%p", "‰", "도", "bp") or "." in text[digits:end]
    if before == "\n":  # or a list's mark: -14세 이상
        alone = not unit and text[end : end + 2].strip()[:1] in ("", "~", "∼")
        minus = exact or alone or "," in text[digits:end] or match["minus"] == "−"
    elif before.isspace():
        minus = not _ranged(text[max(0, match.start() - 24) : match.start()], text[end - len(unit) : end])
    elif "가" <= before <= "힣" or before == ")":
        minus = exact or match["minus"] == "−"
    else:
        minus = before in "(|:=,~∼→[{/\"'<>" or (match["minus"] == "−" and not before.isalnum())
    return match.start() if minus else None


def _ranged(before: str, unit: str) -> bool:
    """True where a hyphen behind a blank is that of a range: 2023 -2024년, 10명 -20명."""
    if not unit or unit == "년":
        return _YEAR_BEFORE.search(before) is not None
    left = before.rstrip().removesuffix(unit)
    return left != before.rstrip() and left.rstrip()[-1:].isdigit()


def _in_accounts(text: str, start: int, digits: int, end: int) -> bool:
    """True where a cell of a table holds nothing but an amount in parentheses: (1,234)."""
    closed = start > 0 and text[start - 1] == "(" and text[end : end + 1] == ")" and "," in text[digits:end]
    return (
        closed
        and _CELL.search(text, max(0, start - 3), start) is not None
        and _CELL_ENDS.match(text, end) is not None
    )


def is_about(text: str, start: int, end: int) -> bool:
    """Tell whether the words around an amount say that it is not exact."""
    return (
        _ABOUT.search(text, max(0, start - 14), start) is not None
        or _ABOUT_AFTER.match(text, end) is not None
    )


def bound_of(text: str, start: int, end: int, unit: str) -> str:
    """Return >=, <=, > or < where the words around an amount say so, else "".

    >>> bound_of("14일 안에", 0, 3, "일"), bound_of("최소 3명", 3, 5, "명"), bound_of("3명", 0, 2, "명")
    ('<=', '>=', '')
    """
    if match := _AFTER.match(text, end):
        return BOUNDS[(match[1] or match[2] or match[3]).lower()]
    if not unit and (match := _AFTER_COUNTER.match(text, end)):
        return BOUNDS[match[1]]
    if match := _BEFORE.search(text, max(0, start - 28), start):
        return BOUNDS[match[1].lower()]
    return ""
