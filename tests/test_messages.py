"""Everything that the program can say of a failure, it can say in Korean."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest

from rag.config import ROOT
from rag.messages import KOREAN, say, terminal_language

ERRORS = {
    "RagError",
    "ConfigError",
    "QuestionError",
    "ModelError",
    "BusyError",
    "LoadError",
    "LibraryError",
    "ClosedError",
}


def _written(node: ast.expr) -> Iterator[str]:
    """The sentences that an expression can give, a value in the place of each placeholder; nothing where it passes another error on."""
    match node:
        case ast.Constant(value=str(text)):
            yield text
        case ast.JoinedStr(values=parts):
            yield "".join(
                str(part.value) if isinstance(part, ast.Constant) else f"v{i}" for i, part in enumerate(parts)
            )
        case ast.BinOp(left=left, right=right):
            yield from (a + b for a in _written(left) for b in _written(right))


def _raised() -> list[str]:
    found = []
    for file in sorted((ROOT / "rag").rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id in ERRORS
                and node.args
            ):
                found += _written(node.args[0])
            if (
                isinstance(node, ast.Dict) and file.name != "strings.py"
            ):  # what a child process hands to its parent to raise
                pairs = zip(node.keys, node.values, strict=True)
                found += [
                    text
                    for key, value in pairs
                    if isinstance(key, ast.Constant) and key.value == "error"
                    for text in _written(value)
                    if " " in text
                ]
    return [text for text in found if re.search("[A-Za-z]{3} [a-z]", text)]


@pytest.mark.parametrize("message", _raised())
def test_every_error_is_said_in_korean(message: str) -> None:
    said = say(message, "ko")
    assert re.search("[가-힣]", said) and "{" not in said
    assert [value for value in re.findall(r"v\d", message) if value not in said] == [], said
    assert say(message, "en") == message


def test_there_are_errors_to_say() -> None:
    assert len(_raised()) > 80


@pytest.mark.parametrize("english", [text for text in KOREAN if "{}" in text])
def test_a_sentence_keeps_all_its_values(english: str) -> None:
    assert KOREAN[english].count("{}") == english.count("{}")


def test_values_are_said_too() -> None:
    damaged = "계획.docx is damaged or not a Word document. Its earlier version stays in the library."
    assert (
        say(damaged, "ko")
        == "계획.docx: 손상되었거나 워드 파일이 아닙니다. 앞서 읽은 내용은 그대로 남아 있습니다."
    )
    remedy = "The file a.gguf has 3 bytes instead of 9. Delete it and run: python -m rag models fetch default"
    assert say(remedy, "ko").endswith("9바이트입니다. 지우고 실행하세요: python -m rag models fetch default")
    assert say("무엇인지 모를 말 {x}", "ko") == "무엇인지 모를 말 {x}"


def test_the_terminal_speaks_the_language_of_the_system(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("LC_ALL", ""), ("LC_MESSAGES", ""), ("LANG", "ko_KR.UTF-8")):
        monkeypatch.setenv(name, value)
    assert terminal_language() == "ko"
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    assert terminal_language() == "en"
