"""What the documents tab does: list, add, remove, sync."""

from __future__ import annotations

import contextlib
import html
import json
import unicodedata
from collections.abc import Callable, Sequence
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

import gradio as gr
from gradio_client.utils import strip_invalid_filename_characters

from rag.errors import LibraryError, RagError
from rag.ingest.editions import free_name, place_of, put, same, stage
from rag.ingest.folder import file_of
from rag.ingest.loaders import SUFFIXES
from rag.library.records import DocumentRow
from rag.messages import Messages
from rag.types import DocumentStatus
from rag.ui.sources import SourcePanel
from rag.ui.startup import Startup
from rag.ui.strings import language_of, text
from rag.ui.uploads import discard, hold

COLUMNS = ("document", "title_column", "state", "coverage", "pages", "chunks", "date", "size", "reason")
MAX_FOLDERS = 20  # of a path in a folder that is dropped; those above are left out
MAX_NAMED = 5  # files in a sentence; of more it says how many
Waiting = list[tuple[str, str]]  # files whose names are taken, and their paths in the documents folder


class Tick(NamedTuple):
    """What the page is told every few moments, in the order of its outputs."""

    seen: Any
    status: Any
    table: Any
    removable: Any
    scope: Any
    preview: Any
    previewed: Any
    chat: Any


class DocumentsTab:
    """The handlers of the documents tab. The folder on disk is the library: adding is copying into it,
    removing is deleting there.
    """

    def __init__(self, startup: Startup, sources: SourcePanel) -> None:
        self.startup, self.sources = startup, sources

    def tick(
        self, seen: str, previewed: str, chosen: list[str], scope: list[str], request: gr.Request
    ) -> Tick:
        """Say how far things are, and list the documents anew when something has changed."""
        language = language_of(request)
        status, ahead = self.startup.status, self.startup.ahead(language)
        told = _refused([*self.startup.refused.values()], language)
        said = f"{self.startup.syncs} {status.say(language)}\n{ahead}\n{told}"
        if said == seen:
            return Tick(*(gr.skip(),) * 8)
        busy = "busy" if status.busy else ""
        shown = (
            f'<div role="status" aria-live="polite" class="{busy}">{html.escape(status.say(language))} '
            f"<small>{html.escape(ahead)}</small>{told}</div>"
        )
        if said.split("\n")[0] == seen.split("\n")[0]:
            return Tick(said, shown, *(gr.skip(),) * 6)
        examples = [{"text": question} for question in self.startup.examples]
        gone = [previewed] if previewed and not self._known([previewed]) else []
        return Tick(
            said,
            shown,
            *self.show(chosen, scope, request),
            *self._without(gone, previewed, request),
            gr.update(examples=examples),
        )

    def show(self, chosen: list[str], scope: list[str], request: gr.Request) -> tuple[Any, Any, Any]:
        """List the documents: (table, choices for removal, choices to ask in); what is chosen stays so while
        it is there.
        """
        language = language_of(request)
        rows, reads_scans = [], False
        with contextlib.suppress(RagError):
            library = self.startup.assistant.library
            rows = library.documents() if self.startup.status.usable else []
            rows.sort(key=lambda row: row.path not in self.startup.fresh)  # what came last is on top
            reads_scans = library.engine is not None
        table = {
            "headers": [text(language, key) for key in COLUMNS],
            "data": [_row(row, language, reads_scans) for row in rows],
        }
        ready = [row.path for row in rows if row.status == DocumentStatus.READY]
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

    def preview(self, picked: gr.SelectData) -> tuple[str, str]:
        """Show the text of the document whose row was picked: (text, path)."""
        path = str(picked.row_value[0]) if picked.row_value else ""
        read = self.sources.read([path, 0, 0])
        return str(read.get("html", "")), path

    def _without(self, gone: list[str], previewed: str, request: gr.Request) -> tuple[Any, Any]:
        """Show no document that is gone: (preview, path), skipped where another one is shown."""
        if previewed not in gone:
            return gr.skip(), gr.skip()
        return f"<p>{text(language_of(request), 'preview')}</p>", ""

    def add(
        self,
        files: list[str] | None,
        places: str,
        waiting: Waiting,
        chosen: list[str],
        scope: list[str],
        request: gr.Request,
    ) -> tuple[Any, ...]:
        """Copy uploaded files into the documents folder and sync; those whose names are taken there by other
        files wait until it is said what becomes of them.

        Args:
            places: their paths in the folder that was dropped, as the browser tells them (JSON).
            waiting: files that wait already, and their paths in the documents folder.
        Returns: no files, what waits, the question about it, whether it shows, and what `show` returns.
        """
        if not self._may(request):
            forget_uploads([(file, "") for file in files or []])
            return (None, *self._asked(waiting, request), *self.show(chosen, scope, request))
        folder, language = self.startup.assistant.settings.documents, language_of(request)
        uploads = _placed(files or [], places)
        known = [(source, path) for source, path in uploads if _is_known(path)]
        added, there = 0, []
        try:
            for source, path in known:
                place = place_of(folder, path)
                if not source.exists():  # the same file was dropped twice, and taken in a moment ago
                    there.append(path.name)
                elif found := same(place, source):
                    there.append(found.name)
                elif place.is_file():
                    forget_uploads([one for one in waiting if one[1] == str(path)])
                    left = [one for one in waiting if one[1] != str(path)]
                    waiting = [*left, (str(hold(source)), str(path))]
                else:
                    put(source, free_name(place))
                    added += 1
        except OSError as error:
            gr.Warning(text(language, "not_written", why=html.escape(str(error.strerror))))
        forget_uploads([(str(source), "") for source, _ in uploads])  # the last: one may stand for two places
        if added:
            gr.Info(text(language, "added", count=added))
        if there:
            gr.Info(text(language, "there_already", count=len(there), names=_names(there)))
        if other := [path.name for _, path in uploads if not _is_known(path)]:
            suffixes = " ".join(sorted(SUFFIXES))
            gr.Warning(text(language, "not_added", count=len(other), names=_names(other), known=suffixes))
        return (None, *self._asked(waiting, request), *self.sync_now(chosen, scope, request))

    def replace(
        self, waiting: Waiting, chosen: list[str], scope: list[str], request: gr.Request
    ) -> tuple[Any, ...]:
        """Let the files that wait take the places of those of the same names, each as soon as it was read."""
        data = self.startup.assistant.settings.data
        return self._decide(
            waiting, lambda source, path: stage(data, path, source), "replacing", chosen, scope, request
        )

    def keep_both(
        self, waiting: Waiting, chosen: list[str], scope: list[str], request: gr.Request
    ) -> tuple[Any, ...]:
        """Put the files that wait beside those of the same names."""
        folder = self.startup.assistant.settings.documents
        return self._decide(
            waiting,
            lambda source, path: put(source, free_name(place_of(folder, path))),
            "added",
            chosen,
            scope,
            request,
        )

    def leave(self, waiting: Waiting, request: gr.Request) -> tuple[Any, ...]:
        """Leave the files that wait out."""
        forget_uploads(waiting)
        return self._asked([], request)

    def _decide(
        self,
        waiting: Waiting,
        deed: Callable[[Path, PurePosixPath], None],
        said: str,
        chosen: list[str],
        scope: list[str],
        request: gr.Request,
    ) -> tuple[Any, ...]:
        language = language_of(request)
        if not self._may(request):
            return (*self._asked(waiting, request), *self.show(chosen, scope, request))
        done = 0
        try:
            for source, path in waiting:
                deed(Path(source), PurePosixPath(path))
                done += 1
        except OSError as error:
            gr.Warning(text(language, "not_written", why=html.escape(str(error.strerror))))
        forget_uploads(waiting[:done])
        if done:
            gr.Info(text(language, said, count=done))
        return (*self._asked(waiting[done:], request), *self.sync_now(chosen, scope, request))

    def _asked(self, waiting: Waiting, request: gr.Request) -> tuple[Waiting, str, Any]:
        """Return what waits, the question what becomes of it, and whether that shows."""
        question = text(language_of(request), "edition", names=_names([path for _, path in waiting]))
        return waiting, f'<p role="alert">{question}</p>' if waiting else "", gr.update(visible=bool(waiting))

    def ask_removal(self, chosen: list[str], request: gr.Request) -> tuple[list[str], str, Any]:
        """Ask whether documents shall really go, and say what goes with them.

        Returns: the documents that the question is about, the question, and whether it shows.
        """
        paths = self._known(chosen) if self._may(request) else []
        store, language = self.startup.conversations, language_of(request)
        kept = store.count_of(paths) if store and paths else 0
        question = text(
            language,
            "removal_and_conversations" if kept else "removal",
            names=_names(paths),
            folder=html.escape(self.startup.assistant.settings.documents.name),
            conversations=kept,
        )
        return paths, f'<p role="alert">{question}</p>' if paths else "", gr.update(visible=bool(paths))

    def spare(self) -> tuple[list[str], str, Any]:
        """Remove nothing: the question goes."""
        return [], "", gr.update(visible=False)

    def remove(
        self, paths: list[str], previewed: str, chosen: list[str], scope: list[str], request: gr.Request
    ) -> tuple[Any, ...]:
        """Delete documents from the folder and sync.

        Args:
            paths: the documents that it was asked about. previewed: the one whose text is shown.
        Returns: what `spare` returns, the preview and its document, and what `show` returns.
        """
        if not self._may(request):
            return (*self.spare(), gr.skip(), gr.skip(), *self.show(chosen, scope, request))
        folder = self.startup.assistant.settings.documents
        gone = self._known(paths)
        for path in gone:
            with contextlib.suppress(LibraryError):  # it is gone already
                file_of(folder, path).unlink(missing_ok=True)
        if gone:
            gr.Info(text(language_of(request), "removed", count=len(gone)))
            self.sources.close()  # the child that draws has seen them
            self.startup.forget(gone)
        preview = self._without(gone, previewed, request)
        return (*self.spare(), *preview, *self.sync_now(chosen, scope, request))

    def sync_now(self, chosen: list[str], scope: list[str], request: gr.Request) -> tuple[Any, ...]:
        """Sync in the background and wait for words to be searchable; vectors follow."""
        if self._may(request):
            self.startup.start()
        return self.show(chosen, scope, request)

    def _known(self, paths: list[str] | None) -> list[str]:
        """Return those of the paths that are documents of the library."""
        known: set[str] = set()
        with contextlib.suppress(RagError):
            known = {row.path for row in self.startup.assistant.library.documents()}
        return [path for path in paths or [] if path in known]

    def _may(self, request: gr.Request) -> bool:
        allowed = self.startup.may_edit(request.username)
        if not allowed:
            gr.Warning(text(language_of(request), "readers_only_ask"))
        return allowed


def forget_uploads(waiting: Waiting) -> None:
    """Delete files that nobody waits for any more."""
    for source, _ in waiting:
        discard(Path(source))


def _choices(places: list[str], chosen: list[str] | None) -> Any:
    """Offer other places; what is chosen is touched only where it is gone, or a choice made in the meantime
    would be undone.
    """
    left = [place for place in chosen or [] if place in places]
    return (
        gr.update(choices=places) if len(left) == len(chosen or []) else gr.update(choices=places, value=left)
    )


def _row(row: DocumentRow, language: str, reads_scans: bool) -> list[Any]:
    if row.status == DocumentStatus.READY and row.scans_read < row.scans and reads_scans:
        state = text(language, "recognising", done=row.scans_read, total=row.scans)
    elif row.status == DocumentStatus.READY and row.embedded < row.chunks:
        state = text(language, "embedding", share=100 * row.embedded // max(1, row.chunks))
    else:
        state = row.status.told.in_language(language)
    size = f"{row.size / 1e6:.1f} MB" if row.size >= 1e5 else f"{row.size / 1e3:.1f} kB"
    return [
        row.path,
        row.title,
        state,
        coverage_text(row, language),
        row.pages or "",
        row.chunks,
        row.date,
        size,
        (row.reason or row.note).in_language(language),
    ]


def coverage_text(row: DocumentRow, language: str) -> str:
    """Say how much of a document's text was read, and what no text was made of; "" where that is not
    known.
    """
    told = [text(language, "covered", share=row.share)] if row.share else []
    if things := [thing.in_language(language) for thing in row.left_out]:
        told.append(text(language, "not_read", things=", ".join(things)))
    return ", ".join(told)


def _refused(reasons: Sequence[Messages], language: str) -> str:
    """Say which files could not be read and why, "" for none."""
    if not reasons:
        return ""
    told = [html.escape(reason.in_language(language)) for reason in reasons[:MAX_NAMED]]
    rows = "".join(f"<li>{line}</li>" for line in [*told, *(["…"] if len(reasons) > MAX_NAMED else [])])
    return f"<p>{text(language, 'refused', count=len(reasons))}</p><ul>{rows}</ul>"


def _names(names: Sequence[str]) -> str:
    return html.escape(", ".join(names[:MAX_NAMED]) + (" …" if len(names) > MAX_NAMED else ""))


def _is_known(path: PurePosixPath) -> bool:
    """True for files that are read: of a known format, and neither hidden nor in a hidden folder."""
    return path.suffix.lower() in SUFFIXES and not any(part.startswith((".", "~$")) for part in path.parts)


def _placed(files: Sequence[str], places: str) -> list[tuple[Path, PurePosixPath]]:
    """Return uploaded files with the paths that they had in the folder that was dropped, their names alone
    where the browser tells none.
    """
    told: list[Any] = []
    with contextlib.suppress(ValueError):
        told = json.loads(places)
    alone = [_path(Path(file).name) for file in files]
    if not isinstance(told, list) or len(told) != len(files):
        told = [""] * len(files)
    paths = [_path(str(place)) for place in told]
    return [
        (Path(file), path if path.name == name.name else name)
        for file, path, name in zip(files, paths, alone, strict=True)
    ]


def _path(told: str) -> PurePosixPath:
    """Return a path that a browser tells as one that stays in its folder on every system.

    >>> _path("../2024/계획?.hwp"), _path("C:\\\\계획.hwp")
    (PurePosixPath('2024/계획.hwp'), PurePosixPath('C/계획.hwp'))
    """
    parts = unicodedata.normalize("NFC", told).replace("\\", "/").split("/")
    safe = [strip_invalid_filename_characters(part) for part in parts if part.strip(" .")]
    return PurePosixPath(*(safe[-MAX_FOLDERS:] or ["file"]))
