"""Compare ways of showing a passage to the model: its length, its heading, the word for "not here", an example in the instructions.

    python benchmarks/reading.py [--limit 40] [--ways NAME …] [--out benchmarks/reading.md]

Each question of tests/eval is looked at with the 4 passages that retrieval puts first, and answered from the surest one, without checker, conditions
and thresholds: this is about reading alone. A passage holds the answer when it holds its key words.

    AUC        how well log P("없음") tells passages that hold the answer from those that do not (0.5 to 1)
    right      answers from the surest passage that hold the key words
    apart      the best share, over all thresholds, of answerable and unanswerable questions told apart by their surest passage
    tokens     of a prompt, on average; seconds: of a look whose passage was not read before, median
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from rag import passages, prompting
from rag.assistant import Assistant
from rag.config import ROOT, Settings
from rag.judging import shows
from rag.reading import Reader
from rag.types import Passage

LOOKS = 4
KINDS = ("fact", "table", "near miss", "absent")
EXAMPLE = """
[예]
[문서] 시 도서관 운영 계획
시는 4월부터 도서관 12곳을 밤 10시까지 연다.
[질문] 도서관은 몇 시까지 여나요?
[답] 도서관은 밤 10시까지 엽니다.
[질문] 도서관의 예산은 얼마인가요?
[답] $none"""
WAYS: dict[str, dict[str, Any]] = {
    "as shipped (450 characters, heading, 없음)": {},
    "passages of one chunk (up to 300)": {"chars": 0},
    "passages up to 900": {"chars": 900},
    "no title and heading above": {"blank": True},
    "one example of an answer and of 없음": {"old": "=== passage", "new": EXAMPLE + "\n=== passage"},
    "모름 for 없음": {"word": "모름"},
    "one sentence instead of one or two": {"old": "한국어 한두 문장으로 완전하게", "new": "한국어 한 문장으로"},
}


def prompts_with(way: dict[str, Any], folder: Path) -> Path:
    """Write the prompts with a way's change and return their folder."""
    for file in (ROOT / "prompts").glob("*.txt"):
        text = file.read_text(encoding="utf-8")
        if "old" in way and file.name == "reading_ko.txt":
            assert way["old"] in text, way
            text = text.replace(way["old"], way["new"], 1)
        (folder / file.name).write_text(text, encoding="utf-8")
    return folder


def auc(yes: Sequence[float], no: Sequence[float]) -> float:
    """The chance that one of `yes` is lower than one of `no`."""
    return sum((a < b) + 0.5 * (a == b) for a in yes for b in no) / max(1, len(yes) * len(no))


def measure(way: dict[str, Any], rows: list[dict[str, Any]], data: Path) -> dict[str, str]:
    """Ask all rows in one way. Passages, prompts and the word are changed for the time of it."""
    chars, word = passages.PASSAGE_CHARS, prompting.NONE_WORD["ko"]
    passages.PASSAGE_CHARS = way.get("chars", chars)
    prompting.NONE_WORD["ko"] = way.get("word", word)
    with tempfile.TemporaryDirectory() as folder:
        assistant = Assistant(Settings.load(data=data, prompts=prompts_with(way, Path(folder)), state_disk_mb=0))
        prompt = prompting.load_prompt(assistant.settings.prompts, "reading", "ko")
        yes: list[float] = []
        no: list[float] = []
        best: dict[bool, list[float]] = {True: [], False: []}
        right, tokens, seconds = 0, [], []
        try:
            for row in rows:
                found = assistant.search(row["question"], 10)
                with assistant.chat.turn():
                    reader = Reader(assistant.chat, prompt, row["question"])
                    looks = []
                    for passage in passages.of_hits(assistant.library.catalogue, found.hits)[:LOOKS]:
                        if way.get("blank"):
                            passage = without_heading(passage)
                        before = reader.counts.prompt, reader.counts.reused
                        start = time.perf_counter()
                        looks.append(reader.look(passage))
                        tokens.append(reader.counts.prompt - before[0])
                        if (reader.counts.reused - before[1]) < tokens[-1] / 2:
                            seconds.append(time.perf_counter() - start)
                        holds = row.get("answerable", True) and shows(row, passage.text)
                        (yes if holds else no).append(looks[-1].none)
                    surest = min(looks, key=lambda look: look.none)
                    best[row.get("answerable", True)].append(surest.none)
                    if row.get("answerable", True):
                        right += shows(row, "".join(reader.answer(surest.passage)))
        finally:
            assistant.close()
            passages.PASSAGE_CHARS, prompting.NONE_WORD["ko"] = chars, word
    asked = len(best[True])
    apart = max((sum(x < t for x in best[True]) / asked + sum(x >= t for x in best[False]) / len(best[False])) / 2 for t in [*best[True], *best[False]])
    return {
        "AUC": f"{auc(yes, no):.3f}",
        "right": f"{right}/{asked}",
        "apart": f"{apart:.3f}",
        "tokens": f"{statistics.mean(tokens):.0f}",
        "seconds": f"{statistics.median(seconds):.1f}" if seconds else "–",
    }


def without_heading(passage: Passage) -> Passage:
    """The same passage with nothing above it."""
    return replace(passage, chunk=replace(passage.chunk, title="", date="", heading="", caption=""))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--limit", type=int, default=40, help="questions, from all over the file")
    parser.add_argument("--ways", nargs="*", help="words of the names of ways to try")
    parser.add_argument("--out", default=str(Path(__file__).parent / "reading.md"))
    arguments = parser.parse_args()
    rows = [json.loads(line) for line in (ROOT / "tests/eval/briefs.jsonl").read_text(encoding="utf-8").splitlines()]
    rows = [row for row in rows if row["kind"] in KINDS]
    rows = rows[:: max(1, round(len(rows) / arguments.limit))]
    lines = ["| way of reading | AUC | right | apart | tokens | seconds |", "|---|---|---|---|---|---|"]
    with tempfile.TemporaryDirectory() as data:
        assistant = Assistant(Settings.load(data=Path(data)))
        assistant.sync()
        assistant.close()
        for name, way in WAYS.items():
            if arguments.ways and not any(word in name for word in arguments.ways):
                continue
            result = measure(way, rows, Path(data))
            lines.append(f"| {name} | " + " | ".join(result.values()) + " |")
            print(lines[-1], flush=True)
    Path(arguments.out).write_text(f"# Ways of reading (`python benchmarks/reading.py`), {len(rows)} questions\n\n" + "\n".join(lines) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
