"""Words that the checker must know: which mean the same, which are opposites, which say nothing that could
be wrong.

The words, and why each is there, are in synonyms.txt and lexicon.txt.
"""

from __future__ import annotations

import re
from pathlib import Path

from rag.text.vocabulary import vocabulary

_WORDS = vocabulary(__file__)
_GROUPS = vocabulary(Path(__file__).with_name("synonyms"))["synonyms"].groups()

SYNONYMS: dict[str, frozenset[str]] = {}
NAMES: dict[str, str] = {}  # word → the name of its first group, to see which words stand in the same place
for _group in _GROUPS:
    for _word in _group:
        SYNONYMS[_word] = SYNONYMS.get(_word, frozenset()) | frozenset(_group)
        NAMES.setdefault(_word, NAMES.get(_group[0], _group[0]))

OPPOSITES: dict[str, frozenset[str]] = {}
for _left, _right in _WORDS["opposites"].sides():
    for _side, _facing in ((_left, _right), (_right, _left)):
        for _word in _side:
            OPPOSITES[_word] = OPPOSITES.get(_word, frozenset()) | frozenset(_facing)

BECOMING = _WORDS["becoming"].keys(str)
NEUTRAL = frozenset(_WORDS["neutral"].words())
COUNTERPARTS = tuple(frozenset(group) for group in _WORDS["counterparts"].groups())
BOUNDS = frozenset(_WORDS["bounds"].words())
TITLES = frozenset(_WORDS["titles"].words())
ALIASES = _WORDS["aliases"].keys(str)
_COUNTRIES = _WORDS["countries"].keys(str)
_SAYING = frozenset(_WORDS["saying"].words())


def in_hangul(text: str) -> list[str]:
    """Return the Hangul forms of the Latin names in a text.

    >>> in_hangul("When did OpenAI release o1?")
    ['오픈ai']
    """
    return [ALIASES[word] for word in dict.fromkeys(re.findall("[a-z]+", text.lower())) if word in ALIASES]


def names_country(name: str, text: str) -> bool:
    """True where a text names a country by its Chinese letter.

    >>> names_country("미국", "(美) 2.1→1.5"), names_country("독일", "(美) 2.1→1.5")
    (True, False)
    """
    return name in _COUNTRIES and _COUNTRIES[name] in text


def is_saying(word: str) -> bool:
    """True for verbs of saying and thinking.

    >>> is_saying("주장"), is_saying("혁신")
    (True, False)
    """
    return word in _SAYING
