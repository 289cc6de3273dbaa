"""A file that is dropped again: the same is known, another of its name replaces it when it was read, or stands beside it."""

from __future__ import annotations

import io
import json
import os
import shutil
import unicodedata
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path, PurePosixPath
from types import SimpleNamespace
from typing import Any

import gradio as gr
import pytest
from conftest import HashedEmbeddings
from PIL import Image
from test_losses import pdf, written

from rag.config import Settings
from rag.ingest.editions import INCOMING, place_of, stage, staged
from rag.ingest.library import Library
from rag.question.wording import Wording
from rag.search.retriever import HybridRetriever
from rag.types import FileStatus
from rag.ui.documents import DocumentsTab, Waiting

OLD, NEW = "출장 수당은 3만 원이다.\n", "출장 수당은 4만 원이다.\n"


class Page:
    """The documents tab as a person uses it: what is dropped, what is asked, what is said."""

    def __init__(self, library: Library, uploads: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.library, self.uploads = library, uploads
        self.folder = library.settings.documents
        self.said: list[str] = []
        self.request: Any = SimpleNamespace(headers={"accept-language": "ko"}, username=None)
        self.statuses: list[FileStatus] = []
        self.waiting: Waiting = []
        for kind in ("Info", "Warning"):
            monkeypatch.setattr(gr, kind, self.said.append)
        startup: Any = SimpleNamespace(
            assistant=SimpleNamespace(settings=library.settings, library=library),
            status=SimpleNamespace(usable=True),
            fresh=set(),
            may_edit=lambda name: True,
            start=self._sync,
        )
        self.handlers = DocumentsTab(startup, SimpleNamespace())  # type: ignore[arg-type]

    def _sync(self) -> None:
        self.statuses = self.library.sync()

    def drop(self, *files: tuple[str, str | bytes], places: object = None) -> bool:
        """Drop files, each a path with its content. Returns whether the page asks what becomes of them."""
        names = []
        for path, content in files:
            data = content if isinstance(content, bytes) else content.encode()
            file = self.uploads / sha256(data).hexdigest() / Path(path).name  # as Gradio does
            file.parent.mkdir(exist_ok=True)
            file.write_bytes(data)
            names.append(str(file))
        told = json.dumps([path for path, _ in files]) if places is None else str(places)
        answer = self.handlers.add(names, told, self.waiting, [], [], self.request)
        self.waiting = answer[1]
        assert self.uploaded() == sorted(Path(source) for source, _ in self.waiting)
        assert bool(self.waiting) == answer[3]["visible"] == bool(answer[2])
        return bool(self.waiting)

    def press(self, button: str) -> None:
        handler = getattr(self.handlers, button)
        given = (self.waiting,) if button == "leave" else (self.waiting, [], [])
        self.waiting = handler(*given, self.request)[0]

    def uploaded(self) -> list[Path]:
        """What still lies where the browser's files come in."""
        return sorted(path for path in self.uploads.rglob("*") if path.is_file() or not any(path.iterdir()))

    def files(self) -> dict[str, str]:
        return {
            unicodedata.normalize("NFC", file.relative_to(self.folder).as_posix()): file.read_text("utf-8")
            for file in sorted(self.folder.rglob("*"))
            if file.is_file()
        }

    def indexed(self) -> dict[str, str]:
        catalogue = self.library.catalogue
        return {row.path: catalogue.text(row.id) for row in self.library.documents() if row.status == "ready"}


@pytest.fixture
def page(library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Page]:
    (tmp_path / "uploads").mkdir()
    yield Page(library, tmp_path / "uploads", monkeypatch)


def test_another_file_of_the_same_name_is_asked_about_and_replaces_the_old_one(page: Page) -> None:
    assert not page.drop(("지침.txt", OLD))
    assert page.drop(("지침.txt", NEW))
    assert page.files() == {"지침.txt": OLD} and page.indexed() == {"지침.txt": OLD.strip()}
    page.press("replace")
    assert page.files() == {"지침.txt": NEW} and page.indexed() == {"지침.txt": NEW.strip()}
    assert [(s.path, s.status) for s in page.statuses] == [("지침.txt", "updated")]
    assert not page.waiting and not staged(page.library.settings.data)
    found = HybridRetriever.over(page.library).find(Wording("출장 수당은 얼마인가요?")).hits
    assert [hit.chunk.text for hit in found] == [NEW.strip()]
    assert {s.status for s in page.library.sync()} == {"unchanged"}


def test_both_are_kept_or_neither_is_changed_where_that_is_wanted(page: Page) -> None:
    page.drop(("지침.txt", OLD))
    page.drop(("지침.txt", NEW))
    page.press("leave")
    assert not page.waiting and page.files() == {"지침.txt": OLD}
    page.drop(("지침.txt", NEW))
    page.press("keep_both")
    assert (
        page.files()
        == {"지침.txt": OLD, "지침 (2).txt": NEW}
        == {path: f"{content}\n" for path, content in page.indexed().items()}
    )
    page.said.clear()
    assert not page.drop(("지침.txt", NEW)) and len(page.files()) == 2  # the second is known, too
    assert "지침 (2).txt" in page.said[0] and "이미 있어" in page.said[0]


def test_an_edition_of_pictures_that_nothing_can_read_leaves_the_old_one_in_its_place(
    page: Page, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page.library, "_find_engine", lambda: None)
    page.drop(
        ("지침.pdf", pdf(tmp_path, written(20, 300, "The daily allowance is thirty dollars.")).read_bytes())
    )
    before = page.indexed()
    image = io.BytesIO()
    Image.new("L", (600, 800), 90).save(image, "PDF")
    page.drop(("지침.pdf", image.getvalue()))
    page.press("replace")
    assert "thirty dollars" in before["지침.pdf"] and page.indexed() == before
    (status,) = page.statuses
    assert status.status == "kept" and "pictures" in str(status.reason)


@pytest.mark.parametrize("content", [b"\x7fELF" + b"\x00" * 50, b"", b"\n \n"])
def test_a_new_edition_that_cannot_be_read_leaves_the_old_one_in_its_place(
    page: Page, content: bytes
) -> None:
    page.drop(("지침.txt", OLD))
    page.drop(("지침.txt", content))
    page.press("replace")
    assert page.files() == {"지침.txt": OLD} and page.indexed() == {"지침.txt": OLD.strip()}
    (status,) = page.statuses
    assert (status.path, status.status) == ("지침.txt", "kept")
    (row,) = page.library.documents()
    assert row.note == status.reason and row.note.in_language("ko").endswith("앞의 파일을 그대로 둡니다.")
    assert [s.status for s in page.library.sync()] == ["unchanged"]
    assert page.library.documents()[0].note == status.reason  # it goes on saying so
    page.drop(("지침.txt", content))
    page.press("replace")
    assert page.library.documents()[0].note == status.reason  # once
    page.drop(("지침.txt", NEW))
    page.press("replace")
    assert page.indexed() == {"지침.txt": NEW.strip()} and page.library.documents()[0].note == ()


def test_the_same_upload_for_two_places_serves_both(page: Page) -> None:
    page.drop(("2025/계획.txt", OLD))
    assert page.drop(("2025/계획.txt", NEW), ("2024/계획.txt", NEW))  # which Gradio keeps once
    assert page.files() == {"2025/계획.txt": OLD, "2024/계획.txt": NEW}
    third = NEW.replace("4", "5")
    page.drop(("2025/계획.txt", third))  # it waits instead
    page.press("replace")
    assert page.files() == {"2025/계획.txt": third, "2024/계획.txt": NEW} and not page.uploaded()


@pytest.mark.parametrize("button", ["replace", "keep_both", "leave"])
def test_nothing_uploaded_is_left(page: Page, button: str) -> None:
    page.drop(("지침.txt", OLD), ("그림.xyz", OLD), (".숨김.txt", OLD))
    page.drop(("지침.txt", NEW), ("지침.txt", OLD))
    page.press(button)
    assert not page.uploaded()


def test_a_drop_that_another_one_has_taken_in_is_there_already(page: Page) -> None:
    page.drop(("지침.txt", OLD))
    page.said.clear()
    gone = str(page.uploads / "a" / "지침.txt")  # which Gradio kept once for both
    page.handlers.add([gone], "", [], [], [], page.request)
    assert page.files() == {"지침.txt": OLD} and "이미 있어" in page.said[0]


def test_the_same_bytes_are_the_same_file(page: Page) -> None:
    page.drop(("지침.txt", OLD))
    page.said.clear()
    assert not page.drop(("지침.txt", OLD))
    assert page.files() == {"지침.txt": OLD} and "지침.txt" in page.said[0]


def test_a_dropped_folder_keeps_its_folders(page: Page) -> None:
    page.drop(("2024/계획.txt", OLD), ("2025/계획.txt", NEW), ("2025/.git/계획.txt", "숨은 글이다."))
    assert page.files() == {"2024/계획.txt": OLD, "2025/계획.txt": NEW}
    assert set(page.indexed()) == {"2024/계획.txt", "2025/계획.txt"}
    third = NEW.replace("4", "5")
    assert page.drop(("2025/계획.txt", third)) and page.waiting[0][1] == "2025/계획.txt"
    page.press("replace")
    assert page.files() == {"2024/계획.txt": OLD, "2025/계획.txt": third}


@pytest.mark.parametrize(
    ("told", "place"),
    [
        ("../../etc/계획.txt", "etc/계획.txt"),
        ("/계획.txt", "계획.txt"),
        ("C:\\자료\\계획.txt", "C/자료/계획.txt"),
        ("a/./b//계획.txt", "a/b/계획.txt"),
        ("딴 이름.txt", "계획.txt"),
        ("/".join("abcdefghijklmnopqrstuvwxyz") + "/계획.txt", "/".join("hijklmnopqrstuvwxyz") + "/계획.txt"),
    ],
)
def test_a_path_that_a_browser_tells_stays_in_the_folder(page: Page, told: str, place: str) -> None:
    page.drop(("계획.txt", OLD), places=json.dumps([told]))
    assert page.files() == {place: OLD}


@pytest.mark.parametrize("places", ["", "{", "3", '{"a": 1}', "[]", '["a/계획.txt", "b/계획.txt"]', "[null]"])
def test_without_paths_a_file_has_its_name(page: Page, places: str) -> None:
    page.drop(("계획.txt", OLD), places=places)
    assert page.files() == {"계획.txt": OLD}


@pytest.mark.parametrize(("first", "second"), [("NFD", "NFC"), ("NFC", "NFD")])
def test_composed_and_decomposed_names_are_the_same(page: Page, first: Any, second: Any) -> None:
    for content in (OLD, NEW):
        form = first if content == OLD else second
        (page.folder / "딴.txt").write_text("딴 글이다.\n", encoding="utf-8")
        place = unicodedata.normalize(form, "계획안/지침.txt")
        if content == OLD:
            (page.folder / place).parent.mkdir()
            (page.folder / place).write_text(content, encoding="utf-8")
        else:
            assert page.drop((place, content))
    page.press("replace")
    assert page.files() == {"계획안/지침.txt": NEW, "딴.txt": "딴 글이다.\n"}
    assert page.indexed()["계획안/지침.txt"] == NEW.strip() and len(page.indexed()) == 2


def test_an_end_in_the_middle_of_replacing_loses_nothing(settings: Settings, tmp_path: Path) -> None:
    """Whatever was done before it: nothing, the file staged by half, read, or put in its place."""
    file = settings.documents / "지침.txt"
    new = tmp_path / "new.txt"
    new.write_text(NEW, encoding="utf-8")
    path = PurePosixPath("지침.txt")
    for stage_reached in ("staged", "read", "put"):
        file.write_text(OLD, encoding="utf-8")
        library = Library(settings, HashedEmbeddings())
        library.sync()
        stage(settings.data, path, new)
        (edition,) = staged(settings.data)
        if stage_reached != "staged":
            kept = shutil.copytree(edition.root, tmp_path / "kept")
            library.sync()  # as far as the end …
            shutil.copytree(kept, edition.root)  # … after which the file still waits
            shutil.rmtree(kept)
            if stage_reached == "read":
                file.write_text(OLD, encoding="utf-8")
        library.close()
        library = Library(settings, HashedEmbeddings())
        library.sync()
        assert file.read_text("utf-8") == NEW and not staged(settings.data)
        (row,) = library.documents()
        assert row.status == "ready" and library.catalogue.text(row.id) == NEW.strip()
        library.close()
    (settings.data / INCOMING / ".00").mkdir()  # a copy that broke off
    assert not staged(settings.data)


@pytest.mark.skipif(os.name == "nt", reason="links need a right of their own there")
def test_nothing_is_put_behind_a_link_that_leads_out(page: Page, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (page.folder / "밖").symlink_to(tmp_path / "elsewhere")
    page.drop(("밖/계획.txt", OLD))
    assert (
        not list((tmp_path / "elsewhere").iterdir()) and (page.folder / "계획.txt").read_text("utf-8") == OLD
    )
    assert place_of(page.folder, PurePosixPath("밖/계획.txt")) == page.folder / "계획.txt"


def test_who_may_only_ask_changes_nothing(page: Page) -> None:
    page.drop(("지침.txt", OLD))
    page.drop(("지침.txt", NEW))
    page.handlers.startup.may_edit = lambda name: False  # type: ignore[method-assign]
    for button in ("replace", "keep_both"):
        page.press(button)
    page.drop(("둘.txt", NEW))  # and is left nowhere
    assert page.files() == {"지침.txt": OLD} and len(page.waiting) == 1
