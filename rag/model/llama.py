"""What llama.cpp needs before it decodes: a model and a context, and what this build of it cannot do."""

from __future__ import annotations

import ctypes
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag.errors import ModelError
from rag.model import gpu


def load(path: Path, n_ctx: int, layers: int, repack: bool) -> tuple[Any, Any]:
    """Load the weights of a GGUF file and make a context: llama.cpp's model and context.

    Args:
        n_ctx: tokens. layers: that a graphics processor takes, -1 for all. repack: lay the weights out anew.
    Raises:
        ModelError: the file cannot be loaded, or the context does not fit.
    """
    from llama_cpp import llama_cpp as c

    model_params, params = c.llama_model_default_params(), c.llama_context_default_params()
    model_params.n_gpu_layers, model_params.use_extra_bufts = layers, repack
    # else a graphics processor would lend a hand with long texts, for which weights are copied to it each
    # time
    none = (ctypes.c_void_p * 1)()
    if not layers:
        model_params.devices = ctypes.cast(none, ctypes.c_void_p)
    params.n_ctx, params.n_batch, params.n_ubatch = n_ctx, gpu.UBATCH, gpu.UBATCH
    model = c.llama_model_load_from_file(str(path).encode(), model_params)
    if not model:
        raise ModelError("chat-model-unloaded", file=path.name)
    context = c.llama_init_from_model(model, params)
    if not context:
        c.llama_model_free(model)
        raise ModelError("chat-model-too-large", file=path.name, tokens=n_ctx)
    return model, context


def has_amx() -> bool:
    """True where llama.cpp was built with AMX kernels, which end the process with an illegal instruction
    (0.3.36, GCC 12, server CPUs).
    """
    from llama_cpp import llama_cpp as c

    return b"AMX_INT8 = 1" in c.llama_print_system_info()


@cache
def silence() -> Any:
    """Keep llama.cpp from writing to stderr. The callback must outlive every engine: llama.cpp keeps a
    pointer to it.
    """
    from llama_cpp import llama_cpp as c

    callback = c.llama_log_callback(lambda level, text, data: None)
    c.llama_log_set(callback, ctypes.c_void_p(0))
    return callback


def pointer(array: NDArray[np.uint8]) -> Any:
    """Return where the bytes of an array begin, as C takes it."""
    return array.ctypes.data_as(ctypes.POINTER(ctypes.c_uint8))
