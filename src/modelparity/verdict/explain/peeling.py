"""Several mistakes at several nodes: one is undone, the candidate is looked at again, and so on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from ...graph import Graph
from .local import Beside
from .order import Order, Possible, changed
from .proof import Observed
from .search import Proven, Tries

#: Mistakes that are undone one after another, and ways that are followed at each place.
DEEP, WAYS = 3, 2


def peeled(tries: Tries, order: Order, beside: Beside) -> list[Proven]:
    """Mistakes at different nodes that together explain the difference; none where that does not become clear."""
    for chosen, graph in _ways(tries, order, beside, tries.seen.reference.graph, ()):
        last = Tries(tries.seen, tries.clock, tries.again, base=graph)
        place = beside.place(graph, tries.left)
        further = Order(graph, () if place is None else place.nodes, order.weights)
        found = last.first(further.near or further.singles)
        tries.tried += last.tried
        if found:
            first = found[0]
            return [replace(first, others=tuple(chosen))]
    return []


def _ways(
    tries: Tries, order: Order, beside: Beside, graph: Graph, chosen: Sequence[Possible]
) -> Iterator[tuple[Sequence[Possible], Graph]]:
    """Graphs with mistakes that each make what the candidate has at its place; those of fewest first."""
    if len(chosen) >= DEEP - 1 or tries.left <= 0:
        return
    seen: Observed = tries.seen
    place = beside.place(graph, tries.left)
    if place is None or not place.nodes:
        return
    near = Order(graph, place.nodes, order.weights).near
    rerun = Tries(seen, tries.clock, tries.again, base=graph).ready
    further = []
    for one in place.made(rerun, near)[:WAYS]:
        made = changed(one.made)
        if made is not None:
            further.append(((*chosen, one), made))
    yield from further
    for more, made in further:
        yield from _ways(tries, order, beside, made, more)
