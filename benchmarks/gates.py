"""Every rule that turns evidence down, tried on real documents without a model: what does it turn down that answers?

    python benchmarks/gates.py [--eval DIR] [--data DIR] [--limit N] [--write]

For each question of DIR the passages that the program would read are found by words (no vectors, so that no model is needed). A passage
of the right document answers when it holds the shortest words that do (one of `spans`) with a piece of the evidence around them; of such
a passage, a sentence answers when it does. All others do not, nor do any of an unanswerable question. Rules about claims get the
reference answer with the row of a table that it is from, and with the other rows beside that. A rule that turns down what answers about
as often as what does not tells nothing: it was written for sentences that somebody had read. How sentences rank is counted as it is and
with one constant off at a time.

Figures are given apart for the folds by document that may be read (`unseen.DEV_FOLDS`, on which it is decided what goes) and for the
others. "ratio": share of what does not answer / share of what answers.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks import results, unseen
from rag import answering, conditions, korean, passages
from rag.calibration import Thresholds, load
from rag.evaluation import recall_at
from rag.judging import documents, fold, interval
from rag.parts import questions_in
from rag.retrieval import Found
from rag.types import Passage

OUT = Path(__file__).parent / "gates.jsonl"
PassageRule = Callable[[str, Passage], bool]  # True where it turns the passage down for the question
SentenceRule = Callable[[str, str, Passage], bool]


def _source(passage: Passage) -> str:
    return f"{passage.chunk.context}\n{passage.text}"


PASSAGE_RULES: dict[str, PassageRule] = {
    "lacks a name, number or date of the question": lambda q, p: bool(conditions.missing_conditions(q, _source(p), p.document)),
    "does not name what is asked for": lambda q, p: conditions.focus_missing(q, _source(p)),
    "holds few of the question's words": lambda q, p: p.hit.coverage < load("chat").coverage,
    "hopeless by all prices": lambda q, p: answering.hopeless(p, q, load("chat")),
    "hopeless by the default prices": lambda q, p: answering.hopeless(p, q, Thresholds()),
}
SENTENCE_RULES: dict[str, SentenceRule] = {
    "is about another period": lambda q, s, p: bool(conditions.unmet(q, s, f"{p.chunk.title} {p.chunk.heading} {p.chunk.caption}")),
    "is another row": lambda q, s, p: not answering.met(q, s, p),
    "has no number or name of the kind asked for": lambda q, s, p: not conditions.answers_kind(q, s),
    "is a heading or caption": lambda q, s, p: answering._is_above(answering.Quote(p, p.start, p.end, s, 0.0)),
}
ClaimRule = Callable[[str, str, str, list[str]], bool]  # (question, claim, row, all rows): True where it turns the claim down
CLAIM_RULES: dict[str, ClaimRule] = {
    "names no row": lambda q, c, row, rows: not conditions.row_is_named(f"{q} {c}", row, rows),
}
RANKINGS: dict[str, tuple[tuple[Any, str, Any], ...]] = {
    "as it is": (),
    "another period or row ranks like any": ((answering, "met", lambda *_: True),),
    "the kind asked for adds nothing": ((answering, "KIND", 0.0),),
}


def observe(row: dict[str, Any], found: list[Passage]) -> Iterator[tuple[str, bool, bool]]:
    """Yield (rule, answers, turned down) of all passages of a question and of all sentences of those that answer, or of the first."""
    spans = ["".join(span.split()) for span in row.get("spans") or ()] if row["answerable"] else []
    parts = questions_in(row["question"])

    files = {unseen.file_of(document) for document in documents(row)} | set(documents(row))

    def answers(text: str) -> bool:
        flat = "".join(text.split())
        return any(span in flat for span in spans) and holds_evidence(row, flat)

    for place, passage in enumerate(found):
        right = passage.chunk.path in files and answers(passage.text)
        for name, rule in PASSAGE_RULES.items():
            yield f"passage {name}", right, all(rule(part, passage) for part in parts)
        if right or not place:
            for a, b in korean.sentences(passage.text):
                sentence = passage.text[a:b]
                for name, of_sentence in SENTENCE_RULES.items():
                    yield f"sentence {name}", right and answers(sentence), all(of_sentence(part, sentence, passage) for part in parts)
        table = [line for line in passage.text.split("\n") if " | " in line]
        for line in table if right else ():
            for name, of_claim in CLAIM_RULES.items():
                yield f"claim {name}", answers(line), of_claim(row["question"], row["answer"], line, table)


def holds_evidence(row: dict[str, Any], flat: str) -> bool:
    """True where a text without blanks holds a piece of a row's evidence, or is one; of a table's row most of the cells."""
    pieces = ["".join(piece.split()) for piece in row.get("evidence") or ()]
    if row.get("doc"):
        return sum(piece in flat for piece in pieces) >= 0.8 * len(pieces)
    return any(piece in flat or flat in piece for piece in pieces)


def ranks(row: dict[str, Any], hits: Found, found: list[Passage]) -> dict[str, int | None]:
    """Return the rank of the first sentence that answers in each way of ranking, None for none."""
    files = {unseen.file_of(document) for document in documents(row)} | set(documents(row))
    spans = ["".join(span.split()) for span in row.get("spans") or ()]

    def answers(text: str) -> bool:
        flat = "".join(text.split())
        return any(span in flat for span in spans) and holds_evidence(row, flat)

    result: dict[str, int | None] = {}
    for name, changes in RANKINGS.items():
        with contextlib.ExitStack() as stack:
            for owner, attribute, off in changes:
                stack.enter_context(patch.object(owner, attribute, off))
            quotes = answering.best_quotes(hits, found, row["question"])
        holding = (n for n, q in enumerate(quotes, 1) if q.passage.chunk.path in files and answers(q.text))
        result[name] = next(holding, None)
    return result


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--eval", type=Path, default=unseen.EVAL)
    parser.add_argument("--data", type=Path, help="folder of the library, kept")
    parser.add_argument("--limit", type=int, default=0, help="about so many questions, 0 for all")
    parser.add_argument("--write", action="store_true", help="put the table into benchmarks/RESULTS.md")
    arguments = parser.parse_args()
    rows = unseen.load(arguments.eval)
    rows = unseen.sample(rows, arguments.limit or len(rows))
    seen: dict[tuple[str, bool, bool], list[tuple[bool, str]]] = defaultdict(list)
    ranked: list[tuple[bool, dict[str, int | None]]] = []
    with tempfile.TemporaryDirectory() as temporary, OUT.open("w", encoding="utf-8") as out:
        assistant = unseen.library(arguments.eval, arguments.data or Path(temporary), words_only=True)
        for number, row in enumerate(rows, 1):
            hits = assistant.search(row["question"], max(assistant.settings.top_k, assistant.settings.read_k))
            found = passages.of_hits(assistant.library.catalogue, hits.hits)[: assistant.settings.read_k]
            if row["answerable"]:
                ranked.append((fold(row) in unseen.DEV_FOLDS, ranks(row, hits, found)))
            for name, right, down in observe(row, found):
                seen[name, fold(row) in unseen.DEV_FOLDS, right].append((down, documents(row)[0]))
                out.write(json.dumps([row["id"], name, right, down], ensure_ascii=False) + "\n")
            if sys.stderr.isatty():
                print(f"\r{number}/{len(rows)} ", end="", file=sys.stderr, flush=True)
        assistant.close()
    lines = ["| turned down | answers, may be read | does not answer | ratio | answers, unseen | does not answer | ratio |", "|---|---|---|---|---|---|---|"]
    for name in dict.fromkeys(key[0] for key in seen):
        cells = []
        for dev in (True, False):
            shares = []
            for right in (True, False):
                cases = seen[name, dev, right]
                downs = [down for down, _ in cases]
                low, high = interval(downs, [document for _, document in cases])
                shares.append(sum(downs) / max(1, len(downs)))
                cells.append(f"{sum(downs)}/{len(downs)} = {shares[-1]:.3f} [{low:.2f}, {high:.2f}]")
            cells.append(f"{shares[1] / shares[0]:.1f}" if shares[0] else "–")
        lines.append("| " + " | ".join([name, *cells]) + " |")
    lines += ["", "| sentences ranked | may be read: first | first 3 | unseen: first | first 3 |", "|---|---|---|---|---|"]
    for way in RANKINGS:
        cells = []
        for dev in (True, False):
            of_fold = [places[way] for is_dev, places in ranked if is_dev is dev]
            cells += [f"{sum(place is not None and place <= k for place in of_fold)}/{len(of_fold)} = {recall_at(of_fold, k):.3f}" for k in (1, 3)]
        lines.append("| " + " | ".join([way, *cells]) + " |")
    print("\n" + "\n".join(lines))
    if arguments.write:
        results.write("Rules that turn evidence down", "python benchmarks/gates.py", [f"{len(rows)} questions.", "", *lines])
    return 0


if __name__ == "__main__":
    sys.exit(main())
