"""ServedChat: a chat model behind an OpenAI-compatible server (llama-server, vLLM, Ollama) in place of the
one that llama.cpp loads here.

What it is shown and how its words are checked is the same (`rag.answer.writing`, `rag.answer.compose`); what
leaves this program are the question and the few sentences that the answer is made of, to the address of
RAG_CHAT_URL and nowhere else.
"""

from __future__ import annotations

import contextlib
import ipaddress
from collections.abc import Callable, Iterator, Sequence
from typing import Any
from urllib.parse import urlsplit

from langchain_core.messages import BaseMessage, HumanMessage, SystemMessage

from rag.errors import ModelError
from rag.model.chat import Turn
from rag.model.engine import Cancelled

TIMEOUT_S = 120.0  # between two pieces of an answer


class ServedChat:
    """A model on a server: one answer at a time, greedy, streaming.

    Args:
        url: up to and with /v1. model: its name there, "" where the server has one only. key: where the
            server asks for one.
    """

    def __init__(self, url: str, model: str = "", key: str = "") -> None:
        self.url, self._asked, self._key = url.rstrip("/"), model, key
        self._turn = Turn()
        self._client: Any = None

    @property
    def model_name(self) -> str:
        """The model's name, for the answer; the server's where it does not answer."""
        with contextlib.suppress(ModelError):
            self._open()
        return self._asked or urlsplit(self.url).netloc

    def turn(self) -> Turn:
        """Return the lock that lets one question write at a time."""
        return self._turn

    def write(
        self, messages: Sequence[BaseMessage], max_tokens: int, cancelled: Callable[[], bool] = lambda: False
    ) -> Iterator[str]:
        """Generate an answer piece by piece.

        Raises:
            ModelError: the server does not answer, or refuses. Cancelled: `cancelled` said so.
        """
        from openai import APIConnectionError, APIError

        try:
            for chunk in self._open().stream(
                [_plain(message) for message in messages], max_tokens=max_tokens
            ):
                if cancelled():
                    raise Cancelled
                if chunk.text:
                    yield chunk.text
        except APIConnectionError as error:
            raise ModelError(
                f"The chat server {self.url} does not answer. Start it, or unset RAG_CHAT_URL."
            ) from error
        except APIError as error:
            raise ModelError(
                f"The chat server {self.url} refuses ({' '.join(str(error).split())[:200]}). Look at "
                f"RAG_CHAT_NAME and RAG_CHAT_KEY."
            ) from error

    def models(self) -> list[str]:
        """Return the names of the models that the server has. Raises ModelError."""
        from openai import APIError, OpenAI

        try:
            return [
                model.id
                for model in OpenAI(
                    base_url=self.url, api_key=self._key or "none", timeout=10.0, max_retries=0
                ).models.list()
            ]
        except APIError as error:  # also where it cannot be reached
            raise ModelError(
                f"The chat server {self.url} does not answer. Start it, or unset RAG_CHAT_URL."
            ) from error

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

            self._asked = self._asked or next(iter(self.models()), "")
            key = SecretStr(self._key or "none")
            self._client = ChatOpenAI(
                base_url=self.url,
                api_key=key,
                model=self._asked,
                temperature=0.0,
                timeout=TIMEOUT_S,
                max_retries=0,
                stream_usage=False,
            )
        return self._client


def is_own(url: str) -> bool:
    """True for an address of this computer or of a private network.

    >>> is_own("http://127.0.0.1:8080/v1"), is_own("http://192.168.0.7/v1"), is_own("https://api.example.com/v1")
    (True, True, False)
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
