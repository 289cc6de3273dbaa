"""What the system bounds is tried, and the doctor says where it does not."""

from __future__ import annotations

import sys

import pytest

from rag import doctor, limits
from rag.config import Settings


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the answer is the doctor's")
def test_this_system_keeps_a_process_to_its_limits() -> None:
    assert limits.try_limits() == {"memory": True, "computing": True}


def test_a_process_that_nobody_limits_is_told(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    """Stands for a system without limits: the same trial, its process left alone."""
    unlimited = (
        "from rag import limits; limits.limit_memory = limits.limit_computing = print; limits._go_beyond()"
    )
    monkeypatch.setattr(limits, "TRIAL", ("-c", unlimited))
    assert limits.try_limits() == {"memory": False, "computing": False}
    row = doctor._sandbox(settings)
    assert row.what == "sandbox" and not row.ok
    assert "memory: " in str(row.told) and f"{settings.parse_timeout_s} s by the clock" in str(row.told)


def test_a_trial_that_cannot_be_made_promises_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere")
    assert limits.try_limits() == {"memory": False, "computing": False}


@pytest.mark.parametrize(
    ("kept", "ok", "says"),
    [
        ({"memory": True, "computing": True}, True, "bounds the memory and computing time"),
        ({"memory": False, "computing": True}, False, "memory: "),
        ({"memory": True, "computing": False}, False, "computing: "),
    ],
)
def test_the_doctor_says_what_the_system_does_not_bound(
    kept: dict[str, bool], ok: bool, says: str, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "try_limits", lambda: kept)
    row = doctor._sandbox(settings)
    assert row.ok is ok and says in str(row.told)
    assert all((f"{what}: " in str(row.told)) is not held for what, held in kept.items())
