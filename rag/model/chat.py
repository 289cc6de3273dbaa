"""LlamaChat: LangChain's BaseChatModel over a local GGUF file.

The prompt is built token by token: the template's own parts may hold control tokens, the messages' content
never can, whatever a document says. A message's content may be a list of text blocks; each block is
tokenised by itself, so that a block that comes again (instructions, a passage) is the same tokens every time
and its state can be reused.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, wait
from pathlib import Path
from typing import Any

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from pydantic import PrivateAttr

from rag.errors import ClosedError, ModelError
from rag.model.engine import AUTOMATIC, Cancelled
from rag.model.turn import Turn
from rag.model.worker import Crashed, EngineProcess
from rag.processes import POLL_S

log = logging.getLogger(__name__)
_ROLES = {"system": "system", "human": "user", "ai": "assistant"}
_MARK = "\x02{}\x03"  # stands for a message's content while the template is rendered


class _Loading:
    """A model that is being loaded in a thread of its own, which goes on when who waited for it does not."""

    def __init__(self, load: Callable[[_Loading], EngineProcess]) -> None:
        self.given_up = threading.Event()  # of no use to anybody any more
        self._done: Future[EngineProcess] = Future()
        threading.Thread(target=self._run, args=(load,), name="loading", daemon=True).start()

    def wait(self, cancelled: Callable[[], bool]) -> EngineProcess:
        """Return the model. Raises Cancelled, and what loading it raised."""
        while not wait([self._done], POLL_S).done:
            if cancelled():
                raise Cancelled
        return self._done.result()

    def _run(self, load: Callable[[_Loading], EngineProcess]) -> None:
        try:
            self._done.set_result(load(self))
        except BaseException as error:
            self._done.set_exception(ClosedError() if self.given_up.is_set() else error)


class LlamaChat(BaseChatModel):
    """A local chat model: greedy, streaming, one answer at a time.

    Attributes:
        path: the GGUF file. n_ctx, n_threads, n_gpu_layers, tuned: see `rag.model.engine.LlamaEngine`.
        max_tokens: of one answer.
    """

    path: Path
    n_ctx: int = 4096
    n_threads: int = 0
    n_gpu_layers: int = AUTOMATIC
    tuned: Path | None = None
    max_tokens: int = 200
    _engine: EngineProcess | None = PrivateAttr(default=None)
    _turn: Turn = PrivateAttr(default_factory=Turn)
    _loading: _Loading | None = PrivateAttr(default=None)
    _changing: threading.Lock = PrivateAttr(default_factory=threading.Lock)
    _ended: bool = PrivateAttr(default=False)

    @property
    def _llm_type(self) -> str:
        return "llama.cpp"

    @property
    def _identifying_params(self) -> dict[str, Any]:
        return {"path": str(self.path), "n_ctx": self.n_ctx}

    @property
    def model_name(self) -> str:
        """The model's name, for the answer."""
        return self.path.stem

    def turn(self) -> Turn:
        """Return the lock that gives one question the model for as long as it is held."""
        return self._turn

    def engine(self, cancelled: Callable[[], bool] = lambda: False) -> EngineProcess:
        """Return the engine, loading the model on the first call, and anew when its process has ended.

        Args:
            cancelled: looked at while the model is loaded, which goes on for who asks next.
        Raises:
            ModelError; Cancelled: `cancelled` said so; ClosedError: `end` was called.
        """
        with self._changing:
            if self._ended:
                raise ClosedError
            if self._engine is not None and self._engine.alive:
                return self._engine
            loading = self._loading = self._loading or _Loading(self._load)
        return loading.wait(cancelled)

    def _load(self, loading: _Loading) -> EngineProcess:
        """Load the model, in a thread of its own.

        A graphics processor that nobody insists on is left alone after the process ended while it was used:
        its drivers are what fails most.
        """
        engine = None
        try:
            if self._engine is not None:  # its process has ended
                self._engine.close()
                if self._engine.layers:
                    self._leave_gpu()
            try:
                engine = self._open(loading.given_up.is_set)
            except Crashed:
                if self.n_gpu_layers != AUTOMATIC:
                    raise
                self._leave_gpu()
                engine = self._open(loading.given_up.is_set)
            return engine
        finally:
            with self._changing:
                if self._loading is loading:
                    self._engine, self._loading = engine, None
                elif engine is not None:
                    engine.close()

    def _open(self, cancelled: Callable[[], bool] = lambda: False) -> EngineProcess:
        return EngineProcess(
            self.path,
            cancelled=cancelled,
            n_ctx=self.n_ctx,
            n_threads=self.n_threads,
            n_gpu_layers=self.n_gpu_layers,
            tuned=self.tuned,
        )

    def _leave_gpu(self) -> None:
        if self.n_gpu_layers == AUTOMATIC:
            self.n_gpu_layers = 0
            log.warning(
                "the model's process ended; it goes on without a graphics processor until the next start"
            )

    def close(self) -> None:
        """Free the model's memory as soon as nobody has the turn, before all who wait for it; the next call
        loads the model anew.
        """
        if self._ended:
            return
        self._turn.take(self._turn.line_up(first=True))
        try:
            self._free()
        finally:
            self._turn.give_back()

    def end(self) -> None:
        """Free the model's memory at once and for good: whoever has the turn or waits for it, and whoever
        comes later, gets a ClosedError.
        """
        with self._changing:
            self._ended = True
        self._turn.close()
        self._free()

    def _free(self) -> None:
        with self._changing:
            loading, engine, self._loading, self._engine = self._loading, self._engine, None, None
        if loading is not None:
            loading.given_up.set()
        if engine is not None:
            engine.close()

    def prompt(self, messages: Sequence[BaseMessage]) -> list[list[int]]:
        """Return the prompt's tokens, one list for each part of the template and each block of content, in
        order.
        """
        engine = self.engine()
        contents: list[list[str]] = []
        turns = []
        for message in messages:
            contents.append(_blocks(message))
            turns.append(
                {"role": _ROLES.get(message.type, "user"), "content": _MARK.format(len(contents) - 1)}
            )
        rendered = _render(engine, turns)
        parts: list[list[int]] = []
        bos, wanted = engine.bos()
        if wanted and not rendered.startswith(engine.token_text(bos)):
            parts.append([bos])
        while rendered:
            before, mark, rest = rendered.partition("\x02")
            if before:
                parts.append(engine.tokenize(before, special=True))
            if not mark:
                break
            number, _, rendered = rest.partition("\x03")
            parts += [engine.tokenize(block) for block in contents[int(number)] if block]
        return parts

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        cancelled: Callable[[], bool] = kwargs.get("cancelled", lambda: False)
        with self._turn:
            engine = self.engine(cancelled)
            engine.prefill([t for part in self.prompt(messages) for t in part], cancelled)
            for text in stop_at(
                engine.generate(kwargs.get("max_tokens", self.max_tokens), cancelled), stop or []
            ):
                chunk = ChatGenerationChunk(message=AIMessageChunk(content=text))
                if run_manager:
                    run_manager.on_llm_new_token(text, chunk=chunk)
                yield chunk

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        text = "".join(
            str(chunk.message.content) for chunk in self._stream(messages, stop, run_manager, **kwargs)
        )
        return ChatResult(generations=[ChatGeneration(message=AIMessage(content=text))])


def stop_at(pieces: Iterator[str], stops: Sequence[str]) -> Iterator[str]:
    """Pass text on until one of the stop strings comes, which is not passed on. A blank line behind a colon
    is no stop: a list follows.
    """
    held = last = ""
    for piece in pieces:
        held += piece
        if found := [
            at
            for stop in stops
            if (at := held.find(stop)) >= 0 and not (stop.isspace() and (last + held[:at]).endswith(":"))
        ]:
            yield held[: min(found)]
            return
        keep = max((n for stop in stops for n in range(1, len(stop)) if held.endswith(stop[:n])), default=0)
        out, held = held[: len(held) - keep], held[len(held) - keep :]
        if out:
            last = out[-1]
            yield out
    if held:
        yield held


def _blocks(message: BaseMessage) -> list[str]:
    if isinstance(message.content, str):
        texts = [message.content]
    else:
        texts = [block if isinstance(block, str) else str(block.get("text", "")) for block in message.content]
    return [text.replace("\x02", "").replace("\x03", "") for text in texts]


def _render(engine: EngineProcess, turns: list[dict[str, str]]) -> str:
    """Render the model's own template; a template without a system role gets the system text in the first
    user turn.
    """
    from jinja2 import TemplateError
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    def refuse(message: str) -> None:
        raise TemplateError(message)

    source = engine.template()
    if not source:
        raise ModelError("chat-template-missing")
    environment = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True)
    environment.globals["raise_exception"] = refuse
    bos, eos = engine.token_text(engine.bos()[0]), engine.token_text(engine.eos())
    given = {
        "add_generation_prompt": True,
        "enable_thinking": False,  # of models that else write down how they come to an answer, for minutes
        "bos_token": bos,
        "eos_token": eos,
    }
    try:
        template = environment.from_string(source)
        try:
            return template.render(messages=turns, **given)
        except TemplateError:
            if len(turns) < 2 or turns[0]["role"] != "system":
                raise
            merged = [
                {"role": turns[1]["role"], "content": f"{turns[0]['content']}\n\n{turns[1]['content']}"},
                *turns[2:],
            ]
            return template.render(messages=merged, **given)
    except TemplateError as error:
        raise ModelError("chat-template-unusable", reason=error) from error
