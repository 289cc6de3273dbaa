"""Which chat model suits a machine, and another that answers without a restart."""

from __future__ import annotations

import json
import subprocess
import sys
from types import SimpleNamespace
from typing import Any

import psutil
import pytest

from rag.assistant import Assistant
from rag.config import ROOT, Settings
from rag.errors import ModelError
from rag.model.advice import Fit, Machine, fit, seconds
from rag.model.weights import ModelStore
from rag.ui import settings as panel
from rag.ui.settings import SettingsTab
from rag.ui.startup import Startup

GB = 10**9


@pytest.fixture
def store(tmp_path: Any) -> ModelStore:
    return ModelStore(tmp_path)


@pytest.mark.parametrize(
    ("name", "memory", "cores", "expected"),
    [
        ("chat", 8, 2, Fit.SUITS),
        ("chat", 4, 8, Fit.TOO_LARGE),
        ("tiny", 8, 1, Fit.SUITS),
        ("qwen3-4b", 24, 2, Fit.SLOW),
        ("qwen3-4b", 16, 8, Fit.SUITS),
        ("qwen3-4b", 6, 8, Fit.TOO_LARGE),
    ],
)
def test_memory_and_cores_decide(
    store: ModelStore, name: str, memory: int, cores: int, expected: Fit
) -> None:
    assert fit(store.get(name), Machine(memory * GB, cores)) is expected


def test_twice_the_cores_take_half_the_time(store: ModelStore) -> None:
    small, large = (seconds(store.get("chat"), Machine(8 * GB, cores)) for cores in (2, 4))
    assert small == pytest.approx(2 * large) and 1 < small < 10


def test_this_machine_is_as_the_system_says() -> None:
    machine = Machine.this()
    assert machine.memory == psutil.virtual_memory().total and machine.cores >= 1


def test_the_catalogue_says_of_every_model_what_it_is_for(store: ModelStore) -> None:
    assert {model.role for model in store.models.values()} == {"chat", "embedding"}
    assert all(store.get(name).measured for name in store.defaults())
    assert [m.name for m in store.models.values() if not m.measured] == ["qwen3-1_7b", "qwen3-4b"]


def test_the_command_says_what_suits() -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "rag", "models", "list", "--json"], cwd=ROOT, capture_output=True, text=True
    )
    rows = {row["name"]: row for row in map(json.loads, ran.stdout.splitlines())}
    assert rows["qwen3-4b"]["fit"] in set(Fit) and rows["qwen3-4b"]["measured"] is False


def handlers(
    assistant: Assistant, monkeypatch: pytest.MonkeyPatch
) -> tuple[SettingsTab, list[str], list[str]]:
    wanted: list[str] = []
    said: list[str] = []
    startup = SimpleNamespace(
        assistant=assistant, may_edit=lambda name: name != "reader", use_chat=wanted.append
    )
    monkeypatch.setattr(panel.gr, "Warning", said.append)
    monkeypatch.setattr(panel.gr, "Info", lambda text: None)
    return SettingsTab(startup), wanted, said  # type: ignore[arg-type]


def request(name: str | None = None) -> Any:
    return SimpleNamespace(username=name, headers={"accept-language": "ko"})


def test_the_panel_lists_the_models_and_marks_the_one_in_use(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    on, wanted, _ = handlers(Assistant(settings), monkeypatch)
    shown = on.models(request())
    assert "Qwen3-4B" in shown and "Apache-2.0" in shown and "재어 보지 않음" in shown and "쓰는 중" in shown
    assert on.chosen() == settings.chat_model and on.chosen() in [name for _, name in on.choices()]
    on.use("tiny", request())
    assert wanted == ["tiny"]


def test_only_who_may_edit_changes_the_model_and_none_that_is_too_large(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    on, wanted, said = handlers(Assistant(settings), monkeypatch)
    on.use("tiny", request("reader"))
    monkeypatch.setattr(Machine, "this", classmethod(lambda cls: cls(4 * GB, 2)))
    on.use("qwen3-4b", request())
    on.use("no such model", request())
    assert not wanted and len(said) == 2


def test_a_model_that_is_not_here_leaves_the_one_before(settings: Settings, tmp_path: Any) -> None:
    assistant = Assistant(settings.changed(models_dir=tmp_path))
    with pytest.raises(ModelError, match="fetch qwen3-4b"):
        assistant.models.use_chat("qwen3-4b")
    assert assistant.settings.chat_model == settings.chat_model


def test_the_page_fetches_then_changes_and_says_what_fails(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    assistant = Assistant(settings)
    startup = Startup(assistant)
    done: list[str] = []

    def fetch(name: str, progress: Any) -> None:
        progress(name, 1, 2)
        done.append(f"fetched {name}, {startup.status.key}")

    monkeypatch.setattr(assistant.models.store, "present", lambda name: name != "tiny")
    monkeypatch.setattr(assistant.models.store, "fetch", fetch)
    monkeypatch.setattr(assistant.models, "use_chat", lambda name: done.append(f"uses {name}"))
    startup._wanted = "tiny"
    startup._change_model()
    startup._change_model()  # once is enough
    assert done == ["fetched tiny, fetching", "uses tiny"]
    startup.close()


@pytest.mark.model
def test_another_model_answers_from_the_next_question_on(settings: Settings) -> None:
    store = ModelStore(settings.models_dir)
    own = store.path(settings.chat_model)
    assistant = Assistant(settings)
    try:
        before = assistant.models.chat
        assistant.warm_up_chat()
        assistant.models.use_chat(str(own))  # the same weights by their path: no second model need be fetched
        assert assistant.models.chat is not before and assistant.settings.chat_model == str(own)
        assert assistant.models.chat.model_name == own.stem
        assistant.warm_up_chat()
    finally:
        assistant.close()
