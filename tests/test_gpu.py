"""A graphics processor: as many layers as fit, and never a reason to fail."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from rag.config import Settings
from rag.doctor import examine
from rag.errors import ModelError
from rag.model import gpu, llama
from rag.model.chat import LlamaChat
from rag.model.engine import AUTOMATIC, LlamaEngine
from rag.model.gpu import Device
from rag.model.tuning import Tuning, save
from rag.model.weights import ModelStore
from rag.model.worker import Crashed

GB = 1_000_000_000


@pytest.mark.model
@pytest.mark.parametrize(
    ("free", "least", "most"),
    [
        ([24 * GB], -1, -1),
        ([3 * GB], -1, -1),
        ([1.5 * GB], 8, 20),
        ([1 * GB, 1 * GB], 1, 20),
        ([0.8 * GB], 0, 0),
        ([], 0, 0),
    ],
)
def test_as_many_layers_as_fit(models: ModelStore, free: list[float], least: int, most: int) -> None:
    found = gpu.layers(
        models.path("chat"), 4096, [Device("a card", int(size), 24 * GB) for size in free]
    )  # 1.1 GB in 28 layers
    assert least <= found <= most


def test_a_file_that_is_no_model_has_no_layers(tmp_path: Path) -> None:
    (tmp_path / "model.gguf").write_bytes(b"GGUF" + bytes(100))
    assert gpu.layers(tmp_path / "model.gguf", 4096, [Device("a card", 8 * GB, 8 * GB)]) == 0


@pytest.mark.model
def test_a_card_that_holds_less_than_it_said_leaves_the_model_to_the_cpu(
    models: ModelStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gpu, "devices", lambda: [Device("a card", 8 * GB, 8 * GB)])
    load, tried = llama.load, []

    def full(path: Path, n_ctx: int, layers: int, repack: bool) -> Any:
        tried.append(layers)
        if layers:
            raise ModelError("chat-model-too-large", file="model.gguf", tokens=n_ctx)
        return load(path, n_ctx, layers, repack)

    monkeypatch.setattr(llama, "load", full)
    engine = LlamaEngine(models.path("chat"), n_ctx=512)
    assert tried == [-1, 0] and engine.layers == 0
    engine.prefill(engine.tokenize("하나 둘 셋 하나 둘"))
    assert "".join(engine.generate(4))
    engine.close()
    with pytest.raises(ModelError):  # who sets a number insists on it
        LlamaEngine(models.path("chat"), n_ctx=512, n_gpu_layers=20)


@pytest.mark.model
def test_a_card_that_was_slower_is_not_used_again(
    models: ModelStore, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(gpu, "devices", lambda: [Device("a card", 8 * GB, 8 * GB)])
    file = tmp_path / "tuning.json"
    engine = LlamaEngine(models.path("chat"), n_ctx=512, tuned=file)
    assert engine.layers == -1 and engine._other_way() == {"n_gpu_layers": 0}
    save(file, engine._machine, Tuning(1, 1, gpu=False))
    engine.close()
    engine = LlamaEngine(models.path("chat"), n_ctx=512, tuned=file)
    assert engine.layers == 0
    engine.close()
    told = next(row.told for row in examine(Settings.load(data=tmp_path)) if row.what == "gpu")
    assert str(told) == "a card (8.0 of 8.0 GB free); this model answers faster on the CPU"


@pytest.mark.parametrize("asked", [AUTOMATIC, -1])
def test_after_a_crash_the_model_goes_on_without_the_card(
    monkeypatch: pytest.MonkeyPatch, asked: int
) -> None:
    opened: list[int] = []

    class Process:
        """Dies of its graphics processor: the first in the middle of its work, the second while loading."""

        def __init__(self, path: Path, **options: Any) -> None:
            self.layers = options["n_gpu_layers"]
            opened.append(self.layers)
            if len(opened) > 1 and self.layers:
                raise Crashed("chat-model-ended", reason="signal 6")
            self.alive = not self.layers

        def close(self) -> None: ...

    monkeypatch.setattr("rag.model.chat.EngineProcess", Process)
    chat = LlamaChat(path=Path("model.gguf"), n_gpu_layers=asked)
    chat.engine()
    if asked == AUTOMATIC:
        assert chat.engine() is chat.engine() and opened == [AUTOMATIC, 0]
        opened[:] = [0]
        LlamaChat(path=Path("model.gguf")).engine()
        assert opened == [0, AUTOMATIC, 0]
    else:
        with pytest.raises(Crashed):
            chat.engine()
