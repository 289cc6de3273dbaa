"""What the chat does: take a question, stream the answer, stop, try again, change a question, go back to an
old conversation.
"""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import gradio as gr

from rag.errors import RagError
from rag.model.engine import Cancelled
from rag.types import Answer, Citation, Done, Event, QuotesFound, Reading, Token, Waiting
from rag.ui.render import answer_markdown, aside, bold, panel_html, plain
from rag.ui.startup import Startup
from rag.ui.strings import STRINGS, language_of, text

Message = dict[str, Any]
History = list[Message]


class Shown(NamedTuple):
    """What the page shows of a conversation, in the order of the page's outputs."""

    chat: History
    panel: Any
    answers: list[Answer]
    number: int | None  # of the conversation where it is kept


class Greeting(NamedTuple):
    """What fills a page that was just opened, in the order of the page's outputs."""

    heading: str
    panel: str
    preview: str
    chat: Any


log = logging.getLogger(__name__)
WAIT_S = 0.2  # between two looks at whether questions can be answered yet
_TOOLS = (("smaller", "가−"), ("larger", "가+"), ("contrast", "◐"), ("dark", "☾"))


class ChatTab:
    """The chat's handlers; one question at a time reaches the model, others wait in its queue."""

    def __init__(self, startup: Startup) -> None:
        self.startup = startup
        self._stops: dict[str, threading.Event] = {}

    def greet(self, request: gr.Request) -> Greeting:
        """Fill a page that was just opened."""
        words = STRINGS[language_of(request)]
        tools = "".join(
            f'<button type="button" data-do="{do}" title="{words[do]}" '
            f'aria-label="{words[do]}">{sign}</button>'
            for do, sign in _TOOLS
        )
        heading = (
            f"<div><h1>{words['title']}</h1><p>{words['tagline']}</p></div><div class='tools' "
            f"role='toolbar' aria-label='{words['look']}'>{tools}</div>"
        )
        examples = [{"text": question} for question in self.startup.examples]
        return Greeting(
            heading,
            self._panel([], request),
            f"<p>{words['preview']}</p>",
            gr.update(placeholder=words["welcome"], examples=examples),
        )

    def begin(self, request: gr.Request) -> Shown:
        """Begin a new conversation."""
        return Shown([], self._panel([], request), [], None)

    def take(self, question: str, history: History, request: gr.Request) -> tuple[Any, Any]:
        """Move the question from the box into the chat; it waits in the box while another one of this
        person's is being answered.
        """
        if not question.strip() or request.session_hash in self._stops:
            return gr.skip(), gr.skip()
        return "", [*history, {"role": "user", "content": question}]

    def typing(self, question: str, said: list[Answer], scope: list[str]) -> None:
        """Let the model read ahead for what is being typed."""
        if self.startup.status.usable:
            self.startup.warmer.typed(question, self._documents(scope), said)

    def again(self, history: History) -> History:
        """Drop the last answer, so that its question is asked once more."""
        while history and history[-1]["role"] == "assistant":
            history = history[:-1]
        return history

    def edited(self, history: History, change: gr.EditData) -> History:
        """Put a changed question in the place of the old one; what came after it goes."""
        assert isinstance(change.index, int)
        return [*history[: change.index], {"role": "user", "content": str(change.value)}]

    def undo(self, history: History, change: gr.UndoData) -> tuple[History, str]:
        """Take the last question back into the box."""
        assert isinstance(change.index, int)
        return history[: change.index], _words(change.value)

    def example(self, history: History, chosen: gr.SelectData) -> History:
        """Ask an example."""
        return [
            *history,
            {
                "role": "user",
                "content": _words(
                    chosen.value.get("text", "") if isinstance(chosen.value, dict) else chosen.value
                ),
            },
        ]

    def stop(self, request: gr.Request) -> None:
        """Stop this person's answer."""
        if event := self._stops.get(request.session_hash or ""):
            event.set()

    def answer(
        self,
        history: History,
        said: list[Answer],
        easy: bool,
        scope: list[str],
        kept: int | None,
        request: gr.Request,
    ) -> Iterator[Shown]:
        """Stream the answer to the last question."""
        language = language_of(request)
        if (
            not history or history[-1]["role"] != "user" or request.session_hash in self._stops
        ):  # nothing asked, or asked twice at once
            return
        question = _words(history[-1]["content"])
        said = said[: sum(message["role"] == "assistant" for message in history)]  # after a retry or a change
        kept = kept if said else None
        self.startup.warmer.asked()
        stopped = threading.Event()
        self._stops[request.session_hash or ""] = stopped
        quote = ""

        def show(message: str, panel: Any = None) -> Shown:
            return Shown([*history, _says(message)], gr.skip() if panel is None else panel, said, kept)

        def end() -> None:
            """Let this person ask again; whatever ended this, nobody listens any more."""
            stopped.set()
            self.startup.warmer.asked()
            if self._stops.get(request.session_hash or "") is stopped:
                del self._stops[request.session_hash or ""]

        try:
            while (
                not (status := self.startup.status).usable and status.busy
            ):  # the question waits for the documents, not the person
                yield show(aside(text(language, "kept_for_later", status=status.say(language))))
                if stopped.wait(WAIT_S):
                    raise Cancelled
            if not status.usable:
                yield show(text(language, "not_ready"))
                return
            yield show(aside(text(language, "searching")))
            assistant = self.startup.assistant
            catalogue = assistant.library.catalogue
            for event in _events(
                assistant.stream(question, self._documents(scope), stopped.is_set, said, easy), stopped
            ):
                match event:
                    case QuotesFound(quotes=quotes):
                        quote = _first_quote(quotes, language)
                        yield show(quote, panel_html(said, catalogue, language, quotes))
                    case Waiting(place=place):
                        yield show(f"{quote}\n\n{aside(text(language, 'waiting', place=place))}")
                    case Reading(done=done, total=total):
                        share = 100 * done // max(1, total)
                        progress = text(language, "reading", total=total, share=share)
                        yield show(f"{quote}\n\n{aside(progress)}")
                    case Token(text=words):
                        yield show(f"{quote}\n\n{plain(words)} ▌")
                    case Done(answer=answer):
                        turn, said = len(said), [*said, answer]
                        kept = self._keep(kept, turn, answer, request)
                        end()  # who sees the answer may ask on at once
                        yield show(
                            answer_markdown(answer, turn, language), panel_html(said, catalogue, language)
                        )
                        return
        except Cancelled:
            end()
            yield show(text(language, "stopped"))
        except RagError as error:
            end()
            yield show(text(language, "error", error=plain(error.in_language(language))))
        except Exception as error:  # a fault of the program: it must not leave somebody waiting
            log.exception("an answer failed")
            end()
            yield show(text(language, "error", error=plain(type(error).__name__)))
        finally:
            end()

    def open(self, conversation: int | None, request: gr.Request) -> Shown:
        """Show a kept conversation."""
        language, store = language_of(request), self.startup.conversations
        said = (
            store.answers(conversation, request.username or "") if store and conversation is not None else []
        )
        history: History = []
        for turn, answer in enumerate(said):
            history += [
                {"role": "user", "content": answer.question},
                _says(answer_markdown(answer, turn, language)),
            ]
        return Shown(history, self._panel(said, request), said, conversation)

    def judge(
        self, history: History, kept: int | None, vote: gr.LikeData, request: gr.Request
    ) -> tuple[Any, int]:
        """Keep whether an answer was right; ask why where it was not: (box for the reason, turn)."""
        assert isinstance(vote.index, int)
        turn = sum(message["role"] == "assistant" for message in history[: vote.index])
        if self.startup.conversations and kept is not None:
            self.startup.conversations.judge(kept, turn, bool(vote.liked), owner=request.username or "")
            gr.Info(text(language_of(request), "judged"))
        return gr.update(visible=not vote.liked, value=""), turn

    def reason(self, why: str, kept: int | None, turn: int, request: gr.Request) -> Any:
        """Keep why an answer was wrong."""
        if self.startup.conversations and kept is not None:
            self.startup.conversations.judge(kept, turn, False, why, request.username or "")
            gr.Info(text(language_of(request), "judged"))
        return gr.update(visible=False, value="")

    def _documents(self, scope: Sequence[str]) -> list[str] | None:
        """Return the documents that were chosen, singly or by folder ("보고서/"); None where none were, for
        all.
        """
        if not scope:
            return None
        paths = [row.path for row in self.startup.assistant.library.catalogue.documents()]
        return [
            path
            for path in paths
            if any(path == chosen or (chosen.endswith("/") and path.startswith(chosen)) for chosen in scope)
        ]

    def _panel(self, said: list[Answer], request: gr.Request) -> str:
        return (
            panel_html(said, self.startup.assistant.library.catalogue, language_of(request))
            if self.startup.status.usable
            else ""
        )

    def _keep(self, kept: int | None, turn: int, answer: Answer, request: gr.Request) -> int | None:
        if not (self.startup.conversations and self.startup.assistant.settings.keep_conversations):
            return None
        try:
            return self.startup.conversations.add(kept, turn, answer, request.username or "")
        except RagError as error:  # the answer itself is not lost
            gr.Warning(error.in_language(language_of(request)))
            return kept


def _events(stream: Iterator[Event], stopped: threading.Event) -> Iterator[Event]:
    """Pass a stream's events on from a thread of its own, so that a closed tab, whose handler is never
    resumed, cannot keep the model.

    Nor has a person who pressed Stop to wait for what cannot be stopped, such as the loading of a model.
    Raises Cancelled then.
    """
    passed: queue.Queue[Event | BaseException | None] = queue.Queue()

    def work() -> None:
        try:
            for event in stream:
                passed.put(event)
            passed.put(None)
        except BaseException as error:
            passed.put(error)

    threading.Thread(target=work, name="answer", daemon=True).start()
    while True:
        try:
            event = passed.get(timeout=WAIT_S)
        except queue.Empty:
            if stopped.is_set():
                raise Cancelled from None
            continue
        if event is None:
            return
        if isinstance(event, BaseException):
            raise event
        yield event


def _first_quote(quotes: tuple[Citation, ...], language: str) -> str:
    if not quotes:
        return ""
    where = f" <small>– {plain(quotes[0].title)}</small>"
    return f"{bold(text(language, 'quotes_first'))}\n\n> {plain(' '.join(quotes[0].quote.split()))}{where}"


def _says(content: str) -> Message:
    return {"role": "assistant", "content": content}


def _words(content: Any) -> str:
    """The text of a message, which Gradio may hand over as parts."""
    if isinstance(content, str):
        return content
    return " ".join(
        part["text"] if isinstance(part, dict) and "text" in part else str(part) for part in content
    )
