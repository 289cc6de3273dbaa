"""Progress in the terminal."""

from __future__ import annotations

import sys
from typing import Any

from rag.types import Progress


def progress_bars() -> Progress:
    """Return a progress callback that draws bars on stderr, one for each stage."""
    from tqdm import tqdm

    bars: dict[str, Any] = {}

    def show(stage: str, done: int, total: int, name: str = "") -> None:
        if stage not in bars:
            unit = "B" if total > 10**6 else ""
            bars[stage] = tqdm(
                total=total,
                desc=stage,
                unit=unit,
                unit_scale=bool(unit),
                file=sys.stderr,
                disable=None,
                leave=False,
            )
        bars[stage].set_postfix_str(name, refresh=False)
        bars[stage].update(done - bars[stage].n)
        if done >= total:
            bars[stage].close()

    return show
