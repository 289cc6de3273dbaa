"""What stands between the page and the network: who may sign in, which requests are let in, and which
headers go out.

The checks hold on this computer too: another web page that is open in the same browser can reach 127.0.0.1,
and must not.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any
from urllib.parse import urlsplit

from rag.people import People

LOOPBACK = ("127.0.0.1", "::1", "localhost")
MAX_TRIES = 5  # wrong passwords before each further one costs REST_S
REST_S = 5.0
_HEADERS = {
    # Gradio's page needs inline scripts and eval; what matters is that no other host can be asked, framed or
    # posted to
    "content-security-policy": "default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob:; connect-src 'self'; object-src 'none'; "
    "base-uri 'self'; form-action 'self'; frame-ancestors 'none'",
    "x-frame-options": "DENY",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
    "cross-origin-resource-policy": "same-origin",
}
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class Guard:
    """ASGI middleware: foreign Host and Origin and bodies that are too large are refused, and every answer
    carries the headers above.

    Args:
        hosts: names that the page may be reached by. max_body: bytes of a request.
    """

    def __init__(self, app: Any, hosts: Iterable[str], max_body: int) -> None:
        self.app, self.hosts, self.max_body = app, frozenset(host.lower() for host in hosts), max_body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        headers = {
            name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]
        }
        host = urlsplit(f"//{headers.get('host', '')}").hostname or ""
        if host.lower() not in self.hosts:
            await _refuse(send, 421, "This page is not known by that name.")
            return
        origin = headers.get("origin", "")
        if origin and urlsplit(origin).netloc.lower() != headers.get("host", "").lower():
            await _refuse(send, 403, "Requests from other pages are refused.")
            return
        length = headers.get("content-length", "0")
        if not length.isdigit() or int(length) > self.max_body:
            await _refuse(send, 413, f"More than {self.max_body // 10**6} MB cannot be sent.")
            return
        received = 0

        async def count() -> MutableMapping[str, Any]:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > self.max_body:  # sent in pieces, without saying how much
                return {"type": "http.disconnect"}
            return message

        async def say(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                given = [
                    (name, value)
                    for name, value in message["headers"]
                    if name.decode("latin-1").lower() not in _HEADERS
                ]
                given = [
                    (name, _own_site(value) if name.lower() == b"set-cookie" else value)
                    for name, value in given
                ]
                message["headers"] = [
                    *given,
                    *((name.encode(), value.encode()) for name, value in _HEADERS.items()),
                ]
            await send(message)

        await self.app(scope, count, say)


class Door:
    """Checks names and passwords; wrong ones are slowed down, by name and over all, so that none can be
    tried out.
    """

    def __init__(self, people: People) -> None:
        self.people = people
        self._wrong: dict[str, list[float]] = {}

    async def enter(self, name: str, password: str) -> bool:
        """Tell whether a person may come in."""
        now = time.monotonic()
        for key in (name, ""):
            self._wrong[key] = [at for at in self._wrong.get(key, []) if now - at < 60]
        if len(self._wrong[name]) >= MAX_TRIES or len(self._wrong[""]) >= 10 * MAX_TRIES:
            await asyncio.sleep(REST_S)
        if await asyncio.to_thread(self.people.knows, name, password[:200]):
            self._wrong.pop(name, None)
            return True
        for key in (name, ""):
            self._wrong.setdefault(key, []).append(now)
        if len(self._wrong) > 10_000:
            self._wrong.clear()
        return False


def _own_site(cookie: bytes) -> bytes:
    """A cookie that only this page's own requests carry.

    >>> _own_site(b"a=b; HttpOnly; SameSite=none; Secure")
    b'a=b; HttpOnly; Secure; SameSite=Strict'
    """
    parts = [part for part in cookie.split(b";") if not part.strip().lower().startswith(b"samesite")]
    return b";".join([*parts, b" SameSite=Strict"])


async def _refuse(send: Send, status: int, words: str) -> None:
    await send(
        {
            "type": "http.response.start",
            "status": status,
            "headers": [(b"content-type", b"text/plain; charset=utf-8")],
        }
    )
    await send({"type": "http.response.body", "body": words.encode()})
