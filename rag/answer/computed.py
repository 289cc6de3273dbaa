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
# words that ask, and carry no condition
_ASKING = frozenset(
    "것 거 곳 개 건 명 종 가지 행 얼마 몇 무엇 뭐 어디 누구 어느 어떤 알리 말하 보이 있 되 하 나오 이 그 좀 "
    "순서 이름 값 금액 수 표 자료 문서 기준 중 가운데 나열하 이상 이하 초과 미만 넘 인 전체".split()
)
_FIGURE = re.compile(r"([△▲\-−(]*)\s?([\d,]+(?:\.\d+)?)\)?\s?([^\d,]{0,12})")
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
    if (
        not operation
        or len(bounds) > 1
        or any(n.date is None and not n.bound and n.unit for n in numbers(text))
    ):
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
    conditions = _conditions(asked, text, table)
    met = _flat(" ".join(conditions.values()))
    kept = [row for row in rows if _meets(row, conditions)]
    rest = [word for word in asked.words if word not in met]
    measure = _measure(
        table,
        text,
        rest,
        asked.dates,
        needed=asked.operation not in ("count", "list") or asked.bound is not None,
    )
    if measure is None or not kept:
        return None
    left = [w for w in rest if w not in _flat(measure)]
    entity = _entity(table, left, measure)
    above = _flat(table.context)
    unexplained = [w for w in left if w not in _flat(entity) and w not in above]
    if unexplained or not (set(rest) - set(unexplained) or conditions):
        return None
    own = _flat(f"{measure} {entity} {table.caption}")
    fit = sum(w in own for w in rest) * 10 + sum(w in above for w in rest) + 20 * len(conditions)
    if asked.operation in ("count", "list"):
        return _listed(asked, kept, rows, measure, entity, fit, conditions)
    figures = [(row, _figure(row.cells.get(measure, ""))) for row in kept]
    if any(figure is None for _, figure in figures):
        return None
    known = [(row, figure) for row, figure in figures if figure and figure[0] is not None]
    units = {figure[1] for _, figure in known}
    if len(units) != 1 or len(known) < 2:
        return None
    return _figured(asked, [(row, value) for row, (value, _) in known if value is not None], measure, entity,
                    units.pop(), table.caption, fit, conditions)  # fmt: skip


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
    if not all(items):
        return None
    return Result(lead, tuple(kept), fit, tuple(items))


def _conditions(asked: Asked, text: str, table: Table) -> dict[str, str]:
    """Return what the question says of rows: a cell's text by its column."""
    flat = _flat(text)
    found: dict[str, str] = {}
    for header in table.headers:
        values = {value for value in table.column(header) if 2 <= len(_flat(value)) <= 20}
        said = [value for value in values if _flat(value) in flat and not _FIGURE.fullmatch(value)]
        repeated = [value for value in said if table.column(header).count(value) > 1]
        if repeated:
            found[header] = max(repeated, key=len)
    return found


def _meets(row: Row, conditions: dict[str, str]) -> bool:
    return all(
        (" ".join(row.labels) if header == "" else row.cells.get(header, "")) == value
        for header, value in conditions.items()
    )


def _measure(
    table: Table, text: str, words: Sequence[str], dates: Sequence[Number], *, needed: bool
) -> str | None:
    """Return the header of the column of figures that is asked about, of the periods that are; "" where none
    is needed, None where it cannot be told.
    """
    figured = [h for h in table.headers if h and sum(_figure(c) is not None for c in table.column(h)) * 2
               > len(table.rows) and any(re.search(r"\d", c) for c in table.column(h))]  # fmt: skip
    above = numbers(table.context)
    figured = [h for h in figured if all(_dated(date, numbers(h), above) for date in dates)]
    flat = _flat(text)
    fits = {
        header: sum(word in _flat(header) for word in words)
        + len(words) * (_flat(_named_measure(header)) in flat)
        for header in figured
    }
    best = max(fits.values(), default=0)
    chosen = [header for header, fit in fits.items() if fit == best]
    if best and len(chosen) == 1:
        return chosen[0]
    if not needed:
        return ""
    return figured[0] if len(figured) == 1 else None


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
    if not match or not re.search(r"\d", match[2]):
        return None
    value = Decimal(match[2].replace(",", ""))
    return (-value if match[1] and match[1].strip("( ") else value), match[3].strip()


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
