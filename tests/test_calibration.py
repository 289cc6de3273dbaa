"""Thresholds are fitted by errors, kept by model, and tried on questions that they were not fitted on."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag import calibration
from rag.calibration import Observation, Thresholds, cross_validate, errors, fit, load, save
from rag.errors import ConfigError

YES = [Observation(True, ((-8.0 - i / 10, 0, False, 0.6), (-1.0, 0, True, 0.2)), i % 4) for i in range(20)]
NO = [Observation(False, ((-2.0 - i / 10, 0, True, 0.3),), i % 4) for i in range(18)]
NEAR = [Observation(False, ((-8.5, 1, False, 0.5),), i) for i in range(4)]  # sure, but about something else


def test_the_fit_parts_what_can_be_parted_and_holds_on_other_questions() -> None:
    seen = [*YES, *NO, *NEAR]
    fitted = fit(seen)
    assert errors(seen, fitted) == (0.0, 0.0) and fitted.clear < fitted.convincing
    assert max(cross_validate(seen)) < 0.1


def test_values_are_never_fitted_on_the_documents_that_they_are_tried_on(monkeypatch: pytest.MonkeyPatch) -> None:
    fitted: list[set[int]] = []
    monkeypatch.setattr(calibration, "fit", lambda kept: fitted.append({o.fold for o in kept}) or fit(kept))
    cross_validate([*YES, *NO, *NEAR])
    assert fitted == [{1, 2, 3}, {0, 2, 3}, {0, 1, 3}, {0, 1, 2}]


def test_the_prices_matter() -> None:
    blind = Thresholds(missing=0.0)
    assert errors(NEAR, blind)[0] == 1.0 and errors(NEAR, Thresholds(missing=6.0))[0] == 0.0


def test_thresholds_are_kept_by_model(tmp_path: Path) -> None:
    file = tmp_path / "thresholds.json"
    assert load("chat", file) == Thresholds()
    save("chat", Thresholds(convincing=-3.0), file)
    save("tiny", Thresholds(convincing=-2.0), file)
    assert (load("chat", file).convincing, load("tiny", file).convincing, load("other", file)) == (-3.0, -2.0, Thresholds())
    file.write_text("{", encoding="utf-8")
    with pytest.raises(ConfigError, match="calibrate"):
        load("chat", file)
