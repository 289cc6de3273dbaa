"""Lay the clauses of a sentence beside those of its source: what is denied or goes the other way, who does
what with whom, which number belongs to which words. Pure but for Kiwi (`rag.text.korean`).

Each function returns (kind, word) of the first difference that it finds, None for none; a part of
`rag.answer.checker`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rag.text import grammar, lexicon
from rag.text.grammar import Clause, ParsedSentence
from rag.text.numbers import Number
from rag.text.quantity import missing_numbers, same_measure, same_number


@dataclass(frozen=True, slots=True)
class Source:
    """One or two sentences of a passage, with what stands above them."""

    sentences: tuple[ParsedSentence, ...]
    text: str
    flat: str
    words: frozenset[str]
    numbers: tuple[Number, ...]
    own_flat: str
    context_words: frozenset[str]

    @property
    def clauses(self) -> list[Clause]:
        return [clause for sentence in self.sentences for clause in sentence.clauses]


def _best_clause(clause: Clause, source: Source) -> Clause | None:
    """Return the source's clause that shares most with a clause of the claim."""
    clause_words = set(clause.words)

    def shared(other: Clause) -> int:
        return len(clause_words & grammar.with_synonyms(other.words)) + 2 * (
            len(clause.numbers) - len(missing_numbers(clause.numbers, other.numbers))
        )

    return max(source.clauses, key=shared, default=None)


def opposition(claim: ParsedSentence, source: Source) -> tuple[str, str] | None:
    """Find a denial or a direction that the source does not share."""
    for clause in claim.clauses:
        best = _best_clause(clause, source)
        if best is None:
            continue
        best_words, source_words = set(best.words), {w for c in source.clauses for w in c.words}
        for word in clause.words:
            opposite = lexicon.OPPOSITES.get(word, frozenset())
            if (opposite & best_words and word not in grammar.with_synonyms(best_words - opposite)) or (
                opposite & source_words and word not in grammar.with_synonyms(source_words - opposite)
            ):
                return "direction", word
        for word, states in clause.predicates.items():
            kin = {word} | lexicon.SYNONYMS.get(word, frozenset())
            clause_states = _states(kin, [best])
            source_states = clause_states or _states(kin, source.clauses)
            if source_states and not states & source_states:
                return "denial", word
            if (
                not source_states
                and states == {False}
                and not any(False in s for s in best.predicates.values())
            ):
                return "denial", word
    return None


def _states(words: set[str], clauses: Sequence[Clause]) -> set[bool]:
    return {
        state
        for clause in clauses
        for word, states in clause.predicates.items()
        if word in words
        for state in states
    }


def role_swap(claim: ParsedSentence, source: Source) -> tuple[str, str] | None:
    """Find two words of which each plays the other's part: who acts, and what is acted on (을/를), compared
    with (보다) or reached (에게).

    Or one that acts in the source and is acted on in the claim, by what it belongs to there: 시 공무원은
    쓴다, but 시는 공무원을 쓴다.
    """
    doers = ("subject", "topic")
    for clause in claim.clauses:
        acting = [w for w, roles in clause.roles.items() if roles & set(doers)]
        partners = [(w, role) for w, roles in clause.roles.items() for role in roles - set(doers)]
        for doer in acting:
            for word, role in partners:
                if word == doer:
                    continue
                for source_clause in source.clauses:
                    a, b = source_clause.roles.get(doer, set()), source_clause.roles.get(word, set())
                    if (
                        role == "object"
                        and not a
                        and b & set(doers)
                        and role not in b
                        and clause.passive == source_clause.passive
                        and _owns(doer, word, source)
                    ):
                        return "role", doer
                    if (
                        role in a
                        and not a & set(doers)
                        and (b & set(doers))
                        and role not in b
                        and clause.passive == source_clause.passive
                    ):
                        return "role", doer
    return None


def _owns(owner: str, word: str, source: Source) -> bool:
    """True where a source has one word right before another that acts: 한빛마트 온라인 고객은."""
    return (
        re.search(rf"{re.escape(owner)} ?([가-힣]+ )?{re.escape(word)}(은|는|이|가) ", source.text)
        is not None
    )


def binding_conflict(claim: ParsedSentence, source: Source) -> tuple[str, str] | None:
    """Find a number that the source gives for something else: its words in the claim are those of another
    number there.
    """
    claim_bindings = _bindings(claim)
    source_bindings = [binding for sentence in source.sentences for binding in _bindings(sentence)]
    for number, words in claim_bindings:
        rivals = [
            (n, w)
            for n, w in source_bindings
            if same_measure(n, number) or (n.unit == number.unit and n.date is not None)
        ]
        own_words = [w for n, w in rivals if same_number(number, n)]
        if not own_words or len(rivals) < 2:
            continue
        telling = {w for w in words if w not in lexicon.NEUTRAL}
        n_shared = max(len(telling & grammar.with_synonyms(w)) for w in own_words)
        shared_by_all = set.intersection(*(grammar.with_synonyms(w) for _, w in rivals))
        for n, w in rivals:
            if (
                not same_number(number, n)
                and len((telling - shared_by_all) & grammar.with_synonyms(w)) > n_shared
            ):
                return "binding", claim.text[number.start : number.end].strip()
    return None


def _bindings(sentence: ParsedSentence) -> list[tuple[Number, set[str]]]:
    """Tie each number to the words that it is about: those of its clause; where a clause has several of a
    kind, those before each.
    """
    bindings: list[tuple[Number, set[str]]] = []
    for clause in sentence.clauses:
        words = [
            t for t in sentence.tokens if clause.start <= t.start < clause.end and t.tag in grammar.NOUNS
        ]
        for number in clause.numbers:
            if number.date is not None:
                continue
            rivals = [n for n in clause.numbers if same_measure(n, number)]
            if len(rivals) == 1:
                low, high = clause.start, clause.end
            else:
                low = max((n.end for n in rivals if n.end <= number.start), default=clause.start)
                high = (
                    min((n.start for n in rivals if n.start >= number.end), default=clause.end)
                    if number is rivals[-1]
                    else number.end
                )
                high = min(high, number.end + 6)
            about = {
                t.form for t in words if low <= t.start < high and not (number.start <= t.start < number.end)
            }
            about |= {
                sentence.text[n.start : n.end].replace(" ", "")
                for n in clause.numbers
                if n.date is not None and low <= n.start < high
            }
            bindings.append((number, about))
    return bindings
