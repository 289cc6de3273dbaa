"""Answers that are computed over a table: the largest and smallest, how many, all that meet a condition, sums
and means. No model is asked.

    예산이 가장 큰 사업은?   도시과 예산의 합계는?   예산이 10억 원 이상인 사업을 모두 알려줘

A question is computed only where one table explains all that it says: each word of content is an operation, a
header, a cell (then a condition on rows), or stands above the table. What is not sure is an ordinary question.
Figures are taken as they stand; a column of mixed units or with words among its figures is not computed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from rag.answer import compose, phrases
from rag.library import passages
from rag.library.catalogue import Catalogue
from rag.library.tables import Row, Table
from rag.question.question import Question
from rag.search.retriever import Found
from rag.text import korean
from rag.text.numbers import Number, numbers, same_number
from rag.text.particles import with_particle
from rag.types import Answer, Timings, seconds_since

MAX_CITED = 10  # rows that an answer cites one by one
_LARGEST = {"많": "많은", "크": "큰", "높": "높은", "길": "긴", "비싸": "비싼", "늦": "늦은", "넓": "넓은"}
_SMALLEST = {"적": "적은", "작": "작은", "낮": "낮은", "짧": "짧은", "싸": "싼", "이르": "이른", "좁": "좁은"}
_MOST = frozenset(("가장", "제일"))
_SUM = frozenset(("합계", "총합", "총액", "합"))
_MEAN = frozenset(("평균",))
_ALL = frozenset(("모두", "전부", "다", "목록", "나열", "총"))
# what turns a condition round, compares with another row, groups, or asks for more than one thing
_BEYOND = frozenset("않 못 아니 안 없 말 빼 제외 외 보다 별 마다 언제 왜 어떻 어떠 번째 다음 두번째".split())
_WHICH = frozenset("무엇 뭐 어디 누구 어느 어떤 몇 얼마".split())
_BOUNDS = frozenset("이상 이하 초과 미만 넘".split())
_RATIO = re.compile(r"율|률|비중|비율|평균|지수|%|퍼센트")
_RANKED = re.compile(r"순위|등수|등급|순번|번호|연번|코드|연도|일자|날짜|[가-힣]일$|시기")
# words that ask, and carry no condition
_ASKING = frozenset(
    "것 거 곳 개 건 명 종 가지 행 얼마 몇 무엇 뭐 어디 누구 어느 어떤 알리 말하 보이 있 되 하 나오 이 그 좀 "
    "순서 이름 값 금액 수 표 자료 문서 기준 중 가운데 나열하 이상 이하 초과 미만 넘 인 전체".split()
)
_FIGURE = re.compile(r"([△▲\-−]?)\s?(\d[\d,]*(?:\.\d+)?)\s?([^\d,()]{0,12})")
_MISSING = re.compile(r"[-–—…·]*")


@dataclass(frozen=True, slots=True)
class Asked:
    """What a question wants computed: `operation` is largest, smallest, sum, mean, count or list."""

    operation: str
    adjective: str
    words: tuple[str, ...]
    dates: tuple[Number, ...]
    bound: Number | None


@dataclass(frozen=True, slots=True)
class Result:
    """What was computed: a sentence, the rows that it rests on, and how well the table fits."""

    text: str
    rows: tuple[Row, ...]
    fit: int
    items: tuple[str, ...] = ()


def asks_for(text: str) -> Asked | None:
    """Return what a question wants computed, None where it is no question of that kind.

    >>> asked = asks_for("예산이 가장 큰 사업은?")
    >>> asked.operation, asked.words
    ('largest', ('예산', '사업'))
    """
    found = korean.tokens(text)
    forms = [t.form for t in found]
    adjectives = {t.form for t in found if t.tag.startswith("VA")}
    bounds = [n for n in numbers(text) if n.bound and not n.date]
    operation = adjective = ""
    if _MOST & set(forms):
        large, small = adjectives & set(_LARGEST), adjectives & set(_SMALLEST)
        if len(large) + len(small) == 1:
            operation = "largest" if large else "smallest"
            adjective = (_LARGEST | _SMALLEST)[next(iter(large | small))]
    elif _SUM & set(forms):
        operation = "sum"
    elif _MEAN & set(forms):
        operation = "mean"
    elif _ALL & set(forms):
        operation = "count" if "몇" in forms else "list"
    if not operation or len(bounds) > 1 or _is_more(operation, forms, numbers(text)):
        return None
    dates = tuple(n for n in numbers(text) if n.date)
    taken = [(n.start, n.end) for n in [*bounds, *dates]]
    words = tuple(
        dict.fromkeys(
            korean.normalise(t.form)
            for t in found
            if (t.tag[:2] in ("NN", "VV", "VA", "XR", "SL", "SN", "NR", "MM") or t.tag == "MAG")
            and t.form not in _ASKING | _MOST | _SUM | _MEAN | _ALL | set(_LARGEST) | set(_SMALLEST)
            and not any(a <= t.start < b for a, b in taken)
        )
    )
    return Asked(operation, adjective, words, dates, bounds[0] if bounds else None)


def _is_more(operation: str, forms: Sequence[str], found: Sequence[Number]) -> bool:
    """True where a question asks for more than one operation, in words that are not computed with."""
    said = set(forms)
    return bool(
        said & _BEYOND
        or sum(bool(words & said) for words in (_MOST, _SUM, _MEAN)) > 1
        or sum(form in _WHICH for form in forms) > 1
        or (operation == "list" and "얼마" in said)
        or (said & _BOUNDS and not any(n.bound for n in found))
        or any(n.date is None and not n.bound and n.unit for n in found)
    )


def computed(
    question: Question, tables: Iterable[Table], catalogue: Catalogue, found: Found, start: float
) -> Answer | None:
    """Compute the answer to a question over one of some tables; None where it is not computed, or where two
    tables would answer alike.

    Args:
        found: what retrieval found, for the answer. start: `time.perf_counter` when it was asked.
    """
    if question.language != "ko" or (asked := asks_for(question.text)) is None or not asked.words:
        return None
    results = [(result, table) for table in tables if (result := _over(asked, question.text, table))]
    results.sort(key=lambda pair: -pair[0].fit)
    if not results or (len(results) > 1 and results[1][0].fit == results[0][0].fit):
        return None
    result, table = results[0]
    draft = compose.Draft(question.text, question.language, found, "", question.asked)
    for text, rows in _sentences(result):
        spans = [passages.at(catalogue, table.document_id, row.start, row.end) for row in rows]
        draft.state(text, spans)
    total = seconds_since(start)
    return draft.finish((), Timings(retrieve_s=total, first_quote_s=total, total_s=total))


def _sentences(result: Result) -> list[tuple[str, Sequence[Row]]]:
    if not result.items:
        return [(result.text, result.rows[:MAX_CITED])]
    shown = list(zip(result.items, result.rows, strict=True))[:MAX_CITED]
    more = len(result.items) - len(shown)
    rest = [(phrases.MORE_ROWS["ko"].format(count=more), result.rows[-1:])] if more else []
    return [
        (f"{result.text}\n- {shown[0][0]}", [shown[0][1]]),
        *((f"- {i}", [r]) for i, r in shown[1:]),
        *rest,
    ]


def _over(asked: Asked, text: str, table: Table) -> Result | None:
    """Compute over one table."""
    rows = [row for row in table.rows if not row.is_total]
    conditions = _conditions(text, table, rows)
    undated = asked.dates and not any(n.date for header in table.headers for n in numbers(header))
    if conditions is None or (
        undated and any(n.date for row in rows for c in row.cells.values() for n in numbers(c))
    ):
        return None  # a column of periods, which would be a condition
    met = _flat(" ".join(conditions.values()))
    kept = [row for row in rows if _meets(row, conditions)]
    rest = [word for word in asked.words if word not in met]
    counted = asked.operation in ("count", "list")
    measure = _measure(table, text, rest, asked.dates) if not counted or asked.bound is not None else ""
    if measure is None or not kept:
        return None
    left = [w for w in rest if w not in _flat(measure)]
    entity = _entity(table, left, measure)
    above = _flat(table.context)
    named = [w for w in left if w in _flat(entity)]
    if any(w not in named and w not in above for w in left) or (counted and not named):
        return None
    own = _flat(f"{measure} {entity} {table.caption}")
    fit = sum(w in own for w in rest) * 10 + sum(w in above for w in rest) + 20 * len(conditions)
    if counted:
        return _listed(asked, kept, rows, measure, entity, fit, conditions)
    figures = [(row, _figure(row.cells.get(measure, ""))) for row in kept]
    if any(figure is None for _, figure in figures):
        return None
    known = [(row, figure[0]) for row, figure in figures if figure and figure[0] is not None]
    units = {figure[1] for _, figure in figures if figure and figure[0] is not None}
    if len(units) != 1 or len(known) < 2 or not _computable(asked, measure, units, [v for _, v in known]):
        return None
    return _figured(asked, known, measure, entity, units.pop(), table.caption, fit, conditions)


def _computable(asked: Asked, measure: str, units: set[str], values: Sequence[Decimal]) -> bool:
    """Tell whether figures may be computed with: ranks and years are none, shares are not added up, and a row
    that is the sum of the others is a total by another name.
    """
    if _RANKED.search(_named_measure(measure)) or all(1900 < value < 2100 for value in values):
        return False
    added = asked.operation in ("sum", "mean")
    total = sum(values)
    return not (
        added and (_RATIO.search(measure + "".join(units)) or any(2 * v == total for v in values if v))
    )


def _figured(
    asked: Asked,
    known: list[tuple[Row, Decimal]],
    measure: str,
    entity: str,
    unit: str,
    caption: str,
    fit: int,
    conditions: dict[str, str],
) -> Result | None:
    """Compute with the figures of a column."""
    unit = unit or _unit(caption, measure)
    named = _named_measure(measure)
    among = phrases.COMPARED["ko"].format(count=len(known))
    if asked.operation in ("largest", "smallest"):
        best = (max if asked.operation == "largest" else min)(value for _, value in known)
        first = [row for row, value in known if value == best]
        if len(first) > 3:
            return None
        names = ", ".join(_name(row, entity) for row in first)
        if not names:
            return None
        what = _named_measure(entity) or "것"
        lead = f"{with_particle(named, '이')} 가장 {asked.adjective} {with_particle(what, '은')}"
        text = f"{lead} {names}({best:,}{unit})입니다 {among}."
        return Result(text, tuple(first), fit)
    total = sum((value for _, value in known), Decimal(0))
    lead = " ".join(conditions.values())
    subject = f"{lead} {named}".strip()
    terms = " + ".join(f"{value:,}" for _, value in known) if len(known) <= MAX_CITED else f"{len(known)}행"
    if asked.operation == "sum":
        text = f"{subject}의 합계는 {total:,}{unit}입니다 ({terms}, 계산함)."
    else:
        mean = (total / len(known)).quantize(Decimal("0.01")).normalize()
        text = f"{subject}의 평균은 {mean:,f}{unit}입니다 (({terms}) ÷ {len(known)}, 계산함)."
    return Result(text, tuple(row for row, _ in known), fit)


def _listed(
    asked: Asked,
    kept: list[Row],
    rows: list[Row],
    measure: str,
    entity: str,
    fit: int,
    conditions: dict[str, str],
) -> Result | None:
    """Count or list the rows that meet the conditions."""
    if asked.bound is not None:
        pairs = [(row, _bounded(row.cells.get(measure, ""), asked.bound)) for row in kept]
        if any(meets is None for _, meets in pairs):
            return None
        kept = [row for row, meets in pairs if meets]
    if not (conditions or asked.bound) or not kept:
        return None
    lead = phrases.COUNTED["ko"].format(count=len(kept), total=len(rows))
    items = []
    for row in kept:
        value = row.cells.get(measure, "") if asked.bound is not None else ""
        items.append(f"{_name(row, entity)}({value})" if value else _name(row, entity))
    names = [_name(row, entity) for row in kept]
    if not all(names) or len(set(names)) < len(names):
        return None
    return Result(lead, tuple(kept), fit, tuple(items))


def _conditions(text: str, table: Table, rows: Sequence[Row]) -> dict[str, str] | None:
    """Return what the question says of rows, a cell's text by its column; None where it names several of one
    column.
    """
    found: dict[str, str] = {}
    for header in table.headers:
        values = {_name(row, header) for row in rows}
        said = [v for v in values if 2 <= len(v) <= 20 and not _FIGURE.fullmatch(v) and _stands(v, text)]
        whole = [v for v in said if not any(v != other and v in other for other in said)]
        if len(whole) > 1:
            return None
        if whole:
            found[header] = whole[0]
    return found


def _stands(value: str, text: str) -> bool:
    """True where a text holds a cell's words, from the beginning of a word on."""
    pattern = r"\s*".join(map(re.escape, "".join(value.split())))
    return re.search(rf"(?<![가-힣A-Za-z0-9]){pattern}", text) is not None


def _meets(row: Row, conditions: dict[str, str]) -> bool:
    return all(
        (" ".join(row.labels) if header == "" else row.cells.get(header, "")) == value
        for header, value in conditions.items()
    )


def _measure(table: Table, text: str, words: Sequence[str], dates: Sequence[Number]) -> str | None:
    """Return the header of the column of figures that the question names, of the periods that it names; None
    where it names none, or several alike.
    """
    above = numbers(table.context)
    flat = _flat(text)
    fits: dict[str, int] = {}
    for header in filter(None, table.headers):
        cells = table.column(header)
        figured = sum(_figure(cell) is not None for cell in cells) * 2 > len(cells)
        if figured and any(map(str.strip, cells)) and all(_dated(d, numbers(header), above) for d in dates):
            spelled = _flat(_named_measure(header)) in flat
            fits[header] = sum(word in _flat(header) for word in words) + len(words) * spelled
    best = max(fits.values(), default=0)
    chosen = [header for header, fit in fits.items() if fit == best]
    return chosen[0] if best and len(chosen) == 1 else None


def _dated(date: Number, header: Sequence[Number], above: Sequence[Number]) -> bool:
    """True where a column is of a period: by its header, or by what stands above where the header names none."""
    named = [n for n in header if n.date]
    return any(same_number(date, n) for n in named or above)


def _entity(table: Table, words: Sequence[str], measure: str) -> str:
    """Return the header of the column that names the rows: one that the question says, else the first."""
    headers = [header for header in table.headers if header != measure]
    said = [header for header in headers if header and any(word in _flat(header) for word in words)]
    return said[0] if said else headers[0] if headers else ""


def _name(row: Row, entity: str) -> str:
    return " ".join(row.labels) if entity == "" else row.cells.get(entity, "")


def _named_measure(header: str) -> str:
    """Return a header without its unit."""
    return re.sub(r"\s*\([^)]*\)", "", header).strip()


def _unit(caption: str, header: str) -> str:
    """Return the unit that a header or a caption gives its bare figures."""
    inside = re.search(r"\(([^)\d]{1,10})\)$", header)
    named = re.search(r"단위\s*[:：]?\s*([^)\],/·]+)[)\]]?$", caption)
    unit = inside[1] if inside else named[1] if named else ""
    return unit.strip()


def _figure(cell: str) -> tuple[Decimal | None, str] | None:
    """Return a cell's figure and unit; (None, "") for an empty one, None for other words."""
    cell = cell.strip()
    if _MISSING.fullmatch(cell):
        return None, ""
    match = _FIGURE.fullmatch(cell)
    if not match:
        return None
    value = Decimal(match[2].replace(",", ""))
    return (-value if match[1] else value), match[3].strip()


def _bounded(cell: str, bound: Number) -> bool | None:
    """Tell whether a cell's figure keeps a bound; None where that cannot be told."""
    found = numbers(cell)
    if len(found) != 1 or (bound.unit and found[0].unit != bound.unit):
        return None if found or not _MISSING.fullmatch(cell.strip()) else False
    value = found[0].value
    return {
        ">=": value >= bound.value,
        "<=": value <= bound.value,
        ">": value > bound.value,
        "<": value < bound.value,
    }.get(bound.bound)


def _flat(text: str) -> str:
    return korean.normalise("".join(text.split()))
