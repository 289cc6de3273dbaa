"""The documents tab: what is asked and said, and what stands in the list."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import gradio as gr
import pytest
from conftest import HashedEmbeddings
from test_history import ANSWER, OTHER

from rag.assistant import Assistant
from rag.config import Settings
from rag.ingest.library import Library
from rag.library.history import Conversations
from rag.ui import api
from rag.ui.documents import DocumentsTab, Tick
from rag.ui.startup import Startup

REQUEST: Any = SimpleNamespace(headers={"accept-language": "ko"}, username=None)


class Tab:
    """The tab over a library with two documents, one of which a kept conversation holds words of."""

    def __init__(self, library: Library, data: Path) -> None:
        self.library, self.folder = library, library.settings.documents
        for name in ("비밀.md", "공고.md"):
            (self.folder / name).write_text(f"{name}의 예산은 3억 원이다.\n", encoding="utf-8")
        library.sync()
        self.conversations = Conversations(data / "c.sqlite3")
        self.conversations.add(self.conversations.add(None, 0, ANSWER), 1, OTHER)
        self.allowed = True
        self.forgotten: list[str] = []
        startup: Any = SimpleNamespace(
            assistant=SimpleNamespace(settings=library.settings, library=library),
            conversations=self.conversations,
            status=SimpleNamespace(usable=True),
            fresh=set(),
            may_edit=lambda name: self.allowed,
            forget=self.forgotten.extend,
            start=library.sync,
        )
        self.handlers = DocumentsTab(startup, SimpleNamespace(close=lambda: None))  # type: ignore[arg-type]

    def files(self) -> set[str]:
        return {file.name for file in self.folder.iterdir()}


@pytest.fixture
def tab(library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Tab]:
    for kind in ("Info", "Warning"):
        monkeypatch.setattr(gr, kind, lambda *_, **__: None)
    made = Tab(library, tmp_path)
    yield made
    made.conversations.close()


@pytest.mark.parametrize(
    ("chosen", "question"),
    [
        (["공고.md"], "‘공고.md’ 파일을 documents 폴더에서 지웁니다. 되돌릴 수 없습니다."),
        (
            ["공고.md", "비밀.md", "없음.md"],
            "‘공고.md, 비밀.md’ 파일을 documents 폴더에서 지우고, 이 문서의 글이 든 지난 대화 1개에서 그 질문과 답도 "
            "지웁니다. 되돌릴 수 없습니다.",
        ),
    ],
)
def test_before_documents_go_it_is_asked_and_said_what_goes_with_them(
    tab: Tab, chosen: list[str], question: str
) -> None:
    doomed, asked, shown = tab.handlers.ask_removal(chosen, REQUEST)
    assert asked == f'<p role="alert">{question}</p>' and shown["visible"]
    assert doomed == [path for path in chosen if path != "없음.md"]
    assert tab.files() == {"공고.md", "비밀.md"} and len(tab.conversations.rows()) == 1
    doomed, asked, shown = tab.handlers.spare()
    assert not doomed and not asked and not shown["visible"]


def test_what_it_was_asked_about_goes_whatever_was_chosen_since(tab: Tab) -> None:
    doomed, *_ = tab.handlers.ask_removal(["비밀.md"], REQUEST)
    left, asked, shown, *_ = tab.handlers.remove(doomed, "", ["공고.md"], [], REQUEST)
    assert tab.files() == {"공고.md"} and tab.forgotten == ["비밀.md"]
    assert not left and not asked and not shown["visible"]


@pytest.mark.parametrize("chosen", [[], None, ["없음.md"]])
def test_nothing_is_asked_where_nothing_is_chosen(tab: Tab, chosen: list[str]) -> None:
    doomed, asked, shown = tab.handlers.ask_removal(chosen, REQUEST)
    assert not doomed and not asked and not shown["visible"]


def test_who_may_only_ask_removes_nothing(tab: Tab) -> None:
    tab.allowed = False
    assert tab.handlers.ask_removal(["공고.md"], REQUEST)[0] == []
    assert tab.handlers.remove(["공고.md"], "공고.md", [], [], REQUEST)[3] == gr.skip()
    assert tab.files() == {"공고.md", "비밀.md"}


class Watched:
    """A page that looks every few moments at a library that a sync has just brought up to date."""

    def __init__(self, settings: Settings) -> None:
        self.folder = settings.documents
        self.startup = Startup(Assistant(settings, HashedEmbeddings()))
        self.handlers = DocumentsTab(self.startup, SimpleNamespace())  # type: ignore[arg-type]
        self.seen = ""

    def put(self, name: str, content: str) -> Path:
        (self.folder / name).write_text(content, encoding="utf-8")
        return self.folder / name

    def sync(self) -> None:
        self.startup._again.set()
        self.startup._sync()
        self.startup.ready()

    def sync_as_another_program(self) -> None:
        with gr.Blocks() as blocks:
            api.add(self.startup)
        (sync,) = (block.fn for block in blocks.fns.values() if block.api_name == "sync")
        assert sync
        sync(REQUEST)

    def look(self) -> Tick:
        told = self.handlers.tick(self.seen, "보던 글.txt", [], [], REQUEST)
        if isinstance(told.seen, str):
            self.seen = told.seen
        return told


@pytest.fixture
def watched(settings: Settings) -> Iterator[Watched]:
    made = Watched(settings.changed(read_scans=False))
    yield made
    made.startup.close()


@pytest.mark.parametrize("way", ["sync", "sync_as_another_program"])
def test_a_file_that_cannot_be_read_is_listed_at_once_with_its_reason(watched: Watched, way: str) -> None:
    sync = getattr(watched, way)
    watched.put("공고.txt", "예산은 3억 원이다.\n")
    sync()
    watched.look()
    said = watched.startup.status.say("ko")
    empty = watched.put("빈 <파일>.docx", "")
    sync()
    assert watched.startup.status.say("ko") == said  # which counts what can be asked
    told = watched.look()
    (reason,) = (row[-1] for row in told.table["value"]["data"] if row[0] == empty.name)
    assert reason == "빈 파일입니다: 빈 <파일>.docx"
    assert "읽지 못한 파일 1개" in told.status and "빈 &lt;파일&gt;.docx</li>" in told.status
    assert watched.look().table == gr.skip()
    sync()
    assert "읽지 못한" in watched.seen  # it is not forgotten
    empty.unlink()
    sync()
    assert "읽지 못한" not in watched.look().status


def test_what_could_not_be_read_before_is_no_news(watched: Watched) -> None:
    watched.put("빈 파일.txt", "")
    watched.sync()
    assert "빈 파일" in watched.look().status
    watched.put("공고.txt", "예산은 3억 원이다.\n")
    watched.sync()
    assert "읽지 못한" not in watched.look().status
    for number in range(7):
        watched.put(f"빈 파일 {number}.txt", "")
    watched.sync()
    told = watched.look().status
    assert "읽지 못한 파일 7개" in told and told.count("<li>") == 6 and "빈 파일.txt" not in told


@pytest.mark.parametrize(("previewed", "hint"), [("비밀.md", True), ("공고.md", False), ("", False)])
def test_a_removed_document_is_shown_no_longer(tab: Tab, previewed: str, hint: bool) -> None:
    _, _, _, preview, path, *_ = tab.handlers.remove(["비밀.md"], previewed, [], [], REQUEST)
    assert (preview == "<p>미리 보기: 위의 표에서 줄을 누르세요.</p>" and path == "") == hint
    assert (preview == path == gr.skip()) != hint


def test_a_document_whose_file_went_is_shown_no_longer(watched: Watched) -> None:
    shown = watched.put("보던 글.txt", "예산은 3억 원이다.\n")
    watched.sync()
    assert watched.look().preview == gr.skip()
    shown.unlink()
    watched.sync()
    assert "미리 보기" in watched.look().preview


def test_what_came_last_is_on_top(watched: Watched) -> None:
    def paths() -> list[str]:
        return [row[0] for row in watched.look().table["value"]["data"]]

    for name in ("가.txt", "나.txt", "다.txt"):
        watched.put(name, f"{name}의 예산은 3억 원이다.\n")
    watched.sync()
    assert paths() == ["가.txt", "나.txt", "다.txt"]
    watched.put("하.txt", "")
    watched.put("파.txt", "예산은 4억 원이다.\n")
    watched.sync()
    assert paths() == ["파.txt", "하.txt", "가.txt", "나.txt", "다.txt"]
    watched.sync()
    assert paths()[0] == "파.txt"
    watched.put("나.txt", "예산은 5억 원이다.\n")
    watched.sync()
    assert paths() == ["나.txt", "가.txt", "다.txt", "파.txt", "하.txt"]
