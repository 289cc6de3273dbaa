"""Say what this installation has and what it lacks. Never raises, never loads a model, never touches the network."""

from __future__ import annotations

import os
import platform
import shutil
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from rag.config import Settings
from rag.errors import RagError
from rag.models import ModelStore

PACKAGES = ("llama-cpp-python", "sentence-transformers", "torch", "chromadb", "langchain-core", "gradio", "kiwipiepy", "unhwp", "pypdfium2")


def examine(settings: Settings) -> Iterator[dict[str, Any]]:
    """Yield one finding after the other: {"what", "ok", "detail"}."""
    yield _row("python", True, f"{platform.python_version()} on {platform.system()} {platform.machine()}, {os.cpu_count()} cores")
    for package in PACKAGES:
        try:
            yield _row("package", True, f"{package} {version(package)}")
        except PackageNotFoundError:
            yield _row("package", False, f"{package} is missing. Run: python -m pip install -r requirements.txt")
    store = ModelStore(settings.models_dir)
    for name in (settings.chat_model, settings.embedding_model):
        try:
            yield _row("model", True, f"{name}: {store.path(name)}")
        except RagError as error:
            yield _row("model", False, str(error))
    folder = settings.documents
    yield _row("documents", folder.is_dir(), str(folder) if folder.is_dir() else f"{folder} is not there. Make it or use --documents.")
    base = settings.data if settings.data.exists() else settings.data.parent
    writable = os.access(base, os.W_OK)
    yield _row("data", writable, f"{settings.data}, {shutil.disk_usage(base).free / 1e9:.1f} GB free" if base.exists() else f"{base} is not there")
    try:
        from llama_cpp import llama_cpp

        yield _row("gpu", True, "llama.cpp was built with a GPU" if llama_cpp.llama_supports_gpu_offload() else "none; llama.cpp runs on the CPU")
    except (ImportError, OSError, RuntimeError) as error:
        yield _row("gpu", False, f"llama.cpp cannot be loaded: {error}")


def _row(what: str, ok: bool, detail: str) -> dict[str, Any]:
    return {"what": what, "ok": ok, "detail": detail}
