"""Train the evidence model (`rag.model.evidence_model`) on questions about real documents.

    python models/reader/train.py --eval DIR --work DIR [--ours] [--more sheets texts] [--again 1.0]
                                  [--start FILE [--mean]] [--epochs 2] [--rate 1e-4] [--seed 0] [--out FILE]

DIR of --eval is a folder of questions (see `data.py`), DIR of --work keeps what is made of it. Learns from
the folds `data.TRAIN_FOLDS` and from free texts alone, so that the weights may be passed on. What each
question teaches:

    answerable    a passage that answers, and up to two that were found for it and do not hold its words
    changed       a quarter of the times, where the question holds a number: the same passage with another
                  number in the question, which it does not answer
    cut           a third of the times: the same passage without the sentences that answer, which speaks of
                  the matter and does not answer
    unanswerable  the two passages that were found for it, of which none answers

Questions are given as people type: without blanks, with a slip, without a question mark, now and then. The
loss is the cross-entropy of the right sentences among all that stand in the question's passages and "none"
(as in SQuAD 2.0's baselines), of each sentence and of each passage by themselves, and of the tokens of the
shortest words that answer. The adapter and the heads learn; the body does not.
"""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import os
import random
import re
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))
sys.path.insert(0, str(Path(__file__).parent))

import torch
from data import TRAIN_FOLDS, Candidate, Sample, Source, flat, samples
from safetensors.torch import load_file, save_file
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits as cross_entropy
from transformers import AutoModel, AutoTokenizer

from rag.config import Settings
from rag.model.encoder import has_bfloat16
from rag.model.evidence_model import EvidenceModel, Offsets, tokens_in
from rag.model.weights import ModelStore

TOGETHER = 6  # questions a step of the optimiser
WARM_STEPS = 50
NEAR = 8  # found passages that negatives are drawn from
_NUMBER = re.compile(r"\d+")


@dataclass
class Lesson:
    """A question with passages, of which some answer it."""

    question: str
    passages: list[Candidate]
    spans: list[str]  # the shortest words that answer, empty where nothing does


def lessons(sample: Sample, rng: random.Random) -> list[Lesson]:
    """Return what a question teaches this time."""
    question = typed(sample.question, rng)
    words = [flat(span) for span in sample.spans if len(flat(span)) > 2]
    near = [c for c in sample.candidates if not c.answers and c.rank is not None and c.rank < NEAR]
    if not sample.answerable:
        return [Lesson(question, sorted(near, key=lambda c: (c.rank or 0) + rng.random() * 4)[:2], [])]
    right = rng.choice([c for c in sample.candidates if c.answers])
    near = [c for c in near if not any(word in flat(c.text) for word in words)]  # these may answer, too
    count = rng.choice([1, 1, 2])
    found = [
        Lesson(
            question,
            [right, *sorted(near, key=lambda c: (c.rank or 0) + rng.random() * 5)[:count]],
            sample.spans or [""],
        )
    ]
    if rng.random() < 0.25 and (changed := other_number(question, rng)):
        found.append(Lesson(changed, [right], []))
    if rng.random() < 0.33 and (cut := without_answer(right, words)):
        found.append(Lesson(question, [cut], []))
    return found


def without_answer(passage: Candidate, words: list[str]) -> Candidate | None:
    """Return a passage without the sentences that answer; None where nothing is left, or one of the words
    that answer (without blanks) is.
    """
    text, sentences, end = "", [], 0
    for (a, b), mark in zip(passage.sentences, passage.labels, strict=True):
        if not mark:
            text += ("\n" if "\n" in passage.text[end:a] else " ") if text else ""
            sentences.append((len(text), len(text) + b - a))
            text += passage.text[a:b]
        end = b
    if not sentences or any(word in flat(text) for word in words):
        return None
    return replace(passage, text=text, sentences=sentences, labels=[0] * len(sentences), answers=False)


def typed(question: str, rng: random.Random) -> str:
    """Return a question as somebody might type it."""
    chance = rng.random()
    if chance < 0.12:
        question = "".join(c for c in question if c != " " or rng.random() < 0.5)
    elif chance < 0.2 and len(question) > 8:
        i = rng.randrange(len(question) - 1)
        question = question[:i] + rng.choice(["", question[i] * 2, question[i + 1]]) + question[i + 1 :]
    return question.rstrip("?？. ") if rng.random() < 0.3 else question


def other_number(question: str, rng: random.Random) -> str:
    """Return a question with another number, near the one that it has; "" where it has none."""
    found = list(_NUMBER.finditer(question))
    if not found:
        return ""
    match = rng.choice(found)
    value = int(match[0])
    other = value + rng.choice([-3, -2, -1, 1, 2, 3] if value > 3 else [1, 2, 3])
    return question[: match.start()] + str(other) + question[match.end() :]


class Trainer:
    """Learns lessons, from several threads at once."""

    def __init__(self, model: EvidenceModel) -> None:
        self.model = model

    def loss(self, lesson: Lesson) -> Tensor:
        """Return the loss of a lesson: ()."""
        asked = self.model.question(lesson.question)
        logits, labels = [torch.zeros(1)], [torch.zeros(1)]  # the first is "none"
        total = torch.zeros(())
        for candidate in lesson.passages:
            states, offsets, before = self.model.passage(candidate.context, candidate.text)
            spans = [tokens_in(offsets, a + before, b + before) for a, b in candidate.sentences]
            inside = [(span, mark) for span, mark in zip(spans, candidate.labels, strict=True) if span]
            if not inside:
                continue
            right = bool(lesson.spans) and candidate.answers
            asked_of, told = self.model.together(asked, states.to(asked.dtype))
            sentences, answerable, words = self.model.heads(
                asked_of.float(), told.float(), [span for span, _ in inside]
            )
            truth = torch.tensor([float(mark) for _, mark in inside]) * right
            total = (
                total
                + cross_entropy(answerable, torch.tensor(float(right)))
                + 0.5 * _balanced(sentences, truth)
            )
            if right and (said := said_tokens(candidate, offsets, before, lesson.spans)).any():
                total = total + 0.2 * 2 * _balanced(words, said)
            logits.append(sentences)
            labels.append(truth)
        logit, truth = torch.cat(logits), torch.cat(labels)
        if not truth.any():
            truth[0] = 1
        return (
            1.5 * total / max(1, len(lesson.passages))
            + torch.logsumexp(logit, 0)
            - torch.logsumexp(logit[truth > 0], 0)
        )

    def learn(self, lesson: Lesson) -> float:
        """Add a lesson's part, one of TOGETHER, to the gradients. Returns its loss."""
        loss = self.loss(lesson)
        if loss.requires_grad:  # not where every passage is cut before its first sentence
            (loss / TOGETHER).backward()
        return loss.item()


def _balanced(logits: Tensor, truth: Tensor) -> Tensor:
    """Return the mean cross-entropy of the right and of the wrong ones, weighted alike."""
    loss = cross_entropy(logits, truth, reduction="none")
    means = [loss[truth == value].mean() for value in (0, 1) if (truth == value).any()]
    return torch.stack(means).mean()


def said_tokens(candidate: Candidate, offsets: Offsets, before: int, spans: list[str]) -> Tensor:
    """Return 1 for each token of a passage that is one of the shortest words that answer, in a sentence that
    does: (n_tokens,).
    """
    letters = [i for i, c in enumerate(candidate.text) if not c.isspace()]
    text = "".join(candidate.text[i] for i in letters)
    said = torch.zeros(len(offsets))
    for span in filter(None, map(flat, spans)):
        for match in re.finditer(re.escape(span), text):
            start, end = letters[match.start()], letters[match.end() - 1] + 1
            inside = any(
                a <= start < b
                for (a, b), mark in zip(candidate.sentences, candidate.labels, strict=True)
                if mark
            )
            if inside and (found := tokens_in(offsets, start + before, end + before)):
                said[found[0] : found[1]] = 1
    return said


def keep_memory() -> None:
    """Let glibc keep what is freed: a step frees and takes some hundred MB, and a fifth of its time would go
    into clearing the same pages again.
    """
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            libc = ctypes.CDLL(None)
            trim_threshold, mmap_max = -1, -4  # of mallopt(3)
            libc.mallopt(trim_threshold, 2**31 - 1)
            libc.mallopt(mmap_max, 0)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--eval", type=Path, required=True)
    parser.add_argument("--ours", action="store_true", help="questions.jsonl, too")
    parser.add_argument(
        "--more", nargs="*", default=(), choices=(Source.SHEETS, Source.TEXTS), help="invented documents, too"
    )
    parser.add_argument(
        "--again",
        type=float,
        default=1.0,
        help="share of those that are not invented, which --start may know",
    )
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--start", type=Path, help="weights to go on from")
    parser.add_argument(
        "--mean",
        action="store_true",
        help="write the mean of those and what is learned (Wortsman et al. 2022)",
    )
    parser.add_argument("--epochs", type=float, default=2.0)
    parser.add_argument(
        "--minutes", type=float, default=0.0, help="stop as if the epochs were so many that they end then"
    )
    parser.add_argument("--share", type=float, default=1.0, help="of the questions, for a learning curve")
    parser.add_argument(
        "--rate", type=float, default=1e-4, help="of learning, at most; twice it for the heads"
    )
    parser.add_argument("--seed", type=int, default=0, help="another one goes on with other questions")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "reader.safetensors")
    arguments = parser.parse_args()
    keep_memory()
    rng = random.Random(arguments.seed)
    torch.manual_seed(arguments.seed)
    known = samples(arguments.eval, arguments.work)
    if arguments.ours:
        known += samples(arguments.eval, arguments.work, Source.OURS)
    known = rng.sample(known, round(arguments.again * len(known)))
    for source in (Source.SHEETS, Source.TEXTS):
        if source in arguments.more:
            known += samples(arguments.eval, arguments.work, source)
    known = [s for s in known if s.fold in TRAIN_FOLDS and s.free]
    usable = [s for s in known if (any(c.answers for c in s.candidates) if s.answerable else s.candidates)]
    rng.shuffle(usable)
    usable = usable[: round(arguments.share * len(usable))]
    folder = ModelStore(Settings.load().models_dir).path("embedding")
    body = AutoModel.from_pretrained(folder, dtype=torch.bfloat16 if has_bfloat16() else torch.float32).eval()
    model = EvidenceModel(body, AutoTokenizer.from_pretrained(folder), training=True)
    if arguments.start:
        model.load_state_dict(
            {name: value.float() for name, value in load_file(str(arguments.start)).items()}, strict=False
        )
    adapter = [p for name, p in model.named_parameters() if name[-2:] in (".A", ".B")]
    heads = list(model.heads.parameters())
    optimiser = torch.optim.AdamW(
        [{"params": adapter, "rate": arguments.rate}, {"params": heads, "rate": 2 * arguments.rate}],
        weight_decay=0.01,
    )
    steps = int(arguments.epochs * len(usable) / TOGETHER)
    trainer = Trainer(model)
    print(
        f"{len(usable)} questions, {steps} steps, {sum(p.numel() for p in [*adapter, *heads]):,} weights",
        flush=True,
    )
    # a thread for each core and lesson: matrices this small gain little from two cores each
    cores = os.cpu_count() or 1
    workers = ThreadPoolExecutor(cores, initializer=lambda: torch.set_num_threads(1))
    start, recent, queue, step, done = time.monotonic(), [], [], 0, 0.0
    while done < 1:
        step += 1
        for group in optimiser.param_groups:
            group["lr"] = group["rate"] * min(1.0, step / WARM_STEPS) * max(0.02, 1 - done)
        taught: list[Lesson] = []
        for _ in range(TOGETHER):
            if not queue:
                queue = rng.sample(usable, len(usable))
            taught += lessons(queue.pop(), rng)
        total = sum(workers.map(trainer.learn, taught)) / TOGETHER
        torch.nn.utils.clip_grad_norm_([*adapter, *heads], 1.0)
        optimiser.step()
        optimiser.zero_grad()
        recent = [*recent[-19:], total]
        spent = time.monotonic() - start
        done = max(step / steps, spent / 60 / arguments.minutes if arguments.minutes else 0.0)
        if step % 10 == 0:
            print(f"{step}/{steps} loss {sum(recent) / len(recent):.3f}, {spent:.0f} s", flush=True)
            model.save(arguments.out)
    print(f"{step} steps in {spent:.0f} s", flush=True)
    model.save(arguments.out)
    if arguments.mean and arguments.start:
        before, after = load_file(str(arguments.start)), load_file(str(arguments.out))
        both = {name: ((before[name].float() + value.float()) / 2).half() for name, value in after.items()}
        save_file({name: value.contiguous() for name, value in both.items()}, str(arguments.out))
    return 0


if __name__ == "__main__":
    sys.exit(main())
