"""What the READMEs show is true: their commands parse, their files and buttons exist, their figures are measured ones,
CI calls the test command.
"""

from __future__ import annotations

import re
import shlex

import pytest
from test_layout import FLOORS

from rag.cli import _parser
from rag.config import ROOT
from rag.ui.strings import STRINGS

README, KOREAN, COMPARED, RESULTS, REQUIREMENTS = (
    (ROOT / name).read_text(encoding="utf-8")
    for name in ("README.md", "README.ko.md", "docs/compared.md", "benchmarks/RESULTS.md", "requirements.txt")
)
BOTH = pytest.mark.parametrize("readme", [README, KOREAN], ids=["en", "ko"])
COMMANDS = sorted(
    {line for text in (README, KOREAN) for line in re.findall(r"^ {4}python -m rag (.*)$", text, flags=re.M)}
)
SHARE = re.compile(r"(?<![\d/])\d+/\d+(?![\d/])")  # 35/46
CELL = re.compile(r"\d+/\d+ = [\d.]+ \[[^\]]+\]")  # 35/46 = 0.761 [0.60, 0.88]


def table(text: str) -> list[str]:
    """The rows of a text's tables that hold shares."""
    return [line for line in text.splitlines() if line.startswith("|") and SHARE.search(line)]


@pytest.mark.parametrize("line", COMMANDS)
def test_a_command_of_a_readme_is_understood(line: str) -> None:
    command = re.split(r"\s{2,}", line)[0]
    arguments = _parser().parse_args(shlex.split(command))
    assert callable(arguments.run)


@BOTH
def test_flags_of_the_page_are_known(readme: str) -> None:
    known = (ROOT / "app.py").read_text(encoding="utf-8")
    flags = set(re.findall(r"python app\.py (--\w+)", readme))
    assert "--port" in flags and all(f'"{flag}"' in known for flag in flags)


@BOTH
def test_files_that_a_readme_names_are_there(readme: str) -> None:
    named = re.findall(
        r"`((?:rag|tests|models|benchmarks|documents|docs|prompts)/[\w./-]*)`|\]\(([\w./-]+)[#)]", readme
    )
    tree = re.findall(r"^ {4}((?:rag/[\w/]+\.py|app\.py|rag/\w+/))", readme, flags=re.MULTILINE)
    assert named
    for name in [a or b for a, b in named] + tree:
        assert (ROOT / name).exists(), name


def test_the_folders_stand_in_the_order_of_their_imports() -> None:
    assert re.findall(r"^ {4}rag/(\w+)/", README, flags=re.MULTILINE) == [*FLOORS, "ui"]


def test_all_that_was_learned_is_named() -> None:
    listed = next(line for line in README.splitlines() if line.startswith("    models/ "))
    learned = {file.parent.name for file in ROOT.glob("models/*/train.py")}
    assert learned == set(re.findall(r"(\w+)/", listed)) - {"models"}


def test_the_two_commands_stand_there_and_ci_calls_the_second() -> None:
    assert "- run: `python -m pip install -r requirements.txt && python app.py`" in README
    assert "- test: `python -m pip install -r requirements.txt && python -m pytest`" in README
    assert "test_command" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")


@BOTH
def test_torch_for_the_cpu_is_that_of_the_requirements(readme: str) -> None:
    pin = re.search(r"^torch==\S+$", REQUIREMENTS, flags=re.MULTILINE)
    command = re.findall(r"^ +python -m pip install (torch==\S+) --index-url \S+/cpu$", readme, flags=re.M)
    assert pin and command == [pin[0]]


@BOTH
def test_installing_is_told_in_order(readme: str) -> None:
    steps = (
        "git clone",
        "apt install build-essential",
        "-m venv .venv",
        "--index-url",
        "install -r requirements.txt",
        "python app.py",
        "Ctrl+C",
    )
    told = readme.split("\n## ")[1]
    places = [told.index(step) for step in steps]
    assert places == sorted(places)


def test_the_figures_of_the_table_are_measured_ones() -> None:
    shares, cells = SHARE.findall("\n".join(table(README))), CELL.findall("\n".join(table(README)))
    assert len(shares) == 10 and len(cells) == 8
    assert all(cell in RESULTS for cell in cells)
    assert all(f"{share} = " in RESULTS for share in shares)


def test_the_korean_table_has_the_same_figures_in_the_same_order() -> None:
    assert [SHARE.findall(row) for row in table(KOREAN)] == [SHARE.findall(row) for row in table(README)]


@pytest.mark.parametrize("text", [KOREAN, COMPARED], ids=["ko", "compared"])
def test_other_texts_have_no_figures_of_their_own(text: str) -> None:
    known = set(SHARE.findall("\n".join(table(README))))
    assert SHARE.findall(text) and set(SHARE.findall(text)) <= known


def test_what_is_counted_in_words_is_known_too() -> None:
    known = {*SHARE.findall("\n".join(table(README))), *re.findall(r"\d+ of \d+", README)}
    counted = re.findall(r"(\d+)개 가운데\s+(\d+)개", KOREAN)
    assert counted
    for whole, part in counted:
        assert known & {f"{part}/{whole}", f"{part} of {whole}"}, (part, whole)
    assert "65 of 75" in README and "65 of 75" in RESULTS


@pytest.mark.parametrize(
    "key", ["sync", "remove", "clear", "use_model", "easy", "conversations", "brief", "library_tab"]
)
def test_buttons_are_called_what_the_page_calls_them(key: str) -> None:
    assert STRINGS["ko"][key] in KOREAN


def test_what_is_to_be_pressed_is_no_invented_button() -> None:
    words = set(STRINGS["ko"].values())
    pressed = re.findall(r"\*\*([^*]+)\*\*(?:를|을) 누르", KOREAN)
    assert pressed and set(pressed) <= words
