"""Measure the checker: false sentences flagged, true ones kept, time a sentence.

    python benchmarks/checker.py [--eval DIR] [--each N] [--show]

False: true sentences of documents/ (and of DIR/pages.jsonl.gz) changed in ten ways (benchmarks/mutations.py), against the passage
around them. True: the same sentences in the polite style and with respelled numbers, and tests/eval/paraphrases.jsonl, written by
hand. No model is needed. --show prints every mistake.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import re
import statistics
import sys
import time
from collections import defaultdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.mutations import MUTATIONS
from rag import citing, korean, style
from rag.config import ROOT
from rag.loaders import file_text, parse
from rag.numbers import numbers

PASSAGE_CHARS = 450
Case = tuple[str, str, str]  # sentence, passage, context


def sources(eval_folder: Path | None) -> list[Case]:
    """Return true sentences with the passage around them."""
    texts = []
    for file in sorted((ROOT / "documents").iterdir()):
        if file.suffix.lower() in (".md", ".docx", ".hwpx", ".pdf"):
            texts.append((file.stem, file_text(parse(file, ROOT / "documents"))))
    if eval_folder:
        with gzip.open(eval_folder / "pages.jsonl.gz", "rt", encoding="utf-8") as lines:
            texts += [(page["file"], page["text"]) for page in map(json.loads, lines)]
    cases = []
    for title, text in texts:
        spans = korean.sentences(text)
        for i, (a, b) in enumerate(spans):
            sentence = text[a:b]
            if (
                not re.search(r"[가-힣]다\.$", sentence)
                or not 20 <= b - a <= 160
                or "\n" in sentence
                or " | " in sentence
                or re.search(r"[□○▪·]", sentence[:3])
            ):
                continue
            low, high = i, i
            while low and b - spans[low - 1][0] <= PASSAGE_CHARS // 2 + (b - a):
                low -= 1
            while high + 1 < len(spans) and spans[high + 1][1] - a <= PASSAGE_CHARS // 2 + (b - a):
                high += 1
            cases.append((sentence, text[spans[low][0] : spans[high][1]], title))
    return cases


def paraphrases() -> list[Case]:
    """Return the true sentences of tests/eval/paraphrases.jsonl, each with the passage around the words that it says again."""
    cases = []
    texts: dict[str, str] = {}
    for row in map(json.loads, (ROOT / "tests" / "eval" / "paraphrases.jsonl").read_text(encoding="utf-8").splitlines()):
        folder = ROOT / "documents"
        text = texts.setdefault(row["path"], file_text(parse(folder / row["path"], folder)))
        at = text.index(row["at"])
        spans = [(a, b) for a, b in korean.sentences(text) if b > at - PASSAGE_CHARS // 2 and a < at + PASSAGE_CHARS // 2]
        cases.append((row["sentence"], text[spans[0][0] : spans[-1][1]], f"{text.split(chr(10), 1)[0]} | {row.get('context', '')}"))
    return cases


def respelled(sentence: str) -> str | None:
    """Write one amount of a sentence in another way: 5천만 → 50,000,000; 30% → 30퍼센트."""
    for n in numbers(sentence):
        span = sentence[n.start : n.end]
        if n.unit == "%":
            return sentence[: n.start] + span.replace("%", "퍼센트") + sentence[n.end :]
        if (
            n.date is None
            and n.value >= 10_000
            and n.value == int(n.value)
            and re.search("[만억조]", span)
            and not re.search(r"[~∼\-]", sentence[n.start - 1 : n.end + 1])
        ):
            scale, name = (10**4, "만") if n.value < 10**8 else (10**8, "억")
            unit = re.search(r"[^\d,.\s십백천만억조]*$", span)
            written = f"{int(n.value):,}" if "만" in span or n.value % scale else f"{int(n.value) // scale:,}{name}"
            return f"{sentence[: n.start]}{written} {unit[0] if unit else ''}{sentence[n.end :]}"
    return None


def measure(eval_folder: Path | None = None, each: int = 150, seed: int = 7, show: bool = False) -> dict[str, dict[str, tuple[int, int]]]:
    """Return {"false sentences flagged" | "true sentences kept": {kind: (right, of)}, "milliseconds a sentence": {"median" | "p95": (ms, 1)}}.

    Args:
        each: false sentences of each kind, at most. seed: of the changes. show: print every mistake.
    """
    rng = random.Random(seed)
    cases = sources(eval_folder)
    rng.shuffle(cases)
    own = {p.stem for p in (ROOT / "documents").iterdir()}
    cases.sort(key=lambda case: case[2] not in own)  # the project's own sentences are all used
    times: list[float] = []

    def supported(sentence: str, passage: str, context: str) -> citing.Support:
        start = time.perf_counter()
        support = citing.check(sentence, passage, context)
        times.append(time.perf_counter() - start)
        return support

    flagged: dict[str, list[bool]] = defaultdict(list)
    for kind, mutate in MUTATIONS.items():
        for sentence, passage, context in cases:
            if len(flagged[kind]) >= each:
                break
            false = mutate(sentence, passage, rng)
            if not false or korean.normalise(false) == korean.normalise(sentence) or korean.normalise(false) in korean.normalise(passage):
                continue
            support = supported(false, passage, context)
            flagged[kind].append(not support.supported)
            if show and support.supported:
                print(f"MISSED {kind}: {sentence}\n    → {false}")
    kept: dict[str, list[bool]] = defaultdict(list)
    truths: list[tuple[str, Case]] = []
    for kind, rewrite in (("polite", style.polite), ("numbers respelled", respelled)):
        made = [(kind, (t, passage, context)) for sentence, passage, context in cases if (t := rewrite(sentence)) and t != sentence]
        truths += made[: 2 * each]
    truths += [("paraphrases by hand", case) for case in paraphrases()]
    for kind, (sentence, passage, context) in truths:
        support = supported(sentence, passage, context)
        kept[kind].append(support.supported)
        if show and not support.supported:
            print(f"LOST {kind} [{support.kind}: {support.why}]: {sentence}")
    result: dict[str, dict[str, tuple[int, int]]] = {}
    for title, counts in (("false sentences flagged", flagged), ("true sentences kept", kept)):
        rows = {**counts, "in all": [v for vs in counts.values() for v in vs]}
        result[title] = {kind: (sum(verdicts), len(verdicts)) for kind, verdicts in rows.items()}
    ordered = sorted(1000 * t for t in times)
    result["milliseconds a sentence"] = {"median": (round(statistics.median(ordered)), 1), "p95": (round(ordered[int(0.95 * len(ordered))]), 1)}
    return result


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--eval", type=Path, help="folder with pages.jsonl.gz")
    parser.add_argument("--each", type=int, default=150, help="false sentences of each kind (150)")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--show", action="store_true", help="print mistakes")
    arguments = parser.parse_args()
    for title, rows in measure(arguments.eval, arguments.each, arguments.seed, arguments.show).items():
        print(title)
        for kind, (right, of) in rows.items():
            print(f"    {kind:20} {right}" if of == 1 else f"    {kind:20} {right:5}/{of:<5} = {right / max(1, of):.3f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
