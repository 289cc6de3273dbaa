"""Say what this installation has and what it lacks. Never raises, never loads a model, never touches the
network.
"""

from __future__ import annotations

import errno
import functools
import os
import platform
import shutil
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from rag import limits
from rag.config import Settings
from rag.errors import RagError
from rag.ingest.tesseract import INSTALL, Tesseract
from rag.messages import Message
from rag.model import tuning
from rag.model.served import ServedChat, is_own
from rag.model.weights import ModelStore
from rag.processes import POLL_S
from rag.types import DocumentStatus

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


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found of one thing: its name, whether it works, and what a person should know of it."""

    about: Message
    ok: bool
    told: Message

    @property
    def what(self) -> str:
        """The name of the thing, in English."""
        return str(self.about)


def examine(settings: Settings) -> Iterator[Finding]:
    """Yield one finding after the other."""
    yield from _machine()
    yield Finding(
        Message("about-python"),
        True,
        Message(
            "doctor-python",
            version=platform.python_version(),
            system=platform.system(),
            machine=platform.machine(),
            cores=os.cpu_count() or 1,
        ),
    )
    about = Message("about-package")
    for package in PACKAGES:
        try:
            found = Message("doctor-package", package=package, version=version(package))
            yield Finding(about, True, found)
        except PackageNotFoundError:
            yield Finding(about, False, Message("doctor-package-missing", package=package))
    store = ModelStore(settings.models_dir)
    about = Message("about-model")
    for name in settings.local_models:
        try:
            yield Finding(about, True, Message("doctor-model", name=name, path=store.path(name)))
        except RagError as error:
            yield Finding(about, False, error.message)
    if settings.chat_url:
        yield _served(settings)
    yield _scans(settings)
    there = settings.documents.is_dir()
    yield Finding(
        Message("about-documents"),
        there,
        Message("doctor-folder" if there else "documents-folder-missing", folder=settings.documents),
    )
    yield _data(settings)
    yield from _index(settings)
    yield Finding(
        Message("about-limits"),
        True,
        Message(
            "doctor-limits",
            size=settings.max_file_mb,
            seconds=settings.parse_timeout_s,
            questions=settings.queue_size,
        ),
    )
    yield _sandbox(settings)
    about = Message("about-gpu")
    try:
        yield Finding(about, True, _gpu(settings))
    except (ImportError, OSError, RuntimeError) as error:
        yield Finding(about, False, Message("doctor-gpu-unloaded", reason=error))


def _data(settings: Settings) -> Finding:
    """Say whether the data folder, or the one that it will be made in, can be written, and how much it can
    take.
    """
    about = Message("about-data")
    base = settings.data if settings.data.exists() else settings.data.parent
    if not base.exists():
        return Finding(about, False, Message("doctor-folder-missing", folder=base))
    if not os.access(base, os.W_OK):
        unwritable = Message("data-unwritable", folder=settings.data, reason=os.strerror(errno.EACCES))
        return Finding(about, False, unwritable)
    free = shutil.disk_usage(base).free / 1e9
    return Finding(about, True, Message("doctor-data", folder=settings.data, free=free))


def _sandbox(settings: Settings) -> Finding:
    """Say which limits of the process that reads files this system itself keeps, and what stands in for those
    that it does not.
    """
    instead = {
        "memory": Message("doctor-memory-watched", seconds=POLL_S)
        if limits.WATCHED
        else Message("doctor-memory-unbounded"),
        "computing": Message("doctor-computing-timed", seconds=settings.parse_timeout_s),
    }
    kept = limits.try_limits()
    about = Message("about-sandbox")
    if all(kept.values()):
        return Finding(about, True, Message("doctor-sandbox"))
    lacks = _together(told for what, told in instead.items() if not kept[what])
    return Finding(about, False, Message("doctor-sandbox-lacks", lacks=lacks))


def _scans(settings: Settings) -> Finding:
    """Say what reads the letters of scans, or how to install it: most people have none to read."""
    about = Message("about-scans")
    if not settings.read_scans:
        return Finding(about, True, Message("doctor-scans-unwanted"))
    if engine := Tesseract.find():
        return Finding(about, True, Message("doctor-scans", engine=engine.name))
    missing = Message(
        "doctor-scans-missing",
        linux=INSTALL["Linux"],
        macos=INSTALL["Darwin"],
        windows=INSTALL["Windows"],
    )
    return Finding(about, False, missing)


def _served(settings: Settings) -> Finding:
    """Say which models the chat server has, and where the words go."""
    about = Message("about-server")
    chat = ServedChat(settings.chat_url, settings.chat_name, settings.chat_key.get_secret_value())
    try:
        models = ", ".join(chat.models()) or Message("doctor-no-model")
    except RagError as error:
        return Finding(about, False, error.message)
    own = is_own(chat.url)
    told = Message("doctor-server-own" if own else "doctor-server-away", url=chat.url, models=models)
    return Finding(about, True, told)


def _gpu(settings: Settings) -> Message:
    """Say which graphics processors llama.cpp sees, and whether the model answers faster with them."""
    from rag.model import gpu

    if not (found := gpu.devices()):
        return Message("doctor-no-gpu")
    listed = [
        Message("doctor-gpu", name=device.name, free=device.free / 1e9, total=device.total / 1e9)
        for device in found
    ]
    tuned = tuning.load(settings.data / "tuning.json")
    return _together([*listed, Message("doctor-gpu-slower")] if tuned and not tuned.gpu else listed)


def _machine() -> Iterator[Finding]:
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
    told = Message("doctor-cpu", features=", ".join(known)) if fast else Message("doctor-cpu-slow")
    yield Finding(Message("about-cpu"), fast, told)


def _index(settings: Settings) -> Iterator[Finding]:
    """Look into the catalogue without taking the folder's lock, so that it can be asked while the page
    runs.
    """
    about = Message("about-index")
    file = settings.data / "catalogue.sqlite"
    if not file.exists():
        yield Finding(about, True, Message("doctor-no-index"))
        return
    try:
        with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)) as db:
            (found,) = db.execute("PRAGMA quick_check(1)").fetchone()
            counts = dict(db.execute("SELECT status, COUNT(*) FROM documents GROUP BY status").fetchall())
    except sqlite3.Error as error:
        yield Finding(about, False, Message("catalogue-damaged", file=file, reason=error))
        return
    if found == "ok":
        ready, failed, duplicate = (counts.get(status, 0) for status in DocumentStatus)
        told = Message("doctor-index", ready=ready, failed=failed, duplicate=duplicate)
        yield Finding(about, True, told)
    else:
        yield Finding(about, False, Message("catalogue-damaged", file=file, reason=found))


def _together(told: Iterable[Message]) -> Message:
    """Make one message of several."""
    return functools.reduce(lambda first, second: Message("both", first=first, second=second), told)
