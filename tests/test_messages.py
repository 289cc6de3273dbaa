"""Everything that the program can say of a failure, it can say in Korean."""

from __future__ import annotations

import ast
import copy
import json
import pickle
import re
import string
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from rag.config import ROOT
from rag.errors import ClosedError, LoadError
from rag.messages import Message, Messages, table
from rag.terminal import terminal_language

FILES = {
    file: ast.parse(file.read_text(encoding="utf-8"))
    for file in (ROOT / "app.py", *sorted((ROOT / "rag").rglob("*.py")))
}


def _error_classes() -> set[str]:
    """The names of RagError and of all classes that are made from it."""
    bases = {
        node.name: {ast.unparse(base).split(".")[-1] for base in node.bases}
        for tree in FILES.values()
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
    }
    found = {"RagError"}
    while more := {name for name, above in bases.items() if above & found} - found:
        found |= more
    return found


SPEAKING = {*_error_classes(), "Message"}


@dataclass(frozen=True)
class Use:
    """A place in the code that makes an error or a message: `key` is what stands there as code, `values` are names."""

    place: str
    key: ast.expr | None
    values: tuple[str | None, ...]


def _uses(tree: ast.AST, name: str) -> Iterator[Use]:
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=made, args=args, keywords=keywords):
                values = tuple(keyword.arg for keyword in keywords)
            case ast.Raise(exc=ast.Name() | ast.Attribute() as made):
                args, values = [], ()
            case _:
                continue
        called = ast.unparse(made).split(".")[-1]
        if called in SPEAKING and not (
            called == "ClosedError" and not args and not values
        ):  # it has a sentence
            yield Use(f"{name}:{node.lineno}", args[0] if len(args) == 1 else None, values)


USES = [
    use
    for file, tree in FILES.items()
    if file != ROOT / "rag" / "errors.py"  # which makes the message of the key that an error is given
    for use in _uses(tree, file.relative_to(ROOT).as_posix())
]


def _keys(node: ast.expr | None) -> list[str] | None:
    """The keys that an expression can give, None for anything but words that stand there."""
    match node:
        case ast.Constant(value=str(key)):
            return [key]
        case ast.IfExp(body=body, orelse=orelse):
            either, other = _keys(body), _keys(orelse)
            return [*either, *other] if either and other else None
    return None


@pytest.mark.parametrize("use", USES, ids=lambda use: use.place)
def test_code_names_a_sentence_and_gives_the_values_that_it_tells(use: Use) -> None:
    keys = _keys(use.key)
    assert keys and set(keys) <= set(table()), "not the key of a sentence"
    for key in keys:
        told = {name for name, _, _ in _placeholders(table()[key]["en"])}
        assert sorted(map(str, use.values)) == sorted(told)


def test_every_sentence_is_used() -> None:
    used = {key for use in USES for key in _keys(use.key) or ()}
    assert set(table()) - used - {ClosedError().message.key} == set()


def test_no_process_hands_a_sentence_to_another() -> None:
    """What a child process answers as "error" is raised by its parent, which knows no sentences but those of keys."""
    handed = [
        [part.value for part in ast.walk(value) if isinstance(part, ast.Constant)]
        for file, tree in FILES.items()
        if file.name != "strings.py"
        for node in ast.walk(tree)
        if isinstance(node, ast.Dict)
        for key, value in zip(node.keys, node.values, strict=True)
        if isinstance(key, ast.Constant) and key.value == "error"
    ]
    assert len(handed) > 5
    assert [texts for texts in handed if re.search("[A-Za-z]{3} [a-z]", "v".join(map(str, texts)))] == []


CUTS = {
    "split",
    "rsplit",
    "splitlines",
    "partition",
    "rpartition",
    "startswith",
    "endswith",
    "find",
    "removeprefix",
}


def _parsed(tree: ast.AST) -> Iterator[int]:
    """The lines where what an error says is looked into, as if its words were data."""
    for node in ast.walk(tree):
        match node:
            case ast.Compare(left=left, comparators=comparators):
                read = [left, *comparators]
            case ast.Call(func=ast.Attribute(value=said, attr=attr), args=[_, *_]) if attr in CUTS:
                read = [said]
            case ast.Subscript(value=ast.Call(func=ast.Attribute(value=said, attr=attr))) if attr in CUTS:
                read = [said]
            case _:
                continue
        if {ast.unparse(part) for part in read} & {"str(error)", "repr(error)"}:
            yield node.lineno


def test_no_sentence_of_an_error_is_taken_apart() -> None:
    assert {str(file): found for file, tree in FILES.items() if (found := [*_parsed(tree)])} == {}


@pytest.mark.parametrize(
    "wrong",
    [
        '"assword" in str(error)',
        'str(error).rsplit(": ", 1)[-1]',
        "str(error).splitlines()[0]",
        'str(error).startswith("no")',
    ],
)
def test_a_sentence_that_is_taken_apart_is_found(wrong: str) -> None:
    assert [*_parsed(ast.parse(wrong))]


@pytest.mark.parametrize(
    "wrong",
    [
        'raise LoadError(f"{name} is empty.")',
        'raise LoadError("a.txt is empty.")',
        "raise LoadError(answer['error'])",
        'raise errors.LoadError("file-emptied", file=name)',
        'raise LoadError("file-empty")',
        "raise LoadError()",
        "raise errors.LoadError",
        'raise LoadError("file-empty", "a.txt")',
        'Crashed("file-empty", path=name)',
        'Message("file-empty", file=name, reason=error)',
        'Message("file-empty", **values)',
    ],
)
def test_what_is_wrong_is_found(wrong: str) -> None:
    (use,) = _uses(ast.parse(wrong), "")
    with pytest.raises(AssertionError):
        test_code_names_a_sentence_and_gives_the_values_that_it_tells(use)


def test_there_are_errors_to_say() -> None:
    assert len(USES) > 150


def test_the_terminal_speaks_the_language_of_the_system(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("LC_ALL", ""), ("LC_MESSAGES", ""), ("LANG", "ko_KR.UTF-8")):
        monkeypatch.setenv(name, value)
    assert terminal_language() == "ko"
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    assert terminal_language() == "en"


def _placeholders(sentence: str) -> set[tuple[str, str | None, str | None]]:
    """The placeholders of a sentence: (name, how its value is written, conversion)."""
    return {
        (name, spec, how) for _, name, spec, how in string.Formatter().parse(sentence) if name is not None
    }


@pytest.mark.parametrize("key", table())
def test_a_sentence_is_there_in_both_languages_with_the_same_placeholders(key: str) -> None:
    sentences = table()[key]
    assert set(sentences) == {"en", "ko"} and re.fullmatch("[a-z]+(-[a-z]+)*", key)
    assert _placeholders(sentences["ko"]) == _placeholders(sentences["en"])
    values = {name: 1234 for name, _, _ in _placeholders(sentences["en"])}
    assert all(name.isidentifier() for name in values)
    for language, sentence in sentences.items():
        assert Message(key, **values).in_language(language) and sentence == sentence.strip()
    if re.search("[A-Za-z]{3} [a-z]", sentences["en"]) and not key.startswith("kind-"):
        assert re.search("[가-힣]", sentences["ko"])


def test_what_a_message_tells_is_said_in_its_language() -> None:
    reason = LoadError("file-not-kind", file="{계획}.docx", kind=Message("kind-docx"))
    stays = Message("earlier-version-stays", reason=reason)
    assert (
        str(stays)
        == "{계획}.docx is damaged or not a Word document. Its earlier version stays in the library."
    )
    assert stays.in_language("ko") == (
        "{계획}.docx: 손상되었거나 워드 파일이 아닙니다. 앞서 읽은 내용은 그대로 남아 있습니다."
    )
    assert list(stays.all_keys()) == ["earlier-version-stays", "file-not-kind", "kind-docx"]
    assert Message.from_dict(json.loads(json.dumps(stays.as_dict()))) == stays


def test_an_error_keeps_its_message_wherever_it_goes() -> None:
    error = LoadError("file-too-large", file=Path("가 나.pdf"), size=1234.5, limit=200)
    for same in (
        error,
        LoadError.of(error.message),
        copy.copy(error),
        pickle.loads(pickle.dumps(error)),
        LoadError.of(Message.from_dict(error.message.as_dict())),
    ):
        assert type(same) is LoadError and same.message == error.message
        assert str(same) == "가 나.pdf has 1,234 MB; the limit is 200 MB. Split it and sync again."
        assert (
            same.in_language("ko")
            == "가 나.pdf: 1,234MB입니다. 한도는 200MB입니다. 나누어서 다시 동기화하세요."
        )
    assert ClosedError().in_language("ko") == "일하던 중에 프로그램이 닫혔습니다. 다시 시작해 주세요."


def test_messages_are_kept_as_keys_and_values() -> None:
    notes = Messages([Message("characters-left-out", count=7), Message("scans-unread", count=2, pages=3)])
    assert str(notes) == (
        "7 characters were left out: deleted, struck out, or remarks.\n"
        "2 of 3 pages are pictures and were not read."
    )
    assert json.loads(notes.dumps())[0] == {"key": "characters-left-out", "values": {"count": 7}}
    assert Messages.loads(notes.dumps()) == notes and notes.in_language("ko").count("\n") == 1
    assert notes.all_keys() == ["characters-left-out", "scans-unread"]
    assert Messages().dumps() == "" and not Messages.loads("")


@pytest.mark.parametrize(
    "kept",
    [
        "계획.pdf is empty.",
        "[붙임] 계획.pdf is empty.\n2 of 3 pages are pictures and were not read.",
        '[{"key": "of-a-version-to-come", "values": {}}]',
        '[{"key": "file-empty", "values": {}}]',
        '[{"key": "file-empty"}]',
        '[{"key": ["file-empty"], "values": {"file": "a"}}]',
        '[{"key": "file-too-large", "values": {"file": "a", "size": "much", "limit": 200}}]',
        "[7]",
        "[]",
        "[" * 100_000,
    ],
)
def test_what_another_version_kept_is_said_as_it_stands(kept: str) -> None:
    said = Messages.loads(kept)
    assert said.in_language("ko") == said.in_language("en") == kept
    assert Messages.loads(said.dumps()) == said
