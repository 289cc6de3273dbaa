"""Imports go one way: a folder of the program imports only from those that stand before it."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from rag import bundle
from rag.config import ROOT
from rag.library import schema
from rag.types import DocumentStatus

BASE = {
    "root",
    "config",
    "types",
    "errors",
    "messages",
    "caches",
    "limits",
    "priority_lock",
    "processes",
    "serving",
    "spawn",
    "watchdog",
}
FLOORS = ["text", "question", "model", "library", "search", "ingest", "answer"]
FILES = sorted((ROOT / "rag").rglob("*.py"))


def room(parts: tuple[str, ...]) -> str:
    """The floor of a module, given by its names below `rag`: "base", one of FLOORS, "ui", or "top" for what stands beside them."""
    if len(parts) > 1 or (ROOT / "rag" / parts[0]).is_dir():
        return parts[0]
    return "base" if parts[0] in BASE else "top"


def imported(tree: ast.AST) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "rag":
            inside = node.module.split(".")[1:]
            found |= (
                {room(tuple(inside))}
                if inside
                else {room((alias.name,)) for alias in node.names if alias.name[0].islower()}
            )
        elif isinstance(node, ast.Import):
            found |= {
                room(tuple(alias.name.split(".")[1:]))
                for alias in node.names
                if alias.name.startswith("rag.")
            }
    return found


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.relative_to(ROOT).as_posix())
def test_a_module_imports_only_from_its_own_floor_and_those_below(file: Path) -> None:
    own = room(file.relative_to(ROOT / "rag").with_suffix("").parts)
    order = ["base", *FLOORS, "top", "ui"]
    if file.name in ("__init__.py", "__main__.py") and file.parent == ROOT / "rag":
        return  # the front door: names what others import
    allowed = set(order[: order.index(own) + 1])
    assert imported(ast.parse(file.read_text(encoding="utf-8"))) <= allowed


def test_every_folder_has_a_floor() -> None:
    folders = {path.name for path in (ROOT / "rag").iterdir() if path.is_dir() and any(path.glob("*.py"))}
    assert folders == {*FLOORS, "ui"}


def test_a_bundle_holds_all_that_was_learned() -> None:
    learned = {
        file.parent
        for pattern in ("weights.json", "*.safetensors")
        for file in ROOT.glob(f"models/*/{pattern}")
    }
    ours = {folder for folder in learned if (folder / "train.py").exists()}
    assert len(ours) >= 4 and {str(folder.relative_to(ROOT)) for folder in ours} <= set(bundle.PROGRAM)


def _literal_statuses(tree: ast.AST) -> list[int]:
    """The lines where a status is compared with, or made of, a word that stands there."""
    found = []
    for node in ast.walk(tree):
        match node:
            case ast.Compare(left=ast.Attribute(attr="status"), comparators=words):
                pass
            case ast.keyword(arg="status", value=word):
                words = [word]
            case ast.Call(func=ast.Name(id="FileStatus"), args=[_, word, *_]):
                words = [word]
            case _:
                continue
        if any(isinstance(part, ast.Constant) for word in words for part in ast.walk(word)):
            found.append(node.lineno)
    return found


def test_a_status_is_one_of_its_kind_not_a_word() -> None:
    trees = {file: ast.parse(file.read_text(encoding="utf-8")) for file in FILES}
    assert {str(file): lines for file, tree in trees.items() if (lines := _literal_statuses(tree))} == {}
    for wrong in ('row.status == "ready"', 'row.status in ("a", "b")', 'FileStatus(path, "added")'):
        assert _literal_statuses(ast.parse(wrong))


def test_the_catalogue_takes_each_status_of_a_document_and_no_other() -> None:
    (kept,) = re.findall(r"status IN \((.*?)\)", schema.TABLES)
    assert kept == ", ".join(f"'{status}'" for status in DocumentStatus)


def test_a_public_class_has_a_name_of_its_own() -> None:
    places: dict[str, list[str]] = {}
    for file in FILES:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                places.setdefault(node.name, []).append(file.relative_to(ROOT).as_posix())
    assert {name: files for name, files in places.items() if len(files) > 1} == {}
    assert len(places) > 100
