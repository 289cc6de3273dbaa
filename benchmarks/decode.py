"""Measure writing: tokens a second with guessing ahead and without, on answers from evidence; and whether
the words are the same.

    python benchmarks/decode.py [--limit 24] [--llama-bench PROGRAM]

Each question of tests/eval is answered from the passage that retrieval puts first, as the program does, both
ways in turn on the same state. The time is that of writing alone. The last lines are reading (prefill of 512
tokens) and plain writing (64), and, where its program is given, how they compare with llama.cpp's own
`llama-bench` on the same file and threads, in turns, with each way that weights can lie in memory (its own
default is --repack 1; `rag.model.tuning` says which is ours). It is one file to compile against the
libraries of the installed llama-cpp-python, from the sources of the same version (`pip download --no-binary
:all: llama-cpp-python`):

    g++ -O2 -std=c++17 -Iinclude -Iggml/include -Icommon -Ivendor tools/llama-bench/*.cpp -o llama-bench
    -L$LIB -lllama-common -lllama -lggml \\
        -lggml-base -Wl,-rpath,$LIB -lpthread
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from rag.answer.writing import MAX_TOKENS, STOPS, Writer
from rag.assistant import Assistant
from rag.config import ROOT, Settings
from rag.library import passages
from rag.model import prompting, tuning
from rag.model.chat import stop_at
from rag.model.engine import LlamaEngine
from rag.model.llama import has_amx
from rag.model.prompt_lookup import SIZES

READ, WRITTEN, TURNS = 512, 64, 5


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--limit", type=int, default=24, help="questions")
    parser.add_argument("--llama-bench", help="llama.cpp's own program, to compare with")
    arguments = parser.parse_args()
    rows = [
        json.loads(line)
        for line in (ROOT / "tests/eval/briefs.jsonl").read_text(encoding="utf-8").splitlines()
    ]
    rows = [row for row in rows if row.get("answerable", True) and "after" not in row][
        :: max(1, len(rows) // arguments.limit)
    ][: arguments.limit]
    with tempfile.TemporaryDirectory() as temporary:
        assistant = Assistant(Settings.load(data=Path(temporary)))
        assistant.sync()
        prompt = prompting.load_prompt(assistant.settings.prompts, "reading", "ko")
        prompts = []
        with assistant.models.chat.turn():
            for row in rows:
                found = assistant.search(row["question"], 6)
                passage = passages.of_hits(assistant.library.catalogue, found.hits)[0]
                prompts.append(Writer(assistant.models.chat, prompt, row["question"])._tokens(passage)[0])
        path = assistant.models.chat.path
        assistant.close()
        engine = LlamaEngine(path, tuned=Path(temporary) / "tuning.json")
        engine.tune()
    seconds: dict[bool, list[float]] = {True: [], False: []}
    tokens = {True: 0, False: 0}
    same = 0
    for number, prompt_tokens in enumerate(prompts):
        said = {}
        engine.prefill(prompt_tokens)
        for way in (True, False) if number % 2 else (False, True):
            engine._speculate = way
            engine.prefill(prompt_tokens[:-1])
            engine.prefill(prompt_tokens)  # the last token alone, in both ways
            start = time.perf_counter()
            said[way] = "".join(stop_at(engine.generate(MAX_TOKENS), STOPS))
            seconds[way].append(time.perf_counter() - start)
            tokens[way] += len(engine.tokenize(said[way]))
        same += said[True] == said[False]
    rates = {way: tokens[way] / sum(seconds[way]) for way in seconds}
    each = [p / s for s, p in zip(seconds[True], seconds[False], strict=True)]
    print(
        f"batches of {SIZES} tokens cost "
        f"{', '.join(f'{1000 * cost:.0f}' for cost in engine._tuning.batches)} ms"
    )
    print(f"answers {len(prompts)}, of the same words both ways {same}, tokens {tokens[False]}")
    print(
        f"tokens a second: plain {rates[False]:.1f}, guessing ahead {rates[True]:.1f}, ratio "
        f"{rates[True] / rates[False]:.2f}"
    )
    print(f"median of the answers' own ratios {statistics.median(each):.2f}")
    compare(engine, path, arguments.llama_bench)
    engine.close()
    return 0


def compare(engine: LlamaEngine, path: Path, llama_bench: str | None) -> None:
    """Print how fast tokens are read and written, in turns with llama.cpp's own program where it is given,
    and the median of the turns' ratios.
    """
    tokens = engine.tokenize((ROOT / "documents" / "01_AI와_사회.md").read_text(encoding="utf-8"))[: READ + 1]
    layouts = [False] if has_amx() else [False, True]
    ratios: dict[tuple[bool, str], list[float]] = {
        (layout, kind): [] for layout in layouts for kind in ("reading", "writing")
    }
    ours: dict[str, list[float]] = {"reading": [], "writing": []}
    for _ in range(TURNS):
        engine.prefill(tokens[:1])
        start = time.perf_counter()
        engine.prefill(tokens)
        ours["reading"].append(READ / (time.perf_counter() - start))
        engine.prefill(tokens[:1])
        start = time.perf_counter()
        for token in tokens[1 : WRITTEN + 1]:
            engine._verify(token, [])
        ours["writing"].append(WRITTEN / (time.perf_counter() - start))
        for layout in layouts if llama_bench else ():
            command = [
                str(llama_bench),
                "-m",
                str(path),
                "-p",
                str(READ),
                "-n",
                str(WRITTEN),
                "-r",
                "1",
                "-t",
                str(tuning.cores()),
                "-o",
                "json",
            ]
            command += ["--repack", str(int(layout))]
            for row in json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout):
                kind = "reading" if row["n_prompt"] else "writing"
                ratios[layout, kind].append(ours[kind][-1] / row["avg_ts"])
    reading, writing = statistics.median(ours["reading"]), statistics.median(ours["writing"])
    print(f"reading {reading:.1f} tokens a second, writing {writing:.1f}; weights repacked: {engine._repack}")
    for (layout, kind), values in ratios.items():
        if values:
            each = ", ".join(f"{value:.2f}" for value in values)
            print(
                f"{kind}: {statistics.median(values):.2f} of llama-bench --repack {int(layout)} (median of "
                f"{each})"
            )


if __name__ == "__main__":
    sys.exit(main())
