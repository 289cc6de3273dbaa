"""Measure retrieval on the 720 real pages of ../shared/eval, as a user would get it: each document one file,
synced, searched.

    python benchmarks/retrieval.py [--data DIR]

Prints the share of questions whose right page comes first and among the first 3, and MRR@10, with and
without vectors. Pages are ranked by their best chunk. `--data` keeps the index, so that a second run embeds
nothing.
"""

from __future__ import annotations

import argparse
import collections
import gzip
import json
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from rag.assistant import Assistant
from rag.config import ROOT, Settings
from rag.evaluation import mean_reciprocal_rank, recall_at

EVAL = ROOT.parent / "shared" / "eval"


def write_documents(folder: Path) -> None:
    """Write each document of the set to one text file, form feeds between its pages."""
    documents: dict[str, dict[int, str]] = collections.defaultdict(dict)
    for line in gzip.decompress((EVAL / "pages.jsonl.gz").read_bytes()).decode("utf-8").splitlines():
        page = json.loads(line)
        documents[f"{page['domain']} - {page['file'].removesuffix('.pdf')}.txt"][page["page"]] = page[
            "text"
        ].replace("\f", " ")
    for name, pages in documents.items():
        (folder / name).write_text(
            "\f".join(pages.get(n, "") for n in range(1, max(pages) + 1)), encoding="utf-8"
        )


def ranks(assistant: Assistant, rows: list[dict[str, object]], dense_weight: float) -> list[int | None]:
    """Return the rank of the right page for each question, None where it is not among the hits."""
    assistant.retriever.dense_weight = dense_weight
    found: list[int | None] = []
    for row in rows:
        pages: list[str] = []
        for hit in assistant.search(str(row["question"]), 40).hits:
            page = f"{hit.chunk.path.removesuffix('.txt')}.pdf - {hit.chunk.page}"
            if page not in pages:
                pages.append(page)
        gold = row["pages"]
        assert isinstance(gold, list)
        found.append(next((i for i, page in enumerate(pages, 1) if page in gold), None))
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", help="folder of the index, kept")
    arguments = parser.parse_args()
    if not EVAL.exists():
        print(f"{EVAL} is not there: nothing to measure")
        return 1
    rows = [
        json.loads(line) for line in (EVAL / "questions_dev.jsonl").read_text(encoding="utf-8").splitlines()
    ]
    with tempfile.TemporaryDirectory() as temporary:
        documents = Path(arguments.data or temporary, "documents")
        documents.mkdir(parents=True, exist_ok=True)
        write_documents(documents)
        settings = Settings.load(documents=documents, data=Path(arguments.data or temporary, "data"))
        assistant = Assistant(settings)
        start = time.perf_counter()
        assistant.sync()
        print(f"sync: {time.perf_counter() - start:.1f} s, {assistant.library.catalogue.count()} chunks")
        for name, weight in (
            ("words and meaning", settings.dense_weight),
            ("words alone", 0.0),
            ("meaning alone", 1.0),
        ):
            start = time.perf_counter()
            got = ranks(assistant, rows, weight)
            each = (time.perf_counter() - start) / len(rows)
            print(
                f"{name:18} right page first {recall_at(got, 1):.3f}  in the first 3 {recall_at(got, 3):.3f} "
                f" "
                f"MRR@10 {mean_reciprocal_rank(got):.3f}  {each * 1000:.0f} ms a question"
            )
        assistant.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
