"""Lay a sentence beside its source and look at what stands in the same place.

Both are sequences of content words and numbers (`grammar.Unit`). Where everything around a place is the same
and the place holds another name, number, date or the opposite word, the sentence says something else than
the source, even if its own word stands elsewhere in the passage. Alignment by longest matching blocks
(Ratcliff & Metzener 1988, `difflib`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import NamedTuple

from rag.text import lexicon
from rag.text.grammar import ParsedSentence, Unit
from rag.text.numbers import same_number
from rag.text.vocabulary import alternatives, vocabulary

MAX_BLOCK = 4  # words of a place; what is longer was rewritten, not replaced
ALIKE = 0.5  # share of the units of both that are the same, from which places can be compared word by word
TWIN = 0.6  # the same, from which one must have been made after the other
# share of the claim's units alone, for a claim that repeats a part of a longer sentence; of five units or
# more
WITHIN = 0.75

_WORDS = vocabulary(__file__)
_LIMITS = tuple(
    (re.compile("|".join(limit)), re.compile("|".join(said))) for limit, said in _WORDS["limits"].sides()
)
_ONLY = re.compile(alternatives(_WORDS["only"].words()) + "|[가-힣]만[ 을이은의]")
_DENIES = re.compile(alternatives(_WORDS["denies"].words()))


class _Block(NamedTuple):
    """What becomes of some units of a claim in a sentence, as `difflib` gives it. `tag`: equal, replace,
    insert, delete; the units are those from a start to before an end.
    """

    tag: str
    claim_start: int
    claim_end: int
    source_start: int
    source_end: int


@dataclass(frozen=True, slots=True)
class _Alignment:
    """A claim beside a sentence: blocks, whether both are alike, and whether the claim repeats (a part of)
    the sentence.
    """

    blocks: list[_Block]
    alike: bool
    repeats: bool


def _align(claim: ParsedSentence, sentence: ParsedSentence) -> _Alignment:
    matcher = SequenceMatcher(
        None, [u.key for u in claim.units], [u.key for u in sentence.units], autojunk=False
    )
    blocks, ratio = [_Block(*opcode) for opcode in matcher.get_opcodes()], matcher.ratio()
    same = sum(block.claim_end - block.claim_start for block in blocks if block.tag == "equal")
    within = len(claim.units) >= 5 and same >= WITHIN * len(claim.units)
    return _Alignment(blocks, ratio >= ALIKE or within, ratio >= TWIN or within)


def twins(claim: ParsedSentence, sentence: ParsedSentence) -> bool:
    """True where two sentences are so much alike that one must be a version of the other, or of a part of it."""
    return _align(claim, sentence).repeats


def conflict(
    claim: ParsedSentence, source: ParsedSentence, above: frozenset[str] = frozenset()
) -> tuple[str, str] | None:
    """Return (kind, word) of the first place where a sentence and its source differ in what matters, None
    where there is none.

    Args:
        above: words of what stands above the source; a noun from there may stand for what the source points
            to.
    """
    a, b = claim.units, source.units
    if not a or not b:
        return None
    aligned = _align(claim, source)
    denying = _DENIES.search(source.text) is not None or any(u.affirmed is False for u in b)
    replaced: list[tuple[Sequence[Unit], Sequence[Unit]]] = []
    for n, block in enumerate(aligned.blocks):
        tag, mine, theirs = (
            block.tag,
            a[block.claim_start : block.claim_end],
            b[block.source_start : block.source_end],
        )
        left, right = n > 0, n + 1 < len(aligned.blocks)  # equal blocks lie on both sides of a replaced one
        if aligned.repeats and tag in ("insert", "replace") and left and (right or tag == "replace"):
            behind = b[block.source_end].start if block.source_end < len(b) else None
            gap = source.text[b[block.source_start - 1].end : behind]
            if limit := _unlimited(gap, claim.text):
                return "limit", limit
        if tag == "equal":
            for own, other in zip(mine, theirs, strict=True):
                if fault := _said_otherwise(own, other, claim, source, denying):
                    return fault
            continue
        begins = block.claim_start == block.source_start == 0
        ends = block.claim_end == len(a) and block.source_end == len(b)
        enclosed = (left or begins) and (right or ends)
        if (
            tag == "replace"
            and enclosed
            and _words(mine, claim) <= MAX_BLOCK
            and _words(theirs, source) <= MAX_BLOCK
        ):
            fault = _differs(mine, theirs, source, above, claim if aligned.repeats else None)
            if fault and (aligned.alike or fault[0] not in ("name", "word")):
                return fault
            replaced.append((mine, theirs))
    return _crossed(replaced)


def _words(block: Sequence[Unit], sentence: ParsedSentence) -> int:
    """Count the words of a place, names of several parts as one."""
    return len(sentence.text[block[0].start : block[-1].end].split())


def _said_otherwise(
    mine: Unit, theirs: Unit, claim: ParsedSentence, source: ParsedSentence, denying: bool
) -> tuple[str, str] | None:
    """Compare one word that both have: is it denied, can or must it be, has it happened, is it the only one?"""
    if mine.affirmed is not None and theirs.affirmed is not None and mine.affirmed != theirs.affirmed:
        return "denial", mine.form
    if mine.affirmed is False and theirs.affirmed is None and not denying:
        return "denial", mine.form
    if _otherwise(mine, theirs):
        return "modality", mine.form
    if mine.only != theirs.only and not _ONLY.search((source if mine.only else claim).text):
        return "limit", mine.form
    # a plan or a demand is not a deed; what was said may be told in either tense
    planned = (mine.tense == "past" and theirs.mode == "plan") or (
        mine.mode == "plan" and theirs.tense == "past"
    )
    if planned or (mine.tense == "past" and theirs.tense == "plain" and not lexicon.is_saying(mine.form)):
        return "tense", mine.form
    return None


def _unlimited(gap: str, claim: str) -> str:
    """Return what limits a source's statement in a part that the claim leaves away, "" for nothing.

    >>> (_unlimited("(서울은 제외한다)", "과밀억제권역은 4천만 원이다"),
    ... _unlimited("(서울은 제외한다)", "서울을 뺀 과밀억제권역은 4천만 원이다"))
    ('제외', '')
    """
    return next(
        (found[0] for limit, said in _LIMITS if (found := limit.search(gap)) and not said.search(claim)), ""
    )


def _otherwise(mine: Unit, theirs: Unit) -> bool:
    """True where one predicate can be what the other must be or is. What a law says plainly (부과한다) it
    demands; what is denied is not weighed.
    """
    if (
        mine.affirmed is None
        or theirs.affirmed is None
        or mine.mode == theirs.mode
        or "plan" in (mine.mode, theirs.mode)
    ):
        return False
    if mine.mode and theirs.mode:
        return True
    return "can" in (mine.mode, theirs.mode) and mine.final and theirs.final


def _differs(
    mine: Sequence[Unit],
    theirs: Sequence[Unit],
    source: ParsedSentence,
    above: frozenset[str],
    close: ParsedSentence | None,
) -> tuple[str, str] | None:
    """Compare a place of the claim with the source's. `close`: the claim, where it is all but the source's
    sentence.
    """
    there = {u.key for u in theirs}
    for unit in mine:
        if unit.key in there:
            continue
        if unit.number is not None:
            rivals = [u.number for u in theirs if u.number is not None and u.kind == unit.kind]
            bare = " | " in source.text and any(
                not n.unit for n in rivals
            )  # its unit stands in the table's caption
            if rivals and not bare and not any(same_number(unit.number, n) for n in rivals):
                return "number", unit.form.lstrip("#")
        elif lexicon.OPPOSITES.get(unit.form, frozenset()) & {u.form for u in theirs}:
            return "direction", unit.form
        elif unit.kind == "noun" and (
            unit.form in source.flat or unit.form in above or unit.form in lexicon.NEUTRAL
        ):
            if (
                close is not None
                and len(unit.form) > 1
                and _rival(unit, mine, theirs)
                and theirs[-1].form not in close.flat
            ):
                return "word", unit.form
            continue
        elif unit.kind in ("name", "noun") and len(unit.form) > 1 and _rival(unit, mine, theirs):
            return "name" if unit.kind == "name" else "word", unit.form
    return None


def _rival(word: Unit, mine: Sequence[Unit], theirs: Sequence[Unit]) -> bool:
    """True where the source has another noun in this place, in the same role, and not the same one written
    otherwise.
    """
    whole, own = "".join(u.form for u in theirs), "".join(u.form for u in mine)
    if word.form in whole or whole in own or mine[-1].role != theirs[-1].role:
        return False
    return any(
        u.kind in ("name", "noun") and len(u.form) > 1 and u.form not in lexicon.NEUTRAL and u.form not in own
        for u in theirs
    )


def _crossed(replaced: Sequence[tuple[Sequence[Unit], Sequence[Unit]]]) -> tuple[str, str] | None:
    """Find two places that changed their words but kept their particles."""
    for n, (mine, theirs) in enumerate(replaced):
        for other_mine, other_theirs in replaced[n + 1 :]:
            keys = [[u.key for u in block] for block in (mine, theirs, other_mine, other_theirs)]
            if (
                keys[0] == keys[3]
                and keys[2] == keys[1]
                and mine[-1].role == theirs[-1].role
                and mine[-1].role != other_mine[-1].role
            ):
                return "role", mine[-1].form
    return None
