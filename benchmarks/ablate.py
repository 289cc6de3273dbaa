"""Turn off one rule, word list or constant of the answer layer at a time and count what flips, on documents
that did not suggest it.

    python benchmarks/ablate.py --data DIR --keep FILE [--eval DIR] [--sample 300] [--only WORD] [--write]

Asks the questions of the folds that may be read (`unseen.DEV_FOLDS`), once as the program is and once
without each entry of RULES. What the models said is replayed from FILE (benchmarks/kept.py); only passages
that were not read before are read. A rule stays where answers get worse without it; one that gains nothing
here was written for sentences that somebody had read.

"won" by a rule: right or declined with it and not without; "lost": the other way round; "invented": claims
on unanswerable questions that it prevents (+) or causes (-); "wrong": the same of wrong claims.
"""

from __future__ import annotations

import argparse
import contextlib
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks import results, unseen
from benchmarks.kept import Kept
from rag.answer import checker, compose, discrepancies, review, style
from rag.evaluation import GOOD, evaluate
from rag.judging import Outcome, fold
from rag.question import followups, premises
from rag.text import lexicon


@dataclass(frozen=True)
class Rule:
    """What is turned off: an attribute of a module or class, and what stands in its place."""

    name: str
    owner: Any
    attribute: str
    off: Any


def _none(*_: Any, **__: Any) -> None:
    return None


def _false(*_: Any, **__: Any) -> bool:
    return False


def _true(*_: Any, **__: Any) -> bool:
    return True


def _empty(*_: Any, **__: Any) -> list[Any]:
    return []


RULES = (
    Rule("a row is cited only for what names it", premises, "row_is_named", _true),
    Rule("a false premise is corrected", premises, "false_premise", _none),
    Rule("a sentence must say the words that answer", review, "says", _true),
    Rule("a sentence that only repeats the question is taken out", checker, "echoes", _false),
    Rule("versions of a figure in other documents are told", discrepancies, "other_versions", _empty),
    Rule("a bare answer is completed from the question", style, "completed", lambda *_: ""),
    Rule("Latin names are written as the source does", style, "in_hangul", lambda sentence, _: sentence),
    Rule("figures and counters are spaced as in the source", style, "spaced", lambda sentence, _: sentence),
    Rule("a title in quotation marks is no claim", review, "_is_title", _false),
    Rule("a question of a conversation is completed", followups, "complete", lambda question, _: question),
    Rule("countries by their Chinese letter", lexicon, "names_country", _false),
    Rule("names of Latin questions in Hangul", lexicon, "ALIASES", {}),
    Rule("the sentence before the chosen ones is shown to the chat model", compose, "EXCERPT_CHARS", 0),
)


@contextlib.contextmanager
def off(rule: Rule) -> Any:
    """Turn a rule off for a while."""
    with patch.object(rule.owner, rule.attribute, rule.off):
        yield


def flips(with_it: Sequence[dict[str, Any]], without: Sequence[dict[str, Any]]) -> dict[str, int]:
    """Count what a rule wins and loses, by questions."""
    counts = dict.fromkeys(("won", "lost", "invented", "wrong"), 0)
    for a, b in zip(with_it, without, strict=True):
        assert a["id"] == b["id"]
        counts["won"] += a["outcome"] in GOOD and b["outcome"] not in GOOD
        counts["lost"] += a["outcome"] not in GOOD and b["outcome"] in GOOD
        counts["invented"] += (b["outcome"] == Outcome.INVENTED) - (a["outcome"] == Outcome.INVENTED)
        counts["wrong"] += (b["outcome"] == Outcome.WRONG) - (a["outcome"] == Outcome.WRONG)
    return counts


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--keep", type=Path, required=True)
    parser.add_argument("--eval", type=Path, default=unseen.EVAL)
    parser.add_argument("--sample", type=int, default=300)
    parser.add_argument("--only", default="", help="rules whose name holds this")
    parser.add_argument("--write", action="store_true", help="put the table into benchmarks/RESULTS.md")
    arguments = parser.parse_args()
    rows = [
        row
        for row in unseen.sample(unseen.load(arguments.eval), arguments.sample)
        if fold(row) in unseen.DEV_FOLDS
    ]
    assistant = unseen.library(arguments.eval, arguments.data)
    Kept(arguments.keep).attach(assistant)

    def ask() -> list[dict[str, Any]]:
        answered: list[dict[str, Any]] = []
        evaluate(assistant, rows, answered.append)
        return answered

    whole = ask()
    lines = [
        "| without | won by it | lost by it | invented claims prevented | wrong claims prevented |",
        "|---|---|---|---|---|",
    ]
    print(
        f"{len(rows)} questions, right or declined {sum(row['outcome'] in GOOD for row in whole)}\n"
        + "\n".join(lines),
        flush=True,
    )
    for rule in RULES:
        if arguments.only in rule.name:
            with off(rule):
                counts = flips(whole, ask())
            lines.append(
                f"| {rule.name} | {counts['won']} | {counts['lost']} | {counts['invented']:+d} | "
                f"{counts['wrong']:+d} |"
            )
            print(lines[-1], flush=True)
    assistant.close()
    if arguments.write:
        results.write(
            "Rules, one turned off at a time",
            "python benchmarks/ablate.py",
            [f"{len(rows)} questions of folds {unseen.DEV_FOLDS}.", "", *lines],
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
