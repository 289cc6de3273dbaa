"""Follow a question and a file through the modules of `rag`: which function calls which of another module,
how often back up, and how often into a module that was left before.

    python benchmarks/walk.py [--root DIR …] [--show] [--write]

A profiler (sys.setprofile, in all threads) hears every call while a warm program takes up one small file
(`Assistant.sync`) and while it answers one question (`Assistant.ask`), with the real models. Only the
program's own process is heard, not its children. The caller is the nearest function of `rag` on the stack,
also where a library stands between the two; a thread begins without a caller; who resumes a generator calls
it; what runs while a module is imported is left out. A pair of functions counts once, however often it calls.

Up is from a folder of `rag` to one that stands above it in FLOORS of tests/test_layout.py. `--root` names
other checkouts of the program, such as a git worktree of an older commit, which may have another layout: one
column each, without what goes up where its folders are not those of FLOORS. `--show` lists what goes up.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import inspect
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
BEFORE, FILE = "02_AI_산업_제안.md", "06_가온시_배움터_2025년_9월.md"
QUESTION = "가온시 디지털 배움터는 몇 곳인가요?"
_INLINE = re.compile(r"(\.<locals>)?\.<(?:genexpr|listcomp|setcomp|dictcomp)>")

Function = tuple[str, str]  # module, name
Pair = tuple[Function, Function]  # caller, called


@dataclass
class Walk:
    """What was called while somebody listened.

    Attributes:
        modules: that were entered. pairs: calls between modules, in the order in which they came first.
        again: of these, into a module that had been entered before. waiting: of these, into one that waits
        further down the stack for what it has called.
    """

    modules: set[str] = field(default_factory=set)
    pairs: dict[Pair, None] = field(default_factory=dict)
    again: set[Pair] = field(default_factory=set)
    waiting: set[Pair] = field(default_factory=set)


class Profiler:
    """Hears the calls between the modules of a package.

    Args:
        package: its folder.
    """

    def __init__(self, package: Path) -> None:
        self._package = package.resolve()
        self._inside: dict[str, str | None] = {}  # module by file
        self._walk: Walk | None = None

    def listen(self) -> None:
        """Hear this thread and those that are started from now on."""
        sys.setprofile(self._hear)
        threading.setprofile(self._hear)

    @contextlib.contextmanager
    def walk(self) -> Iterator[Walk]:
        """Note what is called inside the `with`."""
        self._walk = walk = Walk()
        try:
            yield walk
        finally:
            self._walk = None

    def _module(self, frame: FrameType) -> str | None:
        file = frame.f_code.co_filename
        if file not in self._inside:
            path = Path(file)
            inside = path.is_absolute() and path.is_relative_to(self._package)
            self._inside[file] = module_name(path, self._package) if inside else None
        return self._inside[file]

    def _hear(self, frame: FrameType, event: str, _: Any) -> None:
        walk = self._walk
        if event != "call" or walk is None or (module := self._module(frame)) is None:
            return
        name = frame.f_code.co_qualname
        caller = next((below for below in _below(frame) if self._module(below)), None)
        if not _is_function(frame) or _INLINE.search(name):
            return
        if caller is None:
            walk.modules.add(module)
            return
        from_module = str(self._module(caller))
        pair = (from_module, _INLINE.sub("", caller.f_code.co_qualname)), (module, name)
        if from_module == module or pair in walk.pairs:
            return
        stack = [below for below in _below(frame) if self._module(below)]
        if not all(map(_is_function, stack)):
            return
        walk.pairs[pair] = None
        if module in walk.modules:
            walk.again.add(pair)
        if module in map(self._module, stack):
            walk.waiting.add(pair)
        walk.modules |= {from_module, module}


def _is_function(frame: FrameType) -> bool:
    """False for the body of a module or a class, which runs while it is imported."""
    return bool(frame.f_code.co_flags & inspect.CO_OPTIMIZED)


def _below(frame: FrameType) -> Iterator[FrameType]:
    below = frame.f_back
    while below is not None:
        yield below
        below = below.f_back


def module_name(file: Path, package: Path) -> str:
    """Return the dotted name of a file of a package.

    >>> module_name(Path("/x/rag/text/korean.py"), Path("/x/rag"))
    'rag.text.korean'
    >>> module_name(Path("/x/rag/text/__init__.py"), Path("/x/rag"))
    'rag.text'
    """
    parts = file.relative_to(package.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(package: Path) -> tuple[int, int, set[tuple[str, str]]]:
    """Count without running anything: (modules that hold more than a docstring, statements that import from
    another module of the package, pairs of modules of which one imports the other).
    """
    files = {module_name(file, package): file for file in sorted(package.rglob("*.py"))}
    trees = {name: ast.parse(file.read_text(encoding="utf-8")) for name, file in files.items()}
    full = sum(any(not isinstance(node, ast.Expr) for node in tree.body) for tree in trees.values())
    statements, pairs = 0, set()
    for name, tree in trees.items():
        inside = name if files[name].name == "__init__.py" else name.rpartition(".")[0]
        for node in ast.walk(tree):
            others = {other for other in _imported(node, inside, trees.keys()) if other != name}
            statements += bool(others)
            pairs |= {(name, other) for other in others}
    return full, statements, pairs


def _imported(node: ast.AST, inside: str, known: Any) -> set[str]:
    """Return the modules that a statement in a folder of a package imports, of those that are known."""
    if isinstance(node, ast.Import):
        return {alias.name for alias in node.names} & known
    if not isinstance(node, ast.ImportFrom):
        return set()
    base = node.module or ""
    if node.level:
        folder = inside.rsplit(".", node.level - 1)[0] if node.level > 1 else inside
        base = f"{folder}.{base}" if base else folder
    named = {f"{base}.{alias.name}" for alias in node.names}
    return (named & known) | ({base} & known if named - known else set())


def walks(root: Path) -> dict[str, Walk]:
    """In a child, which has not imported `rag` yet: walk through the program of a checkout."""
    sys.path.insert(0, str(root))
    from rag.assistant import Assistant
    from rag.config import Settings

    profiler = Profiler(root / "rag")
    profiler.listen()
    with tempfile.TemporaryDirectory() as scratch:
        documents = Path(scratch, "documents")
        documents.mkdir()
        shutil.copy(ROOT / "documents" / BEFORE, documents)
        assistant = Assistant(Settings.load(documents=documents, data=Path(scratch, "data")))
        assistant.sync()
        shutil.copy(ROOT / "documents" / FILE, documents)
        with profiler.walk() as of_file:
            assistant.sync()
        assistant.warm_up()
        with profiler.walk() as of_question:
            answer = assistant.ask(QUESTION)
        assistant.close()
    print(f"{QUESTION} {answer.text}", file=sys.stderr)
    return {"file": of_file, "question": of_question}


def measured(root: Path) -> dict[str, Walk]:
    """Let a child walk; its `rag` is that of the checkout."""
    command = [sys.executable, __file__, "--walk", str(root)]
    environment = {**os.environ, "PYTHONPATH": str(root)}
    ran = subprocess.run(command, env=environment, cwd=root, stdout=subprocess.PIPE, text=True, check=True)
    walks = json.loads(ran.stdout.splitlines()[-1])

    def pairs(rows: list[Any]) -> list[Pair]:
        return [((a, b), (c, d)) for (a, b), (c, d) in rows]

    return {
        name: Walk(
            set(walk["modules"]),
            dict.fromkeys(pairs(walk["pairs"])),
            set(pairs(walk["again"])),
            set(pairs(walk["waiting"])),
        )
        for name, walk in walks.items()
    }


def going_up(walk: Walk, package: Path) -> list[Pair] | None:
    """Return the calls into a folder above the caller's; None where the folders are not those of FLOORS."""
    from tests.test_layout import FLOORS, room

    order = ["base", *FLOORS, "top", "ui"]
    if {path.name for path in package.iterdir() if any(path.glob("*.py"))} != {*FLOORS, "ui"}:
        return None

    def floor(function: Function) -> int:
        return order.index(room(tuple(function[0].split(".")[1:]) or ("__init__",)))

    return [(caller, called) for caller, called in walk.pairs if floor(called) > floor(caller)]


def report(root: Path, show: bool) -> dict[str, Any]:
    """Return what a checkout's column says: row → value."""
    package = root / "rag"
    modules, statements, pairs = imports(package)
    rows: dict[str, Any] = {
        "modules of rag": modules,
        "statements that import from another of them": statements,
        "pairs of modules by import": len(pairs),
    }
    for name, walk in measured(root).items():
        up = going_up(walk, package)
        rows |= {
            f"{name}: modules entered": len(walk.modules),
            f"{name}: calls between them, each pair of functions once": len(walk.pairs),
            f"{name}: of these up": "–" if up is None else len(up),
            f"{name}: of these into a module that was left before": len(walk.again),
            f"{name}: of these into one that waits for the call": len(walk.waiting),
        }
        for (module, caller), (other, called) in (up or []) if show else []:
            print(f"{name}, up: {module} {caller} → {other} {called}")
    return rows


def column(root: Path) -> str:
    """Name a checkout by its version and commit."""
    version = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    described = subprocess.run(
        ["git", "describe", "--always", "--dirty=+"], cwd=root, capture_output=True, text=True
    )
    return f"{version}, {described.stdout.strip()}" if described.returncode == 0 else version


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--root", type=Path, nargs="+", default=[ROOT], help="checkouts of the program")
    parser.add_argument("--show", action="store_true", help="list the calls that go up")
    parser.add_argument("--write", action="store_true", help="put the table into benchmarks/RESULTS.md")
    parser.add_argument("--walk", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.walk:
        found = {
            name: {key: list(value) for key, value in vars(walk).items()}
            for name, walk in walks(arguments.walk).items()
        }
        print(json.dumps(found), flush=True)
        return
    sys.path.insert(0, str(ROOT))
    from benchmarks import results

    roots = [root.resolve() for root in arguments.root]
    lines = results.table({column(root): report(root, arguments.show) for root in roots})
    print("\n".join(lines))
    if arguments.write:
        others = len(roots) - (ROOT in roots)
        named = " --root ." * (ROOT in roots) + " DIR" * others if others else ""
        said = [f"Question: {QUESTION} File: `documents/{FILE}`.", ""]
        results.write(
            "The way through the modules", f"python benchmarks/walk.py{named} --write", [*said, *lines]
        )


if __name__ == "__main__":
    main()
