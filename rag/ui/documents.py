"""What the documents tab does: list, add, remove, sync."""

from __future__ import annotations

import contextlib
import html
import os
import shutil
from pathlib import Path, PurePosixPath
from typing import Any

import gradio as gr

from rag.errors import LibraryError, RagError
from rag.ingest.library import file_of
from rag.ingest.loaders import SUFFIXES
from rag.library.catalogue import DocumentRow
from rag.messages import say
from rag.ui.sources import Handlers as Sources
from rag.ui.startup import Startup
from rag.ui.strings import language_of, text

COLUMNS = ("document", "title_column", "state", "pages", "chunks", "date", "size", "reason")


class Handlers:
    """The handlers of the documents tab. The folder on disk is the library: adding is copying into it,
    removing is deleting there.
    """

    def __init__(self, startup: Startup, sources: Sources) -> None:
        self.startup, self.sources = startup, sources

    def tick(self, seen: str, chosen: list[str], scope: list[str], request: gr.Request) -> tuple[Any, ...]:
        """Say how far things are, and list the documents anew when something has changed: (seen, status,
        table, to remove, scope, chat).
        """
        language = language_of(request)
        status, ahead = self.startup.status, self.startup.ahead(language)
        said = f"{status.say(language)}\n{ahead}"
        if said == seen:
            return (gr.skip(),) * 6
        busy = "busy" if status.busy else ""
        shown = (
            f'<div role="status" aria-live="polite" class="{busy}">{html.escape(status.say(language))} '
            f"<small>{html.escape(ahead)}</small></div>"
        )
        if said.split("\n")[0] == seen.split("\n")[0]:
            return said, shown, gr.skip(), gr.skip(), gr.skip(), gr.skip()
        examples = [{"text": question} for question in self.startup.examples]
        return (said, shown, *self.show(chosen, scope, request), gr.update(examples=examples))

    def show(self, chosen: list[str], scope: list[str], request: gr.Request) -> tuple[Any, Any, Any]:
        """List the documents: (table, choices for removal, choices to ask in); what is chosen stays so while
        it is there.
        """
        language = language_of(request)
        rows, reads_scans = [], False
        with contextlib.suppress(RagError):
            library = self.startup.assistant.library
            rows = library.documents() if self.startup.status.usable else []
            reads_scans = library.engine is not None
        table = {
            "headers": [text(language, key) for key in COLUMNS],
            "data": [_row(row, language, reads_scans) for row in rows],
        }
        ready = [row.path for row in rows if row.status == "ready"]
        folders = sorted(
            {
                f"{parent.as_posix()}/"
                for path in ready
                for parent in PurePosixPath(path).parents
                if parent.name
            }
        )
        paths, places = [row.path for row in rows], [*folders, *ready]
        return gr.update(value=table), _choices(paths, chosen), _choices(places, scope)

    def preview(self, picked: gr.SelectData) -> str:
        """Show the text of the document whose row was picked."""
        path = str(picked.row_value[0]) if picked.row_value else ""
        read = self.sources.read([path, 0, 0])
        return str(read.get("html", ""))

    def add(
        self, files: list[str] | None, chosen: list[str], scope: list[str], request: gr.Request
    ) -> tuple[Any, ...]:
        """Copy uploaded files into the documents folder and sync."""
        if not self._may(request):
            return (None, *self.show(chosen, scope, request))
        folder = self.startup.assistant.settings.documents
        language = language_of(request)
        sources = [Path(name) for name in files or []]
        known = [source for source in sources if source.suffix.lower() in SUFFIXES]
        for source in known:
            shutil.copyfile(source, _free_name(folder / source.name))
        if known:
            gr.Info(text(language, "added", count=len(known)))
        if other := [source.name for source in sources if source not in known]:
            names = html.escape(", ".join(other[:5]) + (" …" if len(other) > 5 else ""))
            gr.Warning(
                text(language, "not_added", count=len(other), names=names, known=" ".join(sorted(SUFFIXES)))
            )
        return (None, *self.sync_now(chosen, scope, request))

    def remove(self, paths: list[str], scope: list[str], request: gr.Request) -> tuple[Any, ...]:
        """Delete documents from the folder and sync."""
        if not self._may(request):
            return self.show(paths, scope, request)
        folder = self.startup.assistant.settings.documents
        known = {row.path for row in self.startup.assistant.library.documents()}
        gone = [path for path in paths or [] if path in known]
        for path in gone:
            with contextlib.suppress(LibraryError):  # it is gone already
                file_of(folder, path).unlink(missing_ok=True)
        if gone:
            gr.Info(text(language_of(request), "removed", count=len(gone)))
            self.sources.close()  # the child that draws has seen them
            self.startup.forget(gone)
        return self.sync_now(paths, scope, request)

    def sync_now(self, chosen: list[str], scope: list[str], request: gr.Request) -> tuple[Any, ...]:
        """Sync in the background and wait for words to be searchable; vectors follow."""
        if self._may(request):
            self.startup.start()
        return self.show(chosen, scope, request)

    def _may(self, request: gr.Request) -> bool:
        allowed = self.startup.may_edit(request.username)
        if not allowed:
            gr.Warning(text(language_of(request), "readers_only_ask"))
        return allowed


def _choices(places: list[str], chosen: list[str] | None) -> Any:
    """Offer other places; what is chosen is touched only where it is gone, or a choice made in the meantime
    would be undone.
    """
    left = [place for place in chosen or [] if place in places]
    return (
        gr.update(choices=places) if len(left) == len(chosen or []) else gr.update(choices=places, value=left)
    )


def _row(row: DocumentRow, language: str, reads_scans: bool) -> list[Any]:
    if row.status == "ready" and row.scans_read < row.scans and reads_scans:
        state = text(language, "recognising", done=row.scans_read, total=row.scans)
    elif row.status == "ready" and row.embedded < row.chunks:
        state = text(language, "embedding", share=100 * row.embedded // max(1, row.chunks))
    else:
        state = text(language, row.status)
    size = f"{row.size / 1e6:.1f} MB" if row.size >= 1e5 else f"{row.size / 1e3:.1f} kB"
    return [
        row.path,
        row.title,
        state,
        row.pages or "",
        row.chunks,
        row.date,
        size,
        say(row.reason or row.note, language),
    ]


def _free_name(target: Path) -> Path:
    """Return a name that is not taken: a second 계획.pdf becomes 계획 (2).pdf."""
    number = 1
    free = target
    while os.path.lexists(free):  # a broken link too: what is written to it would land elsewhere
        number += 1
        free = target.with_name(f"{target.stem} ({number}){target.suffix}")
    return free
