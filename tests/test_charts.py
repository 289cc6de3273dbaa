"""The pictures of the library: what lies near, what is newest, and no word of a document taken for markup."""

from __future__ import annotations

import numpy as np
from lxml import etree

from rag.ui.charts import Dot, map_svg, project, timeline_svg
from rag.ui.strings import STRINGS

WORDS = STRINGS["ko"]


def test_the_map_keeps_near_things_near() -> None:
    rng = np.random.default_rng(0)
    a, b = rng.standard_normal((2, 32)) * 5
    vectors = np.vstack([a + rng.standard_normal((20, 32)), b + rng.standard_normal((20, 32))]).astype(
        np.float32
    )
    mean, components = project(vectors)
    flat = (vectors - mean) @ components.T
    # the plane of most variance, as scikit-learn's PCA finds it: its variance is that of the two largest singular values
    assert np.allclose(
        flat.var(axis=0).sum() * 40,
        (np.linalg.svd(vectors - mean, compute_uv=False)[:2] ** 2).sum(),
        rtol=1e-4,
    )
    assert np.linalg.norm(flat[:20].mean(0) - flat[20:].mean(0)) > 4 * flat[:20].std(axis=0).max()


def test_the_map_is_well_formed_escaped_and_marks_the_evidence() -> None:
    dots = [Dot(f"<문서{i % 2}>", '"<b>글"', f"c{i}") for i in range(5)]
    vectors = np.eye(5, 8, dtype=np.float32)
    drawn = map_svg(dots, vectors, vectors[0], {"c3"}, WORDS)
    svg = etree.fromstring(drawn[: drawn.index("<ul")])
    paths = svg.findall("path")
    assert (
        len(paths) == 6
        and [p.get("class") for p in paths].count("cited") == 1
        and paths[-1].get("class") == "question"
    )
    assert map_svg(dots[:2], vectors[:2], None, (), WORDS) == ""


def test_the_timeline_lists_the_newest_first() -> None:
    drawn = timeline_svg([("2025-09-12", "둘째"), ("", "날짜 없음"), ("2024-01-01", "첫째 <b>")], WORDS)
    svg, rows = drawn.split("<ol", 1)
    assert len(etree.fromstring(svg).findall("circle")) == 2
    assert rows.index("둘째") < rows.index("첫째 &lt;b&gt;") and "날짜 없음" not in drawn
    assert timeline_svg([("", "날짜 없음")], WORDS) == ""
