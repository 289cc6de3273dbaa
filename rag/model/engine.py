"""One llama.cpp context: decode tokens, keep exact key/value states, generate greedily, stop at once when
asked to.

Built on llama-cpp-python's low-level functions, because its chat class reads document text with control
tokens switched on and keeps only one state. What is decoded stands in sequence 0; `prefill` reuses whatever
prefix is already there or was kept before, which is exact: the tokens, their order and their positions are
the same.

Not safe for several threads at once; `LlamaChat.turn` is the lock. `rag.model.worker` runs it in a process
of its own.
"""

from __future__ import annotations

import codecs
import contextlib
import ctypes
import hashlib
import logging
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag.errors import ModelError
from rag.model import gpu, llama, tuning
from rag.model.prompt_lookup import MOST, SIZES, Guesser
from rag.serving import Cancelled as Cancelled

log = logging.getLogger(__name__)
MOST_KEPT = 8  # states of instructions, about 13 MB each: two languages, plain words or not
# tokens read in one batch, which `cancelled` ends in its middle; in batches of 128 reading was a tenth slower
PIECE = 512
AUTOMATIC = -2
LONG_BATCH = (
    32  # tokens from which reading is not slower with a thread on a busy core: `benchmarks/sharing.py`
)
LOOK_S = 0.02  # between two looks at `cancelled` in the middle of a batch
ABORTED = 2  # llama_decode's code for it


def _never() -> bool:
    return False


class LlamaEngine:
    """A loaded GGUF model with one context.

    Args:
        path: the GGUF file. n_ctx: tokens. n_threads: 0 for what suits this machine.
        n_gpu_layers: that a graphics processor takes; -1 for all, -2 for as many as fit, where it answers
            faster with them.
        speculate: guess ahead from the prompt while generating, see `generate`.
        tuned: a file that keeps what suits this machine, see `tune`; all cores where it says nothing.
        repack: lay the weights out anew while loading; None for what suits this machine.

    Attributes:
        layers: that are on a graphics processor; -1 for all.

    Raises:
        ModelError: the file cannot be loaded.
    """

    def __init__(
        self,
        path: Path,
        *,
        n_ctx: int = 4096,
        n_threads: int = 0,
        n_gpu_layers: int = AUTOMATIC,
        speculate: bool = True,
        tuned: Path | None = None,
        repack: bool | None = None,
    ) -> None:
        import llama_cpp
        from llama_cpp import llama_cpp as c

        self._c: Any = c
        self._path = path
        llama.silence()
        c.llama_backend_init()
        devices = gpu.devices() if n_gpu_layers else []
        self._choosing = n_gpu_layers == AUTOMATIC and bool(devices)
        try:
            stat = path.stat()
        except OSError as error:
            raise ModelError("chat-model-unloaded", file=path.name) from error
        on = (
            ", ".join(device.name for device in devices)
            if self._choosing
            else max(n_gpu_layers, -1)
            if devices
            else 0
        )
        told_apart = (
            f"{path.name} {stat.st_size} {stat.st_mtime_ns} {llama_cpp.__version__} {on} {llama.has_amx()}"
        )
        self._tuned = tuned if not n_threads else None
        self._machine = f"{hashlib.sha256(told_apart.encode()).hexdigest()[:16]} {tuning.cores()}"
        known = tuning.load(self._tuned, self._machine) if self._tuned else None
        self._tuning = known or tuning.Tuning(n_threads or tuning.cores(), n_threads or tuning.cores())
        self._repack = (self._tuning.repack if repack is None else repack) and not llama.has_amx()
        self.layers = (
            n_gpu_layers
            if devices and not self._choosing
            else gpu.layers(path, n_ctx, devices)
            if self._tuning.gpu
            else 0
        )
        try:
            self._model, self._context = llama.load(path, n_ctx, self.layers, self._repack)
        except ModelError:
            if not (self._choosing and self.layers):
                raise
            self.layers = 0  # the graphics processor holds less than it said
            self._model, self._context = llama.load(path, n_ctx, self.layers, self._repack)
        self._memory = c.llama_get_memory(self._context)
        self._vocab = c.llama_model_get_vocab(self._model)
        self.n_ctx = int(c.llama_n_ctx(self._context))
        self.n_vocab = int(c.llama_vocab_n_tokens(self._vocab))
        self._speculate = speculate
        self._batch = c.llama_batch_init(MOST + 1, 0, 1)
        self._cancelled: Callable[[], bool] = _never
        self._looked_at = 0.0
        self._abort = c.ggml_abort_callback(
            lambda _data: self._is_cancelled()
        )  # llama.cpp keeps a pointer to it
        c.llama_set_abort_callback(self._context, self._abort, None)
        self._sequence: list[int] = []  # the tokens that stand in sequence 0
        self._ready = False  # the logits behind the last of them are those of the last batch's last token
        self._states: OrderedDict[tuple[int, ...], NDArray[np.uint8]] = (
            OrderedDict()
        )  # key/value states by the tokens that they were computed from
        self._guesser = Guesser(self._tuning.batches, self._ends_sentence)
        self._using: tuple[int, int] | None = None
        self._neighbours = None if n_threads else tuning.Neighbours()

    def close(self) -> None:
        """Free the model's memory."""
        if self._context:
            self._c.llama_batch_free(self._batch)
            self._c.llama_free(self._context)
            self._c.llama_model_free(self._model)
        self._context = self._model = None
        self._states.clear()

    def template(self) -> str:
        """Return the model's own chat template (Jinja), "" where the file has none."""
        found = self._c.llama_model_chat_template(self._model, None)
        return found.decode() if found else ""

    def token_text(self, token: int) -> str:
        """Return the text of a special token, "" for none."""
        return self._c.llama_vocab_get_text(self._vocab, token).decode() if token >= 0 else ""

    def bos(self) -> tuple[int, bool]:
        """Return the token that begins a text, and whether this model wants it."""
        return int(self._c.llama_vocab_bos(self._vocab)), bool(self._c.llama_vocab_get_add_bos(self._vocab))

    def eos(self) -> int:
        return int(self._c.llama_vocab_eos(self._vocab))

    def tokenize(self, text: str, *, special: bool = False) -> list[int]:
        """Turn text into tokens.

        Args:
            special: read "<|im_start|>" and the like as control tokens. Only for parts of the template,
                never for content.
        """
        data = text.encode("utf-8", "replace")
        room = len(data) + 8
        tokens = (ctypes.c_int32 * room)()
        n = self._c.llama_tokenize(self._vocab, data, len(data), tokens, room, False, special)
        return list(tokens[:n])

    def prefill(self, tokens: Sequence[int], cancelled: Callable[[], bool] = _never) -> int:
        """Make sequence 0 hold exactly `tokens`, decoding only what no kept state covers. `cancelled` is
        heard within a moment.

        Returns: how many tokens were reused, all of them where the last call ended there. The logits of the
        last token are ready after it.
        Raises:
            Cancelled; ModelError: more tokens than the context holds.
        """
        if len(tokens) >= self.n_ctx:
            raise ModelError("prompt-too-long", tokens=len(tokens), limit=self.n_ctx)
        reused = _common(self._sequence, tokens)
        if self._ready and reused == len(tokens) == len(self._sequence):
            return reused
        self._ready = False
        known = [
            kept
            for kept in self._states
            if reused < len(kept) < len(tokens) and kept == tuple(tokens[: len(kept)])
        ]
        if known:
            longest = max(known, key=len)
            state = self._states[longest]
            self._c.llama_memory_seq_rm(self._memory, 0, -1, -1)
            self._sequence = []
            reused = 0
            if self._c.llama_state_seq_set_data(self._context, llama.pointer(state), state.size, 0):
                self._sequence, reused = list(longest), len(longest)
        reused = min(reused, len(tokens) - 1)  # at least one token must be decoded for its logits
        self._c.llama_memory_seq_rm(self._memory, 0, reused, -1)
        del self._sequence[reused:]
        self._cancelled = cancelled
        try:
            for i in range(reused, len(tokens), PIECE):
                if cancelled():
                    raise Cancelled
                self._decode(tokens[i : i + PIECE])
        finally:
            self._cancelled = _never
        return reused

    def keeps(self, tokens: Sequence[int]) -> bool:
        """Tell whether the state of exactly these tokens is kept."""
        return tuple(tokens) in self._states

    def keep(self) -> None:
        """Keep the state of what sequence 0 holds, for later prompts that begin with it."""
        if not self._sequence or self.keeps(self._sequence):
            return
        state = np.empty(self._c.llama_state_seq_get_size(self._context, 0), np.uint8)
        self._c.llama_state_seq_get_data(self._context, llama.pointer(state), state.size, 0)
        self._states[tuple(self._sequence)] = state
        if len(self._states) > MOST_KEPT:
            self._states.popitem(last=False)

    def logprobs(self) -> NDArray[np.float32]:
        """Return the log-probabilities of the next token: (n_vocab,) float32."""
        logits = self._logits(-1).astype(np.float32)
        logits -= logits.max()
        result: NDArray[np.float32] = logits - np.log(np.exp(logits).sum())
        return result

    def generate(self, max_tokens: int, cancelled: Callable[[], bool] = _never) -> Iterator[str]:
        """Generate greedily from where the sequence stands; yield text as whole characters come together.

        Ends at the model's end token, at `max_tokens`, at the end of the context, or when the text goes
        round in a circle.

        What is likely to follow is guessed ahead and checked in one batch (`rag.model.prompt_lookup`). Only
        tokens that greedy decoding gives are kept.
        """
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        produced: list[int] = []
        known = [int(np.argmax(self._logits(-1)))]  # what comes next, the last of it not decoded yet
        while True:
            for token in known:
                if self._c.llama_vocab_is_eog(self._vocab, token):
                    return
                produced.append(token)
                yield decoder.decode(
                    self._piece(token)
                )  # before it is decoded, which only what follows it needs
            if len(produced) >= max_tokens or len(self._sequence) >= self.n_ctx - 1 or _circling(produced):
                return
            if cancelled():
                raise Cancelled
            room = min(max_tokens - len(produced) - 1, self.n_ctx - len(self._sequence) - 2)
            guessed = self._guesser.guess([*self._sequence, token], room) if self._speculate else []
            known = self._verify(token, guessed)

    def tune(self, cancelled: Callable[[], bool] = _never) -> None:
        """Find out what suits this machine and model, and keep it, unless it is known: some seconds; see
        `rag.model.tuning`.

        Not while other programs keep cores busy, which would be taken for the machine's own. How the weights
        lie is heard at the next start.

        Raises:
            Cancelled: `cancelled` said so; nothing is kept.
        """
        if (
            self._tuned is None
            or tuning.load(self._tuned, self._machine)
            or (self._neighbours and self._neighbours.free < tuning.cores())
        ):
            return
        found = kept = self._measure(cancelled)
        if other_way := self._other_way():
            with (
                contextlib.suppress(ModelError),
                contextlib.closing(LlamaEngine(self._path, n_ctx=512, n_threads=1, **other_way)) as other,
            ):
                kept = tuning.better(found, other._measure(cancelled))
        self._tuning, self._guesser = found, Guesser(found.batches, self._ends_sentence)
        tuning.save(self._tuned, self._machine, kept)
        log.info("%s; batches of %s tokens", kept, SIZES)

    def _other_way(self) -> dict[str, Any]:
        """Return how else the weights could lie on this machine, as arguments, none for no way: on a
        graphics processor or not, else laid out anew or not.
        """
        if self._choosing:
            return {"n_gpu_layers": 0 if self.layers else AUTOMATIC}
        return (
            {"n_gpu_layers": 0, "repack": not self._repack} if not self.layers and not llama.has_amx() else {}
        )

    def _measure(self, cancelled: Callable[[], bool]) -> tuning.Tuning:
        """Try threads and batches with the weights as they lie."""
        first = 8
        tokens = (self.tokenize("가나다라 마바사아 ") * 64)[: first + tuning.PIECE]

        def seconds(threads: int, begin: int, step: int) -> float:
            self._tuning = tuning.Tuning(threads, threads)
            self.prefill(tokens[:begin], cancelled)
            start = time.perf_counter()
            for i in range(begin, len(tokens), step):
                self.prefill(tokens[: i + step], cancelled)
            return time.perf_counter() - start

        def cost(size: int) -> float:
            self.prefill(tokens[:48], cancelled)
            start = time.perf_counter()
            self._verify(tokens[48], tokens[49 : 48 + size])
            return time.perf_counter() - start

        before = self._tuning
        try:
            found = tuning.choose(
                tuning.cores(),
                lambda n: seconds(n, first, tuning.PIECE),
                lambda n: seconds(n, tuning.PIECE, 1),
            )
            self._tuning = found
            return replace(
                found,
                batches=tuple(min(cost(size) for _ in range(3)) for size in SIZES),
                repack=self._repack,
                gpu=bool(self.layers),
            )
        finally:
            self._tuning = before

    def _verify(self, token: int, guessed: Sequence[int]) -> list[int]:
        """Decode a token and what is guessed to follow it. Returns what does: the guesses that are right and
        the token behind them, not decoded yet.
        """
        tokens = [token, *guessed]
        held = len(self._sequence)
        for i, value in enumerate(tokens):
            self._batch.token[i], self._batch.pos[i], self._batch.n_seq_id[i], self._batch.logits[i] = (
                value,
                held + i,
                1,
                1,
            )
            self._batch.seq_id[i][0] = 0
        self._batch.n_tokens = len(tokens)
        self._run(self._batch)
        following = [int(np.argmax(self._logits(0)))]
        while len(following) < len(tokens) and tokens[len(following)] == following[-1]:
            following.append(int(np.argmax(self._logits(len(following)))))
        self._sequence.extend(tokens[: len(following)])
        if len(following) < len(tokens):
            self._c.llama_memory_seq_rm(self._memory, 0, len(self._sequence), -1)
        return following

    def _piece(self, token: int) -> bytes:
        """Return the bytes of a token, none for a control token."""
        buffer = ctypes.create_string_buffer(256)
        n = self._c.llama_token_to_piece(self._vocab, token, buffer, 256, 0, False)
        return buffer.raw[: max(0, n)]

    def _ends_sentence(self, token: int) -> bool:
        """Tell whether a sentence, or the text, seems to end with this token."""
        piece = self._piece(token)
        return not piece or any(mark in piece for mark in b".?!\n")

    def _logits(self, i: int) -> NDArray[np.float32]:
        """The logits behind token `i` of the last batch, -1 for its last: (n_vocab,) float32, valid until
        the next batch.
        """
        found: NDArray[np.float32] = np.ctypeslib.as_array(
            self._c.llama_get_logits_ith(self._context, i), shape=(self.n_vocab,)
        )
        return found

    def _decode(self, tokens: Sequence[int]) -> None:
        array = (ctypes.c_int32 * len(tokens))(*tokens)
        self._run(self._c.llama_batch_get_one(array, len(tokens)))
        self._sequence.extend(tokens)
        self._ready = True

    def _is_cancelled(self) -> bool:
        """Asked by llama.cpp between two steps of its graph, thousands of times a second, on the thread that
        decodes.
        """
        if self._cancelled is _never or time.monotonic() - self._looked_at < LOOK_S:
            return False
        self._looked_at = time.monotonic()
        return self._cancelled()

    def _share(self, n_tokens: int) -> None:
        """Leave cores to other programs that keep them busy, except for long batches, whose work llama.cpp
        deals out as threads become free.

        In short ones, and above all in single tokens, threads wait for each other at every step, so that one
        which shares its core holds up all.
        """
        reading, writing = self._tuning.reading, self._tuning.writing
        if self._neighbours and n_tokens < LONG_BATCH:
            reading, writing = min(reading, self._neighbours.free), min(writing, self._neighbours.free)
        if (reading, writing) != self._using:
            self._c.llama_set_n_threads(self._context, writing, reading)
            self._using = reading, writing

    def _run(self, batch: Any) -> None:
        self._ready = False
        self._share(batch.n_tokens)
        if code := self._c.llama_decode(self._context, batch):
            if code == ABORTED:
                self._c.llama_memory_seq_rm(self._memory, 0, len(self._sequence), -1)
                raise Cancelled
            self._c.llama_memory_seq_rm(self._memory, 0, -1, -1)
            self._sequence = []
            raise ModelError("chat-model-stopped", code=code)
        self._c.llama_synchronize(
            self._context
        )  # a graphics processor works on behind a call that has returned, and would be timed as done


def _common(a: Sequence[int], b: Sequence[int]) -> int:
    n = 0
    for x, y in zip(a, b, strict=False):
        if x != y:
            break
        n += 1
    return n


def _circling(tokens: Sequence[int], window: int = 12, times: int = 3) -> bool:
    """True when the last tokens are one short run repeated `times` times."""
    return any(
        len(tokens) >= n * times
        and all(tokens[-n * (i + 1) : len(tokens) - n * i] == tokens[-n:] for i in range(1, times))
        and n * times >= 12
        for n in range(1, window + 1)
    )
