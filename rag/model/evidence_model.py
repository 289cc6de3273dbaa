"""The evidence model: which sentences of a passage answer a question, with which words, and whether any does.

EmbeddingGemma's own body, which is loaded for the embeddings anyway, with a low-rank adapter (LoRA, Hu et
al. 2021) and small heads. Its first SPLIT layers read the question and the passage apart, as for an
embedding, so that what they make of a passage can be kept for the next question (precomputed term
representations, MacAvaney et al. 2020); the layers from there to TOP read both together, with the adapter
added to their weights. Layers above TOP are not run.

Runs in the process of the embeddings (`rag.model.encoder`); `models/reader/train.py` makes the weights.
Imports torch: not for the program's own process.
"""

from __future__ import annotations

import math
import threading
from collections import OrderedDict
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

SPLIT, TOP = 6, 18  # of the body's 24 layers: 6 apart, 12 together
RANK = 32
WIDTH = 256  # of the heads' hidden layers
MAX_QUESTION, MAX_PASSAGE = 96, 400  # tokens; what is longer is cut
KEPT_PASSAGES = 128  # of which the states after the lower layers are kept: 100 MB at most in float32
Offsets = list[tuple[int, int]]
Begun = tuple[Tensor, Offsets, int]  # what `EvidenceModel.passage` returns


@dataclass(frozen=True, slots=True)
class Scores:
    """What the model makes of a passage: logits, so that 0 is as likely as not before calibration.

    `sentences`: one a sentence, None for those behind MAX_PASSAGE. `words`: (start, end) in the passage's
    text of the shortest words that answer, in its best sentence; None for none. `spans`: for each span that
    was asked about, the greatest logit of one of its tokens being among such words; None behind MAX_PASSAGE.
    """

    answerable: float
    sentences: tuple[float | None, ...]
    words: tuple[int, int] | None
    spans: tuple[float | None, ...] = ()


class Adapted(nn.Module):
    """A linear layer of the body with a low-rank change of its weights beside it."""

    def __init__(self, base: Any, rank: int = RANK) -> None:
        super().__init__()
        self.base = base
        self.A = nn.Parameter(torch.randn(rank, base.in_features) / math.sqrt(base.in_features))
        self.B = nn.Parameter(torch.zeros(base.out_features, rank))

    def forward(self, x: Tensor) -> Tensor:
        """Return (…, out_features)."""
        return self.base(x) + x @ self.A.T.to(x.dtype) @ self.B.T.to(x.dtype)


class Heads(nn.Module):
    """Logits from the states of a question's and a passage's tokens.

    Args:
        dim: of the states.
    """

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(dim)
        self.pool, self.poolq, self.poolp, self.span = (nn.Linear(dim, 1) for _ in range(4))
        self.sent = nn.Sequential(nn.Linear(dim, WIDTH), nn.GELU(), nn.Linear(WIDTH, 1))
        self.ans = nn.Sequential(nn.Linear(2 * dim, WIDTH), nn.GELU(), nn.Linear(WIDTH, 1))

    def forward(
        self, question: Tensor, passage: Tensor, sentences: Sequence[tuple[int, int]]
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Score a passage.

        Args:
            question, passage: (n_tokens, dim). sentences: (first, behind the last) token of each in the
                passage, not empty.
        Returns: logits of the sentences (n_sentences,), of the passage (), and of each of its tokens being
        one of the words that answer (n_tokens,).
        """
        question, passage = self.norm(question), self.norm(passage)
        weights = self.pool(passage)[:, 0]
        pooled = torch.stack(
            [(torch.softmax(weights[a:b], 0)[:, None] * passage[a:b]).sum(0) for a, b in sentences]
        )
        asked = (torch.softmax(self.poolq(question), 0) * question).sum(0)
        told = (torch.softmax(self.poolp(passage), 0) * passage).sum(0)
        return self.sent(pooled)[:, 0], self.ans(torch.cat([asked, told]))[0], self.span(passage)[:, 0]


class EvidenceModel(nn.Module):
    """The model, over a body that belongs to the embeddings and is not changed.

    Args:
        body: a Gemma3TextModel. tokenizer: its fast tokenizer. training: keep the adapter apart from the
            weights, with gradients.
    """

    def __init__(self, body: Any, tokenizer: Any, *, training: bool = False) -> None:
        super().__init__()
        self._body, self._tokenizer = (
            [body],
            tokenizer,
        )  # in a list, so that its weights are not this module's
        self.layers = nn.ModuleList(deepcopy(body.layers[layer]) for layer in range(SPLIT, TOP))
        for _, part in _adapted(self.layers, wrap=True):
            part.base.requires_grad_(False)
        for parameter in self.layers.parameters():
            parameter.requires_grad_(False)
        for _, part in _adapted(self.layers):
            part.A.requires_grad_(training)
            part.B.requires_grad_(training)
        self.heads = Heads(body.config.hidden_size)
        self._kept: OrderedDict[tuple[str, str], Begun] = OrderedDict()
        self._keeping, self._tokenizing = threading.Lock(), threading.Lock()

    def load(self, file: Path) -> EvidenceModel:
        """Take trained weights and put the adapter into the layers, which are then as fast as the body's
        own.
        """
        weights = load_file(str(file))
        missing = self.load_state_dict({name: value.float() for name, value in weights.items()}, strict=False)
        if missing.unexpected_keys or any(
            "base" not in name and "norm" not in name.split(".")[-2]
            for name in missing.missing_keys
            if "layers" in name
        ):
            raise ValueError(f"{file.name} does not hold this model's weights")
        with torch.no_grad():
            for name, part in _adapted(self.layers):
                part.base.weight += part.B.to(part.base.weight.dtype) @ part.A.to(part.base.weight.dtype)
                _put(self.layers, name, part.base)
        self.eval()
        return self

    def save(self, file: Path) -> None:
        """Write the adapter and the heads, as float16."""
        own = {
            name: value.detach().half().contiguous()
            for name, value in self.state_dict().items()
            if name.startswith("heads.") or name[-2:] in (".A", ".B")
        }
        save_file(own, str(file))

    @torch.no_grad()
    def question(self, text: str) -> Tensor:
        """Return the states of a question's tokens after the lower layers: (n_tokens, dim)."""
        return self._lower(f"task: question answering | query: {text}", MAX_QUESTION)[0]

    @torch.no_grad()
    def passage(self, context: str, text: str) -> Begun:
        """Return the same of a passage, each token's (start, end) in what was read, and how many characters
        stand there before the text.
        """
        head = f"title: {context or 'none'} | text: "
        states, offsets = self._lower(head + text, MAX_PASSAGE)
        return states, offsets, len(head)

    def together(self, question: Tensor, passage: Tensor) -> tuple[Tensor, Tensor]:
        """Let the upper layers read a question beside a passage: states of both, (n_tokens, dim) each."""
        states = self._run(torch.cat([question, passage])[None], self.layers, SPLIT)[0]
        return states[: len(question)], states[len(question) :]

    def prepare(self, context: str, text: str) -> bool:
        """Begin to read a passage, whatever the question will be, and keep that. Returns False where it was
        kept already.
        """
        return self._begin(context, text)[1]

    @torch.no_grad()
    def read(
        self,
        asked: Tensor,
        context: str,
        text: str,
        sentences: Sequence[tuple[int, int]],
        spans: Sequence[tuple[int, int]] = (),
    ) -> Scores:
        """Read one passage for a question. Several threads may, at once.

        Args:
            asked: the states of the question's tokens (`question`). sentences: (start, end) of each in the
                text. spans: further ones, such as a table's cells, see `Scores`.
        """
        (states, offsets, before), _ = self._begin(context, text)
        in_tokens = [tokens_in(offsets, a + before, b + before) for a, b in sentences]
        if not any(in_tokens):
            return Scores(-10.0, tuple(None for _ in sentences), None, tuple(None for _ in spans))
        asked_of, told = self.together(asked, states)
        scored, answerable, words = self.heads(
            asked_of.float(), told.float(), [span for span in in_tokens if span]
        )
        logits = iter(scored.tolist())
        by_sentence = tuple(next(logits) if span else None for span in in_tokens)
        _, best = max(
            (logit, span)
            for logit, span in zip(by_sentence, in_tokens, strict=True)
            if logit is not None and span
        )
        by_token = words.tolist()
        asked_about = (tokens_in(offsets, a + before, b + before) for a, b in spans)
        by_span = tuple(max(by_token[slice(*span)]) if span else None for span in asked_about)
        return Scores(float(answerable), by_sentence, _words(by_token, offsets, *best, before), by_span)

    def _begin(self, context: str, text: str) -> tuple[Begun, bool]:
        """Return what the lower layers make of a passage, and whether that was to be done."""
        key = context, text
        with self._keeping:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key], False
        begun = self.passage(context, text)
        with self._keeping:
            self._kept[key] = begun
            while len(self._kept) > KEPT_PASSAGES:
                self._kept.popitem(last=False)
        return begun, True

    def _lower(self, text: str, limit: int) -> tuple[Tensor, Offsets]:
        with self._tokenizing:  # its limit is its own, not the call's
            read = self._tokenizer(text, return_offsets_mapping=True, truncation=True, max_length=limit)
        body = self._body[0]
        states = body.embed_tokens(torch.tensor([read["input_ids"]], device=body.embed_tokens.weight.device))
        return self._run(states, body.layers[:SPLIT], 0)[0], [
            (int(a), int(b)) for a, b in read["offset_mapping"]
        ]

    def _run(self, states: Tensor, layers: Any, first: int) -> Tensor:
        body = self._body[0]
        places = torch.arange(states.shape[1], device=states.device)[None]
        turned = {kind: body.rotary_emb(states, places, kind) for kind in set(body.config.layer_types)}
        for number, layer in enumerate(layers, first):
            states = layer(
                states,
                attention_mask=None,
                position_embeddings=turned[body.config.layer_types[number]],
                position_ids=places,
            )
        return states


def tokens_in(offsets: Offsets, start: int, end: int) -> tuple[int, int] | None:
    """Return (first, behind the last) of the tokens that lie in a span, None where there are none.

    >>> tokens_in([(0, 2), (2, 5), (6, 9), (0, 0)], 2, 9)
    (1, 3)
    """
    inside = [i for i, (a, b) in enumerate(offsets) if b > start and a < end and b > a]
    return (inside[0], inside[-1] + 1) if inside else None


def _words(
    logits: Sequence[float], offsets: Offsets, first: int, behind: int, before: int
) -> tuple[int, int] | None:
    """Return the run of tokens of a sentence with the greatest sum of logits, as (start, end) in the text
    (Kadane's algorithm).
    """
    best: tuple[float, int, int] = (0.0, 0, 0)
    total, start = 0.0, first
    for i in range(first, behind):
        if total <= 0:
            total, start = 0.0, i
        total += logits[i]
        if total > best[0]:
            best = (total, start, i + 1)
    if best[0] <= 0:
        return None
    return max(0, offsets[best[1]][0] - before), offsets[best[2] - 1][1] - before


def _adapted(layers: nn.ModuleList, wrap: bool = False) -> list[tuple[str, Any]]:
    """Return the linear parts of layers by name; `wrap`: put an adapter around each first."""
    if wrap:
        for name, module in [(n, m) for n, m in layers.named_modules() if isinstance(m, nn.Linear)]:
            _put(layers, name, Adapted(module))
    return [(name, module) for name, module in layers.named_modules() if isinstance(module, Adapted)]


def _put(layers: nn.ModuleList, name: str, module: nn.Module) -> None:
    parent, _, child = name.rpartition(".")
    setattr(layers.get_submodule(parent), child, module)
