"""An item of a list is said with its list: the other items, and the line that announces them. Pure.

Of "제출 서류는 다음과 같다: - 신청서 - 등본" one item alone is no answer to what must be handed in, and one
of "다음 각 호의 어느 하나에 해당하지 않는 사람" alone says the opposite.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.text.items import mark_of, without_mark
from rag.types import Quote

_ANNOUNCES = re.compile(r"다음|아래|following|below|[:：]\s*$", re.IGNORECASE)
_LABELLED = re.compile(r"[^:：]{1,20}[:：]\s?\S")  # 이용료: 3만 원 answers alone


def with_its_list(best: Quote, quotes: Sequence[Quote], most: int) -> list[Quote]:
    """Return what belongs to a sentence that is an item of a list: the line right above the list, where that
    announces it, and all items; [] for another sentence, of a labelled item the line alone.

    Args:
        quotes: the sentences of its passage, in order. most: of a longer list no other items are returned.
    """
    mark = mark_of(best.text)
    if not mark:
        return []
    first = last = quotes.index(best)
    while first and mark_of(quotes[first - 1].text) == mark:
        first -= 1
    while last + 1 < len(quotes) and mark_of(quotes[last + 1].text) == mark:
        last += 1
    items = quotes[first : last + 1]
    alone = len(items) > most or _LABELLED.match(without_mark(best.text))
    lead = quotes[first - 1 : first] if first else ()
    return [*(q for q in lead if _ANNOUNCES.search(q.text)), *(() if alone else items)]
