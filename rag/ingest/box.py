"""Where something stands on a page or a picture."""

from __future__ import annotations

from typing import NamedTuple


class Box(NamedTuple):
    """A rectangle by its edges, counted from the upper left. Who holds it says in what: shares of the width
    and height of a picture (`rag.ingest.recognition`), or points of a page (`rag.ingest.loaders.columns`).
    """

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        return self.right - self.left

    @property
    def height(self) -> float:
        return self.bottom - self.top

    @property
    def middle(self) -> tuple[float, float]:
        """The point (x, y) in its middle."""
        return (self.left + self.right) / 2, (self.top + self.bottom) / 2

    def holds(self, x: float, y: float) -> bool:
        """True where a point lies in it, or on its edge."""
        return self.left <= x <= self.right and self.top <= y <= self.bottom
