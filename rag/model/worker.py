"""The model in a process of its own, so that a crash, a bad file or a cancel cannot take the page down.

`EngineProcess` has the methods of `rag.model.engine.Engine` and passes them to a child (see `rag.processes`)
as JSON lines: a call and its answer, pieces of text in between, and a word to stop. When the child ends, the
call that was going on raises a ModelError, `alive` is False, and `LlamaChat` starts another for the next
question.
"""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from rag.errors import ClosedError, ModelError
from rag.messages import Message
from rag.model.engine import Cancelled, Engine
from rag.processes import Child, answers, requests

POLL_S = 0.05  # between two looks at `cancelled`
STUBBORN_S = 10.0  # a child that does not stop for so long after it was told to is killed


class Crashed(ModelError):
    """The model's process ended by itself."""


class EngineProcess:
    """An Engine in a child process; see there for arguments, attributes and methods. Not safe for several
    threads at once, but for `close`.

    Args:
        cancelled: looked at while the model is loaded, which it ends at once.

    Raises:
        ModelError: it cannot be loaded. Cancelled: `cancelled` said so.
    """

    def __init__(self, path: Path, *, cancelled: Callable[[], bool] = lambda: False, **options: Any) -> None:
        self.path = path
        self._id = 0
        self._known: dict[tuple[str, Any], Any] = {}  # what never changes for a model
        self._child = Child("rag.model.worker")
        try:
            self._send(
                "open", (str(path), {k: str(v) if isinstance(v, Path) else v for k, v in options.items()}), {}
            )
            self.n_ctx, self.layers = self._answer(cancelled, stubborn_s=0)["value"]
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
        self._send("generate", (max_tokens,), {})
        finished = False
        try:
            while True:
                answer = self._answer(cancelled)
                if "piece" not in answer:
                    finished = True
                    return
                yield answer["piece"]
        except (Cancelled, ModelError):
            finished = True
            raise
        finally:
            if not finished and self.alive:  # nobody listens any more
                with contextlib.suppress(Cancelled, ModelError):
                    while "piece" in self._answer(lambda: True):
                        pass

    def _once(self, name: str, *arguments: Any) -> Any:
        if (name, arguments) not in self._known:
            self._known[name, arguments] = self._call(name, *arguments)
        return self._known[name, arguments]

    def _call(
        self, name: str, *arguments: Any, cancelled: Callable[[], bool] = lambda: False, **options: Any
    ) -> Any:
        self._send(name, arguments, options)
        return self._answer(cancelled)["value"]

    def _send(self, name: str, arguments: Sequence[Any], options: dict[str, Any]) -> None:
        self._id += 1
        self._child.send({"id": self._id, "call": name, "arguments": arguments, "options": options})

    def _answer(self, cancelled: Callable[[], bool], stubborn_s: float = STUBBORN_S) -> dict[str, Any]:
        """Wait for the next line that answers the call, telling the child to stop when `cancelled` says so,
        and killing it when it does not.
        """
        told: float | None = None
        while True:
            if told is None and cancelled():
                self._child.send({"cancel": self._id})
                told = time.monotonic()
            try:
                answer = self._child.receive(POLL_S)
            except TimeoutError:
                if told is not None and time.monotonic() - told > stubborn_s:
                    self._child.kill()
                continue
            if answer is None:
                if self._child.closed:
                    raise ClosedError
                if told is not None:  # and it did not stop by itself
                    raise Cancelled
                raise Crashed("chat-model-ended", reason=self._child.ending())
            if answer["id"] != self._id:
                continue
            if answer.get("error") == "cancelled":
                raise Cancelled
            if "error" in answer:
                raise ModelError.of(Message.from_dict(answer["error"]))
            return answer


def _serve() -> None:
    """The child: do what is asked, one call after the other, and stop in the middle when told to."""
    stopped: set[int] = set()

    def is_to_stop(message: dict[str, Any]) -> bool:
        if "cancel" in message:
            stopped.add(message["cancel"])
        return "cancel" in message

    out, calls = answers(), requests(is_to_stop)
    engine: Engine | None = None
    for message in calls:
        number, name = message["id"], message["call"]

        def cancelled(number: int = number) -> bool:
            return number in stopped

        def say(answer: dict[str, Any], number: int = number) -> None:
            print(json.dumps({"id": number, **answer}), file=out, flush=True)

        try:
            if name == "open":
                path, options = message["arguments"]
                tuned = options.pop("tuned", None)
                engine = Engine(Path(path), **options, tuned=Path(tuned) if tuned else None)
                value: Any = engine.n_ctx, engine.layers
            elif engine is None:
                raise ModelError("chat-model-not-open")
            elif name == "generate":
                for piece in engine.generate(int(message["arguments"][0]), cancelled):
                    say({"piece": piece})
                value = None
            else:
                more = (cancelled,) if name in ("prefill", "tune") else ()
                value = getattr(engine, name)(*message["arguments"], *more, **message["options"])
            say({"value": value})
        except Cancelled:
            say({"error": "cancelled"})
        except ModelError as error:
            say({"error": error.message.as_dict()})
        except Exception as error:  # said where it is seen, and the next call goes on
            failed = Message("chat-model-failed", reason=f"{type(error).__name__}: {error}")
            say({"error": failed.as_dict()})


if __name__ == "__main__":
    _serve()
