"""What the chat does: take a question, stream the answer, stop, try again."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from typing import Any

import gradio as gr

from rag.engine import Cancelled
from rag.errors import RagError
from rag.types import Answer, Citation, Done, Event, QuotesFound, Reading, Token
from rag.ui.render import answer_markdown, plain, sources_html
from rag.ui.startup import Startup
from rag.ui.strings import browser_language, text

Message = dict[str, Any]
History = list[Message]


class Handlers:
    """The chat's handlers; one question at a time reaches the model, others wait in its queue."""

    def __init__(self, startup: Startup) -> None:
        self.startup = startup
        self._stops: dict[str, threading.Event] = {}

    def take(self, question: str, history: History) -> tuple[str, History]:
        """Move the question from the box into the chat."""
        if not question.strip():
            return question, history
        return "", [*history, {"role": "user", "content": question}]

    def typing(self, question: str) -> None:
        """Let the model read ahead for what is being typed."""
        self.startup.warmer.typed(question)

    def again(self, history: History) -> History:
        """Drop the last answer, so that its question is asked once more."""
        while history and history[-1]["role"] == "assistant":
            history = history[:-1]
        return history

    def stop(self, request: gr.Request) -> None:
        """Stop this person's answer."""
        if event := self._stops.get(request.session_hash or ""):
            event.set()

    def answer(self, history: History, said: list[Answer], easy: bool, request: gr.Request) -> Iterator[tuple[History, str, list[Answer]]]:
        """Stream the answer to the last question: (chat, source panel, the conversation's answers so far)."""
        language = browser_language(request.headers.get("accept-language"))
        if not history or history[-1]["role"] != "user":
            return
        question = _words(history[-1]["content"])

        said = said[: sum(message["role"] == "assistant" for message in history)]  # after a retry or a new conversation

        def show(content: str) -> tuple[History, str, list[Answer]]:
            return [*history, {"role": "assistant", "content": content}], panel, said

        panel = ""

        if not self.startup.status.usable:
            yield show(text(language, "not_ready"))
            return
        self.startup.warmer.asked()
        stopped = threading.Event()
        self._stops[request.session_hash or ""] = stopped
        quotes: tuple[Citation, ...] = ()
        yield show(f"*{text(language, 'searching')}*")
        try:
            catalogue = self.startup.assistant.library.catalogue
            for event in _events(self.startup.assistant.stream(question, cancelled=stopped.is_set, history=said, easy=easy)):
                match event:
                    case QuotesFound(quotes=quotes):
                        panel = sources_html(quotes, catalogue, language, text(language, "quotes_first"))
                        yield show(_first_quote(quotes, language))
                    case Reading(done=done, total=total):
                        yield show(f"{_first_quote(quotes, language)}\n\n*{text(language, 'reading', done=done, total=total)}*")
                    case Token(text=words):
                        yield show(plain(words) + " ▌")
                    case Done(answer=answer):
                        panel = sources_html(answer.citations, catalogue, language) if answer.citations else panel
                        said = [*said, answer]
                        yield show(f"{answer_markdown(answer, language)}\n\n<small>{_times(answer, language)}</small>")
        except Cancelled:
            yield show(text(language, "stopped"))
        except RagError as error:
            yield show(text(language, "error", error=plain(str(error))))
        finally:
            self.startup.warmer.asked()
            self._stops.pop(request.session_hash or "", None)


def _events(stream: Iterator[Event]) -> Iterator[Event]:
    """Pass a stream's events on from a thread of its own, so that a closed tab, whose handler is never resumed, cannot keep the model."""
    passed: queue.Queue[Event | BaseException | None] = queue.Queue()

    def work() -> None:
        try:
            for event in stream:
                passed.put(event)
            passed.put(None)
        except BaseException as error:
            passed.put(error)

    threading.Thread(target=work, name="answer", daemon=True).start()
    while (event := passed.get()) is not None:
        if isinstance(event, BaseException):
            raise event
        yield event


def _first_quote(quotes: tuple[Citation, ...], language: str) -> str:
    if not quotes:
        return ""
    return f"**{text(language, 'quotes_first')}**\n\n> {plain(quotes[0].quote)}"


def _times(answer: Answer, language: str) -> str:
    t = answer.timings
    first = "–" if t.first_token_s is None else f"{t.first_token_s:.1f}"
    quote = "–" if t.first_quote_s is None else f"{t.first_quote_s:.1f}"
    return text(language, "seconds", quote=quote, first=first, total=f"{t.total_s:.1f}", model=plain(answer.model))


def _words(content: Any) -> str:
    """The text of a message, which Gradio may hand over as parts."""
    if isinstance(content, str):
        return content
    return " ".join(part["text"] if isinstance(part, dict) and "text" in part else str(part) for part in content)
