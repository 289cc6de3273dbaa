"""Questions with the passages that the program would read for them, labelled: what the evidence model learns
from and is measured on.

Needs a folder of questions like that of `benchmarks/unseen.py`. `questions.jsonl` holds more of them about
the free documents of TRAIN_FOLDS in that folder, written for training alone; its evidence is given as places
in a page's text without white space. `sheets/` holds invented documents with tables and questions on their
rows (`sheets/questions.jsonl`): evidence is a row as it stands in the file. `texts/` holds invented documents
of many genres, without tables, and plain people's questions on them: evidence is sentences. Passages are
found as the program finds them.
"""

from __future__ import annotations

import gzip
import json
import sys
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from benchmarks import unseen
from benchmarks.unseen import TRAIN_FOLDS as TRAIN_FOLDS  # the others are for calibration and figures
from rag.assistant import Assistant
from rag.judging import documents, fold
from rag.library import passages
from rag.text import korean
from rag.types import Passage

QUESTIONS = Path(__file__).parent / "questions.jsonl"
SHEETS = Path(__file__).parent / "sheets"
TEXTS = Path(__file__).parent / "texts"
FOUND = 14  # hits whose passages are kept


class Source(StrEnum):
    """Where questions come from: the folder of questions, `questions.jsonl`, `sheets/`, `texts/`."""

    FOLDER = "samples"
    OURS = "ours"
    SHEETS = "sheets"
    TEXTS = "texts"


@dataclass
class Candidate:
    """A passage for a question.

    Attributes:
        sentences: (start, end) of each. labels: 1 where it answers. answers: whether the passage does. rank:
            from 0, None where it was not found.
        score: see `rag.types.Hit`.
    """

    path: str
    context: str
    text: str
    sentences: list[tuple[int, int]]
    labels: list[int]
    answers: bool
    rank: int | None
    score: float


@dataclass
class Sample:
    """A question and its candidates, best first; behind them passages that answer and were not found."""

    id: str
    collection: str
    kind: str
    question: str
    answerable: bool
    fold: int
    document: str
    spans: list[str]
    candidates: list[Candidate] = field(default_factory=list)

    @property
    def free(self) -> bool:
        """True where the texts are free (`unseen.is_free`)."""
        return unseen.is_free(self.collection, self.document)


def flat(text: str) -> str:
    """Return a text without blanks."""
    return "".join(text.split())


def holds_evidence(row: dict[str, Any], text: str) -> bool:
    """True where a text without blanks holds a piece of a row's evidence, or is one; of a table's row most
    of the cells.
    """
    pieces = [flat(piece) for piece in row.get("evidence") or ()]
    if rows := row.get("rows"):
        return any(sum(flat(cell) in text for cell in cells) >= 0.8 * len(cells) for cells in rows)
    if row.get("doc"):
        return sum(piece in text for piece in pieces) >= 0.8 * len(pieces)
    return any(piece in text or text in piece for piece in pieces)


def label(row: dict[str, Any], text: str, sentences: list[tuple[int, int]]) -> list[int]:
    """Return 1 for each sentence of a passage of the right document that answers: it holds the shortest
    words that do, amid the evidence.
    """
    spans = [flat(span) for span in row.get("spans") or ()]
    evidence = [flat(piece) for piece in row.get("evidence") or ()]
    whole = flat(text)
    if not (any(span in whole for span in spans) and holds_evidence(row, whole)):
        return [0] * len(sentences)
    said = [flat(text[a:b]) for a, b in sentences]
    labels = [int(any(span in one for span in spans) and holds_evidence(row, one)) for one in said]
    return (
        labels
        if any(labels)
        else [int(any(piece in one or one in piece for piece in evidence)) for one in said]
    )


def own(folder: Path) -> list[dict[str, Any]]:
    """Return the questions of QUESTIONS with the words of the folder's pages that they point at."""
    pages = {page["id"]: flat(page["text"]) for page in unseen.pages(folder)}
    rows = [json.loads(line) for line in QUESTIONS.read_text(encoding="utf-8").splitlines()]
    for row in rows:
        (page,) = row["pages"]
        row.update(
            {name: [pages[page][a:b] for a, b in row[name]] for name in ("evidence", "spans")},
            collection=page.split(" - ")[0],
            seen=pages[page],
        )
    return rows


def of_sheets() -> list[dict[str, Any]]:
    """Return the questions on SHEETS; "rows" are the cells of each row, or the sentence, that answers."""
    lines = (SHEETS / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    for row in rows:
        cells = [[cell.strip() for cell in piece.strip("|").split("|")] for piece in row["evidence"]]
        row.update(rows=[list(filter(None, each)) for each in cells], collection="sheets")
    return rows


def of_texts() -> list[dict[str, Any]]:
    """Return the questions on TEXTS."""
    lines = (TEXTS / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    for row in rows:
        document = row.pop("doc")
        text = (TEXTS / document).read_text(encoding="utf-8")
        row.update(paths=[document], collection="texts", seen=flat(text))
    return rows


def known(sample: Sample, seen: str) -> list[Candidate]:
    """Return the candidates of which it is known whether they answer: for a question without an answer those
    of the page that its writer saw, as others may hold one.
    """
    return [
        c
        for c in sample.candidates
        if sample.answerable or sum(flat(c.text[a:b]) in seen for a, b in c.sentences) > len(c.sentences) / 2
    ]


def collect(assistant: Assistant, rows: Sequence[dict[str, Any]]) -> list[Sample]:
    """Return questions about an assistant's documents with their candidates, and close it."""
    catalogue = assistant.library.catalogue
    by_document: dict[str, list[Passage]] = defaultdict(list)
    for passage in passages.of_library(catalogue):
        by_document[passage.chunk.path].append(passage)
    samples = []
    for row in rows:
        files = {unseen.file_of(document) for document in documents(row)} | set(documents(row))

        def candidate(
            passage: Passage, rank: int | None, row: dict[str, Any] = row, files: set[str] = files
        ) -> Candidate:
            sentences = korean.sentences(passage.text)
            right = row["answerable"] and passage.chunk.path in files
            labels = label(row, passage.text, sentences) if right else [0] * len(sentences)
            return Candidate(
                passage.chunk.path,
                passage.chunk.context,
                passage.text,
                sentences,
                labels,
                any(labels),
                rank,
                passage.hit.score,
            )

        sample = Sample(
            str(row["id"]),
            row["collection"],
            row["kind"],
            row["question"],
            row["answerable"],
            fold(row),
            documents(row)[0],
            list(row.get("spans") or ()),
        )
        found = passages.of_hits(catalogue, assistant.search(row["question"], FOUND).hits)
        sample.candidates = [candidate(passage, rank) for rank, passage in enumerate(found)]
        if row["answerable"] and not any(c.answers for c in sample.candidates):
            others = (candidate(passage, None) for file in files for passage in by_document[file])
            sample.candidates += [c for c in others if c.answers][:2]
        if row.get("seen"):
            sample.candidates = known(sample, row["seen"])
        samples.append(sample)
    assistant.close()
    return samples


def samples(folder: Path, work: Path, source: Source = Source.FOLDER) -> list[Sample]:
    """Return questions as `collect` does; from a file in `work` where it was written before."""
    file = work / f"{source}.jsonl.gz"
    if not file.exists():
        work.mkdir(parents=True, exist_ok=True)
        match source:
            case Source.FOLDER:
                found = collect(unseen.library(folder, work), unseen.load(folder))
            case Source.OURS:
                found = collect(unseen.library(folder, work), own(folder))
            case Source.SHEETS:
                found = collect(unseen.indexed(SHEETS, work / "sheets"), of_sheets())
            case Source.TEXTS:
                found = collect(unseen.indexed(TEXTS, work / "texts"), of_texts())
        file.write_bytes(
            gzip.compress(
                "\n".join(json.dumps(asdict(sample), ensure_ascii=False) for sample in found).encode()
            )
        )
    rows = [json.loads(line) for line in gzip.decompress(file.read_bytes()).decode().splitlines()]
    return [
        Sample(
            **{
                **row,
                "candidates": [
                    Candidate(**{**c, "sentences": [(a, b) for a, b in c["sentences"]]})
                    for c in row["candidates"]
                ],
            }
        )
        for row in rows
    ]
