"""The number of threads: tried once, kept, and never a reason to fail."""

from __future__ import annotations

import json
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from rag.model import tuning
from rag.model.engine import Cancelled, LlamaEngine
from rag.model.prompt_lookup import SIZES, USUAL
from rag.model.tuning import Tuning
from rag.model.weights import ModelStore


def test_the_fastest_wins_for_reading_and_writing_each() -> None:
    found = tuning.choose(
        8, {8: 1.0, 6: 1.2, 4: 2.0, 2: 4.0}.__getitem__, {8: 2.0, 6: 1.5, 4: 1.0, 2: 1.8}.__getitem__
    )
    assert found == Tuning(reading=8, writing=4, piece=1.0)


def test_noise_does_not_take_threads_away() -> None:
    assert tuning.choose(4, {4: 1.0, 3: 0.97, 2: 0.96, 1: 2.0}.__getitem__, lambda n: 1.0) == Tuning(
        4, 4, piece=1.0
    )


def test_another_layout_of_the_weights_must_be_clearly_faster() -> None:
    usual = Tuning(2, 2, (0.045, 0.08, 0.1, 0.14, 0.15), piece=0.38, repack=False)
    reads_slower = Tuning(
        2, 2, (0.034, 0.055, 0.095, 0.171, 0.215), piece=0.56, repack=True
    )  # both as measured on an AMD EPYC
    assert tuning.better(usual, reads_slower) is usual and tuning.better(reads_slower, usual) is usual
    assert tuning.better(usual, replace(usual, repack=True, piece=0.36)) is usual
    assert tuning.better(usual, replace(usual, repack=True, piece=0.2)).repack


@pytest.mark.parametrize(
    ("worked", "own", "free"),
    [
        (0.0, 0.0, 4),
        (3.9, 3.9, 4),
        (0.6, 0.0, 4),
        (2.1, 0.0, 3),
        (3.9, 1.9, 3),
        (8.0, 0.0, 1),
        (8.0, 8.0, 4),
        (0.0, 0.2, 4),
    ],
)
def test_neighbours_are_seen_and_ones_own_work_is_not(
    monkeypatch: pytest.MonkeyPatch, worked: float, own: float, free: int
) -> None:
    monkeypatch.setattr(tuning, "cores", lambda: 4)
    assert tuning.free_cores((1.0, 5.0, 2.0), (3.0, 5.0 + worked, 2.0 + own)) == free


@pytest.mark.skipif(sys.platform != "linux", reason="work is counted in /proc/stat")
def test_work_on_our_cores_is_counted() -> None:
    before, own = tuning._worked_s(), time.process_time()
    while time.process_time() - own < 0.3:
        pass
    assert tuning._worked_s() - before >= 0.25
    assert tuning._worked_s(Path("/proc/nothing")) == 0.0


@pytest.mark.parametrize(
    ("reading", "costs", "usable"),
    [(1, USUAL, True), (0, USUAL, False), (9999, USUAL, False), (1, (0, 1, 2, 3, 4), False)],
)
def test_only_what_can_be_is_taken_from_what_was_kept(
    tmp_path: Path, reading: int, costs: tuple[float, ...], usable: bool
) -> None:
    kept = Tuning(reading, 1, tuple(map(float, costs)))
    tuning.save(tmp_path / "tuning.json", "m", kept)
    assert tuning.load(tmp_path / "tuning.json", "m") == (kept if usable else None)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        '{"m": {"reading": 1}}',
        '{"m": {"reading": 1, "writing": 1}}',
        '{"m": {"reading": 1, "writing": 1, "batches": [1, 2]}}',
    ],
)
def test_what_cannot_be_used_is_found_anew(tmp_path: Path, text: str) -> None:
    (tmp_path / "tuning.json").write_text(text, encoding="utf-8")
    assert tuning.load(tmp_path / "tuning.json", "m") is None


@pytest.mark.model
def test_a_model_is_tried_once_and_what_was_found_is_kept(models: ModelStore, tmp_path: Path) -> None:
    file = tmp_path / "tuning.json"
    engine = LlamaEngine(models.path("chat"), n_ctx=1024, tuned=file)
    with pytest.raises(Cancelled):
        engine.tune(lambda: True)
    assert not file.exists()
    engine.tune()
    (kept,) = json.loads(file.read_text(encoding="utf-8")).values()
    assert {kept["reading"], kept["writing"]} <= set(tuning.candidates(tuning.cores()))
    assert (
        len(kept["batches"]) == len(SIZES)
        and min(kept["batches"]) > 0
        and kept["piece"] > 0
        and isinstance(kept["repack"], bool)
    )
    engine.close()
    stamp = file.stat().st_mtime_ns
    engine = LlamaEngine(models.path("chat"), n_ctx=1024, tuned=file)
    engine.tune()
    engine.prefill(engine.tokenize("예산은 3억 원이다. 예산은"))
    assert file.stat().st_mtime_ns == stamp and "".join(engine.generate(8))
    engine.close()
