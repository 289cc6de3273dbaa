"""What the README shows is true: its commands parse, its files exist, CI calls its test command."""

from __future__ import annotations

import re
import shlex

import pytest

from rag.cli import _parser
from rag.config import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("line", re.findall(r"^ {4}python -m rag (.*)$", README, flags=re.MULTILINE))
def test_a_command_of_the_readme_is_understood(line: str) -> None:
    command = re.split(r"\s{2,}", line)[0]
    arguments = _parser().parse_args(shlex.split(command))
    assert callable(arguments.run)


def test_files_that_the_readme_names_are_there() -> None:
    named = re.findall(
        r"`((?:rag|tests|models|benchmarks|documents|prompts)/[\w./-]*)`|\]\((rag/[\w./-]+)\)", README
    )
    tree = re.findall(r"^ {4}((?:rag/[\w/]+\.py|app\.py|rag/\w+/))", README, flags=re.MULTILINE)
    for name in [a or b for a, b in named] + tree:
        assert (ROOT / name).exists(), name


def test_the_two_commands_stand_there_and_ci_calls_the_second() -> None:
    assert "- run: `python -m pip install -r requirements.txt && python app.py`" in README
    assert "- test: `python -m pip install -r requirements.txt && python -m pytest`" in README
    assert "test_command" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")
