"""The settings tab: what is set, where from, and the few things that can change while the program runs."""

from __future__ import annotations

import html

import gradio as gr

from rag.config import Settings
from rag.errors import ConfigError, RagError
from rag.model import tuning
from rag.model.advice import Fit, Machine, fit, seconds
from rag.model.weights import Model
from rag.ui.startup import Startup
from rag.ui.strings import STRINGS, language_of


class SettingsTab:
    """The handlers of the settings tab."""

    def __init__(self, startup: Startup) -> None:
        self.startup = startup

    def show(self, request: gr.Request) -> str:
        """List every setting with its variable."""
        words = STRINGS[language_of(request)]
        settings = self.startup.assistant.settings
        try:
            model = settings.chat_url or str(self.startup.assistant.models.store.path(settings.chat_model))
        except RagError as error:
            model = error.in_language(language_of(request))
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

    def choices(self) -> list[tuple[str, str]]:
        """Return the chat models of the catalogue: (title, name)."""
        return [(model.title, model.name) for model in self._chat_models()]

    def chosen(self) -> str | None:
        """Return the name of the model that answers, None for one that the catalogue does not have."""
        settings = self.startup.assistant.settings
        known = [name for _, name in self.choices()]
        return settings.chat_model if settings.chat_model in known and not settings.chat_url else None

    def models(self, request: gr.Request) -> str:
        """List the chat models of the catalogue, with what they need and how they suit this machine."""
        words, machine = STRINGS[language_of(request)], Machine.this()
        store, rows = self.startup.assistant.models.store, []
        for model in self._chat_models():
            used = model.name == self.chosen()
            suits = fit(model, machine)
            advice = words[f"fit_{suits}"].format(seconds=f"{seconds(model, machine):.0f}")
            cells = [
                f"{model.size / 1e9:.1f} GB",
                model.licence.split(",", 1)[0],
                words["measured_here" if model.measured else "not_measured"],
                advice if suits is Fit.TOO_LARGE or not model.default else f"{advice} {words['fit_default']}",
                words["model_used" if used else "model_here" if store.present(model.name) else "model_away"],
            ]
            body = "".join(f"<td>{html.escape(cell)}</td>" for cell in cells)
            rows.append(f"<tr><th scope=row>{html.escape(model.title)}</th>{body}</tr>")
        names = ("model", "size", "licence_column", "measured", "advice", "state")
        head = "".join(f"<th scope=col>{words[name]}</th>" for name in names)
        hint = words["models_hint"].format(memory=f"{machine.memory / 1e9:.0f}", cores=machine.cores)
        return (
            f"<h3>{words['models']}</h3><p>{hint}</p><div class='wide' tabindex='0'><table class='settings'>"
            f"<thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table></div>"
        )

    def use(self, name: str | None, request: gr.Request) -> None:
        """Let a model of the catalogue answer from now on, fetched first where it is not here."""
        words = STRINGS[language_of(request)]
        if not self.startup.may_edit(request.username):
            gr.Warning(words["readers_only_ask"])
        elif model := next((m for m in self._chat_models() if m.name == name), None):
            if fit(model, Machine.this()) is Fit.TOO_LARGE:
                gr.Warning(words["fit_too_large"])
                return
            gr.Info(words["model_changes"].format(title=model.title))
            self.startup.use_chat(model.name)

    def _chat_models(self) -> list[Model]:
        return [
            model for model in self.startup.assistant.models.store.models.values() if model.role == "chat"
        ]

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
            assistant.models.settings = assistant.settings.changed(
                read_ahead=read_ahead, keep_conversations=keep, read_k=read_k
            )
        except ConfigError as error:
            gr.Warning(error.in_language(language_of(request)))
            return self.show(request)
        if read_ahead and self.startup.status.usable:
            self.startup.warmer.start()
        return self.show(request)
