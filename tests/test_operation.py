"""What a question wants of a table's figures is known by its meaning; a table then answers without the chat model."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from makers import BUDGET
from test_tables import PRICES

from rag.assistant import Assistant
from rag.config import ROOT, Settings
from rag.errors import ConfigError
from rag.model.embedding import LocalEmbeddings
from rag.model.weights import ModelStore
from rag.question.operation import Operation, operation
from rag.serialise import answer_json
from rag.types import Status

LINES = (ROOT / "models" / "reader" / "sheets" / "questions.jsonl").read_text(encoding="utf-8").splitlines()
KINDS = {"largest-smallest": {Operation.LARGEST, Operation.SMALLEST}, "cell-period": {Operation.VALUE}}


def test_what_is_not_sure_is_none_and_damaged_weights_are_told(tmp_path: Path) -> None:
    file = tmp_path / "weights.json"
    weights = {"sum": {"weights": [3.0, 0.0], "bias": 0.0}, "none": {"weights": [0.0, 0.0], "bias": 0.0}}
    file.write_text(json.dumps(weights | {"value": {"weights": [0.0, 3.0], "bias": 0.0}}), encoding="utf-8")
    found = [operation(np.array(v, np.float32), file) for v in ([1.0, 0.0], [0.0, 1.0], [0.5, 0.5])]
    assert found == [Operation.SUM, Operation.VALUE, Operation.NONE]
    damaged = tmp_path / "damaged.json"
    damaged.write_text('{"gossip": {"weights": [1.0], "bias": 0}}', encoding="utf-8")
    with pytest.raises(ConfigError, match=r"damaged\.json"):
        operation(np.zeros(2, np.float32), damaged)


@pytest.mark.model
def test_questions_of_a_writer_who_taught_nothing_are_mostly_known(models: ModelStore) -> None:
    embeddings = LocalEmbeddings(models.path("embedding"), "embeddinggemma-300m")
    told: Counter[tuple[str, bool]] = Counter()
    for row in map(json.loads, LINES):
        if row["kind"] in KINDS:
            told[row["kind"], operation(embeddings.query(row["question"])) in KINDS[row["kind"]]] += 1
    embeddings.close()
    for kind in KINDS:
        assert told[kind, True] >= 0.6 * (told[kind, True] + told[kind, False]), told


@pytest.fixture(scope="module")
def budget(models: ModelStore, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Assistant]:
    folder = tmp_path_factory.mktemp("budget")
    (folder / "documents").mkdir()
    (folder / "documents" / "살림.md").write_text(BUDGET + PRICES, encoding="utf-8")
    assistant = Assistant(Settings.load(documents=folder / "documents", data=folder / "data"))
    assistant.sync()
    yield assistant
    assistant.close()


@pytest.mark.model
@pytest.mark.parametrize(
    ("question", "said", "rows", "cells"),
    [
        ("2025년 예산이 제일 많은 부서는 어디야?", "복지국입니다: 1,405.5억 원", ["복지국"], ["1,405.5"]),
        (
            "2024년 교통국이랑 환경국 예산 합치면 얼마야?",
            "1,120.0억 원입니다",
            ["교통국", "환경국"],
            ["800.0", "320.0"],
        ),
        (
            "교통국 예산 2023년에서 2024년에 늘었어 줄었어?",
            "줄었습니다: 2023년 840.0억 원, 2024년 800.0억 원",
            ["교통국"],
            ["840.0", "800.0"],
        ),
    ],
)
def test_a_table_answers_with_its_own_rows(
    budget: Assistant, question: str, said: str, rows: list[str], cells: list[str]
) -> None:
    answer = budget.ask(question)
    assert answer.status is Status.ANSWERED and said in answer.text, answer.text
    assert answer.text.startswith("표 1. 부서별 예산 – ")
    assert not answer.model and answer.timings.generated_tokens == 0
    text = budget.library.catalogue.text(budget.library.documents()[0].id)
    assert [c.quote.split(" | ")[0].removeprefix("부서: ") for c in answer.citations] == rows
    assert all(text[c.start : c.end] == c.quote for c in answer.citations)
    assert [c["cells"] for c in answer_json(answer)["citations"]] == [c.cells for c in answer.citations]
    assert [text[a:b] for c in answer.citations for a, b in c.cells] == cells


@pytest.mark.model
@pytest.mark.parametrize(
    "question", ["2026년 예산이 제일 많은 부서는?", "문화국하고 교통국 2024년 예산 합치면?"]
)
def test_what_the_table_lacks_is_not_stated(budget: Assistant, question: str) -> None:
    answer = budget.ask(question)
    assert "값이 가장 큰 것은" not in answer.text and "더하면" not in answer.text, answer.text
