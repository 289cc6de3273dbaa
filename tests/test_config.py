"""Settings: flags before variables before defaults, and one sentence for each value that cannot be used."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from rag.config import ROOT, Settings, table
from rag.errors import ConfigError

NUMBERS = {name: field for name, field in Settings.model_fields.items() if field.annotation in (int, float)}


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"RAG_{name.upper()}", raising=False)


def bounds(name: str) -> tuple[Any, Any]:
    found = NUMBERS[name].metadata
    return next(b.ge for b in found if hasattr(b, "ge")), next(b.le for b in found if hasattr(b, "le"))


def test_flags_go_before_variables_before_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Settings.load().read_k == 6 and Settings.load(read_k=None).read_k == 6
    monkeypatch.setenv("RAG_READ_K", "3")
    monkeypatch.setenv("RAG_KEEP_CONVERSATIONS", "off")
    assert (
        Settings.load().read_k == 3
        and Settings.load(read_k=2).read_k == 2
        and not Settings.load().keep_conversations
    )
    assert Settings.load().changed(read_k=4) == Settings.load(read_k=4)


@pytest.mark.parametrize("name", NUMBERS)
def test_every_number_has_a_least_and_a_most(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    least, most = bounds(name)
    assert least <= NUMBERS[name].default <= most
    for wrong in (least - 1, most + 1, "viel", "", "nan"):
        monkeypatch.setenv(f"RAG_{name.upper()}", str(wrong))
        with pytest.raises(
            ConfigError,
            match=rf"^The setting {name} \(RAG_{name.upper()}\) cannot be .*{wrong}.*from {least} to {most}\.$",
        ) as caught:
            Settings.load()
        said = caught.value.in_language("ko")
        assert f"RAG_{name.upper()}" in said and f"{least}에서 {most}까지" in said and "number" not in said


@pytest.mark.parametrize(
    ("name", "wrong", "allowed"),
    [
        ("read_ahead", "maybe", "켬"),
        ("documents", "", "폴더"),
        ("data", "~nobody-of-this-name/data", "폴더"),
        ("chat_model", "", "비어 있지 않은"),
        ("host", "", "비어 있지 않은"),
    ],
)
def test_what_is_no_number_is_checked_too(name: str, wrong: str, allowed: str) -> None:
    with pytest.raises(ConfigError, match=rf"RAG_{name.upper()}.*'{wrong}'") as caught:
        Settings.load(**{name: wrong})
    assert allowed in caught.value.in_language("ko")


def test_what_fits_alone_must_fit_together() -> None:
    with pytest.raises(ConfigError, match="RAG_OVERLAP_CHARS") as caught:
        Settings.load(overlap_chars=90, chunk_chars=80)
    assert "작아야" in caught.value.in_language("ko")
    with pytest.raises(ConfigError, match="read_k"):
        Settings.load().changed(read_k=0)


@pytest.mark.parametrize("flag", ["colour", "_env_file"])
def test_an_unknown_flag_is_refused(flag: str) -> None:
    with pytest.raises(ConfigError, match=f"There is no setting named '{flag}'"):
        Settings.load(**{flag: "x"})


def test_paths_are_absolute_and_texts_may_be_paths(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    settings = Settings.load(documents="글", data="~/data", chat_model=tmp_path / "a.gguf")
    assert (settings.documents, settings.data, settings.chat_model) == (
        tmp_path / "글",
        tmp_path / "data",
        str(tmp_path / "a.gguf"),
    )


def test_settings_are_frozen() -> None:
    with pytest.raises(ValueError, match="frozen"):
        Settings.load().port = 1  # type: ignore[misc]


def test_every_setting_is_explained() -> None:
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []


def test_importing_reads_no_variable() -> None:
    code = "import os\nos.environ['RAG_PORT'] = 'viel'\nimport rag.config, rag.assistant\nprint('imported')"
    assert (
        subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True).stdout
        == "imported\n"
    )


@pytest.mark.parametrize("command", [["app.py", "--port", "99999"], ["app.py", "--host", ""]])
def test_the_page_does_not_start_where_it_could_not_be_reached(command: list[str]) -> None:
    ran = subprocess.run([sys.executable, *command], cwd=ROOT, capture_output=True, text=True)
    assert ran.returncode == 1 and ran.stderr.count("\n") == 1 and "RAG_" in ran.stderr


@pytest.mark.parametrize(
    ("language", "says"),
    [("ko_KR.UTF-8", "다른 프로그램이 쓰고 있습니다"), ("en_GB.UTF-8", "Another program listens")],
)
def test_a_port_that_another_program_has_is_named_in_a_sentence(language: str, says: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        ran = subprocess.run(
            [sys.executable, "app.py", "--port", port],
            cwd=ROOT,
            capture_output=True,
            encoding="utf-8",
            env={**os.environ, "LC_ALL": language},
        )
    assert ran.returncode == 2 and ran.stderr.count("\n") == 1, ran.stderr
    assert says in ran.stderr and port in ran.stderr and "python app.py --port N" in ran.stderr


@pytest.mark.parametrize("command", [["--host", "192.0.2.1"], ["--host", "nowhere.invalid"]])
def test_an_address_that_is_not_this_computer_s_is_named_in_a_sentence(
    command: list[str], tmp_path: Path
) -> None:
    (tmp_path / "people").touch()
    ran = subprocess.run(
        [sys.executable, "app.py", *command, "--auth", str(tmp_path / "people")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        env={**os.environ, "LC_ALL": "C.UTF-8"},
    )
    assert ran.returncode == 2 and ran.stderr.count("\n") == 1, ran.stderr
    assert f"cannot listen at {command[1]}" in ran.stderr


@pytest.mark.parametrize("module", ["rag.text.morphology", "rag.model.worker", "rag.model.encoder"])
def test_a_child_process_imports_nothing_of_the_settings(module: str) -> None:
    code = f"import sys, {module}; print('pydantic_settings' in sys.modules or 'rag.config' in sys.modules)"
    assert (
        subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True).stdout
        == "False\n"
    )


def test_the_page_of_settings_is_what_the_program_says() -> None:
    page = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    assert page.split("\n\n", 2)[2].strip() == table()
