"""What happens behind the page while it is already open: fetch the models, sync the documents, load, be
ready.

One background thread; the page asks `status` a few times a second. The same progress goes to the terminal.
"""

from __future__ import annotations

import contextlib
import logging
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from rag.assistant import Assistant
from rag.errors import RagError
from rag.ingest.folder import snapshot
from rag.library import history
from rag.library.history import Conversations
from rag.messages import Message, Messages
from rag.people import People
from rag.progress import progress_bars
from rag.terminal import complain, said
from rag.types import DocumentStatus, FileChange, FileStatus, Progress
from rag.ui.read_ahead import Warmer
from rag.ui.strings import text
from rag.ui.suggestions import suggest

log = logging.getLogger(__name__)
WATCH_S = 3.0  # between looks at the documents folder; a change is synced when it has been quiet for one


@dataclass(frozen=True, slots=True)
class StartupStatus:
    """How far things are. `key` and `values` name a string of `rag.ui.strings`, a message among the values is
    said in its language; `usable`: questions can be asked.
    """

    key: str
    values: dict[str, object]
    usable: bool
    busy: bool

    def say(self, language: str) -> str:
        return text(
            language,
            self.key,
            **{
                name: value.in_language(language) if isinstance(value, Message) else value
                for name, value in self.values.items()
            },
        )


class Startup:
    """Brings an Assistant from an empty machine to a ready one, and runs later syncs."""

    def __init__(self, assistant: Assistant, people: People | None = None) -> None:
        self.assistant, self.people = assistant, people
        self.status = StartupStatus("loading", {}, usable=False, busy=True)
        self.examples: list[str] = []  # questions that the library can answer
        self.conversations = self._conversations()
        self._thread: threading.Thread | None = None
        self._again = threading.Event()
        self._starting = threading.Lock()
        self._closed = threading.Event()
        self.closing: list[Callable[[], None]] = []  # what else is to be closed with it
        self._forgotten: list[str] = []  # documents that the next sync leaves no trace of
        self.syncs = 0  # that have ended: after each the list of documents may be another
        self.fresh: set[str] = set()  # documents that the last sync brought which brought any
        self.refused: dict[str, Messages] = {}  # those of the last that could not be read, by path
        self._wanted = ""  # chat model that the next sync begins with
        self._synced: dict[str, tuple[int, int]] = {}  # the folder as it was when last synced
        self._watcher = threading.Thread(target=self._watch, name="watcher", daemon=True)
        self.warmer = Warmer(assistant, lambda: self.status.usable and not self.status.busy)

    def announce(self, address: str) -> None:
        """Say in the terminal where the page is and how to end it."""
        print(said(Message("page-opened", address=address)), flush=True)

    def start(self) -> None:
        """Begin, or sync once more after what is going on now."""
        with self._starting:
            if self._closed.is_set():
                return
            self._again.set()
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="startup", daemon=True)
                self._thread.start()

    def take_in(self, progress: Progress | None = None, *, scans: bool = False) -> list[FileStatus]:
        """Sync, and note what came and what could not be read; see `Assistant.sync`."""
        known = {row.path: row.reason for row in self.assistant.library.documents()}
        statuses = self.assistant.sync(progress=progress, scans=scans)
        came = [
            status
            for status in statuses
            if status.status in (FileChange.ADDED, FileChange.UPDATED, FileChange.KEPT)
            or (
                status.status == FileChange.FAILED and known.get(status.path) != status.reason
            )  # not told before
        ]
        if came:
            self.fresh = {status.path for status in came}
            self.refused = {
                s.path: s.reason for s in came if s.status in (FileChange.FAILED, FileChange.KEPT)
            }
        gone = {status.path for status in statuses if status.status == FileChange.REMOVED}
        self.refused = {path: reason for path, reason in self.refused.items() if path not in gone}
        self.syncs += 1
        return statuses

    def forget(self, paths: Sequence[str]) -> None:
        """Leave no trace of documents whose files are gone, at the end of the next sync."""
        self._forgotten += paths

    def use_chat(self, name: str) -> None:
        """Let another chat model answer from now on, fetched first where it is not here; what is asked
        meanwhile the one before it answers.
        """
        self._wanted = name
        self.start()

    def close(self) -> None:
        """End all work at once and free the models; what a handler does later raises ClosedError."""
        with self._starting:
            self._closed.set()
        self.assistant.close()  # first: it ends what the others wait for
        self.warmer.stop()
        if self.conversations:
            self.conversations.close()
        for close in self.closing:
            close()
        self.status = replace(
            self.status, busy=False
        )  # nothing comes any more that a question could wait for

    def may_edit(self, name: str | None) -> bool:
        """Tell whether a person may change the library and the settings; on one's own computer everybody
        may.
        """
        return self.people is None or self.people.may_edit(name)

    def ahead(self, language: str) -> str:
        """Say how much was read ahead, "" when there is no more to read."""
        warmer = self.warmer
        return (
            text(language, "read_ahead", done=warmer.done, total=warmer.total)
            if warmer.done < warmer.total
            else ""
        )

    def _run(self) -> None:
        try:
            self._fetch(self.assistant.settings.local_models)
            self.status = StartupStatus("loading", {}, usable=self._can_ask(), busy=True)
            threading.Thread(target=self._warm_up, name="warm-up", daemon=True).start()
            while self._again.is_set():
                self._sync()
                if self._closed.is_set():
                    return
                self.status = StartupStatus("loading", {}, usable=self._can_ask(), busy=True)
                self.assistant.warm_up()
                self.ready()
                if not self._watcher.is_alive() and self._watcher.ident is None:
                    self._watcher.start()
                if self.assistant.settings.read_ahead:
                    self.warmer.start()
                self._read_scans()
        except RagError as error:
            if self._closed.is_set():  # of no interest any more
                return
            log.warning("%s", error)
            complain(error)
            self.status = StartupStatus("error", {"error": error.message}, usable=self._can_ask(), busy=False)
        except Exception as error:
            log.exception("startup failed")
            self.status = StartupStatus(
                "error", {"error": f"{type(error).__name__}: {error}"}, usable=self._can_ask(), busy=False
            )

    def _sync(self) -> None:
        """Fetch the model that is wanted and sync, until nothing new is asked for."""
        while self._again.is_set():
            self._again.clear()
            self._change_model()
            self._synced = snapshot(self.assistant.settings.documents)
            bars = progress_bars()

            def progress(stage: str, done: int, total: int, name: str = "") -> None:
                bars(stage, done, total, name)  # noqa: B023 - called only in this turn of the loop
                self.status = StartupStatus(
                    f"syncing_{stage}",
                    {"done": done, "total": total, "name": name},
                    usable=self._can_ask(),
                    busy=True,
                )

            statuses = self.take_in(progress)
            if self._forgotten:
                gone, self._forgotten = self._forgotten, []
                self.assistant.forget(gone)
            for status in statuses:
                if status.status in (FileChange.FAILED, FileChange.KEPT):
                    print(f"{status.path}: {said(status.reason)}", file=sys.stderr)

    def _read_scans(self) -> None:
        """Read pages that are pictures while questions can be asked, until all are read or a sync is
        wanted.
        """
        bars = progress_bars()

        def progress(stage: str, done: int, total: int, name: str = "") -> None:
            bars(stage, done, total, name)
            values: dict[str, object] = {"done": done, "total": total, "name": name}
            self.status = StartupStatus(f"syncing_{stage}", values, usable=True, busy=False)

        self.assistant.read_scans(progress=progress, wanted=lambda: not self._again.is_set())
        if self.status.key == "syncing_scan":
            self.ready()

    def _can_ask(self) -> bool:
        """Tell whether there is anything to ask about now: each file that is read may be the first, or the
        last to go.
        """
        try:
            return self.assistant.library.catalogue.count() > 0
        except Exception:  # what is wrong is said elsewhere
            return False

    def _warm_up(self) -> None:
        """Load the models while the documents are read, for who asks meanwhile; what fails is said when all
        is read.
        """
        with contextlib.suppress(RagError):
            self.assistant.warm_up()

    def ready(self) -> None:
        """Say that all is done, with what the library holds now."""
        rows = [row for row in self.assistant.library.documents() if row.status == DocumentStatus.READY]
        catalogue = self.assistant.library.catalogue
        self.examples = suggest([(row.title, catalogue.text(row.id)) for row in rows[:30]])
        if rows:
            self.status = StartupStatus(
                "ready_status",
                {"documents": len(rows), "chunks": self.assistant.library.catalogue.count()},
                usable=True,
                busy=False,
            )
        else:
            self.status = StartupStatus("empty_library", {}, usable=True, busy=False)

    def _watch(self) -> None:
        """Sync when the documents folder has changed and come to rest."""
        seen = self._synced
        while not self._closed.wait(WATCH_S):
            now = snapshot(self.assistant.settings.documents)
            if now != self._synced and now == seen and not self.status.busy:
                self.start()
            seen = now

    def _conversations(self) -> Conversations | None:
        try:
            return Conversations(self.assistant.settings.data / history.FILE)
        except RagError as error:
            complain(error)
            return None

    def _change_model(self) -> None:
        wanted, self._wanted = self._wanted, ""
        if wanted:
            self._fetch([wanted], usable=self._can_ask())
            self.assistant.models.use_chat(wanted)

    def _fetch(self, names: Sequence[str], usable: bool = False) -> None:
        store = self.assistant.models.store
        bars = progress_bars()
        for name in names:
            if name not in store.models or store.present(name):
                continue
            model = store.get(name)
            fetching = Message(
                "model-fetching", title=model.title, size=model.size / 1e9, licence=model.licence
            )
            print(said(fetching), file=sys.stderr)

            def progress(name: str, done: int, total: int) -> None:
                bars(name, done, total)
                values = {
                    "name": name,
                    "percent": 100 * done // total,
                    "done": f"{done / 1e9:.2f}",
                    "total": f"{total / 1e9:.2f}",
                }
                self.status = StartupStatus("fetching", values, usable=usable, busy=True)

            store.fetch(name, progress)
