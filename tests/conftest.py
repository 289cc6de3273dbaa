"""Fixtures: no test reaches beyond this machine; small libraries; the real models, fetched once, for tests marked `model`."""

from __future__ import annotations

import hashlib
import os
import socket
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from rag.assistant import Assistant
from rag.config import ROOT, Settings
from rag.ingest.library import Library
from rag.model.embedding import LocalEmbeddings
from rag.model.weights import ModelStore
from rag.text.korean import morphemes

SHARED = ROOT.parent / "shared"


@pytest.fixture(autouse=True)
def loopback_only(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fail whatever tries to reach another machine."""
    real = socket.socket.connect

    def connect(self: socket.socket, address: Any) -> Any:
        if self.family != socket.AF_UNIX and address[0] not in ("127.0.0.1", "::1", "localhost"):
            raise AssertionError(f"a connection to {address} was tried")
        return real(self, address)

    monkeypatch.setattr(socket.socket, "connect", connect)


class HashedEmbeddings(LocalEmbeddings):
    """Deterministic vectors: each morpheme adds a direction of its own, drawn from its SHA-256."""

    dim = 32

    def __init__(self) -> None:
        super().__init__(Path("nowhere"), "hashed")
        self.embedded: list[str] = []

    def vectors(self, texts: Sequence[str], titles: Sequence[str] | None = None) -> NDArray[np.float32]:
        self.embedded += texts
        return np.stack([self.query(text) for text in texts])

    def query(self, text: str) -> NDArray[np.float32]:
        total = np.full(self.dim, 1e-3, np.float32)
        for word in morphemes(text):
            seed = int.from_bytes(hashlib.sha256(word.encode()).digest()[:4], "big")
            total += np.random.default_rng(seed).standard_normal(self.dim, np.float32)
        unit: NDArray[np.float32] = total / np.linalg.norm(total)
        return unit


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "documents").mkdir()
    return Settings.load(documents=tmp_path / "documents", data=tmp_path / "data")


@pytest.fixture
def library(settings: Settings) -> Iterator[Library]:
    opened = Library(settings, HashedEmbeddings())
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def models() -> ModelStore:
    """The default models; fetched on first use, which is the one time that the network is needed."""
    store = ModelStore(Settings.load().models_dir)
    for name in store.defaults():
        store.fetch(name)
    return store


@pytest.fixture(scope="session")
def briefs(models: ModelStore, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Assistant]:
    """The assistant over the documents that ship with the program, with the real models."""
    data = Path(os.environ.get("RAG_TEST_DATA") or tmp_path_factory.mktemp("data"))
    assistant = Assistant(Settings.load(documents=ROOT / "documents", data=data))
    assistant.sync()
    yield assistant
    assistant.close()
