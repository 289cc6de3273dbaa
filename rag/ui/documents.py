"""What the documents tab does: list, add, remove, sync."""

from __future__ import annotations

import html
import shutil
from pathlib import Path
from typing import Any

import gradio as gr

from rag.catalogue import DocumentRow
from rag.errors import RagError
from rag.loaders import SUFFIXES
from rag.ui.startup import Startup
from rag.ui.strings import browser_language, text

COLUMNS = ("document", "state", "pages", "chunks", "date", "reason")


class Handlers:
    """The handlers of the documents tab. The folder on disk is the library: adding is copying into it, removing is deleting there."""

    def __init__(self, startup: Startup) -> None:
        self.startup = startup

    def tick(self, seen: str, request: gr.Request) -> tuple[Any, Any, Any, Any]:
        """Say how far things are, and list the documents anew when something has changed: (seen, status, table, choices)."""
        language = _language(request)
        status, ahead = self.startup.status, self.startup.ahead(language)
        said = f"{status.say(language)}\n{ahead}"
        if said == seen:
            return gr.skip(), gr.skip(), gr.skip(), gr.skip()
        busy = "busy" if status.busy else ""
        shown = f'<div role="status" aria-live="polite" class="{busy}">{html.escape(status.say(language))}</div><div class="ahead">{html.escape(ahead)}</div>'
        if said.split("\n")[0] == seen.split("\n")[0]:
            return said, shown, gr.skip(), gr.skip()
        return (said, shown, *self.show(request))

    def show(self, request: gr.Request) -> tuple[Any, Any]:
        """List the documents: (table, choices for removal)."""
        language = _language(request)
        try:
            rows = self.startup.assistant.library.documents() if self.startup.status.usable else []
        except RagError:
            rows = []
        table = {"headers": [text(language, key) for key in COLUMNS], "data": [_row(row, language) for row in rows]}
        return gr.update(value=table), gr.update(choices=[row.path for row in rows], value=[])

    def add(self, files: list[str] | None, request: gr.Request) -> tuple[Any, Any, Any]:
        """Copy uploaded files into the documents folder and sync."""
        folder = self.startup.assistant.settings.documents
        count = 0
        for name in files or []:
            source = Path(name)
            if source.suffix.lower() not in SUFFIXES:
                gr.Warning(f"{source.name}: {', '.join(sorted(SUFFIXES))}")
                continue
            shutil.copyfile(source, _free_name(folder / Path(source.name).name))
            count += 1
        if count:
            gr.Info(text(_language(request), "added", count=count))
        return (None, *self.sync(request))

    def remove(self, paths: list[str], request: gr.Request) -> tuple[Any, Any]:
        """Delete documents from the folder and sync."""
        folder = self.startup.assistant.settings.documents
        known = {row.path for row in self.startup.assistant.library.documents()}
        gone = [path for path in paths or [] if path in known]
        for path in gone:
            (folder / path).unlink(missing_ok=True)
        if gone:
            gr.Info(text(_language(request), "removed", count=len(gone)))
        return self.sync(request)

    def sync(self, request: gr.Request) -> tuple[Any, Any]:
        """Sync in the background and wait for words to be searchable; vectors follow."""
        self.startup.start()
        return self.show(request)


def _row(row: DocumentRow, language: str) -> list[Any]:
    if row.status == "ready" and row.embedded < row.chunks:
        state = text(language, "embedding", share=100 * row.embedded // max(1, row.chunks))
    else:
        state = text(language, row.status)
    return [row.path, state, row.pages or "", row.chunks, row.date, row.reason]


def _free_name(target: Path) -> Path:
    """Return a name that is not taken: a second 계획.pdf becomes 계획 (2).pdf."""
    number = 1
    free = target
    while free.exists():
        number += 1
        free = target.with_name(f"{target.stem} ({number}){target.suffix}")
    return free


def _language(request: gr.Request) -> str:
    return browser_language(request.headers.get("accept-language"))
