"""Answer a question for figures from the tables that were found for it, by code (`rag.answer.computing`)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal
from itertools import groupby
from pathlib import Path

from rag.answer import compose, computing, phrases
from rag.answer.computing import Computed, Growth, Item
from rag.answer.slots import Setting
from rag.library import passages, tables
from rag.library.catalogue import Catalogue, Section
from rag.library.tables import Table
from rag.question.operation import Operation
from rag.question.question import Question
from rag.types import Answer, Passage

NEAR = 8  # passages whose tables are looked at
BEGINNING = 150  # letters of a document that say whose and what it is
MOST_NAMED = 10  # values that a formula or a list names; more are counted
MOST_LISTED = 24
LONGEST_NAME = 60  # letters of a table's name in a sentence
_BOUNDS = {">": phrases.OVER, ">=": phrases.AT_LEAST, "<": phrases.UNDER, "<=": phrases.AT_MOST}
_PLACES = Decimal("0.1")
_UNIT = re.compile(r"[(\[<]?\s*단위\s*[:：][^)\]>]*[)\]>]?")
_BESIDE = re.compile(r"(?<=\S)\s*\([^()]*\)$")
_DECIMALS = re.compile(r"\d\.(\d+)")


def from_tables(catalogue: Catalogue, question: Question, near: Sequence[Passage]) -> Answer | None:
    """Return what a question for figures gets from the tables of the passages that were found for it; None
    where it is no such question, or no table answers it, or several do and say different things.
    """
    if question.operation is Operation.NONE or len(question.parts) > 1:
        return None
    found: list[tuple[Computed, int]] = []
    for document, group in groupby(sorted(near[:NEAR], key=_document), key=_document):
        found += [
            (computed, document) for computed in _of_document(catalogue, question, document, list(group))
        ]
    if not found:
        return None
    best = max(computed.accounted for computed, _ in found)
    agreeing = [pair for pair in found if pair[0].accounted == best]
    if len({_said(computed) for computed, _ in agreeing}) > 1:
        return None
    computed, document = agreeing[0]
    return answer(catalogue, question, computed, document)


def _document(passage: Passage) -> int:
    return passage.chunk.document_id


def _of_document(
    catalogue: Catalogue, question: Question, document: int, near: Sequence[Passage]
) -> Iterator[Computed]:
    sections, text = catalogue.sections(document), catalogue.text(document)
    chunk = near[0].chunk
    written = tables.date_of(chunk.date)
    for table in _tables(sections, text, near):
        section = table.section
        above = " ".join([chunk.title, Path(chunk.path).stem, section.heading, section.caption])
        computed = computing.compute(
            question, question.operation, table, Setting(above, text[:BEGINNING], written)
        )
        if computed is not None:
            yield computed


def _tables(sections: Sequence[Section], text: str, near: Sequence[Passage]) -> list[Table]:
    """Return the tables in which passages lie, each with the ones that it goes on in."""
    found: list[tuple[list[Section], Table]] = []
    between = ""
    for section in sections:
        table = tables.table_of(section, text)
        if table is None and section.kind != "table":
            between += text[section.start : section.end]
            continue
        if table is None or not found:
            if found:  # what has no headers may go on from the last one
                found[-1] = (found[-1][0], replace(found[-1][1], open=True))
            if table is not None:
                found.append(([section], table))
        else:
            parts, before = found[-1]
            match tables.continues(parts[-1], before, table, between):
                case True:
                    found[-1] = ([*parts, section], tables.joined(before, table))
                case None:
                    found[-1] = (parts, replace(before, open=True))
                    found.append(([section], replace(table, open=True)))
                case False:
                    found.append(([section], table))
        between = ""
    return [
        table
        for parts, table in found
        if any(s.start <= passage.chunk.start < s.end for s in parts for passage in near)
    ]


def _said(computed: Computed) -> tuple[object, ...]:
    return computed.result, tuple((item.name, item.cell.text) for item in computed.items)


def answer(catalogue: Catalogue, question: Question, computed: Computed, document: int) -> Answer:
    """Return what was computed from a document's table as an answer, with the rows that it rests on."""
    rows, items = computed.table.rows, computed.items or computed.among
    used = list(dict.fromkeys(item.row for item in items))
    spans = [(rows[y].start, rows[y].end) for y in used]
    if len(spans) > computing.MOST_CITED:
        spans = [(min(a for a, _ in spans), max(b for _, b in spans))]
    cited = [passages.at(catalogue, document, a, b) for a, b in spans]
    text = "\n".join(said(computed, question.language))
    name = name_of(computed.table)
    cells = [(item.cell.start, item.cell.end) for item in items]
    return compose.stating(question, f"{name} – {text}" if name else text, cited, cells)


def name_of(table: Table) -> str:
    """Return what a table is called: its caption without the unit, else, and where that is a sentence, the
    heading above it; "" for neither.
    """
    caption = " ".join(_UNIT.sub(" ", table.section.caption).split())
    heading = table.section.heading.split(" > ")[-1]
    name = heading if heading and (not caption or caption.endswith(".")) else caption
    return name if len(name) <= LONGEST_NAME else f"{name[:LONGEST_NAME].rsplit(' ', 1)[0]} …"


def said(computed: Computed, language: str) -> list[str]:
    """Say what was computed, in a language: lines of a text."""
    items, line = computed.items, computed.line
    values = {"line": line, "among": len(computed.among)}
    if computed.operation in (Operation.VALUE, Operation.LARGEST, Operation.SMALLEST):
        form = {
            Operation.VALUE: phrases.CELL,
            Operation.LARGEST: phrases.LARGEST,
            Operation.SMALLEST: phrases.SMALLEST,
        }[computed.operation]
        names = ", ".join(item.name for item in items)
        return [form[language].format(**values, name=names, value=written(items[0]))]
    if computed.operation is Operation.SERIES:
        listed = [f"- {item.name}: {written(item)}" for item in items[:MOST_LISTED]]
        return [phrases.SERIES[language].format(**values), *listed]
    if computed.operation in (Operation.COUNT, Operation.LIST):
        bound = _BOUNDS[computed.bound][language]
        first = phrases.COUNT[language].format(**values, limit=computed.limit, bound=bound, count=len(items))
        names = ", ".join(item.name for item in items[:MOST_NAMED])
        more = " …" if len(items) > MOST_NAMED else ""
        return [f"{first}: {names}{more}." if items else f"{first}."]
    if computed.operation in (Operation.SUM, Operation.AVERAGE):
        form = phrases.SUM if computed.operation is Operation.SUM else phrases.AVERAGE
        formula = phrases.VALUES[language].format(**values)
        if len(items) <= MOST_NAMED:
            formula = " + ".join(map(_figure, items))
            if computed.operation is Operation.AVERAGE:
                formula = f"({formula}) ÷ {len(items)}"
        return [form[language].format(**values, result=_result(computed), formula=formula)]
    return _of_two(computed, language)


def _of_two(computed: Computed, language: str) -> list[str]:
    first, second = computed.items
    high, low = (first, second) if first.value >= second.value else (second, first)
    pair = {
        "line": computed.line,
        "first": first.name,
        "one": written(first),
        "second": second.name,
        "other": written(second),
    }
    turned = {
        "line": computed.line,
        "first": high.name,
        "one": written(high),
        "second": low.name,
        "other": written(low),
    }
    over_time = all(tables.date_of(item.name) is not None for item in computed.items)
    change = phrases.ROSE if second.value > first.value else phrases.FELL
    if first.value == second.value:
        return [phrases.SAME[language].format(**pair)]
    if computed.operation is Operation.DIFFERENCE:
        formula = f"{_figure(high)} − {_figure(low)}"
        by = phrases.ROSE_BY if second.value > first.value else phrases.FELL_BY
        form = (by if over_time else phrases.DIFFERENCE)[language]
        return [form.format(**pair, result=_result(computed), formula=formula)]
    if computed.operation is Operation.DIRECTION:
        return [change[language].format(**pair) if over_time else phrases.GREATER[language].format(**turned)]
    assert computed.result is not None
    result = f"{computed.result.quantize(_PLACES, ROUND_HALF_UP):,f}"
    if computed.kind is Growth.TIMES:
        formula = f"{_figure(high)} ÷ {_figure(low)}"
        return [phrases.TIMES[language].format(**turned, result=result, formula=formula)]
    formula = f"({_figure(second)} − {_figure(first)}) ÷ {_figure(first)}"
    growth = phrases.GROWTH[language].format(result=result, formula=formula)
    return [f"{change[language].format(**pair)} {growth}"]


def written(item: Item) -> str:
    """Return a cell as it is written, with the unit that stands above it."""
    cell = item.cell
    figure = _BESIDE.sub("", cell.text.strip())
    bare = cell.unit and cell.value is not None and not any(c.isalpha() or c == "%" for c in figure)
    return f"{figure}{cell.unit}" if bare else cell.text


def _result(computed: Computed) -> str:
    """Return a result as its cells are written: their unit, no more decimals than they have, one more for a
    mean.
    """
    assert computed.result is not None
    cell = computed.items[0].cell
    decimals = [_DECIMALS.search(item.cell.text) for item in computed.items]
    places = max(len(found[1]) if found else 0 for found in decimals)
    if computed.operation is Operation.AVERAGE:
        places += 1
    number = computed.result.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    points = "p" if cell.unit == "%" and computed.operation is Operation.DIFFERENCE else ""
    return f"{number:,f}{cell.unit}{points}"


def _figure(item: Item) -> str:
    """Return a cell's own figure for a formula, a negative one in brackets."""
    text = _BESIDE.sub("", item.cell.text.strip())
    return f"({text})" if item.value < 0 and not text.startswith("(") else text
