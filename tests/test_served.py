"""A chat model behind an OpenAI-compatible server, llama-cpp-python's own, in place of the one that is loaded here."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from langchain_core.messages import HumanMessage, SystemMessage

from rag.assistant import Assistant
from rag.config import Settings
from rag.doctor import examine
from rag.errors import ClosedError, ConfigError, ModelError
from rag.model.engine import Cancelled
from rag.model.served import ServedChat
from rag.model.weights import ModelStore

ASKED = [
    SystemMessage("문서만 보고 한국어로 짧게 답한다."),
    HumanMessage(["[문서] 군은 회관 열두 곳을 고친다. 비용은 18억 원이다.\n", "[질문] 비용은 얼마인가요?"]),
]


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@pytest.fixture(scope="module")
def url(models: ModelStore) -> Iterator[str]:
    port = free_port()
    command = [
        sys.executable,
        "-m",
        "llama_cpp.server",
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
        "--n_ctx",
        "2048",
        "--model_alias",
        "다른-모델",
    ]
    server = subprocess.Popen(
        [*command, "--model", str(models.path("chat"))], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        for _ in range(600):
            assert server.poll() is None, "the server ended"
            with socket.socket() as tried:
                if tried.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.2)
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        server.terminate()
        server.wait(30)


@pytest.mark.model
def test_a_served_model_writes_in_pieces_and_stops_when_told(url: str) -> None:
    chat = ServedChat(url)
    assert chat.models() == ["다른-모델"]
    pieces = list(chat.write(ASKED, 60))
    assert "18억" in "".join(pieces) and len(pieces) > 1 and chat.model_name == "다른-모델"
    with pytest.raises(Cancelled):
        list(chat.write(ASKED, 60, lambda: True))


@pytest.mark.model
def test_a_question_is_answered_and_checked_as_with_the_model_of_this_program(
    briefs: Assistant, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(briefs.models, "_chat", ServedChat(url))  # one program alone may open its library
    answer = briefs.ask("KB금융의 AI본부장은 누구인가요?")
    briefs.models.tune()  # has nothing to measure here
    assert "육창화" in answer.text and answer.model == "다른-모델" and answer.citations


def test_the_settings_choose_the_server_and_need_no_chat_model_here() -> None:
    chosen = Assistant(Settings.load(chat_url="http://127.0.0.1:1/v1", chat_model="nowhere.gguf"))
    assert isinstance(chosen.models.chat, ServedChat)
    chosen.close()


def test_a_server_that_is_not_there_is_told_in_one_sentence_with_what_to_do() -> None:
    url = f"http://127.0.0.1:{free_port()}/v1"
    for name in ("", "a"):
        with pytest.raises(ModelError, match=rf"{url} does not answer\. Start it, or unset RAG_CHAT_URL"):
            list(ServedChat(url, name).write(ASKED, 10))
    settings = Settings.load(chat_url=url, chat_key="geheim")
    row = next(row for row in examine(settings) if row.what == "chat server")
    assert not row.ok and url in str(row.told) and settings.local_models == ("embedding",)
    assert "geheim" not in "".join(f"{name} {value}" for name, value in settings)


def test_stop_is_heard_while_the_server_says_nothing() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        chat = ServedChat(f"http://127.0.0.1:{silent.getsockname()[1]}/v1", "a")
        looks = iter([False, False])
        with pytest.raises(Cancelled):
            list(chat.write(ASKED, 10, lambda: next(looks, True)))


@pytest.mark.parametrize("name", ["", "a"])
def test_a_refusal_of_the_server_is_told_as_one(name: str) -> None:
    class Refuses(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_error(401, "a key is needed")

        do_POST = do_GET

        def log_message(self, format: str, *arguments: object) -> None: ...

    with HTTPServer(("127.0.0.1", 0), Refuses) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        with pytest.raises(ModelError, match=r"refuses \(.*401.*RAG_CHAT_KEY"):
            list(ServedChat(f"http://127.0.0.1:{server.server_port}/v1", name).write(ASKED, 10))
        server.shutdown()


def test_after_the_end_nobody_gets_a_turn() -> None:
    chat = ServedChat("http://127.0.0.1:1/v1")
    chat.end()
    with pytest.raises(ClosedError):
        chat.turn().line_up()


@pytest.mark.parametrize("url", ["127.0.0.1:8080", "ftp://a", "http://"])
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(ConfigError, match="RAG_CHAT_URL"):
        Settings.load(chat_url=url)
