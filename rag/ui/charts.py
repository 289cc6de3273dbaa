"""Pictures of the library as SVG: a map of its passages by meaning, and its documents along time. Pure; all
text is escaped here.

The map is the two main components of the chunks' vectors (PCA; Pearson 1901), so near dots mean like things.
"""

from __future__ import annotations

import html
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

WIDTH, HEIGHT, EDGE = 900, 420, 24
# the colours of Okabe and Ito (2008), told apart with any kind of sight; shapes tell them apart without
# colour
_COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#b8860b", "#56b4e9", "#7a3db8", "#666666")
_SHAPES = ("M-4,0a4,4 0 1,0 8,0a4,4 0 1,0 -8,0", "M-4,-4h8v8h-8z", "M0,-5L5,4H-5z", "M0,-5L5,0L0,5L-5,0z")


@dataclass(frozen=True, slots=True)
class Dot:
    """A passage on the map: the document it belongs to and the words shown when it is pointed at."""

    document: str
    words: str
    chunk: str


def project(vectors: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return (mean, components): `(v - mean) @ components.T` puts vectors (n, d) on the plane (n, 2)."""
    mean = vectors.mean(axis=0)
    _, _, components = np.linalg.svd(vectors - mean, full_matrices=False)
    return mean, components[:2]


def map_svg(
    dots: Sequence[Dot],
    vectors: NDArray[np.float32],
    question: NDArray[np.float32] | None,
    evidence: Collection[str],
    words: dict[str, str],
) -> str:
    """Draw the map. `vectors` (n, d) are those of the dots; `question` (d,) is marked; `evidence` are ids of
    chunks that were cited.
    """
    if len(dots) < 3:
        return ""
    mean, components = project(vectors)
    flat = (vectors - mean) @ components.T
    low, high = flat.min(axis=0), flat.max(axis=0)

    def place(point: NDArray[np.float32]) -> str:
        x, y = np.clip((point - low) / np.maximum(high - low, 1e-6), 0, 1)
        return f"{EDGE + x * (WIDTH - 2 * EDGE):.0f},{EDGE + y * (HEIGHT - 2 * EDGE):.0f}"

    documents = list(dict.fromkeys(dot.document for dot in dots))
    marks = []
    for dot, point in sorted(zip(dots, flat, strict=True), key=lambda pair: pair[0].chunk in evidence):
        i = documents.index(dot.document)
        cited = ' class="cited"' if dot.chunk in evidence else ""
        title = html.escape(f"{dot.document}: {dot.words}")
        marks.append(
            f'<path{cited} d="{_SHAPES[i // 8 % 4]}" fill="{_COLOURS[i % 8]}" '
            f'transform="translate({place(point)})"><title>{title}</title></path>'
        )
    if question is not None:
        title = html.escape(words["map_question"])
        at = np.asarray((question - mean) @ components.T, np.float32)
        marks.append(
            f'<path class="question" d="M-9,0H9M0,-9V9" '
            f'transform="translate({place(at)})"><title>{title}</title></path>'
        )
    legend = "".join(
        f'<li><svg width="14" height="14" viewBox="-7 -7 14 14" aria-hidden="true"><path '
        f'd="{_SHAPES[i // 8 % 4]}" fill="{_COLOURS[i % 8]}"/></svg> '
        f"{html.escape(document)}</li>"
        for i, document in enumerate(documents[:16])
    )
    more = f"<li>… +{len(documents) - 16}</li>" if len(documents) > 16 else ""
    label = html.escape(words["map_label"])
    return (
        f'<svg class="chart" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'aria-label="{label}">{"".join(marks)}</svg><ul class="legend">{legend}{more}</ul>'
    )


def timeline_svg(documents: Sequence[tuple[str, str]], words: dict[str, str]) -> str:
    """Draw documents, given as (ISO date, title), along time, and list them below for those who read rather
    than look.
    """
    dated = sorted((date.fromisoformat(day), title) for day, title in documents if day)
    if not dated:
        return ""
    first, last = dated[0][0], dated[-1][0]
    span = max(1, (last - first).days)
    height = 150
    columns: dict[int, int] = {}
    marks = []
    for i, (day, title) in enumerate(dated):
        x = round(EDGE + 40 + (day - first).days / span * (WIDTH - 2 * EDGE - 80))
        level = columns[x // 10] = columns.get(x // 10, -1) + 1
        y = height - 42 - 11 * min(level, 8)
        marks.append(
            f'<circle cx="{x}" cy="{y}" r="5" fill="{_COLOURS[i % 8]}"><title>{day.isoformat()} '
            f"{html.escape(title)}</title></circle>"
        )
    ends = "".join(
        f'<text x="{x}" y="{height - 8}" text-anchor="{anchor}">{day.isoformat()}</text>'
        for x, day, anchor in ((EDGE, first, "start"), (WIDTH - EDGE, last, "end"))[
            : 1 if first == last else 2
        ]
    )
    line = f'<line x1="{EDGE}" y1="{height - 30}" x2="{WIDTH - EDGE}" y2="{height - 30}"/>'
    rows = "".join(
        f"<li><time>{day.isoformat()}</time> {html.escape(title)}</li>" for day, title in reversed(dated)
    )
    label = html.escape(words["timeline_label"])
    return (
        f'<svg class="chart" viewBox="0 0 {WIDTH} {height}" role="img" '
        f'aria-label="{label}">{line}{"".join(marks)}{ends}</svg><ol class="dates">{rows}</ol>'
    )
