"""The settings tab: what is set, where from, and the few things that can change while the program runs."""

from __future__ import annotations

import html
from dataclasses import fields, replace

import gradio as gr

from rag.config import Settings
from rag.errors import RagError
from rag.messages import say
from rag.ui.startup import Startup
from rag.ui.strings import STRINGS, language_of


class Handlers:
    """The handlers of the settings tab."""

    def __init__(self, startup: Startup) -> None:
        self.startup = startup

    def show(self, request: gr.Request) -> str:
        """List every setting with its variable."""
        words = STRINGS[language_of(request)]
        settings = self.startup.assistant.settings
        try:
            model = str(self.startup.assistant.models.path(settings.chat_model))
        except RagError as error:
            model = say(str(error), language_of(request))
        rows = [("chat model file", model), *((f"RAG_{f.name.upper()}", getattr(settings, f.name)) for f in fields(Settings))]
        body = "".join(f"<tr><th scope=row><code>{name}</code></th><td>{html.escape(str(value))}</td></tr>" for name, value in rows)
        head = f"<tr><th scope=col>{words['setting']}</th><th scope=col>{words['value']}</th></tr>"
        return f"<p>{words['settings_hint']}</p><div class='wide' tabindex='0'><table class='settings'><thead>{head}</thead><tbody>{body}</tbody></table></div>"

    def change(self, read_ahead: bool, keep: bool, read_k: float, request: gr.Request) -> str:
        """Change what can be changed now, until the program ends."""
        if not self.startup.may_edit(request.username):
            gr.Warning(STRINGS[language_of(request)]["readers_only_ask"])
            return self.show(request)
        assistant = self.startup.assistant
        assistant.settings = replace(assistant.settings, read_ahead=read_ahead, keep_conversations=keep, read_k=int(read_k))
        if read_ahead and self.startup.status.usable:
            self.startup.warmer.start()
        return self.show(request)
