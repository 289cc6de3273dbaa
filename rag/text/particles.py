"""Particles that a word's last letter decides. Pure."""

from __future__ import annotations


def with_particle(word: str, particle: str) -> str:
    """Attach a particle in the form that the word's last letter asks for.

    >>> with_particle("민간", "는"), with_particle("나머지", "은")
    ('민간은', '나머지는')
    """
    closed = bool(word) and "가" <= word[-1] <= "힣" and (ord(word[-1]) - ord("가")) % 28 > 0
    for with_final, without in (("은", "는"), ("이", "가"), ("을", "를"), ("과", "와"), ("이란", "란")):
        if particle in (with_final, without):
            return word + (with_final if closed else without)
    return word + particle
