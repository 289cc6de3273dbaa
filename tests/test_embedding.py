"""The embedding model in its process: the vectors are the model's own, and its death is one sentence and a new start."""

from __future__ import annotations

import base64
import os
import signal
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from rag.caches import forget
from rag.errors import ModelError
from rag.model.embedding import LocalEmbeddings
from rag.model.weights import ModelStore


@pytest.fixture(scope="module")
def embeddings(models: ModelStore) -> LocalEmbeddings:
    return LocalEmbeddings(models.path("embedding"), "embedding")


def pid_of(embeddings: LocalEmbeddings) -> int:
    assert embeddings._service._child
    return embeddings._service._child.pid


def test_a_folder_that_is_no_model_is_named_with_the_command(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{", encoding="utf-8")
    with pytest.raises(ModelError, match=r"could not be loaded \(.+\)\. Run: python -m rag models verify"):
        LocalEmbeddings(tmp_path, "broken").query("가")


def test_no_texts_need_no_model(tmp_path: Path) -> None:
    assert len(LocalEmbeddings(tmp_path, "nowhere").vectors([])) == 0


def test_a_question_goes_before_the_passages_of_a_sync(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    embeddings, asked = LocalEmbeddings(tmp_path, "nowhere"), []

    def ask(request: dict[str, list[str]], *, urgent: bool) -> dict[str, str]:
        asked.append((len(request["texts"]), urgent))
        return {"vectors": base64.b64encode(bytes(8 * len(request["texts"]))).decode()}

    monkeypatch.setattr(embeddings._service, "ask", ask)
    embeddings.vectors(["가", "나"])
    embeddings.query("가")
    assert asked == [(2, False), (1, True)]


@pytest.mark.model
def test_vectors_are_those_of_sentence_transformers(embeddings: LocalEmbeddings) -> None:
    from rag.model.encoder import Encoder

    texts = ["도서관은 밤 10시까지 연다.", "심야버스는 12개 노선이다. " * 20, ""]
    vectors = embeddings.vectors(texts, ["도서관", "", ""])
    prompted = [
        f"title: {title} | text: {text}"
        for title, text in zip(("도서관", "none", "none"), texts, strict=True)
    ]
    plain = Encoder(embeddings.folder).model.encode(prompted, normalize_embeddings=True)
    assert vectors.shape == plain.shape == (3, 768) and vectors.dtype == np.float32
    lengths = np.linalg.norm(vectors, axis=1)  # bfloat16 has three digits
    assert (
        np.allclose(lengths, 1, atol=1e-2)
        and (np.sum(vectors * plain, axis=1) / (lengths * np.linalg.norm(plain, axis=1)) > 0.999).all()
    )


@pytest.mark.model
def test_threads_get_each_its_own_answer(embeddings: LocalEmbeddings) -> None:
    texts = ["예산", "도서관", "심야버스", "인공지능"]
    alone = [embeddings.query(text) for text in texts]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(embeddings.query, texts * 3))
    assert all(np.allclose(together[i], alone[i % 4], atol=1e-2) for i in range(12))


@pytest.mark.model
def test_a_killed_model_is_said_and_started_anew(embeddings: LocalEmbeddings) -> None:
    before = embeddings.query("예산")
    first = pid_of(embeddings)
    os.kill(first, signal.SIGKILL)
    forget()  # the vector, which is remembered
    try:
        after = embeddings.query("예산")  # its end was noticed before the question
    except ModelError as error:
        assert "signal 9" in str(error) and "started anew" in str(error)
        after = embeddings.query("예산")
    assert pid_of(embeddings) != first and np.allclose(before, after, atol=1e-2)


@pytest.mark.model
def test_closing_frees_the_process(embeddings: LocalEmbeddings) -> None:
    embeddings.begin()
    pid = pid_of(embeddings)
    embeddings.close()
    assert not Path(f"/proc/{pid}").exists()
    assert embeddings.query("다시").shape == (768,)
    embeddings.close()


@pytest.mark.model
def test_the_vector_of_a_question_is_made_once(embeddings: LocalEmbeddings) -> None:
    assert embeddings.query("도서관 여는 시간") is embeddings.query("도서관 여는 시간")
