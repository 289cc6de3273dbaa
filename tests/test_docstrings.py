"""What a module's docstring promises of the whole module is so."""

from __future__ import annotations

import ast
import re

import pytest

from rag.config import ROOT

MODULES = {
    ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): file
    for file in sorted((ROOT / "rag").rglob("*.py"))
}
TREES = {name: ast.parse(file.read_text(encoding="utf-8")) for name, file in MODULES.items()}
IMPURE = {"rag.processes", "rag.library.catalogue", "sqlite3", "subprocess", "os", "random", "socket"}
PURE = [
    name
    for name, tree in TREES.items()
    if re.search(r"\b(Pure|All pure)\b(?! but for)", ast.get_docstring(tree) or "")
]


def imported(name: str) -> set[str]:
    found = set()
    for node in ast.walk(TREES[name]):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def reached(name: str) -> set[str]:
    """All that a module brings along of this program, and what those modules import of others."""
    seen: set[str] = set()
    ahead = [name]
    while ahead:
        one = ahead.pop()
        new = imported(one) - seen
        seen |= new
        ahead += [other for other in new if other in TREES and other != "rag"]
    return seen


def test_there_are_pure_modules() -> None:
    assert {"rag.text.numbers", "rag.ui.charts"} <= set(PURE)
    assert "rag.processes" in reached("rag.text.grammar")


@pytest.mark.parametrize("name", PURE)
def test_a_module_that_is_pure_reaches_no_process_file_or_database(name: str) -> None:
    assert reached(name) & IMPURE == set()
