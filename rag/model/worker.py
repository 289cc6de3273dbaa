"""The model in a process of its own, so that a crash, a bad file or a cancel cannot take the page down.

`EngineProcess` has the methods of `rag.model.engine.LlamaEngine` and passes them to a child (see
`rag.processes`): a call is a request, and the pieces of a text that is generated are its parts. When the
child ends, the call that was going on raises a ModelError, `alive` is False, and `LlamaChat` starts another
for the next question.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Generator, Iterator, Sequence
from pathlib import Path
from typing import Any

from rag.errors import ModelError
from rag.messages import Message
from rag.model.engine import Cancelled, LlamaEngine
from rag.processes import PATIENCE_S, Child, Ended
from rag.serving import requests


class Crashed(ModelError):
    """The model's process ended by itself."""


class EngineProcess:
    """A LlamaEngine in a child process; see there for arguments, attributes and methods. Not safe for several
    threads at once, but for `close`.

    Args:
        cancelled: looked at while the model is loaded, which it ends at once.

    Raises:
        ModelError: it cannot be loaded. Cancelled: `cancelled` said so.
    """

    def __init__(self, path: Path, *, cancelled: Callable[[], bool] = lambda: False, **options: Any) -> None:
        self.path = path
        self._constants: dict[tuple[str, Any], Any] = {}  # what never changes for a model
        self._child = Child("rag.model.worker")
        try:
            opening = {name: str(v) if isinstance(v, Path) else v for name, v in options.items()}
            self.n_ctx, self.layers = self._call(
                "open", str(path), opening, cancelled=cancelled, patience_s=0
            )
        except BaseException:
            self.close()
            raise

    @property
    def alive(self) -> bool:
        """False when the child has ended."""
        return self._child.alive

    @property
    def pid(self) -> int:
        """The child's process number."""
        return self._child.pid

    def close(self) -> None:
        """End the child; its memory goes back to the system. A call that is going on in another thread
        raises ClosedError.
        """
        self._child.close()

    def template(self) -> str:
        return str(self._once("template"))

    def token_text(self, token: int) -> str:
        return str(self._once("token_text", token))

    def bos(self) -> tuple[int, bool]:
        token, wanted = self._once("bos")
        return int(token), bool(wanted)

    def eos(self) -> int:
        return int(self._once("eos"))

    def tokenize(self, text: str, *, special: bool = False) -> list[int]:
        return list(self._call("tokenize", text, special=special))

    def prefill(self, tokens: Sequence[int], cancelled: Callable[[], bool] = lambda: False) -> int:
        return int(self._call("prefill", list(tokens), cancelled=cancelled))

    def tune(self, cancelled: Callable[[], bool] = lambda: False) -> None:
        self._call("tune", cancelled=cancelled)

    def keeps(self, tokens: Sequence[int]) -> bool:
        return bool(self._call("keeps", list(tokens)))

    def keep(self) -> None:
        self._call("keep")

    def generate(self, max_tokens: int, cancelled: Callable[[], bool] = lambda: False) -> Iterator[str]:
        with contextlib.closing(self._answers("generate", (max_tokens,), {}, cancelled)) as answers:
            for answer in answers:
                if "part" in answer:
                    yield answer["part"]

    def _once(self, name: str, *arguments: Any) -> Any:
        if (name, arguments) not in self._constants:
            self._constants[name, arguments] = self._call(name, *arguments)
        return self._constants[name, arguments]

    def _call(
        self,
        name: str,
        *arguments: Any,
        cancelled: Callable[[], bool] | None = None,
        patience_s: float = PATIENCE_S,
        **options: Any,
    ) -> Any:
        *_, last = self._answers(name, arguments, options, cancelled, patience_s)
        return last["value"]["value"]

    def _answers(
        self,
        name: str,
        arguments: Sequence[Any],
        options: dict[str, Any],
        cancelled: Callable[[], bool] | None,
        patience_s: float = PATIENCE_S,
    ) -> Generator[dict[str, Any], None, None]:
        """Yield what answers a call, see `Child.messages`. Raises ModelError, Cancelled."""
        request = {"call": name, "arguments": arguments, "options": options}
        messages = self._child.messages(request, cancelled=cancelled, patience_s=patience_s)
        try:
            with contextlib.closing(messages):
                for message in messages:
                    if "part" not in message and "error" in message["value"]:
                        raise ModelError.of(Message.from_dict(message["value"]["error"]))
                    yield message
        except Ended as ended:
            raise Crashed("chat-model-ended", reason=ended) from None


def _serve() -> None:
    """The child: do what is asked, one call after the other, and stop in the middle when told to."""
    engine: LlamaEngine | None = None
    for request in requests():
        name, arguments = request.content["call"], request.content["arguments"]
        try:
            if name == "open":
                path, options = arguments
                tuned = options.pop("tuned", None)
                engine = LlamaEngine(Path(path), **options, tuned=Path(tuned) if tuned else None)
                value: Any = engine.n_ctx, engine.layers
            elif engine is None:
                raise ModelError("chat-model-not-open")
            elif name == "generate":
                for piece in engine.generate(int(arguments[0]), request.cancelled):
                    request.part(piece)
                value = None
            else:
                more = (request.cancelled,) if name in ("prefill", "tune") else ()
                value = getattr(engine, name)(*arguments, *more, **request.content["options"])
            request.answer({"value": value})
        except Cancelled:
            request.stopped()
        except ModelError as error:
            request.answer({"error": error.message.as_dict()})
        except Exception as error:  # said where it is seen, and the next call goes on
            failed = Message("chat-model-failed", reason=f"{type(error).__name__}: {error}")
            request.answer({"error": failed.as_dict()})


if __name__ == "__main__":
    _serve()
