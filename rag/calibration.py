"""Thresholds of a model's evidence, and how they are fitted.

A passage's evidence is log P("없음") plus a price for each condition of the question that it does not meet (`answering.evidence`). Below
`convincing` a passage may answer, below `clear` it surely does (`answering.is_clear`).

`python -m rag calibrate FILE…` reads passages for questions that the documents answer and for such that they do not, fits the six values
by their errors, and says what they give on questions about documents that were not used to fit them (cross-validation by folds of documents).
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rag.config import ROOT
from rag.errors import ConfigError

FILE = ROOT / "models" / "thresholds.json"  # model name → values
GAP = 0.1  # a cut between two questions that are closer than this is chance


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Values for one model and prompt version; natural logarithms, but `coverage` (a share, 0 to 1)."""

    convincing: float = -4.5
    clear: float = -6.0
    missing: float = 3.0  # price of a name or number that a passage does not hold
    focus: float = 1.5  # price of not naming what is asked for
    coverage: float = 0.15  # share of the question's words, by rarity, that a passage should hold
    uncovered: float = 3.0  # price of holding less


@dataclass(frozen=True, slots=True)
class Observation:
    """What was seen of one question's passages, and whether one should answer.

    `looks`: (none, conditions missing, focus missing, coverage) of each. `fold`: of the document that the question is about.
    """

    answerable: bool
    looks: tuple[tuple[float, int, bool, float], ...]
    fold: int = 0


def load(model: str, file: Path = FILE) -> Thresholds:
    """Return the thresholds kept for a model, the default ones for another. Raises ConfigError for a damaged file."""
    if not file.exists():
        return Thresholds()
    try:
        return Thresholds(**json.loads(file.read_text(encoding="utf-8")).get(model, {}))
    except (ValueError, TypeError, AttributeError) as error:
        raise ConfigError(f"The thresholds in {file} cannot be read ({error}). Restore the file, or run: python -m rag calibrate") from error


def save(model: str, thresholds: Thresholds, file: Path = FILE) -> None:
    """Keep thresholds for a model."""
    kept = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    kept[model] = asdict(thresholds)
    file.write_text(json.dumps(kept, indent=2, sort_keys=True) + "\n", encoding="utf-8")


def strongest(observations: Sequence[Observation], t: Thresholds) -> NDArray[np.float64]:
    """Return the evidence of the best passage of each question: (n,) float64, the lower the stronger."""

    def best(observation: Observation) -> float:
        scores = (none + t.missing * missing + t.uncovered * (coverage < t.coverage) + t.focus * focus for none, missing, focus, coverage in observation.looks)
        return min(scores, default=0.0)

    return np.array([best(observation) for observation in observations])


def errors(observations: Sequence[Observation], t: Thresholds) -> tuple[float, float]:
    """Return the shares of (unanswerable questions let through, answerable ones refused)."""
    through = strongest(observations, t) < t.convincing
    answerable = np.array([o.answerable for o in observations])
    return float((through & ~answerable).sum() / max(1, (~answerable).sum())), float((~through & answerable).sum() / max(1, answerable.sum()))


def fit(observations: Sequence[Observation]) -> Thresholds:
    """Choose the values with the smallest sum of both error shares, cut in the middle of a gap of GAP or more; among equals the widest.

    `clear` is 1 below `convincing`, but not above -6.
    """
    answerable = np.array([o.answerable for o in observations])
    n_yes, n_no = max(1, int(answerable.sum())), max(1, int((~answerable).sum()))
    best: tuple[float, float] | None = None
    chosen = Thresholds()
    grid = itertools.product((2.0, 3.0, 4.0, 6.0), (0.0, 1.0, 2.0, 3.0), (0.1, 0.15, 0.2, 0.3), (0.0, 1.0, 1.6, 2.0, 3.0, 6.0))
    for missing, focus, coverage, uncovered in grid:
        prices = Thresholds(missing=missing, focus=focus, coverage=coverage, uncovered=uncovered)
        scores = strongest(observations, prices)
        order = np.argsort(scores, kind="stable")
        ranked, right = scores[order], answerable[order]
        loss = np.cumsum(~right) / n_no + (n_yes - np.cumsum(right)) / n_yes  # with the cut behind each question
        gap = np.append(np.diff(ranked), 1.0)
        at = min(range(len(loss)), key=lambda i: (gap[i] < GAP, round(float(loss[i]), 9), -float(gap[i])))
        key = (round(float(loss[at]), 9), -min(float(gap[at]), 1.0))
        if best is None or key < best:
            best = key
            cut = round(float(ranked[at] + gap[at] / 2), 2)
            chosen = Thresholds(cut, min(round(cut - 1.0, 2), -6.0), missing, focus, coverage, uncovered)
    return chosen


def cross_validate(observations: Sequence[Observation]) -> tuple[float, float]:
    """Return both error shares on questions about documents that the values were not fitted on, each fold in turn."""
    wrong = [0.0, 0.0]
    for fold in sorted({o.fold for o in observations}):
        held = [o for o in observations if o.fold == fold]
        t = fit([o for o in observations if o.fold != fold])
        let, refused = errors(held, t)
        wrong[0] += let * sum(not o.answerable for o in held)
        wrong[1] += refused * sum(o.answerable for o in held)
    n_no = sum(not o.answerable for o in observations)
    return wrong[0] / max(1, n_no), wrong[1] / max(1, len(observations) - n_no)
