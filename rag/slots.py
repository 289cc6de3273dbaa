"""Lay a sentence beside its source and look at what stands in the same place.

Both are sequences of content words and numbers (`grammar.Unit`). Where everything around a place is the same and the place holds another
name, number, date or the opposite word, the sentence says something else than the source, even if its own word stands
elsewhere in the passage. Alignment by longest matching blocks (Ratcliff & Metzener 1988, `difflib`).
"""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher

from rag import lexicon
from rag.grammar import Parsed, Unit
from rag.numbers import same_number

MAX_BLOCK = 4  # units of a place; what is longer was rewritten, not replaced
ALIKE = 0.5  # share of the units of both that are the same, from which places can be compared word by word
TWIN = 0.6  # the same, from which one must have been made after the other


def twins(claim: Parsed, sentence: Parsed) -> bool:
    """True where two sentences are so much alike that one must be a version of the other."""
    return SequenceMatcher(None, [u.key for u in claim.units], [u.key for u in sentence.units], autojunk=False).ratio() >= TWIN


def conflict(claim: Parsed, source: Parsed, above: frozenset[str] = frozenset()) -> tuple[str, str] | None:
    """Return (kind, word) of the first place where a sentence and its source differ in what matters, None where there is none.

    Args:
        above: words of what stands above the source; a noun from there may stand for what the source points to.
    """
    a, b = claim.units, source.units
    if not a or not b:
        return None
    matcher = SequenceMatcher(None, [u.key for u in a], [u.key for u in b], autojunk=False)
    blocks, alike = matcher.get_opcodes(), matcher.ratio() >= ALIKE
    replaced: list[tuple[Sequence[Unit], Sequence[Unit]]] = []
    for n, (tag, i, j, k, m) in enumerate(blocks):
        if tag == "equal":
            for mine, theirs in zip(a[i:j], b[k:m], strict=True):
                if mine.affirmed is not None and theirs.affirmed is not None and mine.affirmed != theirs.affirmed:
                    return "denial", mine.form
                # a plan or a demand is not a deed; what was said may be told in either tense
                if mine.tense == "past" and theirs.tense == "plain" and not lexicon.is_saying(mine.form):
                    return "tense", mine.form
        elif tag == "replace" and j - i <= MAX_BLOCK and m - k <= MAX_BLOCK:
            left, right = n > 0, n + 1 < len(blocks)  # equal blocks lie on both sides of a replaced one
            if (left or (i == 0 and k == 0)) and (right or (j == len(a) and m == len(b))):
                fault = _differs(a[i:j], b[k:m], source, above)
                if fault and (alike or fault[0] not in ("name", "word")):
                    return fault
                replaced.append((a[i:j], b[k:m]))
    return _crossed(replaced)


def _differs(mine: Sequence[Unit], theirs: Sequence[Unit], source: Parsed, above: frozenset[str]) -> tuple[str, str] | None:
    there = {u.key for u in theirs}
    for unit in mine:
        if unit.key in there:
            continue
        if unit.number is not None:
            rivals = [u.number for u in theirs if u.number is not None and u.kind == unit.kind]
            bare = " | " in source.text and any(not n.unit for n in rivals)  # its unit stands in the table's caption
            if rivals and not bare and not any(same_number(unit.number, n) for n in rivals):
                return "number", unit.form.lstrip("#")
        elif lexicon.OPPOSITES.get(unit.form, frozenset()) & {u.form for u in theirs}:
            return "direction", unit.form
        elif unit.kind == "noun" and (unit.form in source.flat or unit.form in above or unit.form in lexicon.NEUTRAL):
            continue
        elif unit.kind in ("name", "noun") and len(unit.form) > 1 and _rival(unit, mine, theirs):
            return "name" if unit.kind == "name" else "word", unit.form
    return None


def _rival(word: Unit, mine: Sequence[Unit], theirs: Sequence[Unit]) -> bool:
    """True where the source has another noun in this place, in the same role, and not the same one written otherwise."""
    whole, own = "".join(u.form for u in theirs), "".join(u.form for u in mine)
    if word.form in whole or whole in own or mine[-1].role != theirs[-1].role:
        return False
    return any(u.kind in ("name", "noun") and len(u.form) > 1 and u.form not in lexicon.NEUTRAL and u.form not in own for u in theirs)


def _crossed(replaced: Sequence[tuple[Sequence[Unit], Sequence[Unit]]]) -> tuple[str, str] | None:
    """Find two places that changed their words but kept their particles."""
    for n, (mine, theirs) in enumerate(replaced):
        for other_mine, other_theirs in replaced[n + 1 :]:
            keys = [[u.key for u in block] for block in (mine, theirs, other_mine, other_theirs)]
            if keys[0] == keys[3] and keys[2] == keys[1] and mine[-1].role == theirs[-1].role and mine[-1].role != other_mine[-1].role:
                return "role", mine[-1].form
    return None
