"""Measure what a large library costs: reading in, search, one changed file, memory, start, at 1,000, 10,000
and 100,000 chunks.

    python benchmarks/scale.py [--sizes 1000 10000 100000] [--out benchmarks/scale.md] [--folder FOLDER]

The texts are the pages of ../shared/eval, varied (other numbers, other order of lines) until there are
enough chunks. Vectors of 768 dimensions are drawn around 2,000 centres, so that a library of 100,000 need
not be embedded for two hours; the embedding model itself is run for the question's vector where a figure
says so. "After parsing" leaves out the time in the sandbox. Start is that of a new process up to its first
search (seven times), as `python -m rag search` does it but for the embedding model, whose loading depends on
no size; the memory of a process that searches is taken after all questions, together with that of the
analyser and the embedding model (but not of the chat model). The table goes to --out, the plot beside it
(.svg). --folder keeps the libraries and what making them cost, so that a second run only searches.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import math
import random
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

import numpy as np
from langchain_core.documents import Document
from numpy.typing import NDArray

from benchmarks.retrieval import EVAL
from rag.config import Settings
from rag.ingest.library import Library
from rag.ingest.loaders.sandbox import Sandbox
from rag.model.embedding import LEADING, LocalEmbeddings
from rag.model.weights import ModelStore
from rag.question.wording import Wording
from rag.search.retriever import HybridRetriever

PAGES_A_FILE = 20
SEARCHES = 100
STARTS = 7
CENTRES = 2000


class Drawn(LocalEmbeddings):
    """Vectors drawn by a text's hash around one of CENTRES directions. `real`: a model to run for each
    question all the same.
    """

    dim = 768

    def __init__(self, real: LocalEmbeddings | None = None) -> None:
        super().__init__(Path("nowhere"), "drawn")
        self.real, self.leading = real, LEADING
        self.asking = False  # whether the model is run

    def begin(self) -> None:
        if self.real:
            self.real.begin()

    def vectors(self, texts: Sequence[str], titles: Sequence[str] | None = None) -> NDArray[np.float32]:
        return np.stack([self._drawn(text) for text in texts])

    def query(self, text: str) -> NDArray[np.float32]:
        if self.real and self.asking:
            self.real.query(text)
        return self._drawn(text)

    def _drawn(self, text: str) -> NDArray[np.float32]:
        seed = int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")
        centre = np.random.default_rng(seed % CENTRES).standard_normal(self.dim, np.float32)
        vector: NDArray[np.float32] = centre + 0.7 * np.random.default_rng(seed).standard_normal(
            self.dim, np.float32
        )
        return vector / np.linalg.norm(vector)


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


def p95(values: list[float]) -> float:
    return sorted(values)[round(0.95 * (len(values) - 1))]


START = """
import sys, time
start = time.perf_counter()
sys.path.insert(0, {root!r})
from rag.text import korean
korean.begin()
from benchmarks.scale import Drawn
from rag.config import Settings
from rag.ingest.library import Library
from rag.question.wording import Wording
from rag.search.retriever import HybridRetriever
library = Library(Settings.load(documents={documents!r}, data={data!r}), Drawn())
library.warm_up()
HybridRetriever.over(library).find(Wording("예산은 얼마인가요?"))
print(time.perf_counter() - start)
library.close()
"""
SEARCHING = """
import sys
sys.path.insert(0, {root!r})
from benchmarks.processes import memory_mb
from benchmarks.scale import Drawn, asked, real_embeddings
from rag.config import Settings
from rag.ingest.library import Library
from rag.question.wording import Wording
from rag.search.retriever import HybridRetriever
embeddings = Drawn(real_embeddings())
embeddings.asking = True
retriever = HybridRetriever.over(Library(Settings.load(documents={documents!r}, data={data!r}), embeddings))
for question in asked():
    retriever.find(Wording(question))
print(memory_mb())
"""


def build(size: int, texts: list[str], settings: Settings, parsing: Timed) -> dict[str, float]:
    """Make a library; return what that cost."""
    rng = random.Random(size)
    settings.documents.mkdir(parents=True)
    library = Library(settings, None)
    chars = files = 0
    seconds = parsing.seconds = 0.0
    while library.catalogue.count() < size:
        missing = max(1, (size - library.catalogue.count()) // (PAGES_A_FILE * 6))
        for _ in range(min(missing, 200)):
            text = "\n\n".join(varied(texts[rng.randrange(len(texts))], rng) for _ in range(PAGES_A_FILE))
            (settings.documents / f"{files:05}.txt").write_text(text, encoding="utf-8")
            chars += len(text)
            files += 1
        start = time.perf_counter()
        library.sync()
        seconds += time.perf_counter() - start
    parsed_s = parsing.seconds
    library.close()
    library = Library(settings, Drawn())
    start = time.perf_counter()
    library.sync()
    vectors_s = time.perf_counter() - start
    chunks = library.catalogue.count()
    library.close()
    return {
        "chunks": chunks,
        "files": files,
        "pages of 800 characters a second, words": chars / 800 / seconds,
        "the same, after parsing": chars / 800 / (seconds - parsed_s),
        "vectors into Chroma, s": vectors_s,
    }


def measure(settings: Settings, questions: list[str], real: LocalEmbeddings) -> dict[str, float]:
    """Search a library, change one of its files, start it anew."""
    embeddings = Drawn(real)
    library = Library(settings, embeddings)
    library.sync()
    retriever = HybridRetriever.over(library)
    seconds_of: dict[bool, list[float]] = {False: [], True: []}
    for embeddings.asking, times in seconds_of.items():
        for question in questions[:5]:
            retriever.find(Wording(question))
        for i in range(SEARCHES):
            start = time.perf_counter()
            retriever.find(Wording(questions[i % len(questions)]))
            times.append(time.perf_counter() - start)
    changed = settings.documents / "00000.txt"
    changed.write_text(changed.read_text(encoding="utf-8") + "\n새 문장이다.\n", encoding="utf-8")
    start = time.perf_counter()
    library.sync()
    result = {
        "search, median ms": 1000 * statistics.median(seconds_of[False]),
        "search, p95 ms": 1000 * p95(seconds_of[False]),
        "search with the question's embedding, median ms": 1000 * statistics.median(seconds_of[True]),
        "search with the question's embedding, p95 ms": 1000 * p95(seconds_of[True]),
        "one changed file, s": time.perf_counter() - start,
        "data folder, MB": sum(file.stat().st_size for file in settings.data.rglob("*") if file.is_file())
        / 1e6,
    }
    library.close()
    places = {
        "root": str(Path(__file__).parent.parent),
        "documents": str(settings.documents),
        "data": str(settings.data),
    }
    starts = [ran(START, places) for _ in range(STARTS)]
    result["start to first search, median s"] = statistics.median(starts)
    result["start to first search, the longest s"] = max(starts)
    result["memory of a process that searches, MB"] = ran(SEARCHING, places)
    return result


def ran(script: str, places: dict[str, str]) -> float:
    """Return the number that a script prints in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", script.format(**places)], capture_output=True, text=True, check=True
    )
    return float(done.stdout)


def asked() -> list[str]:
    return [
        json.loads(line)["question"]
        for line in (EVAL / "questions_dev.jsonl").read_text(encoding="utf-8").splitlines()
    ]


def real_embeddings() -> LocalEmbeddings:
    settings = Settings.load()
    return LocalEmbeddings(
        ModelStore(settings.models_dir).path(settings.embedding_model), settings.embedding_model
    )


def plot(rows: Sequence[dict[str, float]]) -> str:
    """Draw cost against size, both axes logarithmic: what a person waits for in ms, memory in MB."""
    curves = [
        ("search, p95, ms", "#0b6e4f", [row["search, p95 ms"] for row in rows]),
        (
            "with the question's embedding, p95, ms",
            "#3d5a98",
            [row["search with the question's embedding, p95 ms"] for row in rows],
        ),
        ("one changed file, ms", "#b5541c", [1000 * row["one changed file, s"] for row in rows]),
        (
            "start to first search, ms",
            "#7a3b8f",
            [1000 * row["start to first search, median s"] for row in rows],
        ),
        ("memory, MB", "#555555", [row["memory of a process that searches, MB"] for row in rows]),
    ]
    sizes = [row["chunks"] for row in rows]
    low, high = 0, math.ceil(math.log10(max(max(values) for _, _, values in curves)))

    def x(size: float) -> float:
        span = math.log10(max(sizes) / min(sizes)) or 1.0
        return 70 + 420 * math.log10(size / min(sizes)) / span

    def y(value: float) -> float:
        return 340 - 320 * (math.log10(max(value, 1)) - low) / (high - low)

    parts = [
        f'<line x1="70" x2="490" y1="{y(10**k):.0f}" y2="{y(10**k):.0f}" stroke="#ddd"/>'
        for k in range(low, high + 1)
    ]
    parts += [
        f'<text x="62" y="{y(10**k) + 4:.0f}" text-anchor="end">{10**k:,}</text>'
        for k in range(low, high + 1)
    ]
    parts += [
        f'<text x="{x(size):.0f}" y="362" text-anchor="middle">{size:,.0f} chunks</text>' for size in sizes
    ]
    last = math.inf
    for name, colour, values in sorted(curves, key=lambda curve: curve[2][-1]):
        points = " ".join(f"{x(size):.0f},{y(value):.0f}" for size, value in zip(sizes, values, strict=True))
        last = min(y(values[-1]) + 4, last - 16)
        parts.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts.append(f'<text x="498" y="{last:.0f}" fill="{colour}">{name}: {values[-1]:,.0f}</text>')
    style = 'font-family="sans-serif" font-size="12"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 800 375" {style}><rect width="800" '
        f'height="375" fill="white"/>{"".join(parts)}</svg>\n'
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="*", default=[1000, 10_000, 100_000])
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--out", default=str(Path(__file__).parent / "scale.md"))
    arguments = parser.parse_args()
    if not EVAL.exists():
        print(f"{EVAL} is not there: nothing to measure")
        return 1
    texts = pages()
    questions = asked()
    real = real_embeddings()
    real.warm_up()
    rows = []
    parsing = Timed()
    for size in arguments.sizes:
        with tempfile.TemporaryDirectory() as temporary:
            folder = (arguments.folder or Path(temporary)) / str(size)
            settings, built = (
                Settings.load(documents=folder / "documents", data=folder / "data"),
                folder / "built.json",
            )
            if not built.exists():
                built.write_text(json.dumps(build(size, texts, settings, parsing)), encoding="utf-8")
            rows.append(json.loads(built.read_text(encoding="utf-8")) | measure(settings, questions, real))
        print(json.dumps(rows[-1]), flush=True)
    lines = [
        "| | " + " | ".join(f"{row['chunks']:,.0f} chunks" for row in rows) + " |",
        "|---" * (len(rows) + 1) + "|",
    ]
    lines += [
        "| " + " | ".join([name, *(f"{row[name]:,.1f}" for row in rows)]) + " |"
        for name in rows[0]
        if name != "chunks"
    ]
    Path(arguments.out).write_text(
        "# Cost against size (`python benchmarks/scale.py`)\n\n" + "\n".join(lines) + "\n", encoding="utf-8"
    )
    Path(arguments.out).with_suffix(".svg").write_text(plot(rows), encoding="utf-8")
    print("\n".join(lines))
    return 0


if __name__ == "__main__":
    sys.exit(main())
