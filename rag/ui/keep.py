"""What is kept and taken away: the list of conversations, files to download, feedback as evaluation rows."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable
from typing import Any

import gradio as gr

from rag.types import Answer
from rag.ui import export
from rag.ui.startup import Startup
from rag.ui.strings import language_of, text


class ConversationActions:
    """The handlers of the conversations' sidebar and of the buttons that take an answer away. Files are
    handed over as [name, base64].
    """

    def __init__(self, startup: Startup) -> None:
        self.startup = startup

    def listed(self, search: str, request: gr.Request) -> Any:
        """List the conversations that hold what is searched."""
        store = self.startup.conversations
        rows = store.rows(search, request.username or "") if store else []
        return gr.update(
            choices=[
                (f"{row.title} · {time.strftime('%m-%d %H:%M', time.localtime(row.updated))}", row.id)
                for row in rows[:200]
            ],
            value=None,
        )

    def rename(
        self, conversation: int | None, title: str, search: str, request: gr.Request
    ) -> tuple[str, Any]:
        """Rename the open conversation."""
        if self.startup.conversations and conversation is not None:
            self.startup.conversations.rename(conversation, title, request.username or "")
        return "", self.listed(search, request)

    def delete(self, conversation: int | None, search: str, request: gr.Request) -> Any:
        """Delete the open conversation for good."""
        if self.startup.conversations and conversation is not None:
            self.startup.conversations.delete(conversation, request.username or "")
            gr.Info(text(language_of(request), "conversation_deleted"))
        return self.listed(search, request)

    def maker(self, kind: str) -> Callable[[list[Answer], gr.Request], str]:
        """Return the handler that makes the conversation a file of a kind ("md", "docx", "hwpx")."""

        def make(said: list[Answer], request: gr.Request) -> str:
            if not said:
                gr.Warning(text(language_of(request), "nothing_yet"))
                return ""
            title = said[0].question
            return _file(f"{_name(title)}.{kind}", export.FORMATS[kind](said, title))

        make.__annotations__ = {
            "said": list,
            "request": gr.Request,
        }  # Gradio looks for the request by its type
        return make

    def brief(self, said: list[Answer], request: gr.Request) -> str:
        """The last answer in the terse style of reports, for the clipboard."""
        if not said:
            gr.Warning(text(language_of(request), "nothing_yet"))
            return ""
        gr.Info(text(language_of(request), "copied"))
        return export.brief(said[-1:])

    def feedback(self, request: gr.Request) -> str:
        """All judged answers as rows of an evaluation file."""
        rows = (
            list(self.startup.conversations.judged(request.username or ""))
            if self.startup.conversations
            else []
        )
        if not rows:
            gr.Warning(text(language_of(request), "nothing_judged"))
            return ""
        return _file(
            "feedback.jsonl", "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()
        )


def _file(name: str, content: bytes) -> str:
    return json.dumps([name, base64.b64encode(content).decode()])


def _name(title: str) -> str:
    """A file name of a question.

    >>> _name("예산은 3/4 얼마?")
    '예산은 3 4 얼마'
    """
    kept = "".join(c if c.isalnum() or c in "-_" else " " for c in title)
    return " ".join(kept.split())[:40] or "answer"
