"""Ask the whole program questions on the tables of real files, made by program: a cell, the largest, sums,
differences, how many rows are over a limit, and near misses with a row or a year that the table lacks.

    python benchmarks/tables.py FILE_OR_FOLDER... [--questions 200] [--show] [--data DIR]

The questions' wording is that of `frames.json`, by somebody who knew nothing of the program or of these
files. What is right is worked out here from the cells alone, in tables with one row of headers and one column
of labels of which no two are the same; a question names the document by its title and the table by its
caption, else its heading. Prints, by operation: stated right by code (`rag.answer.computing`), claimed right
in another way (a row quoted that holds the value), claimed wrong, shown without a claim, refused.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import shutil
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from rag.assistant import Assistant
from rag.config import Settings
from rag.library.records import Section
from rag.types import Answer, Status

SEED = 20261127
FRAMES = json.loads((Path(__file__).parent / "frames.json").read_text(encoding="utf-8"))
_FIGURE = re.compile(r"\(?([△-]?)([\d,]+(?:\.\d+)?)\)?")
_UNITS = re.compile(r"\s*\(?단위[^)]*\)?\s*")
_UNIT = re.compile(r"단위\s*[:：]?\s*([^,)]+)\)")
_NUMBERED = re.compile(r"^\W*(?:[\d가-하][.)]\s|표\s?[\d-]+\W*)")
_YEAR = re.compile(r"20(\d\d)")
_RATE = re.compile(r"율|비중|%|증감|지수")  # is not added to amounts, nor set against them


@dataclass(frozen=True)
class Asked:
    """A question. `right`: all of them stand in a right answer; none for one that nothing answers."""

    operation: str
    question: str
    right: tuple[str, ...]


@dataclass(frozen=True)
class Plain:
    """A table with one row of headers and one column of labels; figures by row and column, None for none.
    `shares`: some are in %, and need not be added.
    """

    name: str
    columns: list[str]
    rows: list[str]
    figures: list[list[float | None]]
    cells: list[list[str]]
    unit: str
    shares: bool


def figure(text: str) -> float | None:
    """Return a cell's figure, None where it is anything else."""
    match = _FIGURE.fullmatch(text.strip())
    return (-1 if match[1] else 1) * float(match[2].replace(",", "")) if match else None


def plain(section: Section, title: str) -> Plain | None:
    """Return a section's table where it is as plain as the questions need it."""
    grid = section.table
    if section.kind != "table" or not grid or len(grid) < 4 or len(grid[0]) < 2:
        return None
    columns, rows = grid[0][1:], [row[0] for row in grid[1:]]
    figures = [[figure(cell) for cell in row[1:]] for row in grid[1:]]
    known = [value for row in figures for value in row if value is not None]
    filled = sum(bool(cell.strip()) for row in grid[1:] for cell in row[1:])
    if len(set(columns)) < len(columns) or len(set(rows)) < len(rows) or not all([*columns, *rows]):
        return None
    if filled == 0 or len(known) < 0.9 * filled or any(figure(column) is not None for column in columns):
        return None
    above = _UNITS.sub(" ", section.caption).strip() or section.heading.split(" > ")[-1]
    above = _NUMBERED.sub(" ", above).strip()  # nobody types it
    named = _UNIT.search(section.caption)
    cells = [row[1:] for row in grid[1:]]
    unit, shares = named[1].strip() if named else "", "%" in section.caption
    return Plain(f"{title} {above}".strip(), columns, rows, figures, cells, unit, shares)


def questions(tables: Sequence[Plain], rng: random.Random) -> list[Asked]:
    """Return questions of every kind on every table, in any order."""
    found = []
    for table in tables:
        totals = [y for y, row in enumerate(table.rows) if "계" in row or "전체" in "".join(row.split())]
        inner = [y for y in range(len(table.rows)) if y not in totals]
        amounts = [y for y in inner if not _RATE.search(table.rows[y])]
        inner = amounts or inner
        for operation in FRAMES:
            for _ in range(2):
                if made := _make(table, operation, inner, tables, rng):
                    found.append(made)
    rng.shuffle(found)
    return found


def _make(
    table: Plain, operation: str, inner: Sequence[int], tables: Sequence[Plain], rng: random.Random
) -> Asked | None:
    x = rng.randrange(len(table.columns))
    column = [(table.figures[y][x], y) for y in inner]
    whole = all(value is not None for value, _ in column) and len(column) > 2
    if len(column) < 2:
        return None
    (one, y), (other, y2) = rng.sample(column, 2)
    if one is None or other is None:
        return None
    said = {"row": table.rows[y], "row2": table.rows[y2], "column": table.columns[x]}
    values = [value for value, _ in column if value is not None]
    high, low = max(one, other), min(one, other)
    right: tuple[str, ...]
    if operation == "cell" and rng.random() < 0.5:
        return _near_miss(table, said, tables, rng)
    match operation:
        case "cell":
            right = (table.cells[y][x],)
        case "largest" | "smallest" if whole:
            best = (max if operation == "largest" else min)(values)
            if values.count(best) > 1:
                return None
            right = (table.rows[next(y for value, y in column if value == best)],)
        case "sum":
            right = (written(one + other, one, other),)
        case "difference" if high != low:
            right = (written(high - low, one, other),)
        case "times" if low > 0 and high != low and one == high:
            right = (f"{high / low:,.1f}",)
        case "greater" if high != low:
            right = (table.rows[y] if one == high else table.rows[y2], "큽니다")
        case "total" if whole and not table.shares:
            right = (written(sum(values), *values),)
        case "average" if whole and not table.shares:
            mean = sum(values) / len(values)
            right = (written(mean, *values, 0.1 if all(value == int(value) for value in values) else 0.01),)
        case "count_over" if whole and table.unit and "%" not in table.unit:
            limit = sorted(values)[len(values) // 2]
            said["limit"] = f"{table.cells[next(y for value, y in column if value == limit)][x]}{table.unit}"
            right = (f"{sum(value > limit for value in values)}개입니다",)
        case "largest_in_row" if all(map(_YEAR.search, table.columns)):
            row = [value for value in table.figures[y] if value is not None]
            if len(row) < len(table.columns) or row.count(max(row)) > 1:
                return None
            right = (table.columns[row.index(max(row))],)
        case "direction" if len(table.columns) > x + 1 and all(map(_YEAR.search, table.columns)):
            later = table.figures[y][x + 1]
            if later is None or later == one:
                return None
            said["column2"] = table.columns[x + 1]
            right = ("늘었" if later > one else "줄었",)
        case _:
            return None
    frame = rng.choice(FRAMES[operation])
    return Asked(operation, f"{table.name} {frame.format(**said)}", right)


def _near_miss(
    table: Plain, said: dict[str, str], tables: Sequence[Plain], rng: random.Random
) -> Asked | None:
    """Return a question for a cell of a row of another table, or of a year that the table lacks."""
    others = [row for other in tables for row in other.rows if row not in table.rows and len(row) > 1]
    if _YEAR.search(said["column"]) and rng.random() < 0.5:
        said["column"] = _YEAR.sub(lambda match: f"20{(int(match[1]) + 47) % 100:02}", said["column"])
    elif others:
        said["row"] = rng.choice(others)
    else:
        return None
    return Asked("near miss", f"{table.name} {rng.choice(FRAMES['cell']).format(**said)}", ())


def written(result: float, *values: float) -> str:
    """Return a result with as many decimals as its figures have."""
    places = max(len(f"{value:.10f}".rstrip("0").split(".")[1]) for value in values)
    return f"{result:,.{places}f}"


def holds(text: str) -> Callable[[str], bool]:
    """Return what tells whether a piece stands in a text, blanks apart, figures whole and not in a formula.

    >>> [holds("2020년 값은 1,205원입니다(20 + 5)")(piece) for piece in ("1,205", "20", "205", "값은")]
    [True, False, False, True]
    """
    flat = "".join(re.sub(r"\([^()]*[+−÷][^()]*\)", "", text).split())

    def stands(piece: str) -> bool:
        said = "".join(piece.split())
        before = r"(?<![\d.,△-])" if said[0].isdigit() else ""
        behind = r"(?!\d|[.,]\d)" if said[-1].isdigit() else ""
        return re.search(before + re.escape(said) + behind, flat) is not None

    return stands


def outcome(asked: Asked, answer: Answer) -> str:
    """Return what became of a question."""
    if answer.status is not Status.ANSWERED:
        return "shown" if answer.status is Status.RELATED else "refused"
    if not asked.right:
        return "wrong"
    if not all(map(holds(answer.text), asked.right)):
        return "wrong"
    return "by code" if not answer.model else "quoted"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--questions", type=int, default=200)
    parser.add_argument("--show", action="store_true", help="print what is not right")
    parser.add_argument("--data", type=Path, help="keep the library here")
    arguments = parser.parse_args()
    rng = random.Random(SEED)
    with tempfile.TemporaryDirectory() as temporary:
        base = arguments.data or Path(temporary)
        (base / "documents").mkdir(parents=True, exist_ok=True)
        for path in arguments.files:
            for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
                if file.is_file() and not (base / "documents" / file.name).exists():
                    shutil.copy(file, base / "documents")
        assistant = Assistant(Settings.load(documents=base / "documents", data=base / "index"))
        assistant.sync()
        catalogue = assistant.library.catalogue
        rows = [row for row in catalogue.documents() if row.status == "ready"]
        tables = [t for row in rows for s in catalogue.sections(row.id) if (t := plain(s, row.title))]
        asked = questions(tables, rng)[: arguments.questions]
        print(f"{len(rows)} documents, {len(tables)} plain tables, {len(asked)} questions")
        counts: dict[str, Counter[str]] = defaultdict(Counter)
        seconds = []
        for each in asked:
            start = time.perf_counter()
            answer = assistant.ask(each.question)
            seconds.append(time.perf_counter() - start)
            became = outcome(each, answer)
            counts[each.operation][became] += 1
            if arguments.show and became not in ("by code", "quoted") and (each.right or became == "wrong"):
                print(f"{became}: {each.question} | {each.right} | {answer.text[:200]!r}")
        assistant.close()
    kinds = ("by code", "quoted", "wrong", "shown", "refused")
    print(f"{'':12}" + "".join(f"{kind:>9}" for kind in kinds))
    for operation, found in sorted(counts.items()):
        print(f"{operation:12}" + "".join(f"{found[kind]:9}" for kind in kinds))
    print(f"median {sorted(seconds)[len(seconds) // 2]:.2f} s an answer")
    return 0


if __name__ == "__main__":
    sys.exit(main())
