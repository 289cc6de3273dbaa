"""What the source panel asks of the server: a page of a PDF or an image drawn with the quote marked, and the
text of a document to read in.
"""

from __future__ import annotations

import base64
import threading
from collections.abc import Sequence
from typing import Any

from rag.errors import LibraryError, RagError
from rag.ingest.folder import file_of
from rag.ingest.loaders.sandbox import Sandbox
from rag.ui.render import document_html
from rag.ui.startup import Startup
from rag.ui.strings import STRINGS


class SourcePanel:
    """Functions called by page.js with a place: [path of a document, start, end]. Only documents of the
    library can be named.
    """

    def __init__(self, startup: Startup) -> None:
        self.startup = startup
        self._drawing = threading.Lock()
        self._sandbox: Sandbox | None = None

    def draw(self, place: Sequence[Any]) -> dict[str, Any]:
        """Return {"picture": a data URI, "top": where the quote is marked on it, 0 to 1 or null} for [path,
        start, end, page], or {"error": by language}.
        """
        path, start, end, page = str(place[0]), int(place[1]), int(place[2]), int(place[3])
        assistant = self.startup.assistant
        try:
            catalogue = assistant.library.catalogue
            document = catalogue.document_id(path)
            if document is None:
                raise LibraryError("document-gone", path=path)
            settings = assistant.settings
            with self._drawing:
                if self._sandbox is None:
                    self._sandbox = Sandbox(
                        timeout_s=settings.parse_timeout_s,
                        memory_mb=settings.parse_memory_mb,
                        max_mb=settings.max_file_mb,
                    )
                picture, top = self._sandbox.draw(
                    file_of(settings.documents, path),
                    page,
                    catalogue.text(document)[start:end],
                    assistant.library.scan_pages.of(catalogue.sha256(document)),
                )
        except RagError as error:
            return {"error": {language: error.in_language(language) for language in STRINGS}}
        return {"picture": "data:image/jpeg;base64," + base64.b64encode(picture).decode(), "top": top}

    def read(self, place: Sequence[Any]) -> dict[str, Any]:
        """Return {"html": the document's text around [path, start, end], the span marked}, or {"error": by
        language}.
        """
        path, start, end = str(place[0]), int(place[1]), int(place[2])
        try:
            catalogue = self.startup.assistant.library.catalogue
            document = catalogue.document_id(path)
            if document is None:
                raise LibraryError("document-gone", path=path)
            headings = [
                (section.start, section.end)
                for section in catalogue.sections(document)
                if section.kind == "heading"
            ]
            title = next(row.title for row in catalogue.documents() if row.id == document)
            return {"html": document_html(title, catalogue.text(document), headings, start, end)}
        except RagError as error:
            return {"error": {language: error.in_language(language) for language in STRINGS}}

    def close(self) -> None:
        """End the child that draws, at once."""
        if self._sandbox is not None:
            self._sandbox.close()
