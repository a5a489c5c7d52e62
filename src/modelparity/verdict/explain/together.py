"""Two mistakes at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import combinations

from ...errors import GraphError
from ..faults import together
from .order import Order, Possible
from .search import Proven, Tries

#: Mistakes at the place of which each two are tried.
MOST = 24


def pairs(tries: Tries, order: Order) -> list[Proven]:
    """Two mistakes at the place that together explain the difference; none where the place is not known.

    Of those that explain it as well, each counts as the same as the one in whose stead it stands.
    """
    made: dict[str, tuple[Possible, Possible]] = {}
    found = tries.first(_two(order, made))
    if not found:
        return []
    one, other = made[found[0].possible.made.key]
    firsts, lasts = [one], [replace(found[0], possible=other)]
    for proof in found[1:]:
        a, b = made[proof.possible.made.key]
        if {a, b} & {one, other}:
            (instead,) = {a, b} - {one, other}
            if other in (a, b):
                firsts.append(instead)
            else:
                lasts.append(replace(proof, possible=instead))
    return [replace(proof, others=(tuple(firsts),)) for proof in lasts]


def _by_turns(possible: Sequence[Possible]) -> list[Possible]:
    """The likeliest way of each mistake, then the second of each, and so on."""
    seen: Counter[str] = Counter()
    turns = []
    for one in possible:
        turns.append(seen[one.made.fault])
        seen[one.made.fault] += 1
    return [one for _, one in sorted(zip(turns, possible, strict=True), key=lambda pair: pair[0])]


def _two(order: Order, made: dict[str, tuple[Possible, Possible]]) -> Iterator[Possible]:
    for one, other in combinations(_by_turns(order.near)[:MOST], 2):
        if one.made.fault == other.made.fault:
            continue
        try:
            both = Possible(one.fault, together([one.made, other.made]))
        except GraphError:
            continue
        made[both.made.key] = one, other
        yield both
