"""ServedChat: a chat model behind an OpenAI-compatible server (llama-server, vLLM, Ollama) in place of the
one that llama.cpp loads here.

What it is shown and how its words are checked is the same (`rag.answer.writing`, `rag.answer.compose`); what
leaves this program are the question and the few sentences that the answer is made of, to the address of
RAG_CHAT_URL and nowhere else.
"""

from __future__ import annotations

import ipaddress
import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any
from urllib.parse import urlsplit

from langchain_core.messages import BaseMessage, HumanMessage, SystemMessage

from rag.errors import ModelError
from rag.model.engine import Cancelled
from rag.model.turn import Turn
from rag.processes import POLL_S

LIST_TIMEOUT_S = 10.0
TIMEOUT_S = 120.0  # between two pieces of an answer


class ServedChat:
    """A model on a server: one answer at a time, greedy, streaming.

    Args:
        url: up to and with /v1. model: its name there, "" where the server has one only. key: where the
            server asks for one.
    """

    def __init__(self, url: str, model: str = "", key: str = "") -> None:
        self.url, self._model, self._key = url.rstrip("/"), model, key
        self._turn = Turn()
        self._client: Any = None

    @property
    def model_name(self) -> str:
        """The model's name, for the answer; the server's until it was asked for its models."""
        return self._model or urlsplit(self.url).netloc

    def turn(self) -> Turn:
        """Return the lock that lets one question write at a time."""
        return self._turn

    def write(
        self, messages: Sequence[BaseMessage], max_tokens: int, cancelled: Callable[[], bool] = lambda: False
    ) -> Iterator[str]:
        """Generate an answer piece by piece.

        `cancelled` is heard also while the server says nothing: a thread listens to it.

        Raises:
            ModelError: the server does not answer, or refuses. Cancelled: `cancelled` said so.
        """
        heard: queue.Queue[str | Exception | None] = queue.Queue()
        plain = [_plain(message) for message in messages]
        over = threading.Event()

        def listen() -> None:
            try:
                for chunk in self._open().stream(plain, max_tokens=max_tokens):
                    if over.is_set():
                        return
                    heard.put(chunk.text)
                heard.put(None)
            except Exception as error:
                heard.put(error)

        threading.Thread(target=listen, name="served", daemon=True).start()
        try:
            while True:
                if cancelled():
                    raise Cancelled
                try:
                    piece = heard.get(timeout=POLL_S)
                except queue.Empty:
                    continue
                if piece is None:
                    return
                if isinstance(piece, Exception):
                    raise self._readable(piece) from piece
                if piece:
                    yield piece
        finally:
            over.set()

    def models(self) -> list[str]:
        """Return the names of the models that the server has. Raises ModelError."""
        from openai import APIError, OpenAI

        client = OpenAI(base_url=self.url, api_key=self._key or "none", timeout=LIST_TIMEOUT_S, max_retries=0)
        try:
            return [model.id for model in client.models.list()]
        except APIError as error:
            raise self._readable(error) from error

    def _readable(self, error: Exception) -> Exception:
        """Return what a person is told of an error of the client; any other error as it is."""
        from httpx import HTTPError
        from openai import APIError, APIStatusError

        if isinstance(error, APIStatusError):
            why = " ".join(str(error).split())[:200]
            return ModelError("chat-server-refuses", url=self.url, reason=why)
        if isinstance(error, (APIError, HTTPError)):  # also where it ends in the middle of an answer
            return ModelError("chat-server-silent", url=self.url)
        return error

    def warm_up(self) -> None:
        """Find out which model answers. Raises ModelError."""
        self._open()

    def close(self) -> None:
        """Nothing is held here that a question needs again."""

    def end(self) -> None:
        """Give nobody a turn any more."""
        self._turn.close()

    def _open(self) -> Any:
        if self._client is None:
            from langchain_openai import ChatOpenAI
            from pydantic import SecretStr

            self._model = self._model or next(iter(self.models()), "")
            key = SecretStr(self._key or "none")
            self._client = ChatOpenAI(
                base_url=self.url,
                api_key=key,
                model=self._model,
                temperature=0.0,
                timeout=TIMEOUT_S,
                max_retries=0,
                stream_usage=False,
            )
        return self._client


def is_own(url: str) -> bool:
    """True for an address of this computer or of a private network.

    >>> is_own("http://127.0.0.1:8080/v1"), is_own("http://192.168.0.7/v1")
    (True, True)
    >>> is_own("https://api.example.com/v1")
    False
    """
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return host == "localhost" or host.endswith((".local", ".localhost")) or "." not in host


def _plain(message: BaseMessage) -> BaseMessage:
    """Return a message with its blocks as one text, which every server takes."""
    text = message.content if isinstance(message.content, str) else "".join(map(str, message.content))
    return SystemMessage(text) if message.type == "system" else HumanMessage(text)
