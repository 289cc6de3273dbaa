"""What the tab that shows the library at a glance draws: the map of passages and the timeline of
documents.
"""

from __future__ import annotations

import html

import gradio as gr
import numpy as np

from rag.errors import RagError
from rag.types import Answer, DocumentStatus
from rag.ui.charts import Dot, map_svg, timeline_svg
from rag.ui.startup import Startup
from rag.ui.strings import STRINGS, language_of, text

MAX_DOTS = 1500


class GlanceTab:
    """The handlers of the tab at a glance."""

    def __init__(self, startup: Startup) -> None:
        self.startup = startup

    def show(self, said: list[Answer], request: gr.Request) -> str:
        """Draw both pictures, with the last question and what was cited for it."""
        words = STRINGS[language_of(request)]
        if not self.startup.status.usable:
            return f"<p>{html.escape(words['not_ready'])}</p>"
        try:
            pictures = self._map(said[-1] if said else None, words) + self._timeline(words)
        except RagError as error:
            language = language_of(request)
            return f"<p>{html.escape(text(language, 'error', error=error.in_language(language)))}</p>"
        return pictures or f"<p>{html.escape(words['nothing_to_show'])}</p>"

    def _map(self, last: Answer | None, words: dict[str, str]) -> str:
        library = self.startup.assistant.library
        if library.embeddings is None:
            return ""
        chunks = [
            c
            for row in library.documents()
            if row.status == DocumentStatus.READY
            for c in library.catalogue.document_chunks(row.id)
        ]
        chunks = chunks[:: max(1, -(-len(chunks) // MAX_DOTS))]
        found = library.catalogue.vectors(library.embeddings.name, [c.id for c in chunks])
        chunks = [c for c in chunks if c.id in found]
        if len(chunks) < 3:
            return ""
        dots = [Dot(c.title, " ".join(c.text.split())[:80], c.id) for c in chunks]
        cited = {
            c.id
            for c in chunks
            if last and any(x.path == c.path and x.start < c.end and c.start < x.end for x in last.citations)
        }
        question = library.embeddings.query(last.understood or last.question) if last else None
        svg = map_svg(dots, np.stack([found[c.id] for c in chunks]), question, cited, words)
        return (
            f"<h3>{html.escape(words['map'])}</h3><p>{html.escape(words['map_hint'])}</p>{svg}" if svg else ""
        )

    def _timeline(self, words: dict[str, str]) -> str:
        rows = self.startup.assistant.library.documents()
        svg = timeline_svg(
            [(row.date, row.title) for row in rows if row.status == DocumentStatus.READY], words
        )
        return f"<h3>{html.escape(words['timeline'])}</h3>{svg}" if svg else ""
