"""The settings tab: what is set, where from, and the few things that can change while the program runs."""

from __future__ import annotations

import html

import gradio as gr

from rag.config import Settings
from rag.errors import ConfigError, RagError
from rag.messages import say
from rag.model import tuning
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
            model = settings.chat_url or str(self.startup.assistant.models.path(settings.chat_model))
        except RagError as error:
            model = say(str(error), language_of(request))
        known = [
            ("chat model file", model),
            ("language", f"{language_of(request)} ({words['language_hint']})"),
            ("threads", self._threads(settings)),
        ]
        rows = [*known, *((f"RAG_{name.upper()}", value) for name, value in settings)]
        body = "".join(
            f"<tr><th scope=row><code>{name}</code></th><td>{html.escape(str(value))}</td></tr>"
            for name, value in rows
        )
        head = f"<tr><th scope=col>{words['setting']}</th><th scope=col>{words['value']}</th></tr>"
        return (
            f"<p>{words['settings_hint']}</p><div class='wide' tabindex='0'><table "
            f"class='settings'><thead>{head}</thead><tbody>{body}</tbody></table></div>"
        )

    @staticmethod
    def _threads(settings: Settings) -> str:
        """What is set, or what the short test found for reading / writing."""
        found = None if settings.n_threads else tuning.load(settings.data / "tuning.json")
        return f"{found.reading} / {found.writing}" if found else str(settings.n_threads or tuning.cores())

    def change(self, read_ahead: bool, keep: bool, read_k: float, request: gr.Request) -> str:
        """Change what can be changed now, until the program ends."""
        if not self.startup.may_edit(request.username):
            gr.Warning(STRINGS[language_of(request)]["readers_only_ask"])
            return self.show(request)
        assistant = self.startup.assistant
        try:
            assistant.settings = assistant.settings.changed(
                read_ahead=read_ahead, keep_conversations=keep, read_k=read_k
            )
        except ConfigError as error:
            gr.Warning(say(str(error), language_of(request)))
            return self.show(request)
        if read_ahead and self.startup.status.usable:
            self.startup.warmer.start()
        return self.show(request)
