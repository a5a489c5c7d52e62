"""Two mistakes at once."""

from __future__ import annotations

from collections.abc import Iterator
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


def _two(order: Order) -> Iterator[Possible]:
    for one, other in combinations(order.near[:MOST], 2):
        if one.made.fault == other.made.fault and one.made.nodes == other.made.nodes:
            continue
        try:
            yield Possible(one.fault, together([one.made, other.made]))
        except GraphError:
            continue
