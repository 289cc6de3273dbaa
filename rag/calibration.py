"""Thresholds of a model's evidence, and how they are fitted.

A passage's evidence is log P("없음") plus a price for each condition of the question that it does not meet (`answering.evidence`). Below
`convincing` a passage may answer, below `clear` the others need not be read and a quote may stand in for a failed sentence.

`python -m rag calibrate FILE…` reads passages for questions that the documents answer and for such that they do not, fits the five values
by their errors, and says what they give on questions that were not used to fit them (5-fold cross-validation).
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from rag.config import ROOT
from rag.errors import ConfigError

FILE = ROOT / "models" / "thresholds.json"  # model name → values
FOLDS = 5


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Values for one model and prompt version; natural logarithms, but `coverage` (a share, 0 to 1)."""

    convincing: float = -4.5
    clear: float = -6.0
    missing: float = 3.0  # price of a name or number that a passage does not hold
    focus: float = 1.5  # price of not naming what is asked for
    coverage: float = 0.15  # of the question's words, by rarity; less counts as a missing condition


@dataclass(frozen=True, slots=True)
class Observation:
    """What was seen of one question's passages: (none, conditions missing, focus missing, coverage) of each, and whether one should answer."""

    answerable: bool
    looks: tuple[tuple[float, int, bool, float], ...]


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


def strongest(observation: Observation, t: Thresholds) -> float:
    """Return the evidence of the best passage."""
    return min((none + t.missing * (missing + (coverage < t.coverage)) + t.focus * focus for none, missing, focus, coverage in observation.looks), default=0.0)


def errors(observations: Sequence[Observation], t: Thresholds) -> tuple[float, float]:
    """Return the shares of (unanswerable questions let through, answerable ones refused)."""
    counts = {True: [0, 0], False: [0, 0]}
    for observation in observations:
        through = strongest(observation, t) < t.convincing
        counts[observation.answerable][0] += 1
        counts[observation.answerable][1] += through != observation.answerable
    (n_yes, wrong_yes), (n_no, wrong_no) = counts[True], counts[False]
    return wrong_no / max(1, n_no), wrong_yes / max(1, n_yes)


def fit(observations: Sequence[Observation]) -> Thresholds:
    """Choose the values with the smallest sum of both error shares; among equals those in the middle of the gap.

    `clear` is set where no unanswerable question of the data comes, but not above `convincing` - 1.5.
    """
    best: tuple[float, float, Thresholds] | None = None
    for missing, focus, coverage in itertools.product((2.0, 3.0, 4.0, 6.0), (0.0, 1.0, 1.5, 2.0, 3.0), (0.0, 0.1, 0.15, 0.2, 0.3)):
        trial = Thresholds(missing=missing, focus=focus, coverage=coverage)
        scored = sorted((strongest(o, trial), o.answerable) for o in observations)
        cuts = [scored[0][0] - 1] + [(a[0] + b[0]) / 2 for a, b in itertools.pairwise(scored)]
        gaps = [1.0] + [b[0] - a[0] for a, b in itertools.pairwise(scored)]
        for cut, gap in zip(cuts, gaps, strict=True):
            tried = Thresholds(cut, min(cut - 1.5, -6.0), missing, focus, coverage)
            loss = sum(errors(observations, tried))
            key = (loss, -min(gap, 1.0))
            if best is None or key < best[:2]:
                best = (*key, tried)
    assert best is not None
    return best[2]


def cross_validate(observations: Sequence[Observation]) -> tuple[float, float]:
    """Return both error shares on held-out questions, every fifth in turn."""
    wrong = [0.0, 0.0]
    for fold in range(FOLDS):
        kept = [o for i, o in enumerate(observations) if i % FOLDS != fold]
        held = [o for i, o in enumerate(observations) if i % FOLDS == fold]
        t = fit(kept)
        let, refused = errors(held, t)
        wrong[0] += let * sum(not o.answerable for o in held)
        wrong[1] += refused * sum(o.answerable for o in held)
    n_no = sum(not o.answerable for o in observations)
    return wrong[0] / max(1, n_no), wrong[1] / max(1, len(observations) - n_no)
