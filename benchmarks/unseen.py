"""Measure the whole program on real documents that nothing was fitted on, beside the plain way, in one run.

    python benchmarks/unseen.py [--eval DIR] [--all | --sample 300] [--plain 60] [--data DIR] [--keep FILE]
    [--write]

DIR holds questions by people who saw only the documents (../shared/eval; its README says what is what). All
documents make one library; questions are drawn from all collections with a fixed seed. `--data` keeps the
library, `--keep` what the models said (benchmarks/kept.py; times of replayed answers are left out). Every
answer goes to benchmarks/unseen.jsonl, `--write` puts the table into RESULTS.md.

Folds by document: what is decided by looking at answers is decided on DEV_FOLDS (`benchmarks/ablate.py`
counts only there); the failures of the others are not read, and of these the figures that count are those of
documents that the reader did not learn from.
`--show` prints failures of DEV_FOLDS.
"""

from __future__ import annotations

import argparse
import collections
import gzip
import json
import random
import shutil
import sys
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks import results
from benchmarks.answers import Plain
from benchmarks.kept import Kept
from rag.assistant import Assistant
from rag.config import ROOT, Settings
from rag.evaluation import evaluate, summarise
from rag.judging import documents, fold

EVAL = ROOT.parent / "shared" / "eval"
COLLECTIONS = ("law", "public", "finance_commerce", "lawtext", "prose", "tables")
DEV_FOLDS = (0, 1)  # of rag.judging.FOLDS
TRAIN_FOLDS = (0, 1, 2)  # whose free documents the reader learned from (models/reader/train.py)
SEED = 20261125
OUT = Path(__file__).parent / "unseen.jsonl"


def load(folder: Path) -> list[dict[str, Any]]:
    """Return all rows with the name of their collection."""
    lines = (
        (name, line)
        for name in COLLECTIONS
        for line in (folder / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
        if line.strip()
    )
    return [{**json.loads(line), "collection": name} for name, line in lines]


def sample(rows: Sequence[dict[str, Any]], size: int) -> list[dict[str, Any]]:
    """Return a fixed sample with each collection's and unanswerable questions' share, the questions on one
    document side by side.
    """
    groups: dict[tuple[str, bool], list[dict[str, Any]]] = collections.defaultdict(list)
    for row in rows:
        groups[row["collection"], row["answerable"]].append(row)
    chosen: list[dict[str, Any]] = []
    for key in sorted(groups):
        group = sorted(groups[key], key=lambda row: str(row["id"]))
        random.Random(SEED).shuffle(group)
        chosen += group[: max(1, round(size * len(group) / len(rows)))]
    random.Random(SEED).shuffle(chosen)
    order = {name: i for i, name in enumerate(dict.fromkeys(documents(row)[0] for row in chosen))}
    return sorted(chosen, key=lambda row: order[documents(row)[0]])


def file_of(document: str) -> str:
    """Return the name of the file that a document (`judging.documents`) is written to."""
    return (
        document
        if Path(document).suffix in (".hwp", ".hwpx")
        else document.removesuffix(".pdf").replace("/", "·")[:80] + ".txt"
    )


def pages(folder: Path) -> list[dict[str, Any]]:
    """Return all pages of the set: id, domain, file, page, text."""
    lines = gzip.decompress((folder / "pages.jsonl.gz").read_bytes()).decode("utf-8").splitlines()
    for name in ("lawtext_pages", "prose_pages"):
        lines += (folder / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def write_library(folder: Path, target: Path) -> None:
    """Write each document of the set to one text file, form feeds between its pages, and copy the files of
    tables.jsonl.
    """
    texts: dict[str, dict[int, str]] = collections.defaultdict(dict)
    for page in pages(folder):
        texts[file_of(f"{page['domain']} - {page['file']}")][int(page["page"])] = page["text"].replace(
            "\f", " "
        )
    for file_name, of_document in texts.items():
        (target / file_name).write_text(
            "\f".join(of_document.get(n, "") for n in range(1, max(of_document) + 1)), encoding="utf-8"
        )
    wanted = {row["doc"] for row in load(folder) if row["collection"] == "tables"}
    for file in sorted([*(folder / "tables").iterdir(), *(folder.parent / "samples").iterdir()]):
        if file.name in wanted:
            shutil.copy(file, target / file.name)
    if missing := wanted - {file.name for file in target.iterdir()}:
        raise FileNotFoundError(
            f"{', '.join(sorted(missing))} not found in {folder / 'tables'} or {folder.parent / 'samples'}"
        )


def library(folder: Path, data: Path) -> Assistant:
    """Return an assistant over all documents of the set, indexed in `data`."""
    target = data / "documents"
    if not target.exists():
        target.mkdir(parents=True)
        write_library(folder, target)
    return indexed(target, data / "index")


def indexed(documents: Path, data: Path) -> Assistant:
    """Return an assistant over a folder of documents, all read."""
    assistant = Assistant(Settings.load(documents=documents, data=data))
    assistant.sync()
    return assistant


def is_free(collection: str, document: str) -> bool:
    """True for a document whose text is free, so that weights trained on it may be passed on: no news,
    columns or commercial reports.
    """
    return collection != "prose" and not document.startswith("commerce")


def columns(rows: Sequence[dict[str, Any]], name: str) -> dict[str, dict[str, str]]:
    """Sum up answers by documents: those that nothing learned from and whose failures nobody may read; those
    that the reader learned from, or whose failures may be read.
    """

    def is_unseen(row: dict[str, Any]) -> bool:
        learned = fold(row) in TRAIN_FOLDS and is_free(row["collection"], documents(row)[0])
        return fold(row) not in DEV_FOLDS and not learned

    unseen = [row for row in rows if is_unseen(row)]
    others = [row for row in rows if not is_unseen(row)]
    return {f"{name}, unseen": summarise(unseen), f"{name}, learned from or read": summarise(others)}


def write_rows(rows: Iterable[dict[str, Any]], file: Path) -> None:
    """Keep answers without their hits."""
    file.write_text(
        "".join(
            json.dumps({k: v for k, v in row.items() if k != "hits"}, ensure_ascii=False) + "\n"
            for row in rows
        ),
        encoding="utf-8",
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--eval", type=Path, default=EVAL)
    parser.add_argument("--sample", type=int, default=300)
    parser.add_argument("--all", action="store_true", help="every question")
    parser.add_argument(
        "--plain", type=int, default=60, help="questions that the plain way is asked, too; 0 for none"
    )
    parser.add_argument("--data", type=Path, help="folder of the library, kept")
    parser.add_argument("--keep", type=Path, help="file of what the models said, kept")
    parser.add_argument("--out", type=Path, default=OUT)
    parser.add_argument(
        "--show", action="store_true", help="print the failures of the folds that may be read"
    )
    parser.add_argument("--write", action="store_true", help="put the table into benchmarks/RESULTS.md")
    arguments = parser.parse_args()
    if not (arguments.eval / "README.md").exists():
        print(
            f"{arguments.eval} is not there: nothing to measure. Name the folder of questions with --eval "
            f"DIR.",
            file=sys.stderr,
        )
        return 2
    rows = load(arguments.eval)
    rows = sample(rows, len(rows) if arguments.all else arguments.sample)
    with tempfile.TemporaryDirectory() as temporary:
        assistant = library(arguments.eval, arguments.data or Path(temporary))
        kept = Kept(arguments.keep) if arguments.keep else None
        if kept:
            kept.attach(assistant)
        else:
            assistant.warm_up()
        answered: list[dict[str, Any]] = []
        before = 0

        def each(row: dict[str, Any]) -> None:
            nonlocal before
            if kept and kept.replayed > before:
                before = kept.replayed
                row["timings"] = {}
            answered.append(row)
            print(f"\r{len(answered)}/{len(rows)} ", end="", file=sys.stderr, flush=True)
            if len(answered) % 20 == 0:
                write_rows(answered, arguments.out)

        evaluate(assistant, rows, each)
        write_rows(answered, arguments.out)
        table = columns(answered, "this program")
        if arguments.plain:
            few = random.Random(SEED).sample(rows, min(arguments.plain, len(rows)))
            ids = {row["id"] for row in few}
            table["this program, the same as the plain way"] = summarise(
                [row for row in answered if row["id"] in ids]
            )
            assistant.models.chat.close()
            plain = Plain(assistant)
            told = [plain.ask(row) for row in few]
            write_rows(told, arguments.out.with_name("unseen_plain.jsonl"))
            table["the plain way"] = summarise(told)
        assistant.close()
    lines = results.table(table)
    print("\n" + "\n".join(lines))
    if arguments.show:
        for row in answered:
            if fold(row) in DEV_FOLDS and row["outcome"] in (
                "claimed and wrong",
                "not claimed, not shown",
                "unanswerable, claimed",
            ):
                print(
                    f"\n[{row['id']}, {row['kind']}] {row['outcome']}\n  {row['question']}\n  → "
                    f"{row['answer'][:400]}\n  = {row['expected']}"
                )
    if arguments.write:
        size = "all questions" if arguments.all else f"a sample of {len(rows)}"
        results.write(
            f"Unseen documents, {size}",
            "python benchmarks/unseen.py" + (" --all" if arguments.all else ""),
            lines,
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
