"""Say what this installation has and what it lacks. Never raises, never loads a model, never touches the
network.
"""

from __future__ import annotations

import os
import platform
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from rag import limits
from rag.config import Settings
from rag.errors import RagError
from rag.ingest.tesseract import INSTALL, LANGUAGES, Tesseract
from rag.model import tuning
from rag.model.served import ServedChat, is_own
from rag.model.weights import ModelStore
from rag.processes import POLL_S

PACKAGES = (
    "llama-cpp-python",
    "sentence-transformers",
    "torch",
    "chromadb",
    "langchain-core",
    "gradio",
    "kiwipiepy",
    "unhwp",
    "pypdfium2",
)


def examine(settings: Settings) -> Iterator[dict[str, Any]]:
    """Yield one finding after the other: {"what", "ok", "detail"}."""
    yield from _machine()
    yield _row(
        "python",
        True,
        f"{platform.python_version()} on {platform.system()} {platform.machine()}, {os.cpu_count()} cores",
    )
    for package in PACKAGES:
        try:
            yield _row("package", True, f"{package} {version(package)}")
        except PackageNotFoundError:
            yield _row(
                "package", False, f"{package} is missing. Run: python -m pip install -r requirements.txt"
            )
    store = ModelStore(settings.models_dir)
    for name in settings.local_models:
        try:
            yield _row("model", True, f"{name}: {store.path(name)}")
        except RagError as error:
            yield _row("model", False, str(error))
    if settings.chat_url:
        yield _served(settings)
    yield _scans(settings)
    folder = settings.documents
    yield _row(
        "documents",
        folder.is_dir(),
        str(folder) if folder.is_dir() else f"{folder} is not there. Make it or use --documents.",
    )
    base = settings.data if settings.data.exists() else settings.data.parent
    writable = os.access(base, os.W_OK)
    yield _row(
        "data",
        writable,
        f"{settings.data}, {shutil.disk_usage(base).free / 1e9:.1f} GB free"
        if base.exists()
        else f"{base} is not there",
    )
    yield from _index(settings)
    yield _row(
        "limits",
        True,
        f"{settings.max_file_mb} MB and {settings.parse_timeout_s} s a file, {settings.queue_size} questions "
        f"may wait",
    )
    yield _sandbox(settings)
    try:
        yield _row("gpu", True, _gpu(settings))
    except (ImportError, OSError, RuntimeError) as error:
        yield _row("gpu", False, f"llama.cpp cannot be loaded: {error}")


def _sandbox(settings: Settings) -> dict[str, Any]:
    """Say which limits of the process that reads files this system itself keeps, and what stands in for those
    that it does not.
    """
    instead = {
        "memory": f"it is looked at every {POLL_S:g} s instead" if limits.WATCHED else "nothing bounds it",
        "computing": f"a file has {settings.parse_timeout_s} s by the clock",
    }
    kept = limits.try_limits()
    if all(kept.values()):
        return _row("sandbox", True, "this system bounds the memory and computing time of what reads files")
    lacks = "; ".join(f"{what}: {instead[what]}" for what in instead if not kept[what])
    return _row("sandbox", False, f"this system does not bound all that reading a file may take. {lacks}")


def _scans(settings: Settings) -> dict[str, Any]:
    """Say what reads the letters of scans, or how to install it: most people have none to read."""
    if not settings.read_scans:
        return _row("scans", True, "pages that are pictures are not read (RAG_READ_SCANS)")
    if engine := Tesseract.find():
        return _row("scans", True, f"{engine.name}, {' and '.join(LANGUAGES)}")
    commands = ", ".join(f"{_SYSTEMS[system]}: {command}" for system, command in INSTALL.items())
    return _row(
        "scans",
        False,
        f"Tesseract with Korean is not on PATH: pages that are pictures are not read. {commands}",
    )


_SYSTEMS = {"Linux": "Debian, Ubuntu", "Darwin": "macOS", "Windows": "Windows (choose Korean)"}


def _served(settings: Settings) -> dict[str, Any]:
    """Say which models the chat server has, and where the words go."""
    chat = ServedChat(settings.chat_url, settings.chat_name, settings.chat_key.get_secret_value())
    where = (
        "this computer or network"
        if is_own(chat.url)
        else "ANOTHER NETWORK: questions and the sentences that answer them are sent there"
    )
    try:
        return _row("chat server", True, f"{chat.url} ({where}): {', '.join(chat.models()) or 'no model'}")
    except RagError as error:
        return _row("chat server", False, str(error))


def _gpu(settings: Settings) -> str:
    """Say which graphics processors llama.cpp sees, and whether the model answers faster with them."""
    from rag.model import gpu

    if not (found := gpu.devices()):
        return "none that llama.cpp was built for; it runs on the CPU"
    listed = ", ".join(
        f"{device.name} ({device.free / 1e9:.1f} of {device.total / 1e9:.1f} GB free)" for device in found
    )
    tuned = tuning.load(settings.data / "tuning.json")
    return f"{listed}; this model answers faster on the CPU" if tuned and not tuned.gpu else listed


def _machine() -> Iterator[dict[str, Any]]:
    try:
        flags = set(Path("/proc/cpuinfo").read_text(encoding="utf-8").split())
    except OSError:
        return
    known = [
        name
        for name in ("avx", "avx2", "fma", "avx512f", "avx512_bf16", "amx_tile", "neon", "asimd")
        if name in flags
    ]
    fast = bool({"avx2", "asimd"} & set(known))
    yield _row("cpu", fast, ", ".join(known) if fast else "neither AVX2 nor NEON: answers will be very slow")


def _index(settings: Settings) -> Iterator[dict[str, Any]]:
    """Look into the catalogue without taking the folder's lock, so that it can be asked while the page runs."""
    file = settings.data / "catalogue.sqlite"
    if not file.exists():
        yield _row("index", True, "none yet; python -m rag sync makes it")
        return
    try:
        with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)) as db:
            sound = db.execute("PRAGMA quick_check(1)").fetchone()[0] == "ok"
            counts = db.execute(
                "SELECT status, COUNT(*) FROM documents GROUP BY status ORDER BY status"
            ).fetchall()
        listed = ", ".join(f"{count} {status}" for status, count in counts) or "no documents"
        yield _row(
            "index",
            sound,
            listed if sound else f"{file} is damaged. Move it away and run: python -m rag sync",
        )
    except sqlite3.Error as error:
        yield _row(
            "index", False, f"{file} cannot be read ({error}). Move it away and run: python -m rag sync"
        )


def _row(what: str, ok: bool, detail: str) -> dict[str, Any]:
    return {"what": what, "ok": ok, "detail": detail}
