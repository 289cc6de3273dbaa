"""The page in a real browser, with the real models: ask, click a source, add and remove a document, nothing leaves the machine."""

from __future__ import annotations

import shutil
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from rag.config import ROOT, Settings
from rag.models import ModelStore
from rag.ui.strings import STRINGS

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"]


def test_every_string_is_there_in_both_languages_with_the_same_placeholders() -> None:
    import string

    def fields(text: str) -> set[str]:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name}

    assert STRINGS["ko"].keys() == STRINGS["en"].keys()
    for key, korean in STRINGS["ko"].items():
        assert fields(korean) == fields(STRINGS["en"][key]), key


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def address(models: ModelStore, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    from rag.ui import serve

    folder = tmp_path_factory.mktemp("page")
    (folder / "documents").mkdir()
    for name in ("01_AI와_사회.md", "05_딥시크_충격.pdf"):
        shutil.copy(ROOT / "documents" / name, folder / "documents" / name)
    port = free_port()
    blocks, _, startup = serve(Settings.load(documents=folder / "documents", data=folder / "data", port=port), block=False)
    deadline = time.monotonic() + 300
    while startup.status.busy and time.monotonic() < deadline:
        time.sleep(0.5)
    assert startup.status.key == "ready_status", startup.status
    yield f"http://127.0.0.1:{port}", folder
    blocks.close()
    startup.close()


@pytest.fixture
def page(address: tuple[str, Path]) -> Iterator[Page]:
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        context = browser.new_context(locale="ko-KR", viewport={"width": 1366, "height": 768})
        opened = context.new_page()
        asked: list[str] = []
        opened.on("request", lambda request: asked.append(request.url))
        opened.goto(address[0])
        expect(opened.locator("#question textarea")).to_be_visible(timeout=60_000)
        yield opened
        outside = [url for url in asked if not url.startswith((address[0], "data:", "blob:", address[0].replace("http", "ws")))]
        assert not outside, outside
        browser.close()


def ask(page: Page, question: str) -> Any:
    page.locator("#question textarea").fill(question)
    page.keyboard.press("Enter")
    answer = page.locator("#chat .bot").last
    expect(answer.locator("small").last).to_be_visible(timeout=180_000)
    return answer


@pytest.mark.model
def test_ask_and_click_a_source(page: Page) -> None:
    answer = ask(page, "딥시크 R1의 가장 큰 모델은 매개변수가 몇 개인가요?")
    expect(answer).to_contain_text("6,710억")
    answer.locator("a.cite").first.click()
    card = page.locator("#source-1")
    expect(card).to_have_class("source flash")
    expect(card.locator("mark, tr.marked").first).to_contain_text("6,710억")
    expect(card).to_contain_text("05_딥시크_충격.pdf")


@pytest.mark.model
def test_a_follow_up_says_how_it_was_understood(page: Page) -> None:
    ask(page, "2022년에 중국은 64개 기술 중 몇 개에서 앞섰나요?")
    page.locator("#question textarea").fill("2003~2007년에 미국은?")
    page.keyboard.press("Enter")
    answer = page.locator("#chat .bot").nth(1)
    expect(answer).to_contain_text("60개", timeout=180_000)
    expect(answer).to_contain_text("이렇게 이해했습니다: 2003~2007년에 미국은 64개 기술 중 몇 개에서 앞섰나요?", timeout=180_000)


@pytest.mark.model
def test_add_and_remove_a_document(page: Page, address: tuple[str, Path], tmp_path: Path) -> None:
    (tmp_path / "버스<b>.txt").write_text("심야버스 노선은 3개에서 5개로 늘어난다.\n", encoding="utf-8")
    page.get_by_role("tab", name="문서").click()
    page.locator("#upload input[type=file]").set_input_files(str(tmp_path / "버스<b>.txt"))
    deadline = time.monotonic() + 60
    while not any((address[1] / "documents").glob("버스*")) and time.monotonic() < deadline:
        page.wait_for_timeout(200)
    added = next((address[1] / "documents").glob("버스*"))
    expect(page.locator("#status")).to_contain_text("문서 3개", timeout=60_000)
    page.reload()
    page.get_by_role("tab", name="문서").click()
    expect(page.locator("#documents")).to_contain_text(added.name, timeout=60_000)
    page.locator("#chosen input").first.click()
    page.get_by_role("option", name=added.name).click()
    page.keyboard.press("Escape")
    page.locator("#remove").click()
    expect(page.locator("#status")).to_contain_text("문서 2개", timeout=60_000)
    assert not added.exists()


@pytest.mark.model
def test_stop_frees_the_model_for_the_next_question(page: Page) -> None:
    page.locator("#question textarea").fill("국민 펀드가 지분을 가지면 무엇이 낮아지나요?")
    page.keyboard.press("Enter")
    expect(page.locator("#chat .bot").last).to_contain_text("읽는 중", timeout=60_000)
    page.locator("#stop").click()
    expect(page.locator("#chat .bot").last).to_contain_text("멈췄습니다", timeout=30_000)
    page.locator("#clear").click()
    expect(ask(page, "H100 한 장의 가격은 얼마인가요?")).to_contain_text("5천만")
    page.locator("#retry").click()
    page.wait_for_timeout(1000)
    expect(page.locator("#chat .bot").last.locator("small").last).to_be_visible(timeout=120_000)
    expect(page.locator("#chat .bot").last).to_contain_text("5천만")
