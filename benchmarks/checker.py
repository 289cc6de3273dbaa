"""Measure the checker: false sentences flagged, true ones kept, time a sentence.

    python benchmarks/checker.py [--eval DIR] [--each N] [--show]
    python benchmarks/checker.py --unseen DIR [--show]

False: true sentences of documents/ (and of DIR/pages.jsonl.gz) changed in ten ways
(benchmarks/mutations.py), against the passage around them. True: the same sentences in the polite style and
with respelled numbers, and tests/eval/paraphrases.jsonl, written by hand. No model is needed. --show prints
every mistake.

--unseen measures with what the checker was not made with: 1,000 false sentences made by plain rules
(benchmarks/unseen_mutations.py) from the evidence of the questions in DIR, which stays where it is, and
tests/eval/unseen_paraphrases.jsonl, written by people who had not read the checker (and these changed by the
same rules). Each is laid beside the passage around the evidence, as the program reads the page. Documents
are in two halves by their names: A may be looked at, B is only counted.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import random
import re
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks import unseen_mutations
from benchmarks.mutations import MUTATIONS
from rag.answer import checker, style
from rag.answer.verdict import Confirmed, Rejected
from rag.config import ROOT
from rag.ingest.loaders import file_text, parse
from rag.question.wording import Wording
from rag.text import korean
from rag.text.numbers import numbers

PASSAGE_CHARS = 450
UNSEEN = (
    "law",
    "public",
    "finance_commerce",
    "lawtext",
    "prose",
)  # files of questions whose evidence is text of pages
PARAPHRASES = ROOT / "tests" / "eval" / "unseen_paraphrases.jsonl"
FLAGGED, CHANGED, KEPT = "false sentences flagged", "changed paraphrases flagged", "true sentences kept"
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
            cases.append((sentence, text[slice(*_around(spans, i, i))], title))
    return cases


def _around(spans: Sequence[tuple[int, int]], low: int, high: int) -> tuple[int, int]:
    """Return (start, end) of some sentences of a text and as many beside them as the program reads
    together.
    """
    a, b = spans[low][0], spans[high][1]
    while low and b - spans[low - 1][0] <= PASSAGE_CHARS // 2 + (b - a):
        low -= 1
    while high + 1 < len(spans) and spans[high + 1][1] - a <= PASSAGE_CHARS // 2 + (b - a):
        high += 1
    return spans[low][0], spans[high][1]


def paraphrases() -> list[Case]:
    """Return the true sentences of tests/eval/paraphrases.jsonl, each with the passage around the words that
    it says again.
    """
    cases = []
    texts: dict[str, str] = {}
    for row in map(
        json.loads, (ROOT / "tests" / "eval" / "paraphrases.jsonl").read_text(encoding="utf-8").splitlines()
    ):
        folder = ROOT / "documents"
        text = texts.setdefault(row["path"], file_text(parse(folder / row["path"], folder)))
        at = text.index(row["at"])
        spans = [
            (a, b)
            for a, b in korean.sentences(text)
            if b > at - PASSAGE_CHARS // 2 and a < at + PASSAGE_CHARS // 2
        ]
        cases.append(
            (
                row["sentence"],
                text[spans[0][0] : spans[-1][1]],
                f"{text.split(chr(10), 1)[0]} | {row.get('context', '')}",
            )
        )
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
            written = (
                f"{int(n.value):,}" if "만" in span or n.value % scale else f"{int(n.value) // scale:,}{name}"
            )
            return f"{sentence[: n.start]}{written} {unit[0] if unit else ''}{sentence[n.end :]}"
    return None


def measure(
    eval_folder: Path | None = None, each: int = 150, seed: int = 7, show: bool = False
) -> dict[str, dict[str, tuple[int, int]]]:
    """Return {"false sentences flagged" | "true sentences kept": {kind: (right, of)}, "milliseconds a
    sentence": {"median" | "p95": (ms, 1)}}.

    Args:
        each: false sentences of each kind, at most. seed: of the changes. show: print every mistake.
    """
    rng = random.Random(seed)
    cases = sources(eval_folder)
    rng.shuffle(cases)
    own = {p.stem for p in (ROOT / "documents").iterdir()}
    cases.sort(key=lambda case: case[2] not in own)  # the project's own sentences are all used
    times: list[float] = []

    def timed(sentence: str, passage: str, context: str) -> Confirmed | Rejected:
        start = time.perf_counter()
        verdict = checker.check(sentence, passage, context)
        times.append(time.perf_counter() - start)
        return verdict

    flagged: dict[str, list[bool]] = defaultdict(list)
    for kind, mutate in MUTATIONS.items():
        for sentence, passage, context in cases:
            if len(flagged[kind]) >= each:
                break
            false = mutate(sentence, passage, rng)
            if (
                not false
                or korean.normalise(false) == korean.normalise(sentence)
                or korean.normalise(false) in korean.normalise(passage)
            ):
                continue
            rejected = isinstance(timed(false, passage, context), Rejected)
            flagged[kind].append(rejected)
            if show and not rejected:
                print(f"MISSED {kind}: {sentence}\n    → {false}")
    kept: dict[str, list[bool]] = defaultdict(list)
    truths: list[tuple[str, Case]] = []
    for kind, rewrite in (("polite", style.polite), ("numbers respelled", respelled)):
        made = [
            (kind, (t, passage, context))
            for sentence, passage, context in cases
            if (t := rewrite(sentence)) and t != sentence
        ]
        truths += made[: 2 * each]
    truths += [("paraphrases by hand", case) for case in paraphrases()]
    for kind, (sentence, passage, context) in truths:
        verdict = timed(sentence, passage, context)
        kept[kind].append(isinstance(verdict, Confirmed))
        if show and isinstance(verdict, Rejected):
            print(f"LOST {kind} [{verdict.kind}: {verdict.word}]: {sentence}")
    result: dict[str, dict[str, tuple[int, int]]] = {}
    for title, counts in (("false sentences flagged", flagged), ("true sentences kept", kept)):
        rows = {**counts, "in all": [v for vs in counts.values() for v in vs]}
        result[title] = {kind: (sum(verdicts), len(verdicts)) for kind, verdicts in rows.items()}
    ordered = sorted(1000 * t for t in times)
    result["milliseconds a sentence"] = {
        "median": (round(statistics.median(ordered)), 1),
        "p95": (round(ordered[int(0.95 * len(ordered))]), 1),
    }
    return result


@dataclass(frozen=True, slots=True)
class Evidence:
    """A piece of evidence in its place. `id`: (question, index); `page`: the whole page's text; `half`: A or
    B, by the document's name.
    """

    id: tuple[str, int]
    text: str
    passage: str
    context: str
    question: str
    page: str
    half: str


def evidences(folder: Path) -> list[Evidence]:
    """Return the evidence of the questions in a folder that stands in the pages as the program reads them."""
    pages = {}
    with gzip.open(folder / "pages.jsonl.gz", "rt", encoding="utf-8") as lines:
        pages |= {page["id"]: page for page in map(json.loads, lines)}
    for name in ("lawtext_pages", "prose_pages"):
        pages |= {page["id"]: page for page in _lines(folder / f"{name}.jsonl")}
    read: dict[str, tuple[str, list[tuple[int, int]], list[tuple[int, str]]]] = {}
    found = []
    with tempfile.TemporaryDirectory() as temporary:
        for row in (row for name in UNSEEN for row in _lines(folder / f"{name}.jsonl")):
            for number, evidence in enumerate(row.get("evidence") or []):
                for page in (pages[name] for name in row["pages"] if name in pages):
                    if page["id"] not in read:
                        path = Path(temporary, re.sub(r"[/\0]", " ", page["file"])[:60] + ".txt")
                        path.write_text(page["text"].replace("\f", " "), encoding="utf-8")
                        documents = parse(path, Path(temporary))
                        above = [
                            (
                                d.metadata["start"],
                                " | ".join(filter(None, (d.metadata["title"], d.metadata["heading"]))),
                            )
                            for d in documents
                        ]
                        text = file_text(documents)
                        read[page["id"]] = text, korean.sentences(text), above
                    text, spans, above = read[page["id"]]
                    match = re.search(r"\s*".join(map(re.escape, "".join(evidence.split()))), text)
                    if match is None:
                        continue
                    within = [i for i, (a, b) in enumerate(spans) if a < match.end() and b > match.start()]
                    start, end = _around(spans, within[0], within[-1])
                    context = [line for at, line in above if at <= match.start()][-1]
                    half = "AB"[hashlib.sha256(page["file"].encode()).digest()[0] % 2]
                    found.append(
                        Evidence(
                            (row["id"], number),
                            match[0],
                            text[start:end],
                            context,
                            row["question"],
                            text,
                            half,
                        )
                    )
                    break
    return found


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def _sentences_of(text: str) -> list[str]:
    """Cut evidence where its sentences end, by its characters alone, and take the marks of lists off."""
    pieces = (
        re.sub(r"^(?:[^\w'’‘(\"“「\[]|[_①-⑳ㅇ])+(?=[가-힣\d'’‘])", "", piece).strip()
        for piece in re.split(r"(?<=[다요까함음임됨]\.)\s+(?![^(]*\))|\n", text)
    )
    return [
        piece
        for piece in pieces
        if 15 <= len(piece) <= 220 and " | " not in piece and re.search("[가-힣]{2}", piece)
    ]


def _sayings(found: Sequence[Evidence]) -> list[tuple[str, Evidence]]:
    """Return the sentences of evidence, each with it, in chance order; behind them other sentences of the
    same passages, for kinds that lack any.
    """
    rng = random.Random(3)
    own = [(piece, e) for e in found for piece in _sentences_of(e.text)]
    more = [
        (piece, e)
        for e in found
        for piece in _sentences_of(e.passage)
        if piece.endswith("다.") and piece not in e.text
    ]
    return [*rng.sample(own, len(own)), *rng.sample(more, len(more))]


def unseen_false(
    sayings: Sequence[tuple[str, Evidence]], count: int = 1000, seed: int = 5
) -> list[tuple[str, str, str, Evidence]]:
    """Make false sentences out of true ones, as many of each kind as there are, in turns: (kind, true,
    false, evidence).

    What stands in the page literally is not false.
    """
    rng = random.Random(seed)
    pages = sorted({evidence.page for _, evidence in sayings})
    waiting = {kind: list(sayings) for kind in unseen_mutations.MUTATIONS}
    made: list[tuple[str, str, str, Evidence]] = []
    seen: set[str] = set()
    while any(waiting.values()):
        for kind, queue in waiting.items():
            while queue:
                true, evidence = queue.pop(0)
                false = unseen_mutations.MUTATIONS[kind](true, evidence.page, rng.choice(pages), rng)
                if not false or false == true or false in seen or _letters(false) in _letters(evidence.page):
                    continue
                seen.add(false)
                made.append((kind, true, false, evidence))
                break
            if len(made) == count:
                return made
    return made


def _letters(text: str) -> str:
    return re.sub(r"[\s.]", "", text)


def measure_unseen(folder: Path, show: bool = False) -> dict[str, dict[str, tuple[int, int]]]:
    """Return {"A: false sentences flagged" | "A: changed paraphrases flagged" | "A: true sentences kept" |
    the same of B: {kind: (right, of)}}.

    Args:
        show: print every mistake of half A; those of B are never printed.
    """
    found = evidences(folder)
    by_id = {e.id: e for e in found}
    counts: dict[str, dict[str, list[bool]]] = {
        f"{half}: {what}": {} for half in "AB" for what in (FLAGGED, CHANGED, KEPT)
    }

    def judge(what: str, kind: str, sentence: str, evidence: Evidence, true: str = "") -> None:
        verdict = checker.check(sentence, evidence.passage, evidence.context, Wording(evidence.question))
        right = isinstance(verdict, Confirmed) == (what == KEPT)
        counts[f"{evidence.half}: {what}"].setdefault(kind, []).append(right)
        if show and not right and evidence.half == "A":
            print(
                f"{'LOST' if true == '' else 'MISSED'} {kind} {verdict}: "
                f"{true or evidence.text}\n    → {sentence}"
            )

    for kind, true, false, evidence in unseen_false(_sayings(found)):
        judge(FLAGGED, kind, false, evidence, true)
    said = [
        (row["kind"], row["sentence"], by_id[key])
        for row in _lines(PARAPHRASES)
        if (key := (row["id"], row["evidence"])) in by_id
    ]
    for kind, sentence, evidence in said:
        judge(KEPT, kind, sentence, evidence)
    for kind, true, false, evidence in unseen_false([(sentence, evidence) for _, sentence, evidence in said]):
        judge(CHANGED, kind, false, evidence, true)
    for evidence in found:
        for piece in _sentences_of(evidence.text):
            judge(KEPT, "(word for word)", piece, evidence)
    result = {}
    for title, kinds in counts.items():
        rows: dict[str, Iterable[bool]] = {kind: kinds[kind] for kind in sorted(kinds)}
        rows["in all"] = [v for kind, vs in kinds.items() if kind[0] != "(" for v in vs]
        if not title.endswith(KEPT):
            rows["without numbers"] = [
                v for kind, vs in kinds.items() if kind not in unseen_mutations.NUMERIC for v in vs
            ]
        result[title] = {kind: (sum(verdicts), len(list(verdicts))) for kind, verdicts in rows.items()}
    return result


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--eval", type=Path, help="folder with pages.jsonl.gz")
    parser.add_argument("--each", type=int, default=150, help="false sentences of each kind (150)")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument(
        "--unseen", type=Path, help="folder with questions and their pages: measure on these alone"
    )
    parser.add_argument("--show", action="store_true", help="print mistakes (with --unseen those of half A)")
    arguments = parser.parse_args()
    if arguments.unseen and not (arguments.unseen / "law.jsonl").exists():
        print(
            f"{arguments.unseen} holds no questions with evidence (law.jsonl and others): nothing to measure."
        )
        return 2
    measured = measure_unseen(arguments.unseen, arguments.show) if arguments.unseen else None
    for title, rows in (
        measured or measure(arguments.eval, arguments.each, arguments.seed, arguments.show)
    ).items():
        print(title)
        for kind, (right, of) in rows.items():
            print(
                f"    {kind:20} {right}"
                if of == 1
                else f"    {kind:20} {right:5}/{of:<5} = {right / max(1, of):.3f}"
            )
    return 0


if __name__ == "__main__":
    sys.exit(main())
