"""Measure answers on the 720 real pages of ../shared/eval: is the right page cited, do the key facts of the
reference answer come?

    python benchmarks/pages.py [--data DIR] [--limit N] [--long] [--rows FILE]

Key facts are the numbers of the reference answer with their units and, where it has none, its ten rarest
nouns; they count as present when the answer and its quotes hold half of them. (Reference answers are whole
paragraphs, ours are one or two sentences.) Every answer goes to benchmarks/pages.jsonl. `--long` also asks
the same model with the same passages all in one prompt, the way that looking at each by itself replaces, and
compares the texts alone, question by question. `--rows` writes the questions with the documents that answer
them instead, for `rag calibrate`.
"""

from __future__ import annotations

import argparse
import json
import math
import statistics
import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.retrieval import EVAL, write_documents
from rag.answer.writing import MAX_TOKENS, STOPS
from rag.assistant import Assistant
from rag.config import Settings
from rag.model import prompting
from rag.model.chat import stop_at
from rag.text import grammar, korean
from rag.text.numbers import numbers
from rag.text.quantity import missing_numbers


def facts_present(reference: str, said: str) -> bool:
    """True when half of the reference's numbers, or of its nouns where it has none, stand in what was
    said.
    """
    wanted = [n for n in numbers(reference) if n.unit]
    if wanted:
        return len(missing_numbers(wanted, numbers(said))) <= len(wanted) / 2
    nouns = list(dict.fromkeys(w for w in grammar.parse(reference[:2000]).nouns if len(w) > 1))[:10]
    held = grammar.with_synonyms(korean.morphemes(said))
    return sum(noun in held for noun in nouns) >= len(nouns) / 2


def said_at_once(assistant: Assistant, question: str) -> str:
    """Answer from all passages that the program would look at, in one prompt, "" where the model says that
    they do not answer.
    """
    text = "\n\n".join(
        f"{passage.chunk.context}\n{passage.text}"
        for passage in assistant.likely_passages(question)[: assistant.settings.read_k]
    )
    prompt = prompting.load_prompt(assistant.settings.prompts, "reading", "ko")
    parts = assistant.models.chat.prompt(prompt.messages(question, "", text))
    with assistant.models.chat.turn():
        assistant.models.chat.engine().prefill([token for part in parts for token in part])
        said = "".join(stop_at(assistant.models.chat.engine().generate(MAX_TOKENS), STOPS)).strip()
    return "" if said.startswith(prompt.none) else said


def sign_test(won: int, lost: int) -> float:
    """Return how likely so uneven a count of differing pairs is by chance alone (two-sided, exact)."""
    return min(1.0, 2 * sum(math.comb(won + lost, k) for k in range(min(won, lost) + 1)) / 2 ** (won + lost))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", help="folder of the index, kept")
    parser.add_argument("--limit", type=int)
    parser.add_argument("--long", action="store_true", help="also all passages in one prompt")
    parser.add_argument("--rows", help="write rows for `python -m rag calibrate` here, and measure nothing")
    arguments = parser.parse_args()
    if not EVAL.exists():
        print(f"{EVAL} is not there: nothing to measure")
        return 1
    rows = [
        json.loads(line) for line in (EVAL / "questions_dev.jsonl").read_text(encoding="utf-8").splitlines()
    ]
    if arguments.rows:
        lines = [
            {**row, "paths": [page.rsplit(".pdf - ", 1)[0] + ".txt" for page in row["pages"]]} for row in rows
        ]
        Path(arguments.rows).write_text(
            "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), encoding="utf-8"
        )
        return 0
    rows = rows[:: max(1, len(rows) // arguments.limit)] if arguments.limit else rows
    counts = dict.fromkeys(
        ("answered", "right page cited", "key facts present", "right page among the quotes shown"), 0
    )
    pairs: list[tuple[bool, bool]] = []
    seconds: tuple[list[float], list[float]] = [], []
    with (
        tempfile.TemporaryDirectory() as temporary,
        (Path(__file__).parent / "pages.jsonl").open("w", encoding="utf-8") as out,
    ):
        documents = Path(arguments.data or temporary, "documents")
        documents.mkdir(parents=True, exist_ok=True)
        write_documents(documents)
        assistant = Assistant(
            Settings.load(documents=documents, data=Path(arguments.data or temporary, "data"))
        )
        assistant.sync()
        assistant.warm_up()
        for row in rows:
            answer = assistant.ask(row["question"])
            cited = {f"{c.path.removesuffix('.txt')}.pdf - {c.page}" for c in answer.citations}
            shown = {
                f"{c.path.removesuffix('.txt')}.pdf - {c.page}" for c in (*answer.citations, *answer.nearest)
            }
            said = "\n".join([answer.text, *(c.quote for c in answer.citations)])
            result: dict[str, bool | str] = {
                "answered": not answer.refused,
                "right page cited": bool(cited & set(row["pages"])),
                "key facts present": not answer.refused and facts_present(row["answer"], said),
                "right page among the quotes shown": bool(shown & set(row["pages"])),
            }
            for name in counts:
                counts[name] += bool(result[name])
            if arguments.long:
                start = time.perf_counter()
                at_once = said_at_once(assistant, row["question"])
                pairs.append(
                    (
                        not answer.refused and facts_present(row["answer"], answer.text),
                        bool(at_once) and facts_present(row["answer"], at_once),
                    )
                )
                seconds[0].append(answer.timings.total_s)
                seconds[1].append(time.perf_counter() - start)
                result["said at once"] = at_once
            lost = [{"text": s.text, "why": s.why} for s in answer.unconfirmed]
            cited_words = [
                {"number": c.number, "path": c.path, "page": c.page, "quote": c.quote}
                for c in answer.citations
            ]
            out.write(
                json.dumps(
                    {
                        **row,
                        **result,
                        "said": answer.text,
                        "cited": cited_words,
                        "lost": lost,
                        "timings": asdict(answer.timings),
                    },
                    ensure_ascii=False,
                )
                + "\n"
            )
            out.flush()
        assistant.close()
    for name, count in counts.items():
        print(f"{name:36} {count}/{len(rows)} = {count / len(rows):.3f}")
    if pairs:
        ours, theirs = (sum(pair[i] for pair in pairs) for i in (0, 1))
        won, lost_pairs = sum(a and not b for a, b in pairs), sum(b and not a for a, b in pairs)
        chance = sign_test(won, lost_pairs)
        print(
            f"key facts in the text alone: {ours}, all passages in one prompt {theirs} of {len(pairs)}; won "
            f"{won}, lost {lost_pairs}, by chance {chance:.3f}"
        )
        print(
            f"last word, median s: {statistics.median(seconds[0]):.2f} and "
            f"{statistics.median(seconds[1]):.2f}"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
