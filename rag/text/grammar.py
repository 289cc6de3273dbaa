"""What a sentence says, by rule: its words, names, numbers, and for each clause who does what, whether it is
denied, which way it goes.

Built on Kiwi's morphemes. It is not a parser: it reads particles (이/가, 을/를, 보다, 에게), endings that
close clauses (고, 며, 지만) and words of denial (않, 못, 없, 아니), which Korean marks openly. What it
cannot tell it leaves empty.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from rag.caches import remember
from rag.text import korean, lexicon
from rag.text.korean import Morpheme
from rag.text.numbers import Number, numbers
from rag.text.predicates import base, is_affirmed, last_predicate, mode_of, possibility, tense_of
from rag.text.vocabulary import vocabulary

NOUNS = frozenset({"NNG", "NNP", "NR", "XR", "SL", "SH", "NNB", "NP"})
_WORDS = vocabulary(__file__)
_CLAUSE_ENDS = frozenset(_WORDS["clause ends"].words())
_ROLES = _WORDS["roles"].keys(str)
_GOALS = _WORDS["goals"].keys(str)
_ONLY = frozenset({"만", "뿐", "밖에"})
_DENYING_PREFIX = frozenset(_WORDS["denying prefixes"].words())
_TITLED = re.compile(
    rf"(?<![가-힣])([가-힣]{{2,4}}(?<!의)) "
    rf"({'|'.join(sorted(lexicon.TITLES, key=len, reverse=True))})(?![가-힣]{{2}})"
)
_LABEL = re.compile(r"^\W{0,3}\d{1,2}[.)]$")  # of a list's or section's number: 3. or 3)


@dataclass(slots=True)
class Clause:
    """A part of a sentence with one predicate or more.

    `words`: content morphemes. `roles`: noun → roles (subject, topic, object, than, goal, source).
    `predicates`: word → set of True (affirmed), False (denied). `numbers`: those that stand in it. `start`,
    `end`: span in normalised text.
    """

    start: int
    end: int
    words: list[str] = field(default_factory=list)
    roles: dict[str, set[str]] = field(default_factory=dict)
    predicates: dict[str, set[bool]] = field(default_factory=dict)
    numbers: list[Number] = field(default_factory=list)
    passive: bool = False


@dataclass(frozen=True, slots=True)
class Unit:
    """A content word or a number in its place. `kind`: number, date, name, noun, pronoun, verb, other;
    `role` of the noun that it ends.
    """

    key: str
    form: str
    kind: str
    start: int  # its span in the normalised text
    end: int
    role: str = ""
    affirmed: bool | None = None  # of predicates
    tense: str = ""  # of predicates: past (었), plain (at the end, without it), "" where neither is plain
    # of predicates: can (ᆯ 수 있다, 어도 되다, 가능), must (어야 하다), plan (ᆯ 예정, 기로 하다, 려고 하다)
    mode: str = ""
    final: bool = False  # of predicates: no other follows in the sentence
    only: bool = False  # of nouns: 만, 뿐, 밖에 behind them
    number: Number | None = None


@dataclass(frozen=True, slots=True)
class ParsedSentence:
    """A sentence. `text` is its normalised form, `flat` the same without blanks; `nouns`, `other_words`:
    content morphemes by kind.
    """

    text: str
    flat: str
    nouns: tuple[str, ...]
    other_words: tuple[str, ...]
    names: frozenset[str]
    numbers: tuple[Number, ...]
    clauses: tuple[Clause, ...]
    tokens: tuple[Morpheme, ...]
    words: frozenset[str]
    units: tuple[Unit, ...]


@remember(4096)
def parse(sentence: str) -> ParsedSentence:
    """Analyse one sentence, or one row of a table."""
    text = korean.normalise(sentence)
    tokens = tuple(korean.tokens(text))
    figures = [n for n in numbers(text) if not _LABEL.match(text[: n.end + 1])]
    in_number = [(n.start, n.end) for n in figures]

    def numeric(token: Morpheme) -> bool:
        return any(a <= token.start < b for a, b in in_number)

    names = korean.names_of(tokens, text) | {
        match[1] for match in _TITLED.finditer(text)
    }  # names that Kiwi does not know
    nouns = [
        _prefixed(tokens, i)
        for i, t in enumerate(tokens)
        if t.tag in ("NNG", "NNP", "XR", "SH", "SL", "NR") and not numeric(t)
    ]
    other_words = [base(t.form) for t in tokens if t.tag in ("VV", "VA", "MAG", "MM") and not numeric(t)]
    clauses = _clauses(tokens, figures)
    return ParsedSentence(
        text,
        text.replace(" ", ""),
        tuple(nouns),
        tuple(other_words),
        frozenset(names),
        tuple(figures),
        tuple(clauses),
        tokens,
        frozenset(nouns) | frozenset(other_words),
        tuple(_units(tokens, figures)),
    )


def with_synonyms(words: Iterable[str]) -> set[str]:
    """Return words and all that may stand for them."""
    result: set[str] = set()
    for word in words:
        result.add(word)
        result |= lexicon.SYNONYMS.get(word, frozenset())
    return result


def _clauses(tokens: tuple[Morpheme, ...], figures: list[Number]) -> list[Clause]:
    """Cut at endings that join clauses and fill in what each part says."""
    clauses: list[Clause] = []
    begin = 0
    for i, token in enumerate(tokens):
        following = tokens[i + 1] if i + 1 < len(tokens) else None
        joins = (
            token.tag == "EC"
            and token.form in _CLAUSE_ENDS
            and following is not None
            and following.tag not in ("VX",)
            and following.form not in ("않", "못", "아니하", "는")
        )
        if joins or token.form in (";", "|") or following is None:
            part = tokens[begin : i + 1]
            if part:
                clauses.append(_clause(part, figures))
            begin = i + 1
    return clauses


def _clause(tokens: tuple[Morpheme, ...], figures: list[Number]) -> Clause:
    clause = Clause(tokens[0].start, tokens[-1].end)
    clause.numbers = [n for n in figures if clause.start <= n.start < clause.end]
    clause.words = [base(t.form) for t in tokens if t.tag in korean.CONTENT_TAGS]
    clause.passive = any(t.form in ("되", "당하", "받", "의하") for t in tokens)
    noun = ""
    for i, token in enumerate(tokens):
        after = tokens[i + 1] if i + 1 < len(tokens) else None
        if token.tag in NOUNS:
            noun = token.form
            denied = i > 0 and tokens[i - 1].tag == "XPN" and tokens[i - 1].form in _DENYING_PREFIX
            if (able := possibility(tokens, i)) is not None:
                _predicate(clause, token.form, able)
            elif after and after.tag in ("XSV", "XSA"):
                _predicate(clause, token.form, is_affirmed(tokens, i + 1) != denied)
            elif denied:
                _predicate(clause, token.form, False)
            elif i > 0 and tokens[i - 1].tag != "XPN" and after and after.tag in ("ETM", "EP", "EC"):
                _predicate(clause, token.form, True)
        elif token.tag in ("VV", "VA"):
            if token.form in ("없", "있"):
                positive = (token.form == "있") == (is_affirmed(tokens, i) is True)
                target = last_predicate(tokens, i) if noun == "수" else noun
                _predicate(clause, target or "있", positive)
            else:
                word = (
                    noun
                    if token.form in ("하", "되")
                    and noun
                    and i
                    and tokens[i - 1].tag in ("JKO", "JKS", "JX", "NNG")
                    else token.form
                )
                _predicate(clause, word, is_affirmed(tokens, i))
        elif token.tag == "VCN":
            _predicate(clause, noun or "이", not is_affirmed(tokens, i))
        elif token.tag == "VCP" and noun:
            _predicate(clause, noun, is_affirmed(tokens, i))
        elif (
            token.tag in ("JKS", "JX", "JKO", "JKB")
            and noun
            and token.form in (_ROLES if token.tag != "JKB" else _GOALS)
        ):
            role = _ROLES.get(token.form) if token.tag != "JKB" else _GOALS[token.form]
            if role:
                for phrase in _phrase(tokens, i):
                    clause.roles.setdefault(phrase, set()).add(role)
    return clause


def _units(tokens: tuple[Morpheme, ...], figures: list[Number]) -> list[Unit]:
    """Return the content words and numbers of a sentence in order."""
    units: list[Unit] = []
    end = 0
    for i, token in enumerate(tokens):
        if token.start < end:
            continue
        number = next((n for n in figures if n.start <= token.start < n.end), None)
        if number is not None:
            key = f"#{number.key}"
            units.append(
                Unit(key, key, "date" if number.date else "number", number.start, number.end, number=number)
            )
            end = number.end
            continue
        after = tokens[i + 1] if i + 1 < len(tokens) else None
        role = ""
        if after and after.tag in ("JKS", "JX", "JKO", "JKB"):
            role = (_GOALS if after.tag == "JKB" else _ROLES).get(after.form, "")
        if token.tag in ("NNG", "NNP", "SL", "XR", "SH", "NP"):
            kind = {"NNP": "name", "SL": "name", "NP": "pronoun"}.get(token.tag, "noun")
            affirmed = None
            if after and after.tag in ("XSV", "XSA", "VCP", "VCN"):
                affirmed = (
                    is_affirmed(tokens, i + 1)
                    != (i > 0 and tokens[i - 1].tag == "XPN" and tokens[i - 1].form in _DENYING_PREFIX)
                ) != (after.tag == "VCN")
            elif (
                after
                and after.tag in ("JKS", "JKC", "JX")
                and i + 2 < len(tokens)
                and tokens[i + 2].tag == "VCN"
            ):
                affirmed = not is_affirmed(tokens, i + 2)
            able = possibility(tokens, i)
            if able is not None:
                affirmed = able
            elif (
                affirmed is None
                and i
                and tokens[i - 1].tag == "XPN"
                and tokens[i - 1].form in _DENYING_PREFIX
            ):  # 불이행 시
                affirmed = False
            mode, final = (
                ("can" if able else "", True)
                if able is not None
                else mode_of(tokens, i)
                if affirmed is not None
                else ("", False)
            )
            tense = tense_of(tokens, i) if affirmed is not None else ""
            units.append(
                Unit(
                    _name_of(token.form),
                    token.form,
                    kind,
                    token.start,
                    token.end,
                    role,
                    affirmed,
                    tense,
                    mode,
                    final,
                    _only(tokens, i),
                )
            )
        elif token.tag in ("VV", "VA", "MAG", "MM"):
            word = base(token.form)
            affirmed = is_affirmed(tokens, i) if token.tag in ("VV", "VA") else None
            if word == "없" and affirmed is not None:
                affirmed = not affirmed
            kind = "other" if affirmed is None else "verb"
            mode, final = mode_of(tokens, i) if affirmed is not None else ("", False)
            units.append(
                Unit(
                    "있" if word == "없" else _name_of(word),
                    word,
                    kind,
                    token.start,
                    token.end,
                    "",
                    affirmed,
                    tense_of(tokens, i),
                    mode,
                    final,
                )
            )
    return units


def _prefixed(tokens: tuple[Morpheme, ...], i: int) -> str:
    """The noun at `i`, with the prefix that turns its meaning round: 비공개."""
    before = tokens[i - 1] if i else None
    return (
        f"{before.form}{tokens[i].form}"
        if before and before.tag == "XPN" and before.form in _DENYING_PREFIX
        else tokens[i].form
    )


def _name_of(word: str) -> str:
    return lexicon.NAMES.get(word, word)


def _predicate(clause: Clause, word: str, affirmed: bool) -> None:
    clause.predicates.setdefault(word, set()).add(affirmed)


def _only(tokens: tuple[Morpheme, ...], i: int) -> bool:
    """True for a noun with 만, 뿐 or 밖에 behind it, a particle between at most."""
    return any(
        t.form in _ONLY and (t.tag == "JX" or t.form == "뿐")
        for t in tokens[i + 1 : i + 3]
        if t.tag[0] == "J" or t.form == "뿐"
    )


def _phrase(tokens: tuple[Morpheme, ...], i: int) -> list[str]:
    """The noun before the particle at `i`, its parts written together (보험업), and the names that stand
    right before it (김필수 상무).
    """
    j = i - 1
    whole = ""
    while j >= 0 and tokens[j].tag in NOUNS | {"XSN", "XPN", "SN"} and tokens[j].end == tokens[j + 1].start:
        whole = tokens[j].form + whole
        j -= 1
    phrases = [whole] if whole else []
    while j >= 0 and tokens[j].tag in ("NNP", "NNG", "SL") and i - j <= 5:
        if tokens[j].tag == "NNP":
            phrases.append(tokens[j].form)
        j -= 1
    return phrases
