"""Two mistakes at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import combinations

from ...errors import GraphError
from ..faults import together
from .order import Order, Possible
from .search import Proven, Tries

#: Mistakes at the place of which each two are tried.
MOST = 24


def pairs(tries: Tries, order: Order) -> list[Proven]:
    """Two mistakes at the place that together explain the difference; none where the place is not known."""
    return tries.first(_two(order))


def _by_turns(possible: Sequence[Possible]) -> list[Possible]:
    """The likeliest way of each mistake, then the second of each, and so on."""
    seen: Counter[str] = Counter()
    turns = []
    for one in possible:
        turns.append(seen[one.made.fault])
        seen[one.made.fault] += 1
    return [one for _, one in sorted(zip(turns, possible, strict=True), key=lambda pair: pair[0])]


def _two(order: Order) -> Iterator[Possible]:
    for one, other in combinations(_by_turns(order.near)[:MOST], 2):
        if one.made.fault == other.made.fault:
            continue
        try:
            yield Possible(one.fault, together([one.made, other.made]))
        except GraphError:
            continue
