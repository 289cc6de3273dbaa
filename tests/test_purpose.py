"""What a question is after is known by its meaning, in whatever words."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from rag.config import ROOT
from rag.errors import ConfigError
from rag.model.embedding import LocalEmbeddings
from rag.model.weights import ModelStore
from rag.question.purpose import Purpose, purpose

LINES = (ROOT / "tests" / "eval" / "purpose.jsonl").read_text(encoding="utf-8").splitlines()
HALF = [row for row in map(json.loads, LINES) if len(row["text"]) % 2]  # embedding all takes a minute


@pytest.mark.parametrize(
    "text", ["{}", "[]", '{"about": {}}', '{"gossip": {"weights": [1.0], "bias": 0}}', "{"]
)
def test_weights_that_cannot_be_read_are_told(tmp_path: Path, text: str) -> None:
    (tmp_path / "weights.json").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=r"weights\.json"):
        purpose(np.zeros(768, np.float32), tmp_path / "weights.json")


def test_what_is_not_sure_is_after_what_documents_say(tmp_path: Path) -> None:
    file = tmp_path / "weights.json"
    weights = {"list": {"weights": [1.0, 0.0], "bias": -0.5}, "source": {"weights": [0.0, 1.0], "bias": -0.6}}
    file.write_text(json.dumps(weights), encoding="utf-8")
    vectors = ([1.0, 0.0], [0.0, 1.0], [0.9, 0.9], [0.4, 0.5])
    found = [purpose(np.array(vector, np.float32), file) for vector in vectors]
    assert found == [Purpose.LIST, Purpose.SOURCE, Purpose.LIST, Purpose.CONTENT]


@pytest.fixture(scope="module")
def embeddings(models: ModelStore) -> Iterator[LocalEmbeddings]:
    opened = LocalEmbeddings(models.path("embedding"), "embeddinggemma-300m")
    yield opened
    opened.close()


@pytest.mark.model
def test_what_somebody_asks_who_taught_nothing_is_mostly_known(embeddings: LocalEmbeddings) -> None:
    told = Counter((row["purpose"], purpose(embeddings.query(row["text"]))) for row in HALF)
    for asked in Purpose:
        known = told[asked, asked] / sum(n for (truth, _), n in told.items() if truth == asked)
        assert known >= (0.95 if asked is Purpose.CONTENT else 0.6), told


@pytest.mark.model
def test_that_a_matter_has_the_name_of_a_document_makes_no_question_about_documents_of_it(
    embeddings: LocalEmbeddings,
) -> None:
    asked = """
마을버스 개편안이 왜 필요하다고 해?
마을버스 개편안은 언제부터 시작해?
마을버스 개편안에 반대하는 의견은?
마을버스 개편 때문에 뭐가 달라져?
버스 요금은 언제부터 오르나요?
이 계획은 누가 세웠어?
위원장이 반대한 이유가 뭐야
우리 회사는 서류를 몇 장 내야 해?
정규직이랑 계약직은 휴가가 어떻게 달라?
센터 위치가 어디야?
첨부할 서류가 뭐뭐야?
작년 수출이랑 올해 수출 비교해줘
이 통계는 어디서 조사한 거야?
""".strip().splitlines()
    found = {question: purpose(embeddings.query(question)) for question in asked}
    assert set(found.values()) == {Purpose.CONTENT}, found
