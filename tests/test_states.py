"""States of prompts: found again, never confused, limited, and damage only costs time."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from rag.model.kv_store import State, StateStore


def state(seed: int, kilobytes: int = 64) -> State:
    return np.random.default_rng(seed).integers(0, 256, kilobytes << 10, np.uint8)


def test_a_state_is_found_again_after_a_restart(tmp_path: Path) -> None:
    StateStore(1, tmp_path, 1, "m").put([1, 2, 3], state(1))
    again = StateStore(1, tmp_path, 1, "m")
    found = again.get([1, 2, 3])
    assert found is not None and np.array_equal(found, state(1))
    assert again.longest([1, 2, 3, 4], 0) is not None and again.longest([1, 2, 3, 4], 3) is None


@pytest.mark.parametrize("other", [("another model", [1, 2, 3]), ("m", [1, 2]), ("m", [1, 2, 4])])
def test_another_model_or_other_tokens_never_meet_it(tmp_path: Path, other: tuple[str, list[int]]) -> None:
    StateStore(1, tmp_path, 1, "m").put([1, 2, 3], state(1))
    model, tokens = other
    store = StateStore(1, tmp_path, 1, model)
    assert store.get(tokens) is None and not store.holds(tokens)


def test_a_damaged_file_is_dropped_and_nothing_is_read_from_it(tmp_path: Path) -> None:
    StateStore(1, tmp_path, 1, "m").put([1, 2, 3], state(1))
    (file,) = tmp_path.glob("*.state")
    data = bytearray(file.read_bytes())
    data[5000] ^= 1
    file.write_bytes(data)
    assert StateStore(1, tmp_path, 1, "m").get([1, 2, 3]) is None
    assert not file.exists()


def test_the_least_recently_used_go_first_in_memory_and_on_disk(tmp_path: Path) -> None:
    store = StateStore(1, tmp_path, 1, "m")
    for n in range(10):
        store.put([n], state(n, 128))
        for age, file in enumerate(sorted(tmp_path.glob("*.state"), key=lambda f: f.stat().st_mtime_ns)):
            os.utime(file, (age, age))  # file clocks are coarse
    assert store.holds([9]) and not store.holds([0])
    assert sum(f.stat().st_size for f in tmp_path.glob("*.state")) <= 1 << 20
    assert store.get([9]) is not None and store.longest([0, 1], 0) is None


def test_a_folder_that_cannot_be_written_costs_only_time(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("no folder")
    store = StateStore(1, blocked, 1, "m")
    store.put([1], state(1))
    assert store.get([1]) is not None and not list(tmp_path.glob("*.state"))
