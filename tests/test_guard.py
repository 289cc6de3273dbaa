"""Who may come in, and what may be asked of the page from outside."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from browser import CHROMIUM, FLAGS, free_port

from rag import people
from rag.config import ROOT, Settings
from rag.errors import ConfigError
from rag.people import People
from rag.ui import guard, serve
from rag.ui.guard import Door


@pytest.fixture
def file(tmp_path: Path) -> Path:
    people.add(tmp_path / "people", "편집자", "긴 비밀번호 하나")
    people.add(tmp_path / "people", "reader", "another password", "reader")
    return tmp_path / "people"


def test_passwords_are_salted_hashes_that_only_their_owner_can_read(file: Path) -> None:
    known = People(file)
    assert (
        known.knows("편집자", "긴 비밀번호 하나")
        and not known.knows("편집자", "긴 비밀번호 둘")
        and not known.knows("없음", "긴 비밀번호 하나")
    )
    assert known.may_edit("편집자") and not known.may_edit("reader") and not known.may_edit(None)
    assert file.stat().st_mode & 0o777 == 0o600 and "비밀번호" not in file.read_text(encoding="utf-8")
    before = file.read_text(encoding="utf-8")
    people.add(file, "reader", "another password", "reader")
    assert file.read_text(encoding="utf-8") != before and len(People(file).people) == 2  # another salt


@pytest.mark.parametrize(
    ("text", "why"), [("", "names nobody"), ("a:b\n", "line 1"), ("a:king:00:00\n", "role")]
)
def test_a_bad_file_of_people_is_named(tmp_path: Path, text: str, why: str) -> None:
    bad = tmp_path / "people"
    bad.write_text(text, encoding="utf-8")
    bad.chmod(0o600)
    with pytest.raises(ConfigError, match=why):
        People(bad)
    bad.chmod(0o644)
    with pytest.raises(ConfigError, match="chmod 600"):
        People(bad)
    with pytest.raises(ConfigError, match="8 characters"):
        people.add(bad, "a", "short")
    with pytest.raises(ConfigError, match="name"):
        people.add(bad, "a:b", "long enough")


def test_wrong_passwords_are_slowed_down(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rests: list[float] = []
    door = Door(People(file))

    async def rest(seconds: float) -> None:
        rests.append(seconds)

    async def tries() -> list[bool]:
        return [await door.enter("reader", f"wrong {i}") for i in range(guard.MAX_TRIES + 2)] + [
            await door.enter("편집자", "긴 비밀번호 하나")
        ]

    monkeypatch.setattr(guard.asyncio, "sleep", rest)
    assert asyncio.run(tries()) == [False] * (guard.MAX_TRIES + 2) + [True]
    assert rests == [guard.REST_S] * 2  # and the other person is not held up


def test_another_address_needs_people(settings: Settings) -> None:
    with pytest.raises(ConfigError, match=r"--auth FILE.*--host"):
        serve(Settings.load(documents=settings.documents, data=settings.data, host="0.0.0.0"), block=False)


def test_the_command_line_makes_people(tmp_path: Path) -> None:
    made = subprocess.run(
        [sys.executable, "-m", "rag", "people", tmp_path / "p", "가나", "--reader"],
        cwd=ROOT,
        input="비밀번호 여덟자\n",
        text=True,
        capture_output=True,
    )
    assert made.returncode == 0, made.stderr
    assert People(tmp_path / "p").knows("가나", "비밀번호 여덟자") and not People(tmp_path / "p").may_edit(
        "가나"
    )


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """A page with people, whose models are never there: nothing here asks them."""
    folder = tmp_path_factory.mktemp("office")
    (folder / "documents").mkdir()
    (folder / ".env").write_text("SECRET=1", encoding="utf-8")
    people.add(folder / "people", "kim", "long password")
    port = free_port()
    settings = Settings.load(
        documents=folder / "documents",
        data=folder / "data",
        models_dir=folder / "none",
        port=port,
        auth=str(folder / "people"),
        host_names="ai.example.kr",
    )
    blocks, _, startup = serve(settings, block=False)
    yield f"http://127.0.0.1:{port}", folder
    blocks.close()
    startup.close()


def sign_in(client: httpx.Client, password: str = "long password") -> Any:
    return client.post("/login", data={"username": "kim", "password": password})


def test_nothing_is_shown_before_signing_in(office: tuple[str, Path]) -> None:
    with httpx.Client(base_url=office[0]) as client:
        assert client.post("/gradio_api/call/search", json={"data": ["가", 1]}).status_code == 401
        assert (
            client.post(
                "/gradio_api/queue/join", json={"data": [], "fn_index": 0, "session_hash": "x"}
            ).status_code
            == 401
        )
        assert client.get("/gradio_api/info").status_code == 401
        assert "documents" not in client.get("/config").text
        assert sign_in(client, "wrong password").status_code == 400
        entered = sign_in(client)
        assert entered.status_code == 200 and all(
            "httponly" in c.lower() and "samesite=strict" in c.lower()
            for c in entered.headers.get_list("set-cookie")
        )
        assert client.get("/gradio_api/info").status_code == 200


@pytest.mark.parametrize("signed_in", [False, True])
@pytest.mark.parametrize(
    "target",
    [
        "data/catalogue.sqlite",
        "data/conversations.sqlite3",
        ".env",
        "people",
        "data/../.env",
        "%2e%2e/.env",
        "/etc/passwd",
    ],
)
def test_no_file_can_be_read_over_http(office: tuple[str, Path], target: str, signed_in: bool) -> None:
    with httpx.Client(base_url=office[0]) as client:
        if signed_in:
            sign_in(client)
        for place in (
            f"/gradio_api/file={office[1]}/{target}",
            f"/file={office[1]}/{target}",
            f"/gradio_api/file={target}",
            f"/static/../{target}",
            f"/assets/{target}",
        ):
            answer = client.get(place)
            assert answer.status_code in (401, 403, 404), (place, answer.status_code)
            assert "SECRET" not in answer.text and "root:" not in answer.text


def test_foreign_hosts_origins_and_large_bodies_are_refused(office: tuple[str, Path]) -> None:
    with httpx.Client(base_url=office[0]) as client:
        assert client.get("/", headers={"host": "evil.example"}).status_code == 421
        assert client.get("/", headers={"host": "ai.example.kr"}).status_code == 200
        assert client.post("/login", data={}, headers={"origin": "http://evil.example"}).status_code == 403
        assert client.get("/", headers={"origin": "null"}).status_code == 403
        own = office[0]
        assert client.get("/", headers={"origin": own}).status_code == 200
    host, port = office[0].removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as raw:  # no client sends such a lie
        raw.sendall(
            f"POST /gradio_api/upload HTTP/1.1\r\nHost: {host}:{port}\r\nContent-Length: {10**12}\r\n\r\n".encode()
        )
        assert b" 413 " in raw.recv(200)


def test_every_answer_carries_the_headers(office: tuple[str, Path]) -> None:
    with httpx.Client(base_url=office[0]) as client:
        for place in ("/", "/config", "/nowhere"):
            headers = client.get(place).headers
            assert (
                "frame-ancestors 'none'" in headers["content-security-policy"]
                and headers["referrer-policy"] == "no-referrer"
            )
            assert headers["x-frame-options"] == "DENY" and "http" not in headers[
                "content-security-policy"
            ].replace("http-equiv", "")


def test_the_page_works_under_its_own_policy(office: tuple[str, Path]) -> None:
    from playwright.sync_api import expect, sync_playwright

    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine")
    with sync_playwright() as playwright:
        page = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS).new_page(locale="ko-KR")
        blocked: list[str] = []
        page.on(
            "console",
            lambda message: (
                blocked.append(message.text) if "Content Security Policy" in message.text else None
            ),
        )
        page.goto(office[0])
        page.locator("input[type=text], textarea").first.fill("kim")
        page.locator("input[type=password]").fill("long password")
        page.locator("button").last.click()
        expect(page.locator("#heading h1")).to_be_visible(timeout=60_000)
        time.sleep(1)
        assert not [text for text in blocked if "127.0.0.1" in text]
