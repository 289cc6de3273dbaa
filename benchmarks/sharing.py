"""Measure what another busy program costs: with threads on all cores, and as shipped, on those that others
leave free (`rag.model.tuning.Neighbours`).

    python benchmarks/sharing.py [--rounds 3]

Each way in a process of its own, one after the other in each round, first on the machine as it is, then
beside one process that keeps a core busy: tokens a second read and written by the chat model, milliseconds
for the vector of a question and for those of 16 passages. Medians of the rounds.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from rag.config import Settings
from rag.model import tuning
from rag.model.encoder import Encoder
from rag.model.engine import LlamaEngine
from rag.model.weights import ModelStore

WAYS = ("on all cores", "as shipped")
READ, WRITTEN, QUESTIONS, PASSAGES = 256, 24, 20, 16
TEXT = "한국의 인공지능 정책은 여러 부처가 함께 만든다. "


def milliseconds(embed: Callable[[list[str]], object], texts: list[str]) -> float:
    start = time.perf_counter()
    embed(texts)
    return 1000 * (time.perf_counter() - start)


def vectors(folder: Path) -> dict[str, float]:
    """In a process of its own: how fast vectors are made."""
    encoder = Encoder(folder)
    batch = [TEXT * 6] * PASSAGES
    encoder.encode(batch)
    questions = [milliseconds(encoder.encode, [f"{i}년 예산은 얼마인가요?"]) for i in range(QUESTIONS)]
    return {
        "question": statistics.median(questions),
        "passages": statistics.median(milliseconds(encoder.encode, batch) for _ in range(3)),
    }


def tokens(path: Path) -> dict[str, float]:
    """In a process of its own: how fast the chat model reads and writes."""
    engine = LlamaEngine(path, n_ctx=1024, speculate=False)
    engine.prefill(engine.tokenize("준비한다."))
    prompt = engine.tokenize(TEXT * 100)[:READ]
    start = time.perf_counter()
    engine.prefill(prompt)
    read_s = time.perf_counter() - start
    start = time.perf_counter()
    written = engine.tokenize("".join(engine.generate(WRITTEN)))
    return {"read": READ / read_s, "written": len(written) / (time.perf_counter() - start)}


def once(what: str, way: str) -> dict[str, float]:
    if way != "as shipped":
        tuning.free_cores = lambda before, now: tuning.cores()
    settings = Settings.load()
    store = ModelStore(settings.models_dir)
    return (
        tokens(store.path(settings.chat_model))
        if what == "tokens"
        else vectors(store.path(settings.embedding_model))
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--once", nargs=2, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.once:
        print(json.dumps(once(*arguments.once)))
        return 0
    print(
        "| | tokens read a second | tokens written a second | a question's vector, ms | 16 passages, ms "
        "|\n|---|---|---|---|---|",
        flush=True,
    )
    for beside in ("alone", "beside a busy process"):
        busy = subprocess.Popen([sys.executable, "-c", "while True: pass"]) if beside != "alone" else None
        try:
            rows: dict[str, list[dict[str, float]]] = {way: [] for way in WAYS}
            for _ in range(arguments.rounds):
                for way in WAYS:
                    row: dict[str, float] = {}
                    for what in ("tokens", "vectors"):
                        ran = subprocess.run(
                            [sys.executable, __file__, "--once", what, way],
                            capture_output=True,
                            text=True,
                            check=True,
                        )
                        row |= json.loads(ran.stdout.splitlines()[-1])
                    rows[way].append(row)
        finally:
            if busy:
                busy.kill()
        for way, found in rows.items():
            values = " | ".join(
                f"{statistics.median(row[key] for row in found):.1f}"
                for key in ("read", "written", "question", "passages")
            )
            print(f"| {beside}: {way} | {values} |", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
