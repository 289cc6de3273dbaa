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
from rag.text.quantity import same_number
from rag.text.vocabulary import alternatives, vocabulary

MAX_BLOCK = 4  # words of a place; what is longer was rewritten, not replaced
# share of the units of both that are the same, from which places can be compared word by word
SIMILAR_SHARE = 0.5
TWIN_SHARE = 0.6  # the same, from which one must have been made after the other
# share of the claim's units alone, for a claim that repeats a part of a longer sentence; of five units or
# more
PART_SHARE = 0.75

_WORDS = vocabulary(__file__)
_LIMITS = tuple(
    (re.compile("|".join(limit)), re.compile("|".join(repetition)))
    for limit, repetition in _WORDS["limits"].sides()
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
    is_part = len(claim.units) >= 5 and same >= PART_SHARE * len(claim.units)
    return _Alignment(blocks, ratio >= SIMILAR_SHARE or is_part, ratio >= TWIN_SHARE or is_part)


def twins(claim: ParsedSentence, sentence: ParsedSentence) -> bool:
    """True where two sentences are so much alike that one must be a version of the other, or of a part of
    it.
    """
    return _align(claim, sentence).repeats


def conflict(
    claim: ParsedSentence, source: ParsedSentence, context_words: frozenset[str] = frozenset()
) -> tuple[str, str] | None:
    """Return (kind, word) of the first place where a sentence and its source differ in what matters, None
    where there is none.

    Args:
        context_words: words of what stands above the source; a noun from there may stand for what the source
            points to.
    """
    a, b = claim.units, source.units
    if not a or not b:
        return None
    aligned = _align(claim, source)
    denying = _DENIES.search(source.text) is not None or any(u.affirmed is False for u in b)
    replaced: list[tuple[Sequence[Unit], Sequence[Unit]]] = []
    for n, block in enumerate(aligned.blocks):
        tag, claim_units, source_units = (
            block.tag,
            a[block.claim_start : block.claim_end],
            b[block.source_start : block.source_end],
        )
        left, right = n > 0, n + 1 < len(aligned.blocks)  # equal blocks lie on both sides of a replaced one
        if aligned.repeats and tag in ("insert", "replace") and left and (right or tag == "replace"):
            behind = b[block.source_end].start if block.source_end < len(b) else None
            gap = source.text[b[block.source_start - 1].end : behind]
            if limit := _dropped_limit(gap, claim.text):
                return "limit", limit
        if tag == "equal":
            for claim_unit, source_unit in zip(claim_units, source_units, strict=True):
                if fault := _word_conflict(claim_unit, source_unit, claim, source, denying):
                    return fault
            continue
        begins = block.claim_start == block.source_start == 0
        ends = block.claim_end == len(a) and block.source_end == len(b)
        enclosed = (left or begins) and (right or ends)
        if (
            tag == "replace"
            and enclosed
            and _words(claim_units, claim) <= MAX_BLOCK
            and _words(source_units, source) <= MAX_BLOCK
        ):
            fault = _place_conflict(
                claim_units, source_units, source, context_words, claim if aligned.repeats else None
            )
            if fault and (aligned.alike or fault[0] not in ("name", "word")):
                return fault
            replaced.append((claim_units, source_units))
    return _role_exchange(replaced)


def _words(block: Sequence[Unit], sentence: ParsedSentence) -> int:
    """Count the words of a place, names of several parts as one."""
    return len(sentence.text[block[0].start : block[-1].end].split())


def _word_conflict(
    claim_unit: Unit, source_unit: Unit, claim: ParsedSentence, source: ParsedSentence, denying: bool
) -> tuple[str, str] | None:
    """Compare one word that both have: is it denied, can or must it be, has it happened, is it the only
    one?
    """
    if (
        claim_unit.affirmed is not None
        and source_unit.affirmed is not None
        and claim_unit.affirmed != source_unit.affirmed
    ):
        return "denial", claim_unit.form
    if claim_unit.affirmed is False and source_unit.affirmed is None and not denying:
        return "denial", claim_unit.form
    if _mode_conflict(claim_unit, source_unit):
        return "modality", claim_unit.form
    if claim_unit.only != source_unit.only and not _ONLY.search((source if claim_unit.only else claim).text):
        return "limit", claim_unit.form
    # a plan or a demand is not a deed; what was said may be told in either tense
    planned = (claim_unit.tense == "past" and source_unit.mode == "plan") or (
        claim_unit.mode == "plan" and source_unit.tense == "past"
    )
    if planned or (
        claim_unit.tense == "past" and source_unit.tense == "plain" and not lexicon.is_saying(claim_unit.form)
    ):
        return "tense", claim_unit.form
    return None


def _dropped_limit(gap: str, claim: str) -> str:
    """Return what limits a source's statement in a part that the claim leaves away, "" for nothing.

    >>> (_dropped_limit("(서울은 제외한다)", "과밀억제권역은 4천만 원이다"),
    ... _dropped_limit("(서울은 제외한다)", "서울을 뺀 과밀억제권역은 4천만 원이다"))
    ('제외', '')
    """
    return next(
        (
            match[0]
            for limit, repetition in _LIMITS
            if (match := limit.search(gap)) and not repetition.search(claim)
        ),
        "",
    )


def _mode_conflict(claim_unit: Unit, source_unit: Unit) -> bool:
    """True where one predicate can be what the other must be or is. What a law says plainly (부과한다) it
    demands; what is denied is not weighed.
    """
    if (
        claim_unit.affirmed is None
        or source_unit.affirmed is None
        or claim_unit.mode == source_unit.mode
        or "plan" in (claim_unit.mode, source_unit.mode)
    ):
        return False
    if claim_unit.mode and source_unit.mode:
        return True
    return "can" in (claim_unit.mode, source_unit.mode) and claim_unit.final and source_unit.final


def _place_conflict(
    claim_units: Sequence[Unit],
    source_units: Sequence[Unit],
    source: ParsedSentence,
    context_words: frozenset[str],
    close: ParsedSentence | None,
) -> tuple[str, str] | None:
    """Compare a place of the claim with the source's. `close`: the claim, where it is all but the source's
    sentence.
    """
    source_keys = {u.key for u in source_units}
    for unit in claim_units:
        if unit.key in source_keys:
            continue
        if unit.number is not None:
            rivals = [u.number for u in source_units if u.number is not None and u.kind == unit.kind]
            bare = " | " in source.text and any(
                not n.unit for n in rivals
            )  # its unit stands in the table's caption
            if rivals and not bare and not any(same_number(unit.number, n) for n in rivals):
                return "number", unit.form.lstrip("#")
        elif lexicon.OPPOSITES.get(unit.form, frozenset()) & {u.form for u in source_units}:
            return "direction", unit.form
        elif unit.kind == "noun" and (
            unit.form in source.flat or unit.form in context_words or unit.form in lexicon.NEUTRAL
        ):
            if (
                close is not None
                and len(unit.form) > 1
                and _is_rival(unit, claim_units, source_units)
                and source_units[-1].form not in close.flat
            ):
                return "word", unit.form
            continue
        elif (
            unit.kind in ("name", "noun")
            and len(unit.form) > 1
            and _is_rival(unit, claim_units, source_units)
        ):
            return "name" if unit.kind == "name" else "word", unit.form
    return None


def _is_rival(word: Unit, claim_units: Sequence[Unit], source_units: Sequence[Unit]) -> bool:
    """True where the source has another noun in this place, in the same role, and not the same one written
    otherwise.
    """
    source_text, claim_text = "".join(u.form for u in source_units), "".join(u.form for u in claim_units)
    if word.form in source_text or source_text in claim_text or claim_units[-1].role != source_units[-1].role:
        return False
    return any(
        u.kind in ("name", "noun")
        and len(u.form) > 1
        and u.form not in lexicon.NEUTRAL
        and u.form not in claim_text
        for u in source_units
    )


def _role_exchange(replaced: Sequence[tuple[Sequence[Unit], Sequence[Unit]]]) -> tuple[str, str] | None:
    """Find two places that changed their words but kept their particles."""
    for n, (claim_units, source_units) in enumerate(replaced):
        for other_claim_units, other_source_units in replaced[n + 1 :]:
            keys = [
                [u.key for u in block]
                for block in (claim_units, source_units, other_claim_units, other_source_units)
            ]
            if (
                keys[0] == keys[3]
                and keys[2] == keys[1]
                and claim_units[-1].role == source_units[-1].role
                and claim_units[-1].role != other_claim_units[-1].role
            ):
                return "role", claim_units[-1].form
    return None
