"""Guess what an answer says next from what was said before, so that one batch checks many tokens (prompt
lookup decoding, Saxena 2023).

Answers copy from their evidence and from the question. What followed the last tokens where they stood before
is guessed to follow again, as far as all places that match them longest agree, and to the end of the
sentence, beyond which answers seldom copy. How many guesses are worth a batch depends on how long the match
is and on what a batch of so many tokens costs on this machine (`rag.model.tuning`): on two cores it is one
or two after a short match, fifteen after a long one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

MOST = 15  # guesses in one batch
LONGEST = 20  # tokens of a match that are looked at
SIZES = (1, 2, 4, 8, MOST + 1)  # tokens of the batches whose costs are measured
USUAL = (
    1.0,
    1.5,
    2.7,
    4.6,
    5.5,
)  # and what they cost in single tokens where it was not measured: between two machines of two cores each
# From so many tokens of a match on, the share of guesses that are right, each after one that was: 110
# answers from evidence (docs/log.md)
RIGHT = {1: 0.83, 2: 0.87, 4: 0.90, 8: 0.95}


class Guesser:
    """Guesses for a machine on which batches cost what `costs` says, for each of SIZES, in any unit; `ends`
    tells the tokens that end a sentence.
    """

    def __init__(
        self, costs: Sequence[float] = USUAL, ends: Callable[[int], bool] = lambda token: False
    ) -> None:
        self._ends = ends
        self._worth = {matched: worth(costs, right) for matched, right in RIGHT.items()}

    def guess(self, tokens: Sequence[int], room: int) -> list[int]:
        """Return the tokens, at most `room`, that are guessed to follow; none where nothing is known or it
        would not be worth while.
        """
        following, matched = looked_up(tokens)
        if not matched or room < 1:
            return []
        end = next((n for n, token in enumerate(following, 1) if self._ends(token)), len(following))
        del following[end:]
        return following[: self._worth[max(n for n in RIGHT if n <= matched)][min(room, len(following))]]


def looked_up(tokens: Sequence[int]) -> tuple[list[int], int]:
    """Return up to MOST tokens that followed the last ones where they stood before, and how many of the last
    ones matched there.

    Of several places those that match longest count, and only as far as they agree.

    >>> looked_up([1, 2, 3, 4, 5, 9, 2, 3]), looked_up([2, 4, 2, 5, 2]), looked_up([1, 2, 3])
    (([4, 5, 9, 2, 3], 2), ([], 1), ([], 0))
    """
    end, longest = len(tokens) - 1, 0
    places: list[int] = []
    for i in range(end):
        if tokens[i] == tokens[end]:
            matched = 1
            while matched < LONGEST and matched <= i and tokens[i - matched] == tokens[end - matched]:
                matched += 1
            if matched > longest:
                longest, places = matched, []
            if matched == longest:
                places.append(i)
    following: list[int] = []
    for ahead in range(1, MOST + 1):
        said = {tokens[i + ahead] if i + ahead <= end else -1 for i in places}
        if len(said) != 1 or -1 in said:
            break
        following += said
    return following, longest


def worth(costs: Sequence[float], right: float) -> list[int]:
    """Return, for 0 to MOST guesses to be had, how many of them give the most tokens for their cost, when
    each is right with this probability.

    >>> (worth((1, 2, 4, 8, 16), 0.9)[-1], worth((1, 1.1, 1.2, 1.3, 1.4), 0.9)[-1],
    ... worth((1, 1.5, 2.7, 4.6, 5.5), 0.8)[-1])
    (0, 15, 1)
    """

    def rate(guesses: int) -> float:
        return sum(right**n for n in range(guesses + 1)) / _cost(costs, guesses + 1)

    return [max(range(had + 1), key=rate) for had in range(MOST + 1)]


def _cost(costs: Sequence[float], size: int) -> float:
    """Return the cost of a batch, on the line between the measured ones beside it."""
    for (below, less), (above, more) in zip(
        zip(SIZES, costs, strict=True), zip(SIZES[1:], costs[1:], strict=False), strict=False
    ):
        if size <= above:
            return less + (more - less) * (size - below) / (above - below)
    return costs[-1]
