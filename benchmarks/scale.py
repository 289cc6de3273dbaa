"""Measure what a large library costs: reading in, search, one changed file, memory, start, at 1,000, 10,000 and 100,000 chunks.

    python benchmarks/scale.py [--sizes 1000 10000 100000] [--out benchmarks/scale.md]

The texts are the pages of ../shared/eval, varied (other numbers, other order of sentences) until there are enough chunks. Vectors have 768 dimensions and
are drawn from the words, so the embedding model's time is in none of the figures: a question costs its vector on top (85 ms on two cores), a chunk
its own. "After parsing" leaves out the time in the sandbox. Start is that of a new process up to its first search.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent.parent), str(Path(__file__).parent.parent / "tests")]

from conftest import HashedEmbeddings
from langchain_core.documents import Document
from numpy import float32
from numpy.typing import NDArray

from benchmarks.retrieval import EVAL
from rag.config import Settings
from rag.index import Library
from rag.loaders.sandbox import Sandbox
from rag.retrieval import HybridRetriever

PAGES_A_FILE = 20
SEARCHES = 100


class Drawn(HashedEmbeddings):
    """Vectors drawn from the words, of the size of the real model's."""

    dim = 768

    def vectors(self, texts, titles=None) -> NDArray[float32]:  # type: ignore[no-untyped-def]
        result = super().vectors(texts, titles)
        self.embedded.clear()
        return result


class Timed:
    """Counts the seconds that files spend in the sandbox."""

    def __init__(self) -> None:
        self.seconds = 0.0
        load = Sandbox.load

        def timed(sandbox: Sandbox, path: Path, root: Path) -> list[Document]:
            start = time.perf_counter()
            try:
                return load(sandbox, path, root)
            finally:
                self.seconds += time.perf_counter() - start

        Sandbox.load = timed  # type: ignore[method-assign]


def pages() -> list[str]:
    with gzip.open(EVAL / "pages.jsonl.gz", "rt", encoding="utf-8") as file:
        return [str(json.loads(line)["text"]) for line in file]


def varied(text: str, rng: random.Random) -> str:
    """Return a page with other digits and its lines in another order."""
    lines = text.split("\n")
    rng.shuffle(lines)
    return re.sub(r"\d", lambda match: str((int(match[0]) + rng.randrange(10)) % 10), "\n".join(lines))


def memory_mb() -> float:
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1]) / 1024


def p95(values: list[float]) -> float:
    return sorted(values)[round(0.95 * (len(values) - 1))]


START = """
import sys, time
start = time.perf_counter()
sys.path[:0] = [{root!r}, {tests!r}]
from benchmarks.scale import Drawn
from rag.config import Settings
from rag.index import Library
from rag.retrieval import HybridRetriever
library = Library(Settings.load(documents={documents!r}, data={data!r}), Drawn())
HybridRetriever(library=library).find("예산은 얼마인가요?")
print(time.perf_counter() - start)
"""


def measure(size: int, texts: list[str], questions: list[str], folder: Path, parsing: Timed) -> dict[str, float]:
    rng = random.Random(size)
    documents = folder / "documents"
    documents.mkdir()
    settings = Settings.load(documents=documents, data=folder / "data")
    library = Library(settings, None)
    chars = files = 0
    seconds = parsing.seconds = 0.0
    while library.catalogue.count() < size:
        missing = max(1, (size - library.catalogue.count()) // (PAGES_A_FILE * 6))
        for _ in range(min(missing, 200)):
            text = "\n\n".join(varied(texts[rng.randrange(len(texts))], rng) for _ in range(PAGES_A_FILE))
            (documents / f"{files:05}.txt").write_text(text, encoding="utf-8")
            chars += len(text)
            files += 1
        start = time.perf_counter()
        library.sync()
        seconds += time.perf_counter() - start
    parsed_s = parsing.seconds
    library.close()
    embeddings = Drawn()
    library = Library(settings, embeddings)
    start = time.perf_counter()
    library.sync()
    vectors_s = time.perf_counter() - start
    retriever = HybridRetriever(library=library)
    for question in questions[:5]:
        retriever.find(question)
    times = []
    for i in range(SEARCHES):
        question = questions[i % len(questions)]
        embeddings.query(question)
        start = time.perf_counter()
        retriever.find(question)
        times.append(time.perf_counter() - start)
    changed = documents / "00000.txt"
    changed.write_text(changed.read_text(encoding="utf-8") + "\n새 문장이다.\n", encoding="utf-8")
    start = time.perf_counter()
    library.sync()
    changed_s = time.perf_counter() - start
    result = {
        "chunks": library.catalogue.count(),
        "files": files,
        "pages of 800 characters a second, words": chars / 800 / seconds,
        "the same, after parsing": chars / 800 / (seconds - parsed_s),
        "search, median ms": 1000 * statistics.median(times),
        "search, p95 ms": 1000 * p95(times),
        "one changed file, s": changed_s,
        "vectors into Chroma, s": vectors_s,
        "memory, MB": memory_mb(),
    }
    library.close()
    root = Path(__file__).parent.parent
    script = START.format(root=str(root), tests=str(root / "tests"), documents=str(documents), data=str(folder / "data"))
    result["start to first search, s"] = float(subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout)
    return result


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="*", default=[1000, 10_000, 100_000])
    parser.add_argument("--out", default=str(Path(__file__).parent / "scale.md"))
    arguments = parser.parse_args()
    if not EVAL.exists():
        print(f"{EVAL} is not there: nothing to measure")
        return 1
    texts = pages()
    questions = [json.loads(line)["question"] for line in (EVAL / "questions_dev.jsonl").read_text(encoding="utf-8").splitlines()]
    rows = []
    parsing = Timed()
    for size in arguments.sizes:
        with tempfile.TemporaryDirectory() as temporary:
            rows.append(measure(size, texts, questions, Path(temporary), parsing))
        print(json.dumps(rows[-1]), flush=True)
    lines = ["| | " + " | ".join(f"{row['chunks']:,.0f} chunks" for row in rows) + " |", "|---" * (len(rows) + 1) + "|"]
    lines += ["| " + " | ".join([name, *(f"{row[name]:,.1f}" for row in rows)]) + " |" for name in rows[0] if name != "chunks"]
    Path(arguments.out).write_text("# Cost against size (`python benchmarks/scale.py`)\n\n" + "\n".join(lines) + "\n", encoding="utf-8")
    print("\n".join(lines))
    return 0


if __name__ == "__main__":
    sys.exit(main())
