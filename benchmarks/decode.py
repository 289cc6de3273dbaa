"""Measure writing: tokens a second with guessing ahead and without, on answers from evidence; and whether the words are the same.

    python benchmarks/decode.py [--limit 24]

Each question of tests/eval is answered from the passage that retrieval puts first, greedily, at most 80 tokens, both ways in turn on
the same state. The time is that of writing alone. The last lines are reading (prefill of 512 tokens) and plain writing, for comparison with
llama.cpp's own `llama-bench -p 512 -n 64` on the same file and threads.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from rag import passages, prompting
from rag.assistant import Assistant
from rag.config import ROOT, Settings
from rag.engine import Engine
from rag.reading import Reader

MAX_TOKENS = 80


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--limit", type=int, default=24, help="questions")
    arguments = parser.parse_args()
    rows = [json.loads(line) for line in (ROOT / "tests/eval/briefs.jsonl").read_text(encoding="utf-8").splitlines()]
    rows = [row for row in rows if row.get("answerable", True) and "after" not in row][:: max(1, len(rows) // arguments.limit)][: arguments.limit]
    with tempfile.TemporaryDirectory() as temporary:
        assistant = Assistant(Settings.load(data=Path(temporary)))
        assistant.sync()
        prompt = prompting.load_prompt(assistant.settings.prompts, "reading", "ko")
        prompts = []
        with assistant.chat.turn():
            for row in rows:
                found = assistant.search(row["question"], 6)
                passage = passages.of_hits(assistant.library.catalogue, found.hits)[0]
                prompts.append(Reader(assistant.chat, prompt, row["question"])._tokens(passage)[0])
        path = assistant.chat.path
        assistant.close()
    seconds: dict[bool, list[float]] = {True: [], False: []}
    tokens: dict[bool, list[int]] = {True: [], False: []}
    engines = {way: Engine(path, speculate=way) for way in (True, False)}
    same = 0
    for number, prompt_tokens in enumerate(prompts):
        said = {}
        for way in (True, False) if number % 2 else (False, True):
            engine = engines[way]
            engine.prefill(prompt_tokens)
            before = len(prompt_tokens)
            start = time.perf_counter()
            said[way] = "".join(engine.generate(MAX_TOKENS))
            seconds[way].append(time.perf_counter() - start)
            tokens[way].append(len(engine._held) - before)
        same += said[True] == said[False]
    rates = {way: sum(tokens[way]) / sum(seconds[way]) for way in engines}
    each = [p / s for s, p in zip(seconds[True], seconds[False], strict=True)]
    print(f"answers {len(prompts)}, of the same words both ways {same}, tokens {sum(tokens[False])}")
    print(f"tokens a second: plain {rates[False]:.1f}, guessing ahead {rates[True]:.1f}, ratio {rates[True] / rates[False]:.2f}")
    print(f"median of the answers' own ratios {statistics.median(each):.2f}")
    engine = engines[False]
    text = "".join((ROOT / "documents" / "01_AI와_사회.md").read_text(encoding="utf-8"))
    long = engine.tokenize(text)[:513]
    reading = []
    for _ in range(3):
        engine.prefill(long[:1])
        start = time.perf_counter()
        engine.prefill(long)
        reading.append(512 / (time.perf_counter() - start))
    writing = []
    for _ in range(3):
        engine.prefill(long[:1])
        start = time.perf_counter()
        for token in long[1:65]:
            engine._decode([token])
        writing.append(64 / (time.perf_counter() - start))
    print(f"reading {statistics.median(reading):.1f} tokens a second, writing {statistics.median(writing):.1f} (medians of 3; {path.name})")
    return 0


if __name__ == "__main__":
    sys.exit(main())
