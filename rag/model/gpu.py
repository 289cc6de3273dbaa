"""The graphics processors that llama.cpp can use, and how much of a model fits into their memory.

llama.cpp sees one only where it was built for it (README). Nothing depends on one: what does not fit stays
with the CPU, and so does the whole model where it answers faster there (`rag.model.tuning`).
"""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

UBATCH = 512  # tokens computed at once
SPARE = 1 << 29  # bytes left for the screen and for the driver
_GPU, _INTEGRATED = 1, 2  # ggml_backend_dev_type


@dataclass(frozen=True, slots=True)
class Device:
    """One graphics processor; memory in bytes, free when it was asked."""

    name: str
    free: int
    total: int


def devices() -> list[Device]:
    """Return the graphics processors that llama.cpp uses, [] for none: those with memory of their own, else
    the one beside the CPU.
    """
    ggml, base = _libraries()
    found: dict[int, list[Device]] = {_GPU: [], _INTEGRATED: []}
    for i in range(ggml.ggml_backend_dev_count()):
        device = ggml.ggml_backend_dev_get(i)
        if (kind := base.ggml_backend_dev_type(device)) in found:
            free, total = ctypes.c_size_t(), ctypes.c_size_t()
            base.ggml_backend_dev_memory(device, ctypes.byref(free), ctypes.byref(total))
            found[kind].append(
                Device(
                    base.ggml_backend_dev_description(device).decode("utf-8", "replace"),
                    free.value,
                    total.value,
                )
            )
    return found[_GPU] or found[_INTEGRATED][:1]


def layers(path: Path, n_ctx: int, on: list[Device]) -> int:
    """Return how many layers of a GGUF file fit into the free memory of these devices: -1 for all, 0 for
    none or for a file that cannot be read.

    Args:
        n_ctx: tokens of the context, whose keys and values (f16) lie beside their layers.
    """
    from llama_cpp import llama_cpp as c

    params = c.llama_model_default_params()
    params.no_alloc, params.load_mode = True, c.LLAMA_LOAD_MODE_NONE  # its description alone
    model = c.llama_model_load_from_file(str(path).encode(), params) if on else None
    if not model:
        return 0
    try:
        count, heads = c.llama_model_n_layer(model), c.llama_model_n_head(model)
        width = _number(model, "attention.key_length") or c.llama_model_n_embd(model) // max(1, heads)
        keys_and_values = 2 * 2 * n_ctx * count * c.llama_model_n_head_kv(model) * width
        logits = 4 * UBATCH * c.llama_vocab_n_tokens(c.llama_model_get_vocab(model))
        found = fitting(
            count,
            c.llama_model_size(model) + keys_and_values,
            sum(device.free - SPARE - logits for device in on),
        )
        return -1 if found > count else found
    finally:
        c.llama_model_free(model)


def fitting(count: int, size: int, room: int) -> int:
    """Return how many of a model's layers and its output, `count` + 1 parts of about one size, together
    `size` bytes, fit into `room` bytes.

    >>> (fitting(28, 1_100_000_000, 4_000_000_000),
    ... fitting(28, 1_100_000_000, 560_000_000), fitting(28, 1_100_000_000, -1))
    (29, 14, 0)
    """
    return max(0, min(count + 1, room * (count + 1) // size))


def _number(model: Any, key: str) -> int:
    """Return a number of the file's description, 0 where it has none of this name."""
    from llama_cpp import llama_cpp as c

    text = ctypes.create_string_buffer(128)
    c.llama_model_meta_val_str(model, b"general.architecture", text, len(text))
    name = text.value + b"." + key.encode()
    return (
        int(text.value)
        if c.llama_model_meta_val_str(model, name, text, len(text)) > 0 and text.value.isdigit()
        else 0
    )


@cache
def _libraries() -> tuple[Any, Any]:
    """Load the two libraries beneath llama.cpp that know the devices; llama-cpp-python binds neither's
    functions.
    """
    from llama_cpp._ctypes_extensions import load_shared_library
    from llama_cpp._ggml import libggml, libggml_base_path

    base = load_shared_library("ggml-base", libggml_base_path)
    libggml.ggml_backend_dev_count.restype = ctypes.c_size_t
    libggml.ggml_backend_dev_get.argtypes, libggml.ggml_backend_dev_get.restype = (
        [ctypes.c_size_t],
        ctypes.c_void_p,
    )
    base.ggml_backend_dev_type.argtypes = base.ggml_backend_dev_description.argtypes = [ctypes.c_void_p]
    base.ggml_backend_dev_description.restype = ctypes.c_char_p
    size = ctypes.POINTER(ctypes.c_size_t)
    base.ggml_backend_dev_memory.argtypes, base.ggml_backend_dev_memory.restype = (
        [ctypes.c_void_p, size, size],
        None,
    )
    return libggml, base
