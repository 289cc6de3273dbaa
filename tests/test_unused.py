"""No module keeps a name that nobody uses any more."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from rag.config import ROOT

FILES = {
    file: ast.parse(file.read_text(encoding="utf-8"))
    for folder in ("rag", "tests", "benchmarks")
    for file in sorted((ROOT / folder).rglob("*.py"))
}
FILES[ROOT / "app.py"] = ast.parse((ROOT / "app.py").read_text(encoding="utf-8"))


def defined(tree: ast.Module) -> Iterator[str]:
    """The names that a module itself makes, at its top level."""
    for node in tree.body:
        match node:
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                yield name
            case ast.Assign(targets=targets):
                yield from (
                    part.id for target in targets for part in ast.walk(target) if isinstance(part, ast.Name)
                )
            case ast.AnnAssign(target=ast.Name(id=name)):
                yield name


def used(tree: ast.Module) -> set[str]:
    """The names that a module reads."""
    return {
        node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
    }


def named(tree: ast.Module) -> set[str]:
    """What a module may mean of another one: names that it imports, attributes, and words in strings (parsers are named by them)."""
    imported = {
        alias.name for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for alias in node.names
    }
    attributes = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    words = {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.isidentifier()
    }
    return imported | attributes | words


NAMED = {file: named(tree) for file, tree in FILES.items()}


@pytest.mark.parametrize(
    "file",
    [file for file in FILES if file.is_relative_to(ROOT / "rag")],
    ids=lambda file: file.relative_to(ROOT).as_posix(),
)
def test_every_name_of_a_module_is_used(file: Path) -> None:
    own = used(FILES[file]).union(*(names for other, names in NAMED.items() if other != file))
    assert {name for name in defined(FILES[file]) if name not in own and not name.startswith("__")} == set()
