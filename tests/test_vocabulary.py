"""Vocabularies: the text files beside modules that hold their words."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from rag.bundle import copy_program
from rag.config import ROOT
from rag.errors import ConfigError
from rag.model.weights import ModelStore
from rag.text import lexicon
from rag.text.vocabulary import VocabularySection, alternatives, vocabulary

FILES = sorted((ROOT / "rag").rglob("*.txt"))


def read(folder: Path, text: str | bytes) -> VocabularySection:
    """The section [words] of a vocabulary with this text."""
    file = folder / "some.txt"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return vocabulary(folder / "some.py")["words"]


def test_a_missing_file_is_named_and_a_byte_order_mark_is_none_of_its_words(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"gone\.txt"):
        vocabulary(tmp_path / "gone.txt")
    (tmp_path / "marked.txt").write_bytes("\ufeff[words]\n증가\n".encode())
    assert vocabulary(tmp_path / "marked.txt")["words"].words() == ("증가",)


def test_words_stand_between_blanks_or_in_quotes_and_comments_are_left_out(tmp_path: Path) -> None:
    section = read(tmp_path, '# why\n[words]\n증가 "at least"  # 감소\n\n# 상승\n%p C#\r\n[other]\n하락\n')
    assert section.words() == ("증가", "at least", "%p", "C#")
    assert alternatives(section.words()) == r"증가|at\ least|%p|C\#"


def test_a_line_is_a_group_two_sides_a_key_or_an_expression(tmp_path: Path) -> None:
    assert read(tmp_path, "[words]\n남성 여성\n국내 해외").groups() == (("남성", "여성"), ("국내", "해외"))
    assert read(tmp_path, '[words]\n늘 증가 | "줄 어"').sides() == ((("늘", "증가"), ("줄 어",)),)
    assert read(tmp_path, "[words]\n2: 두 둘\n-1: 작년").keys(int) == {"두": 2, "둘": 2, "작년": -1}
    assert read(tmp_path, "[words]\n이전글?\n목록(으로)?  # 둘").pattern() == "이전글?|목록(으로)?"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("증가\n[words]\n감소", 1),  # in no section
        ("[words]\n증가\n[words]\n감소", 3),  # a section twice
        ("[words]\n증가\n[words", 3),
        ("# why\n[words]\n# nothing", 2),  # a section without a word
        ("[words]\n증가\n[other]", 3),
        ("[words]\n증가\n".encode() + b"\xb0\xa1\n", 3),  # not UTF-8
        ('[words]\n증가\n감소 "못 미', 3),  # quotes left open
        ('[words]\n증가"못 미"', 2),
        ("[words]\n증가 | 감소", 2),  # a bar where no sides are
        ("[words]\n증가 감소\n상승 증가", 3),  # a word twice
    ],
)
def test_a_damaged_file_is_named_with_its_line(tmp_path: Path, text: str | bytes, line: int) -> None:
    with pytest.raises(ConfigError, match=rf"{tmp_path}/some\.txt is damaged in line {line}:") as caught:
        read(tmp_path, text).words()
    assert f"{line}째 줄" in caught.value.in_language("ko")


@pytest.mark.parametrize(
    ("line", "reading"),
    [
        ("증가", VocabularySection.groups),  # alone
        ("증가 감소", VocabularySection.sides),
        ("증가 | 감소 | 유지", VocabularySection.sides),
        ("증가 | ", VocabularySection.sides),
        ("2 두", lambda section: section.keys(int)),
        ("2:", lambda section: section.keys(str)),
        ("둘: 두", lambda section: section.keys(int)),
        ("3: 두", lambda section: section.keys(int)),  # it has a key already
        ("(증가", VocabularySection.pattern),
    ],
)
def test_a_line_of_another_kind_is_named(
    tmp_path: Path, line: str, reading: Callable[[VocabularySection], object]
) -> None:
    first = {
        VocabularySection.groups: "a b",
        VocabularySection.sides: "a | b",
        VocabularySection.pattern: "a",
    }.get(reading, "2: 두")
    with pytest.raises(ConfigError, match="is damaged in line 3:"):
        reading(read(tmp_path, f"[words]\n{first}\n{line}"))


def test_a_section_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"some\.txt has no section \[words\]"):
        read(tmp_path, "[other]\n증가")


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.relative_to(ROOT).as_posix())
def test_every_section_says_why_its_words_are_there_and_is_read_by_a_module_beside_it(file: Path) -> None:
    lines = file.read_text(encoding="utf-8").splitlines()
    code = "".join(other.read_text(encoding="utf-8") for other in file.parent.glob("*.py"))
    assert list(vocabulary(file))
    for name in vocabulary(file):
        at = next(at for at, line in enumerate(lines) if line.startswith(f"[{name}]"))
        assert lines[at - 1].startswith("#") or lines[at + 1].startswith("#"), f"[{name}] has no comment"
        assert f'["{name}"]' in code, f"nobody reads [{name}]"


def test_a_bundle_has_all_vocabularies(tmp_path: Path) -> None:
    copy_program(tmp_path)
    assert sorted(path.relative_to(tmp_path) for path in (tmp_path / "rag").rglob("*.txt")) == [
        file.relative_to(ROOT) for file in FILES
    ]
    said = "import rag.text.lexicon as lexicon; print(lexicon.__file__, len(lexicon.OPPOSITES))"
    done = subprocess.run(
        [sys.executable, "-c", said], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == [str(tmp_path / "rag" / "text" / "lexicon.py"), str(len(lexicon.OPPOSITES))]


@pytest.mark.model
@pytest.mark.parametrize("name", ["text/units.txt", "ingest/loaders/furniture.txt"])
def test_the_command_line_names_a_damaged_file_of_words_and_blames_no_document(
    models: ModelStore, tmp_path: Path, name: str
) -> None:
    copy_program(tmp_path)
    words = tmp_path / "rag" / name
    words.write_bytes(words.read_bytes() + b"\xb0\xa1\n")
    (tmp_path / "own").mkdir()
    shutil.copy(ROOT / "documents" / "01_AI와_사회.md", tmp_path / "own")
    done = subprocess.run(
        [sys.executable, "-m", "rag", "sync", "--documents", "own", "--data", "data"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        env={**os.environ, "RAG_MODELS_DIR": str(models.folder)},
    )
    assert done.returncode == 1 and "Traceback" not in done.stderr, done.stderr
    assert f"{Path(name).name} is damaged in line" in done.stderr
