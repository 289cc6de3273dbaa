"""What was forgotten is in no cache of a running program."""

from __future__ import annotations

import functools
import gc
import importlib
import pkgutil
import re
import sys
from collections.abc import Iterator
from types import FunctionType, ModuleType
from typing import Any

import pytest
from conftest import HashedEmbeddings

import rag
from rag import caches
from rag.answer import checker
from rag.answer.verdict import Confirmed
from rag.assistant import Assistant
from rag.config import Settings
from rag.question.wording import Wording
from rag.search.retriever import HybridRetriever
from rag.text import grammar, korean

MARKER = "나무늘보작전"
PARTS = ("나무늘보", "늘보", "77억")


def modules() -> list[ModuleType]:
    names = [m.name for m in pkgutil.walk_packages(rag.__path__, "rag.") if not m.name.endswith("__main__")]
    return [importlib.import_module(name) for name in names]


def words(root: object) -> Iterator[str]:
    """All strings that can be reached from the program's own modules and objects, through what Python's containers and caches hold."""
    seen: set[int] = set()
    ahead: list[Any] = [root]
    while ahead:
        thing = ahead.pop()
        if id(thing) in seen:
            continue
        seen.add(id(thing))
        if isinstance(thing, str):
            yield thing
        elif isinstance(thing, bytes):
            yield thing.decode("utf-8", "ignore")
        elif isinstance(thing, dict):  # whose keys the collector passes over
            ahead += [*thing.keys(), *thing.values()]
        elif isinstance(thing, ModuleType):
            if thing.__name__.split(".")[0] == "rag":
                ahead.append(vars(thing))
        elif isinstance(thing, FunctionType | type):
            if thing.__module__.split(".")[0] == "rag":
                ahead += gc.get_referents(thing)
        elif type(thing).__module__.split(".")[0] in (
            "rag",
            "builtins",
            "collections",
            "functools",
            "re",
            "_thread",
            "threading",
            "queue",
        ):
            ahead += gc.get_referents(thing)


def held(*roots: object) -> set[str]:
    return {word for word in words(list(roots)) if any(part in word for part in PARTS)}


def test_no_cache_holds_a_word_of_a_forgotten_document(settings: Settings) -> None:
    said = f"{MARKER}의 예산은 77억 원이다."
    secret = settings.documents / "비밀.txt"
    secret.write_text(f"{said} 다른 문장도 있다.\n", encoding="utf-8")
    (settings.documents / "남는 글.txt").write_text("도서관은 밤 10시까지 연다.\n", encoding="utf-8")
    assistant = Assistant(settings, HashedEmbeddings())
    library = assistant.library
    library.sync()
    assert HybridRetriever.over(library).find(Wording(f"{MARKER}의 예산은 얼마인가요?")).hits
    assert isinstance(checker.check(said, said, "", Wording(f"{MARKER}의 예산은?")), Confirmed)
    korean.sentences(said)
    grammar.parse(said)
    re.search(re.escape(MARKER), said)  # as the program looks for names
    assert {said, "나무늘보", MARKER} <= held(*modules(), assistant, vars(re))
    secret.unlink()
    assistant.forget(["비밀.txt"])
    assert held(*modules(), assistant, vars(re)) == set()
    assert korean.morphemes("도서관을 연다") == ["도서관", "열"]
    assistant.close()


@pytest.mark.parametrize("module", modules(), ids=lambda module: module.__name__)
def test_every_cache_of_texts_can_be_forgotten(module: ModuleType) -> None:
    known = {getattr(clear, "__self__", None) for clear in caches._forgetting}
    for name, cached in vars(module).items():
        if isinstance(cached, functools._lru_cache_wrapper) and cached.__module__ == module.__name__:
            assert cached in known or cached.__wrapped__.__code__.co_argcount == 0, (
                f"{name} remembers and is not named to rag.caches"
            )


def test_what_is_remembered_is_given_again_until_it_is_forgotten() -> None:
    asked: list[str] = []

    @caches.remember(2)
    def ask(text: str) -> int:
        asked.append(text)
        return len(text)

    try:
        assert [ask("가"), ask("가"), ask("나다")] == [1, 1, 2] and asked == ["가", "나다"]
        caches.forget()
        assert ask("가") == 1 and asked == ["가", "나다", "가"]
    finally:
        caches._forgetting.pop()


def test_the_walk_finds_what_a_cache_holds() -> None:
    @functools.lru_cache
    def ask(text: str) -> tuple[str, ...]:
        return (text + MARKER[:4],)

    ask("한번 ")
    assert held(ask) == {"한번 나무늘보"}
    assert sys.modules["rag.caches"] is caches
