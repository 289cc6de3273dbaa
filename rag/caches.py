"""What the program remembers of texts for speed, in one place, so that all of it can be forgotten at once.

A cache whose keys or values are words of documents or questions is made with `remember`; what holds them
otherwise (a child process) is named with `forgets`. A test walks through the modules after `forget` and
finds no word of a text. (functools.cache stays for functions without arguments, which remember nothing of a
text.)
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")
_forgetting: list[Callable[[], object]] = [re.purge]  # patterns made of names


def remember(size: int) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Return a decorator that remembers what a function gave for its last `size` different arguments, until
    `forget`.
    """

    def decorate(function: Callable[P, T]) -> Callable[P, T]:
        remembering = lru_cache(size)(function)
        forgets(remembering.cache_clear)
        return remembering  # type: ignore[return-value]  # typeshed gives up the types of the arguments

    return decorate


def forgets(clear: Callable[[], object]) -> None:
    """Let `forget` call this too."""
    _forgetting.append(clear)


def forget() -> None:
    """Forget all texts that were asked about."""
    for clear in _forgetting:
        clear()
