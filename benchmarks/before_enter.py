"""Measure what reading ahead of Enter is worth: the first word's time by how long somebody rests between the
last key and Enter.

    python benchmarks/before_enter.py [--limit N] [--rests SECONDS …]

Each question is the first ever: the model is started anew without any kept state, has read its instructions,
and `rag.ui.read_ahead` hears the whole question typed at once. After the rest it is asked. The rests take
turns, so that a slow moment of the machine meets all.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.answers import every
from rag.assistant import Assistant
from rag.config import ROOT, Settings
from rag.ui.read_ahead import Warmer


def first_word_s(assistant: Assistant, question: str, rest: float) -> float | None:
    """Type a question into a program that has read nothing, rest, press Enter, and return the seconds from
    there to the first word, None without one.
    """
    assistant.models.chat.close()
    assistant.models.embeddings.close()
    assistant.warm_up()
    warmer = Warmer(assistant, lambda: True)
    warmer.asked()  # idle time, in which the library would be read, begins now
    warmer.start()
    warmer.typed(question)
    time.sleep(rest)
    warmer.asked()
    answer = assistant.ask(question)
    warmer.stop()
    return answer.timings.first_token_s


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--limit", type=int, default=20, help="ask about so many questions, from all over the file"
    )
    parser.add_argument(
        "--rests",
        type=float,
        nargs="+",
        default=[0.0, 1.0, 1.5, 2.0, 3.0],
        help="seconds, at most 4, when the library would be read",
    )
    arguments = parser.parse_args()
    lines = (ROOT / "tests" / "eval" / "briefs.jsonl").read_text(encoding="utf-8").splitlines()
    rows: list[dict[str, Any]] = [
        row
        for row in map(json.loads, filter(None, lines))
        if row.get("answerable", True) and "after" not in row
    ]
    seconds: dict[float, list[float]] = {rest: [] for rest in arguments.rests}
    with tempfile.TemporaryDirectory() as data:
        assistant = Assistant(Settings.load(data=data))
        assistant.sync()
        for row in every(rows, arguments.limit):
            found = {rest: first_word_s(assistant, row["question"], rest) for rest in arguments.rests}
            for rest, value in found.items():
                if value is not None and None not in found.values():
                    seconds[rest].append(value)
        assistant.close()
    for rest, values in seconds.items():
        ordered = sorted(values)
        print(
            f"rest of {rest:.1f} s: first word {statistics.median(values):.2f} s, p95 "
            f"{ordered[int(0.95 * len(ordered))]:.2f}, {len(values)} questions"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
