"""What other programs on this computer may call: /ask, /search and /sync, and with --mcp the same as MCP
tools.

Gradio makes the endpoints, their names, types and descriptions of these functions. What cannot be done is
said as JSON in the text of the error: {"error": the English sentence, "keys": those of `rag.messages`}.
"""

from __future__ import annotations

import json
from typing import Any

import gradio as gr

from rag.errors import RagError
from rag.messages import Message
from rag.serialise import answer_json, error_json, hit_json, status_json
from rag.ui.startup import Startup


def add(startup: Startup) -> None:
    """Add the endpoints to the page that is being built."""

    def usable() -> None:
        if (
            not startup.status.usable
        ):  # else "not in the documents" would be said of documents that were not read yet
            raise _said(Message("library-not-ready"))

    def ask(question: str, documents: list[str] | None = None, easy: bool = False) -> dict[str, Any]:
        """Answer a question from the documents on this computer; every sentence carries the source that a
        checker confirmed.

        Args:
            question: in Korean or English.
            documents: paths of the documents to answer from; none for all.
            easy: answer in plain words.

        Returns:
            question, answer, refused, sentences with their citations, citations with exact quotes and the
            places of the cells in them that it was computed from, hits and timings.
        """
        usable()
        try:
            return answer_json(startup.assistant.ask(question, documents or None, easy=easy))
        except RagError as error:
            raise _said(error.message) from error

    def search(question: str, k: int = 10) -> dict[str, Any]:
        """Find the passages of the documents on this computer that a question is about, best first, without
        asking the model.

        Args:
            question: in Korean or English.
            k: how many passages, 1 to 50.

        Returns:
            question and hits: rank, score (0 to 1), path, page (counted from 1), page_label (what the file
                calls it, where that is another), heading, start, end, text.
        """
        usable()
        try:
            hits = startup.assistant.search(question, min(50, max(1, k))).hits
        except RagError as error:
            raise _said(error.message) from error
        return {"question": question, "hits": [hit_json(rank, hit) for rank, hit in enumerate(hits, 1)]}

    def sync(request: gr.Request) -> list[dict[str, Any]]:
        """Make the index equal to the documents folder, and wait for it.

        Returns:
            one row for each file: path, status (added, updated, unchanged, removed or failed), chunks,
                reason, and the keys of its sentences.
        """
        if not startup.may_edit(request.username):
            raise _said(Message("reader-may-not-edit"))
        try:
            statuses = startup.take_in(scans=True)
            startup.ready()
        except RagError as error:
            raise _said(error.message) from error
        return [status_json(status) for status in statuses]

    # the names of the functions are the names of the endpoints, so no handler of the page may bear them
    gr.api(ask, api_name="ask")
    gr.api(search, api_name="search")
    gr.api(sync, api_name="sync")


def _said(message: Message) -> gr.Error:
    """Make an error of what a program is told."""
    return gr.Error(json.dumps(error_json(message), ensure_ascii=False), print_exception=False)
