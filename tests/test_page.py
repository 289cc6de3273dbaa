"""The page in a real browser, with the real models: everything a person does there; nothing leaves the machine."""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from browser import CHROMIUM, FLAGS, free_port
from playwright.sync_api import Page, expect, sync_playwright

from rag.answer.answering import Tools
from rag.assistant import Assistant
from rag.config import ROOT, Settings
from rag.errors import QuestionError
from rag.model.weights import ModelStore
from rag.ui.strings import STRINGS

TIMES = re.compile(r"전체 [\d.]+초|all [\d.]+ s")


def test_every_string_is_there_in_both_languages_with_the_same_placeholders() -> None:
    import string

    def fields(text: str) -> set[str]:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name}

    assert STRINGS["ko"].keys() == STRINGS["en"].keys()
    for key, korean in STRINGS["ko"].items():
        assert fields(korean) == fields(STRINGS["en"][key]), key


def test_who_sees_an_answer_may_ask_on_though_its_stream_was_not_taken_to_the_end() -> None:
    from rag.types import Answer, Done, Status
    from rag.ui.chat import ChatTab

    answers = iter([Answer("가?", "나입니다.", Status.NONE), Answer("다?", "라입니다.", Status.NONE)])
    library = SimpleNamespace(catalogue=None)
    assistant = SimpleNamespace(
        library=library, stream=lambda *_: iter([Done(next(answers))]), settings=SimpleNamespace()
    )
    warmer = SimpleNamespace(asked=lambda: None)
    status = SimpleNamespace(usable=True, busy=False)
    startup: Any = SimpleNamespace(assistant=assistant, warmer=warmer, status=status, conversations=None)
    request: Any = SimpleNamespace(session_hash="one", username=None, headers={})
    chat = ChatTab(startup)
    first, second = (
        chat.answer([{"role": "user", "content": asked}], [], False, [], None, request)
        for asked in ("가?", "다?")
    )
    while "나입니다." not in str(next(first).chat):
        pass
    assert any("라입니다." in str(shown.chat) for shown in second)
    assert list(first) == []


@pytest.mark.model
@pytest.mark.skipif(os.name == "nt", reason="Ctrl-C comes another way there")
@pytest.mark.parametrize(
    ("language", "says"),
    [
        ("ko_KR.UTF-8", "브라우저에서 {address} 을 여세요. 끄려면 Ctrl+C.\n"),
        ("en_GB.UTF-8", "Open {address} in your browser. Ctrl+C ends the program.\n"),
    ],
)
def test_the_terminal_says_where_the_page_is_and_how_to_end_it(
    models: ModelStore, tmp_path: Path, language: str, says: str
) -> None:
    (tmp_path / "documents").mkdir()
    port = free_port()
    folders = [f"--{name}={tmp_path / name}" for name in ("documents", "data")]
    command = [sys.executable, "app.py", *folders, f"--port={port}"]
    environment = {**os.environ, "LC_ALL": language, "RAG_MODELS_DIR": str(models.folder)}
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, encoding="utf-8"
    ) as program:
        assert program.stdout
        address = f"http://127.0.0.1:{port}"
        assert program.stdout.readline() == says.format(address=address)
        assert httpx.get(address).status_code == 200
        program.send_signal(signal.SIGINT)
        assert program.wait(60) == 0 and "share" not in program.stdout.read()
    assert not list((tmp_path / "data" / "uploads").iterdir())


@pytest.fixture(scope="module")
def address(
    models: ModelStore, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, Path, Assistant]]:
    from rag.ui import serve

    folder = tmp_path_factory.mktemp("page")
    (folder / "documents").mkdir()
    for name in ("01_AI와_사회.md", "05_딥시크_충격.pdf"):
        shutil.copy(ROOT / "documents" / name, folder / "documents" / name)
    port = free_port()
    blocks, assistant, startup = serve(
        Settings.load(documents=folder / "documents", data=folder / "data", port=port), mcp=True, block=False
    )
    deadline = time.monotonic() + 300
    while startup.status.busy and time.monotonic() < deadline:
        time.sleep(0.5)
    assert startup.status.key == "ready_status", startup.status
    yield f"http://127.0.0.1:{port}", folder, assistant
    blocks.close()
    startup.close()
    assert not list((folder / "data" / "uploads").iterdir())


def uploaded(folder: Path) -> list[Path]:
    """What lies where the browser's files come in; empty files, which Gradio makes, tell nothing."""
    return [f for f in (folder / "data" / "uploads").rglob("*") if f.is_file() and f.stat().st_size]


@pytest.fixture
def page(address: tuple[str, Path, Assistant], request: pytest.FixtureRequest) -> Iterator[Page]:
    """An open page; the parameter is (language, width, height)."""
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine")
    locale, width, height = getattr(request, "param", ("ko-KR", 1366, 768))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        context = browser.new_context(
            locale=locale, viewport={"width": width, "height": height}, accept_downloads=True
        )
        context.grant_permissions(["clipboard-read", "clipboard-write"])
        opened = context.new_page()
        asked: list[str] = []
        opened.on("request", lambda request: asked.append(request.url))
        opened.goto(address[0])
        expect(opened.locator("#question textarea")).to_be_visible(timeout=60_000)
        expect(opened.locator("#heading h1")).to_be_visible(timeout=60_000)
        yield opened
        outside = [
            url
            for url in asked
            if not url.startswith((address[0], "data:", "blob:", address[0].replace("http", "ws")))
        ]
        assert not outside, outside
        browser.close()


def ask(page: Page, question: str) -> Any:
    """Ask and wait for the whole answer, which ends with its times."""
    page.locator("#question textarea").fill(question)
    page.keyboard.press("Enter")
    expect(page.locator("#chat .user").last).to_contain_text(question, timeout=30_000)
    answer = page.locator("#chat .bot").last
    expect(answer.locator("small").last).to_contain_text(TIMES, timeout=180_000)
    return answer


def copied(page: Page, beginning: str) -> str:
    """Wait for words in the clipboard that begin so, which come some time after the click; return them."""
    deadline = time.monotonic() + 30
    while not (words := str(page.evaluate("navigator.clipboard.readText()"))).startswith(beginning):
        assert time.monotonic() < deadline, words
        page.wait_for_timeout(100)
    return words


def violations(page: Page, where: str) -> list[str]:
    """What axe-core finds against WCAG 2.2 AA, of any impact, once colours have stopped to change."""
    page.wait_for_function("document.getAnimations().every((a) => !(a instanceof CSSTransition))")
    options = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}
    found = Axe().run(page, options=options).response["violations"]
    return [f"{where}: {v['impact']} {v['id']} {node['html'][:120]}" for v in found for node in v["nodes"]]


@pytest.mark.model
def test_ask_and_click_a_source(page: Page) -> None:
    answer = ask(page, "딥시크 R1의 가장 큰 모델은 매개변수가 몇 개인가요?")
    expect(answer).to_contain_text("6,710억")
    answer.locator("a.cite").first.click()
    card = page.locator("#source-0-1")
    expect(card).to_have_class("source flash")
    expect(card.locator("mark, tr.marked").first).to_contain_text("6,710억")
    expect(card).to_contain_text("05_딥시크_충격.pdf")
    expect(card.locator(".picture img")).to_be_visible(timeout=60_000)  # the page itself
    answer.locator("a.cite").first.hover()
    expect(page.locator(".tip")).to_contain_text("6,710억 개이다.”")
    card.locator("[data-do=copy]").click()
    assert copied(page, "「딥시크 충격 – 싸고 열린 AI가 바꾼 판」, 2026-11-21, 1쪽")
    card.locator("[data-do=read]").click()
    expect(page.locator("dialog.reader mark")).to_contain_text("6,710억")
    page.keyboard.press("Escape")
    expect(page.locator("dialog.reader")).to_have_count(0)
    page.locator("details.why summary").click()
    expect(page.locator("details.why tr.used").first).to_contain_text("딥시크")


BUDGET = """# 나루시 살림

표 1. 부서별 예산 (단위: 억 원)

| 부서 | 2024년 | 2025년 | 비고 |
|---|---|---|---|
| 복지국 | 1,310.0 | 1,405.5 | =1+1 명 |
| 교통국 | 800.0 | 910.0 | "심야" 버스 |
"""


@pytest.mark.model
def test_a_cell_is_marked_in_its_table_which_is_copied_for_a_spreadsheet(
    page: Page, address: tuple[str, Path, Assistant]
) -> None:
    added = address[1] / "documents" / "살림.md"
    added.write_text(BUDGET, encoding="utf-8")
    expect(page.locator("#status")).to_contain_text("문서 3개", timeout=60_000)
    answer = ask(page, "2025년 예산이 제일 많은 부서는 어디야?")
    answer.locator("a.cite").first.click()
    card = page.locator("#source-0-1")
    expect(card.locator("td.answer")).to_have_text("행: 복지국, 열: 2025년, 1,405.5")
    expect(card.locator("th.lit")).to_have_text(["2025년", "복지국"])
    button = card.get_by_role("button", name="표 복사")
    button.press("Enter")
    assert copied(page, "부서\t").split("\n") == [
        "부서\t2024년\t2025년\t비고",
        "복지국\t1,310.0\t1,405.5\t'=1+1 명",  # no formula
        '교통국\t800.0\t910.0\t"""심야"" 버스"',
    ]
    expect(card.get_by_role("status")).to_have_text("복사했습니다.")
    found = violations(page, "light")
    for look in ("dark", "contrast"):
        page.locator(f"[data-do={look}]").click()
        found += violations(page, look)
    assert not found, "\n".join(found)
    page.evaluate("Object.defineProperty(navigator, 'clipboard', { value: undefined })")  # as without TLS
    quote = card.get_by_role("button", name="출처와 함께 복사")
    quote.press("Enter")
    expect(quote).to_be_focused()
    page.locator("#question textarea").press("Control+v")
    expect(page.locator("#question textarea")).to_have_value(re.compile("^「나루시 살림」"))
    page.reload()
    page.locator(".toggle-button").first.click()
    page.locator("#listed label").first.click()
    expect(page.locator("#source-0-1 td.answer")).to_contain_text("1,405.5", timeout=30_000)
    added.unlink()
    expect(page.locator("#status")).to_contain_text("문서 2개", timeout=60_000)


@pytest.mark.model
def test_a_follow_up_says_how_it_was_understood(page: Page) -> None:
    ask(page, "2022년에 중국은 64개 기술 중 몇 개에서 앞섰나요?")
    page.locator("#question textarea").fill("2003~2007년에 미국은?")
    page.keyboard.press("Enter")
    answer = page.locator("#chat .bot").nth(1)
    expect(answer).to_contain_text("60개", timeout=180_000)
    expect(answer).to_contain_text(
        "이렇게 이해했습니다: 2003~2007년에 미국은 64개 기술 중 몇 개에서 앞섰나요?", timeout=180_000
    )


@pytest.mark.model
def test_add_and_remove_a_document(page: Page, address: tuple[str, Path, Assistant], tmp_path: Path) -> None:
    (tmp_path / "버스<b>.txt").write_text("심야버스 노선은 3개에서 5개로 늘어난다.\n", encoding="utf-8")
    page.get_by_role("tab", name="문서").click()
    page.locator("#upload input[type=file]").set_input_files(str(tmp_path / "버스<b>.txt"))
    deadline = time.monotonic() + 60
    while not any((address[1] / "documents").glob("버스*")) and time.monotonic() < deadline:
        page.wait_for_timeout(200)
    added = next((address[1] / "documents").glob("버스*"))
    expect(page.locator("#status")).to_contain_text("문서 3개", timeout=60_000)
    assert not uploaded(address[1])
    page.reload()
    page.get_by_role("tab", name="문서").click()
    expect(page.locator("#documents")).to_contain_text(added.name, timeout=60_000)
    first = page.locator("#documents").get_by_role("gridcell").filter(visible=True).first
    expect(first).to_contain_text(added.name)  # what is new is on top
    first.click()
    expect(page.locator("#preview .text")).to_contain_text("심야버스", timeout=30_000)
    page.locator("#chosen input").first.click()
    page.get_by_role("option", name=added.name).click()
    page.keyboard.press("Escape")
    page.locator("#remove").click()
    question = page.locator("#removal [role=alert]")
    expect(question).to_have_text(f"‘{added.name}’ 파일을 documents 폴더에서 지웁니다. 되돌릴 수 없습니다.")
    expect(page.locator("#spare")).to_be_focused()  # Enter deletes nothing
    page.keyboard.press("Enter")
    expect(question).to_be_hidden()
    expect(page.locator("#remove")).to_be_focused()
    assert added.exists()
    page.keyboard.press("Enter")
    expect(page.locator("#spare")).to_be_focused()
    assert not (found := violations(page, "removal")), "\n".join(found)
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".toast-title")).to_contain_text("알림")
    expect(page.get_by_test_id("toast-close")).to_have_attribute("aria-label", "닫기")
    expect(page.locator("#status")).to_contain_text("문서 2개", timeout=60_000)
    expect(question).to_be_hidden()
    expect(page.locator("#preview")).not_to_contain_text("심야버스")
    assert not added.exists()


@pytest.mark.model
def test_a_file_that_cannot_be_read_shows_in_the_list_without_a_reload(
    page: Page, address: tuple[str, Path, Assistant], tmp_path: Path
) -> None:
    (tmp_path / "빈 계획.docx").touch()
    page.get_by_role("tab", name="문서").click()
    page.locator("#upload input[type=file]").set_input_files(str(tmp_path / "빈 계획.docx"))
    expect(page.locator("#documents")).to_contain_text("빈 파일입니다: 빈 계획.docx", timeout=60_000)
    expect(page.locator("#status")).to_contain_text("읽지 못한 파일 1개")
    expect(page.locator("#status")).to_contain_text("문서 2개")
    (address[1] / "documents" / "빈 계획.docx").unlink()
    expect(page.locator("#documents")).not_to_contain_text("빈 계획.docx", timeout=60_000)
    expect(page.locator("#status")).not_to_contain_text("읽지 못한")


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


@pytest.mark.model
def test_sources_of_an_older_answer_come_back_with_its_number(page: Page) -> None:
    ask(page, "H100 한 장의 가격은 얼마인가요?")
    ask(page, "2022년에 중국은 64개 기술 중 몇 개에서 앞섰나요?")
    expect(page.locator("#turn-0")).to_be_hidden()
    page.locator("#chat a.cite").first.click()
    expect(page.locator("#source-0-1")).to_be_visible()
    expect(page.locator("#turn-1")).to_be_hidden()
    page.locator("body").press("]")
    expect(page.locator("#turn-0 .source.flash")).to_have_count(1)


@pytest.mark.model
def test_a_question_of_chosen_documents_only(page: Page) -> None:
    page.locator("#scope input").click()
    page.get_by_role("option", name="01_AI와_사회.md").click()
    page.keyboard.press("Escape")
    answer = ask(page, "딥시크 R1의 가장 큰 모델은 매개변수가 몇 개인가요?")
    expect(answer).not_to_contain_text("6,710억")
    for file in page.locator("#sources .file").all_inner_texts():
        assert file == "01_AI와_사회.md"


@pytest.mark.model
def test_asking_twice_at_once_asks_once(page: Page) -> None:
    page.locator("#question textarea").fill("H100 한 장의 가격은 얼마인가요?")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    expect(page.locator("#chat .bot").last.locator("small").last).to_contain_text(TIMES, timeout=180_000)
    page.wait_for_timeout(2000)
    assert page.locator("#chat .user").count() == 1 and page.locator("#chat .bot").count() == 1


@pytest.mark.model
def test_conversations_are_kept_found_renamed_and_deleted(page: Page) -> None:
    ask(page, "국민 펀드가 지분을 가지면 무엇이 낮아지나요?")
    page.reload()
    expect(page.locator("#heading h1")).to_be_visible(timeout=60_000)
    page.locator(".toggle-button").first.click()
    page.locator("#find textarea, #find input").first.fill("국민 펀드")
    expect(page.locator("#listed label")).to_have_count(1, timeout=30_000)
    page.locator("#listed label").first.click()
    expect(page.locator("#chat .bot")).to_contain_text("세금", timeout=30_000)
    expect(page.locator("#source-0-1")).to_be_visible()
    page.locator("#name textarea, #name input").first.fill("펀드 이야기")
    page.locator("#rename").click()
    page.locator("#find textarea, #find input").first.fill("이야기")
    expect(page.locator("#listed")).to_contain_text("펀드 이야기", timeout=30_000)
    page.locator("#delete").click()
    expect(page.locator("#listed label")).to_have_count(0, timeout=30_000)
    expect(page.locator("#chat .bot")).to_have_count(0)


@pytest.mark.model
def test_an_answer_is_taken_along(page: Page, address: tuple[str, Path, Assistant], tmp_path: Path) -> None:
    import docx
    import unhwp

    ask(page, "딥시크 R1의 가장 큰 모델은 매개변수가 몇 개인가요?")
    files = {}
    for name in ("Markdown", "Word", "한글"):
        expect(page.get_by_role("button", name=f"저장: {name}", exact=True)).to_be_visible()
    for kind in ("md", "docx", "hwpx"):
        with page.expect_download() as download:
            page.locator(f"#save-{kind}").click()
        files[kind] = tmp_path / download.value.suggested_filename
        download.value.save_as(files[kind])
    assert files["md"].name == "딥시크 R1의 가장 큰 모델은 매개변수가 몇 개인가요.md" and "[^1]: 「" in files[
        "md"
    ].read_text(encoding="utf-8")
    assert any("6,710억" in p.text for p in docx.Document(io.BytesIO(files["docx"].read_bytes())).paragraphs)
    assert "6,710억" in unhwp.to_markdown(str(files["hwpx"]))
    assert not uploaded(address[1])  # nor are copies of them
    page.locator("#brief").click()
    assert "6,710억" in copied(page, "□ 딥시크 R1")


@pytest.mark.model
def test_feedback_becomes_rows_for_evaluation(page: Page, tmp_path: Path) -> None:
    ask(page, "H100 한 장의 가격은 얼마인가요?")
    page.locator("#chat button[aria-label='싫어요']").last.click()
    page.locator("#why-wrong textarea, #why-wrong input").first.fill("단위가 다름")
    page.keyboard.press("Enter")
    expect(page.locator("#why-wrong")).to_be_hidden(timeout=30_000)
    page.locator(".toggle-button").first.click()
    with page.expect_download() as download:
        page.locator("#feedback").click()
    rows = [json.loads(line) for line in Path(download.value.path()).read_text(encoding="utf-8").splitlines()]
    assert (
        rows[-1]["question"] == "H100 한 장의 가격은 얼마인가요?"
        and rows[-1]["verdict"] == "wrong"
        and rows[-1]["why"] == "단위가 다름"
    )


@pytest.mark.model
def test_a_question_is_changed_and_taken_back(page: Page) -> None:
    ask(page, "H100 한 장의 가격은 얼마인가요?")
    page.locator("#chat button[aria-label='편집']").last.click()
    page.locator("#chat textarea").last.fill("2022년에 중국은 64개 기술 중 몇 개에서 앞섰나요?")
    page.locator("#chat button[aria-label='제출']").last.click()
    expect(page.locator("#chat .bot").last).to_contain_text("52개", timeout=180_000)
    assert page.locator("#chat .user").count() == 1
    page.locator("#chat button[aria-label='실행 취소']").last.click()
    expect(page.locator("#question textarea")).to_have_value(
        "2022년에 중국은 64개 기술 중 몇 개에서 앞섰나요?", timeout=30_000
    )


@pytest.mark.model
def test_the_library_at_a_glance_and_a_preview(page: Page) -> None:
    page.get_by_role("tab", name="한눈에").click()
    expect(page.locator("#pictures svg.chart")).to_have_count(2, timeout=60_000)
    assert page.locator("#pictures svg.chart path").count() > 10
    page.get_by_role("tab", name="문서").click()
    page.locator("#documents").get_by_text("05_딥시크_충격.pdf").filter(visible=True).first.click()
    expect(page.locator("#preview .text")).to_contain_text("6,710억", timeout=30_000)
    page.get_by_role("tab", name="설정").click()
    expect(page.locator("#settings")).to_contain_text("RAG_READ_AHEAD", timeout=30_000)
    expect(page.locator("#models")).to_contain_text("Qwen3-4B", timeout=30_000)
    expect(page.locator("#models tr").filter(has_text="쓰는 중")).to_have_count(1)


@pytest.mark.model
def test_a_file_put_into_the_folder_is_noticed(page: Page, address: tuple[str, Path, Assistant]) -> None:
    added = address[1] / "documents" / "새 글.txt"
    added.write_text("온실가스 감축 목표는 40%이다.\n", encoding="utf-8")
    expect(page.locator("#status")).to_contain_text("문서 3개", timeout=60_000)
    added.unlink()
    expect(page.locator("#status")).to_contain_text("문서 2개", timeout=60_000)


@pytest.mark.model
@pytest.mark.parametrize("page", [("ko-KR", 1366, 768), ("en-US", 390, 844)], indirect=True)
def test_wcag_2_2_aa(page: Page) -> None:
    found = violations(page, "empty")
    ask(page, "딥시크 R1의 가장 큰 모델은 매개변수가 몇 개인가요?")
    page.locator("#chat a.cite").first.click()
    expect(page.locator("#source-0-1 .picture img")).to_be_visible(timeout=60_000)
    page.locator("details.why summary").click()
    found += violations(page, "answer")
    for tab in ("library", "glance", "settings"):
        name = re.compile("|".join(STRINGS[language][f"{tab}_tab"] for language in STRINGS))
        if not page.get_by_role("tab", name=name).count():  # on a narrow screen it is in the menu
            page.locator(".overflow-menu > button").click()
        page.get_by_role("tab", name=name).or_(
            page.locator(".overflow-dropdown button").filter(has_text=name)
        ).first.click()
        page.wait_for_timeout(1500)
        found += violations(page, tab)
    page.locator(".toggle-button").first.click()
    page.wait_for_timeout(500)
    found += violations(page, "conversations")
    assert not found, "\n".join(found)


@pytest.mark.model
def test_the_look_is_kept_and_nothing_is_lost_at_200_per_cent(page: Page) -> None:
    page.locator("[data-do=contrast]").click()
    page.locator("[data-do=dark]").click()
    for _ in range(10):
        page.locator("[data-do=larger]").click()
    page.reload()
    expect(page.locator("#question textarea")).to_be_visible(timeout=60_000)
    assert page.evaluate("getComputedStyle(document.querySelector('.gradio-container')).zoom") == "2"
    assert page.evaluate("['dark', 'high-contrast'].every((name) => document.body.classList.contains(name))")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.wait_for_timeout(1000)
    found = violations(page, "large, dark, high contrast")
    assert not found, "\n".join(found)


@pytest.mark.model
def test_a_laptop_shows_chat_and_source_side_by_side_without_scrolling(page: Page) -> None:
    ask(page, "H100 한 장의 가격은 얼마인가요?")
    assert page.evaluate("document.documentElement.scrollHeight <= innerHeight + 1")
    for part in ("#question", "#scope", "#source-0-1"):
        box = page.locator(part).bounding_box()
        assert box and box["y"] >= 0 and box["y"] + 40 < 768, part


@pytest.mark.model
def test_only_a_voice_of_this_computer_reads_aloud(page: Page) -> None:
    page.evaluate("""() => {
      window.spoken = [];
      const voices = [{ lang: 'ko-KR', localService: false, name: 'far' }, { lang: 'ko-KR', localService: true, name: 'near' }];
      Object.defineProperty(window, 'SpeechSynthesisUtterance', { value: function (text) { this.text = text; } });
      Object.defineProperty(window, 'speechSynthesis', { value: { speaking: false, getVoices: () => voices, speak: (said) => window.spoken.push(said) } });
    }""")
    ask(page, "H100 한 장의 가격은 얼마인가요?")
    page.locator("#speak").click()
    page.wait_for_function("window.spoken.length === 1")
    said = page.evaluate("[window.spoken[0].text, window.spoken[0].voice.name]")
    assert "5천만" in said[0] and "[1]" not in said[0] and "초" not in said[0] and said[1] == "near"


@pytest.mark.model
def test_other_programs_ask_search_and_sync(address: tuple[str, Path, Assistant]) -> None:
    from gradio_client import Client

    client = Client(
        address[0], download_files=False, verbose=False
    )  # else it takes every "path" for a file to fetch
    answer = client.predict(
        "딥시크 R1의 가장 큰 모델은 매개변수가 몇 개인가요?", None, False, api_name="/ask"
    )
    assert (
        "6,710억" in answer["answer"]
        and answer["citations"][0]["path"] == "05_딥시크_충격.pdf"
        and answer["status"] == "answered"
    )
    assert client.predict("딥시크", 3, api_name="/search")["hits"][0]["rank"] == 1
    assert {row["status"] for row in client.predict(api_name="/sync")} == {"unchanged"}
    assert set(client.view_api(return_format="dict")["named_endpoints"]) == {"/ask", "/search", "/sync"}
    begun = httpx.post(
        f"{address[0]}/gradio_api/call/search", json={"data": ["딥시크", 2]}
    ).json()  # as with curl
    streamed = httpx.get(f"{address[0]}/gradio_api/call/search/{begun['event_id']}", timeout=60).text
    assert "event: complete" in streamed and "05_" in streamed


@pytest.mark.model
def test_an_mcp_client_searches_and_asks(address: tuple[str, Path, Assistant]) -> None:
    import asyncio

    from mcp import ClientSession
    from mcp.client.streamable_http import streamablehttp_client

    async def talk() -> tuple[set[str], str, str]:
        async with (
            streamablehttp_client(f"{address[0]}/gradio_api/mcp/") as (reads, writes, _),
            ClientSession(reads, writes) as session,
        ):
            await session.initialize()
            names = {tool.name for tool in (await session.list_tools()).tools}
            found = await session.call_tool("search", {"question": "딥시크", "k": 2})
            answer = await session.call_tool("ask", {"question": "H100 한 장의 가격은 얼마인가요?"})
            return names, found.content[0].text, answer.content[0].text

    names, found, answer = asyncio.run(talk())
    assert names == {"ask", "search", "sync"} and "05_딥시크_충격.pdf" in found and "5천만" in answer


@pytest.mark.model
def test_the_page_outlives_the_model(page: Page, address: tuple[str, Path, Assistant]) -> None:
    page.locator("#question textarea").fill("딥시크 R1의 가장 큰 모델은 매개변수가 몇 개인가요?")
    page.keyboard.press("Enter")
    expect(page.locator("#chat .bot").last).to_contain_text("읽는 중", timeout=60_000)
    os.kill(
        address[2].models.chat.engine().pid, signal.SIGKILL
    )  # it is needed a moment later, and started anew
    answer = page.locator("#chat .bot").last
    expect(answer.locator("small").last).to_contain_text(TIMES, timeout=180_000)
    expect(answer).to_contain_text("6,710억")


@pytest.mark.model
def test_people_who_ask_at_once_get_their_own_answers(address: tuple[str, Path, Assistant]) -> None:
    from concurrent.futures import ThreadPoolExecutor

    from gradio_client import Client

    asked = {
        "H100 한 장의 가격은 얼마인가요?": "5천만",
        "딥시크 R1의 가장 큰 모델은 매개변수가 몇 개인가요?": "6,710억",
        "2022년에 중국은 64개 기술 중 몇 개에서 앞섰나요?": "52개",
        "국민 펀드가 지분을 가지면 무엇이 낮아지나요?": "세금",
    }
    clients = [Client(address[0], download_files=False, verbose=False) for _ in asked]
    with ThreadPoolExecutor(len(asked)) as people:
        answers = list(
            people.map(
                lambda pair: pair[0].predict(pair[1], None, False, api_name="/ask"),
                zip(clients, asked, strict=True),
            )
        )
    for (question, key), answer in zip(asked.items(), answers, strict=True):
        assert answer["question"] == question and key in answer["answer"]
        assert not any(other in answer["answer"] for other in asked.values() if other != key)


@pytest.mark.model
def test_a_closed_tab_frees_the_model(page: Page, address: tuple[str, Path, Assistant]) -> None:
    turn = address[2].models.chat.turn()
    page.locator("#question textarea").fill(
        "소버린 AI와 관련해 국가가 국민에게 데이터를 나누어 주는 방법은 무엇인가요?"
    )
    page.keyboard.press("Enter")
    expect(page.locator("#chat .bot").last).to_contain_text("읽는 중", timeout=60_000)
    assert not turn.take_if_free()
    settings, address[2].models.settings = (
        address[2].settings,
        address[2].settings.changed(read_ahead=False),
    )  # or it takes the turn at once
    page.goto("about:blank")
    deadline = time.monotonic() + 15
    while not (free := turn.take_if_free()) and time.monotonic() < deadline:
        time.sleep(0.05)
    address[2].models.settings = settings
    assert free
    turn.give_back()
    page.goto(address[0])
    expect(page.locator("#question textarea")).to_be_visible(timeout=60_000)


def test_a_dropped_folder_is_taken_with_what_is_in_it(
    page: Page, address: tuple[str, Path, Assistant], tmp_path: Path
) -> None:
    """The browser itself drops the folder; Gradio's own box would take files only."""
    folder = tmp_path / "회의록"
    (folder / "지난해").mkdir(parents=True)
    (folder / "가.txt").write_text("가온시 회의는 7월에 열렸다.\n", encoding="utf-8")
    (folder / "지난해" / "나.txt").write_text("가온시 회의는 3월에 열렸다.\n", encoding="utf-8")
    (folder / "그림.xyz").write_text("읽지 않는다", encoding="utf-8")
    (folder / ".숨김").write_text("숨긴 파일", encoding="utf-8")
    page.get_by_role("tab", name="문서").click()
    page.locator("#upload input[type=file]").wait_for(state="attached")
    box = page.locator("#upload").bounding_box()
    assert box
    place = {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2}
    session = page.context.new_cdp_session(page)
    for kind in ("dragEnter", "dragOver", "drop"):
        session.send(
            "Input.dispatchDragEvent",
            {"type": kind, **place, "data": {"items": [], "files": [str(folder)], "dragOperationsMask": 1}},
        )
    documents = address[1] / "documents"
    deadline = time.monotonic() + 60
    while len([*documents.rglob("[가나].txt")]) < 2 and time.monotonic() < deadline:
        page.wait_for_timeout(200)
    found = {file.relative_to(documents).as_posix() for file in documents.rglob("*.txt")}
    assert found == {"회의록/가.txt", "회의록/지난해/나.txt"}  # with its sub-folders
    expect(page.get_by_text("읽지 않는 형식의 파일 1개는 넣지 않았습니다: 그림.xyz")).to_be_visible(
        timeout=30_000
    )
    expect(page.locator(".toast-title")).to_contain_text(["알림", "주의"])
    shutil.rmtree(documents / "회의록")


@pytest.mark.model
def test_the_place_in_the_line_is_shown(page: Page, address: tuple[str, Path, Assistant]) -> None:
    turn = address[2].models.chat.turn()
    with turn:  # somebody else's question
        page.locator("#question textarea").fill("H100 한 장의 가격은 얼마인가요?")
        page.keyboard.press("Enter")
        expect(page.locator("#chat .bot").last).to_contain_text("앞에 1명", timeout=60_000)
        expect(page.locator("#chat .bot").last).to_contain_text("먼저 찾은 원문")
    expect(page.locator("#chat .bot").last.locator("small").last).to_contain_text(TIMES, timeout=180_000)


@pytest.mark.model
def test_a_question_that_comes_before_the_documents_waits_for_them(
    models: ModelStore, tmp_path: Path
) -> None:
    from rag.ui.chat import ChatTab
    from rag.ui.startup import Startup

    (tmp_path / "documents").mkdir()
    (tmp_path / "documents" / "도서관.txt").write_text(
        "가온시 도서관은 밤 10시까지 문을 연다.\n", encoding="utf-8"
    )
    startup = Startup(
        Assistant(Settings.load(documents=tmp_path / "documents", data=tmp_path / "data", read_ahead=False))
    )
    request: Any = SimpleNamespace(headers={"accept-language": "ko"}, session_hash="one", username=None)
    asked = [{"role": "user", "content": "가온시 도서관은 몇 시까지 여나요?"}]
    said = ChatTab(startup).answer(asked, [], False, [], None, request)
    try:
        assert "질문을 받았습니다" in next(said)[0][-1]["content"]
        startup.start()
        *_, last = said
        assert "10시" in last[0][-1]["content"] and len(last[2]) == 1
        deadline = time.monotonic() + 120
        while startup.status.busy and time.monotonic() < deadline:
            time.sleep(0.2)
        assert startup.status.key == "ready_status"
    finally:
        startup.close()


def test_programs_hear_that_nothing_was_read_yet(tmp_path: Path) -> None:
    import gradio as gr

    from rag.ui import api
    from rag.ui.startup import Startup

    startup = Startup(Assistant(Settings.load(data=tmp_path / "data")))
    with gr.Blocks() as blocks:
        api.add(startup)
    for block in blocks.fns.values():
        if block.api_name in ("ask", "search"):
            with pytest.raises(gr.Error, match="Not ready yet") as early:
                block.fn("H100 한 장의 가격은 얼마인가요?")
            assert json.loads(early.value.message)["keys"] == ["library-not-ready"]
    startup.status = replace(startup.status, usable=True)
    (ask,) = (block for block in blocks.fns.values() if block.api_name == "ask")
    with pytest.raises(gr.Error) as empty:
        ask.fn(" ")
    told = json.loads(empty.value.message)
    assert told == {"error": str(QuestionError("question-empty")), "keys": ["question-empty"]}
    assert len(blocks.fns) == 3


def test_a_fault_of_the_program_leaves_nobody_waiting(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*arguments: Any) -> Any:
        raise RuntimeError("a fault")

    monkeypatch.setattr(Tools, "search", broken)
    page.locator("#question textarea").fill("H100 한 장의 가격은 얼마인가요?")
    page.keyboard.press("Enter")
    expect(page.locator("#chat .bot").last).to_contain_text("문제가 생겼습니다: RuntimeError", timeout=60_000)
