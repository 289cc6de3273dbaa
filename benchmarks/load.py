"""Measure many people with one model: does anything get crossed, how long do they wait, does memory grow?

    python benchmarks/load.py [--people 1 2 5 10] [--questions 5] [--soak MINUTES]

Each person has a document of their own with a word that stands nowhere else, and asks about it through the
line that all share; an answer is crossed when it holds another person's word. Memory is that of this process
and of the model's. The soak goes on with five people for so many minutes.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.processes import memory_mb
from rag.assistant import Assistant
from rag.config import Settings
from rag.errors import BusyError
from rag.types import Done, Token, Waiting

PLACES = ("가람", "나래", "다온", "라온", "마루", "바론", "사랑", "아름", "자람", "차오름")
THINGS = ("도서관 예산", "심야버스 예산", "돌봄 예산", "청년 예산", "공원 예산")


@dataclass
class Seen:
    """What one person saw."""

    first: list[float] = field(default_factory=list)
    last: list[float] = field(default_factory=list)
    right: int = 0
    refused: int = 0
    crossed: int = 0
    busy: int = 0
    places: int = 0


def amount(person: int, thing: int) -> str:
    return f"{(person + 1) * 137 + thing * 11}억"


def ask(assistant: Assistant, person: int, thing: int, seen: Seen) -> None:
    question = f"{PLACES[person]}시의 {THINGS[thing]}은 얼마인가요?"
    start = time.perf_counter()
    first: float | None = None
    try:
        for event in assistant.stream(question):
            if isinstance(event, Waiting):
                seen.places = max(seen.places, event.place)
            elif isinstance(event, Token) and first is None:
                first = time.perf_counter() - start
            elif isinstance(event, Done):
                answer = event.answer
    except BusyError:
        seen.busy += 1
        return
    seen.last.append(time.perf_counter() - start)
    if first is not None:
        seen.first.append(first)
    own, said = amount(person, thing), answer.text
    seen.right += own in said
    seen.refused += answer.refused
    seen.crossed += any(
        PLACES[other] in said or amount(other, thing) in said
        for other in range(len(PLACES))
        if other != person
    )


def together(assistant: Assistant, people: int, questions: int, until: float | None = None) -> Seen:
    """Let people ask at the same time; each asks on when answered."""
    seen = [Seen() for _ in range(people)]

    def live(person: int) -> None:
        turn = 0
        while turn < questions or (until is not None and time.monotonic() < until):
            ask(assistant, person, turn % len(THINGS), seen[person])
            turn += 1

    threads = [threading.Thread(target=live, args=(person,)) for person in range(people)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    whole = Seen()
    for one in seen:
        whole.first += one.first
        whole.last += one.last
        whole.places = max(whole.places, one.places)
        for name in ("right", "refused", "crossed", "busy"):
            setattr(whole, name, getattr(whole, name) + getattr(one, name))
    return whole


def row(name: str, seen: Seen, memory: float) -> str:
    def spread(values: list[float]) -> str:
        ranked = sorted(values)
        return (
            f"{statistics.median(ranked):.1f} / "
            f"{ranked[min(len(ranked) - 1, round(0.95 * (len(ranked) - 1)))]:.1f}"
            if ranked
            else "–"
        )

    asked = len(seen.last) + seen.busy
    cells = (
        name,
        asked,
        seen.right,
        seen.refused,
        seen.crossed,
        seen.busy,
        spread(seen.first),
        spread(seen.last),
        seen.places,
        f"{memory:.0f}",
    )
    return "| " + " | ".join(map(str, cells)) + " |"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--people", type=int, nargs="*", default=[1, 2, 5, 10])
    parser.add_argument("--questions", type=int, default=5, help="of each person")
    parser.add_argument("--soak", type=float, default=0, help="minutes")
    arguments = parser.parse_args()
    crossed = 0
    with tempfile.TemporaryDirectory() as temporary:
        documents = Path(temporary, "documents")
        documents.mkdir()
        for person, place in enumerate(PLACES):
            lines = "\n".join(
                f"{place}시의 {thing}은 {amount(person, i)} 원이다." for i, thing in enumerate(THINGS)
            )
            (documents / f"{place}.txt").write_text(f"{place}시 예산서\n\n{lines}\n", encoding="utf-8")
        assistant = Assistant(Settings.load(documents=documents, data=Path(temporary, "data")))
        assistant.sync()
        assistant.warm_up()
        print(
            "| people | questions | right | refused | crossed | busy | first word, p50 / p95 s | last word | "
            "farthest place | memory MB |"
        )
        print("|---|---|---|---|---|---|---|---|---|---|")
        for people in arguments.people:
            seen = together(assistant, people, arguments.questions)
            crossed += seen.crossed
            print(row(str(people), seen, memory_mb()), flush=True)
        if arguments.soak:
            before = memory_mb()
            seen = together(assistant, 5, 0, time.monotonic() + 60 * arguments.soak)
            crossed += seen.crossed
            print(row(f"5 for {arguments.soak:g} min", seen, memory_mb()))
            print(f"memory before the soak {before:.0f} MB, after it {memory_mb():.0f} MB")
        assistant.close()
    return int(crossed > 0)


if __name__ == "__main__":
    sys.exit(main())
