"""Key/value states of prompts that a model has read, kept in memory and on disk, so that nothing is read twice.

A state belongs to the exact tokens that it was computed from, to one model file and one build of llama.cpp: all three are in its key, so that a
changed prompt, passage or model can never meet an old state. Files carry a checksum; the least recently used go first. Deleting the
folder loses time, nothing else.
"""

from __future__ import annotations

import hashlib
import logging
import os
from array import array
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

log = logging.getLogger(__name__)
State = NDArray[np.uint8]
_CHECKSUM_BYTES = 16


class StateStore:
    """States by tokens. One writer at a time: the engine's own thread.

    Args:
        memory_mb: kept in memory. folder: where files lie, None for none. disk_mb: of files. model: what tells models and builds apart.
    """

    def __init__(self, memory_mb: int, folder: Path | None = None, disk_mb: int = 0, model: str = "") -> None:
        self._memory: OrderedDict[bytes, State] = OrderedDict()
        self._lengths: dict[bytes, int] = {}
        self._limit, self._disk_limit = memory_mb << 20, disk_mb << 20
        self._model = model
        self._folder = folder if folder is not None and disk_mb else None
        self._on_disk = 0
        if self._folder is not None:
            try:
                self._folder.mkdir(parents=True, exist_ok=True)
                self._on_disk = sum(file.stat().st_size for file in self._folder.glob("*.state"))
            except OSError as error:
                log.info("states are kept in memory only: %s", error)
                self._folder = None

    def get(self, tokens: Sequence[int]) -> State | None:
        """Return the state of exactly these tokens, from memory or disk."""
        key = self._key(tokens)
        if key in self._memory:
            self._memory.move_to_end(key)
            return self._memory[key]
        state = self._read(key)
        if state is not None:
            self._remember(key, len(tokens), state)
        return state

    def put(self, tokens: Sequence[int], state: State) -> None:
        """Keep a state; nothing happens where it is larger than all the memory there is for states."""
        if state.nbytes > self._limit:
            return
        key = self._key(tokens)
        self._remember(key, len(tokens), state)
        if self._folder is not None and state.nbytes <= self._disk_limit and not self._file(key).exists():
            self._write(key, state)

    def holds(self, tokens: Sequence[int]) -> bool:
        """Tell whether a state is kept, without reading it."""
        key = self._key(tokens)
        return key in self._memory or (self._folder is not None and self._file(key).exists())

    def longest(self, tokens: Sequence[int], beyond: int) -> tuple[int, State] | None:
        """Return the longest state in memory that these tokens begin with, among those of more than `beyond` tokens."""
        for length in sorted({n for n in self._lengths.values() if beyond < n <= len(tokens)}, reverse=True):
            key = self._key(tokens[:length])
            if key in self._memory:
                self._memory.move_to_end(key)
                return length, self._memory[key]
        return None

    def clear(self) -> None:
        """Forget what is in memory."""
        self._memory.clear()
        self._lengths.clear()

    def _key(self, tokens: Sequence[int]) -> bytes:
        return hashlib.blake2b(array("i", tokens).tobytes(), digest_size=20, key=self._model.encode()[:64]).digest()

    def _file(self, key: bytes) -> Path:
        assert self._folder is not None
        return self._folder / f"{key.hex()}.state"

    def _remember(self, key: bytes, length: int, state: State) -> None:
        self._memory[key] = state
        self._lengths[key] = length
        while sum(s.nbytes for s in self._memory.values()) > self._limit and len(self._memory) > 1:
            gone, _ = self._memory.popitem(last=False)
            self._lengths.pop(gone)

    def _read(self, key: bytes) -> State | None:
        if self._folder is None:
            return None
        file = self._file(key)
        try:
            data = np.fromfile(file, np.uint8)
        except OSError:
            return None
        state = data[_CHECKSUM_BYTES:]
        if data.size <= _CHECKSUM_BYTES or data[:_CHECKSUM_BYTES].tobytes() != _checksum(state):
            log.warning("a kept state is damaged and is computed anew: %s", file.name)
            self._drop(file)
            return None
        try:
            os.utime(file)  # used now
        except OSError as error:
            log.info("the use of a state is not noted: %s", error)
        return state

    def _write(self, key: bytes, state: State) -> None:
        file = self._file(key)
        half = file.with_suffix(".half")
        try:
            with half.open("wb") as out:
                out.write(_checksum(state))
                state.tofile(out)
            half.replace(file)
        except OSError as error:  # a full disk slows the next start, no more
            log.info("a state is not kept on disk: %s", error)
            half.unlink(missing_ok=True)
            return
        self._on_disk += state.nbytes + _CHECKSUM_BYTES
        if self._on_disk > self._disk_limit:
            self._evict()

    def _evict(self) -> None:
        """Delete the files used longest ago until nine tenths of the limit are left."""
        assert self._folder is not None
        files = sorted(((f.stat().st_mtime, f.stat().st_size, f) for f in self._folder.glob("*.state")), key=lambda entry: entry[0])
        self._on_disk = sum(size for _, size, _ in files)
        for _, size, file in files:
            if self._on_disk <= 0.9 * self._disk_limit:
                break
            self._drop(file)
            self._on_disk -= size

    def _drop(self, file: Path) -> None:
        try:
            file.unlink(missing_ok=True)
        except OSError as error:
            log.info("a state cannot be deleted: %s", error)


def _checksum(state: State) -> bytes:
    return hashlib.blake2b(state.data, digest_size=_CHECKSUM_BYTES).digest()
