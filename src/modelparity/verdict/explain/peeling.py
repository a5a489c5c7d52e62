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
        if (alone := _enough(tries, chosen, graph)) is not None:
            return [alone]
        last = Tries(tries.seen, tries.clock, tries.again, base=graph)
        place = beside.place(graph, tries.left)
        further = Order(graph, () if place is None else place.nodes, order.weights)
        found = last.first(further.near or further.singles)
        tries.tried += last.tried
        if found:
            together = [*chosen, found[0].possible]
            others = tuple(_alike(tries, order, together, at) for at in range(len(chosen)))
            return [replace(one, others=others) for one in found]
    return []


def _enough(tries: Tries, chosen: Sequence[Possible], graph: Graph) -> Proven | None:
    """What was undone so far, where that explains it: whatever is undone besides would change nothing."""
    results = next(tries.ready.run([tries.ready.change(graph)]))
    proof = None if results is None else tries.seen.proven(graph, results, tries.before)
    if proof is None:
        return None
    made = Proven(chosen[-1], graph, *proof, others=tuple((one,) for one in chosen[:-1]))
    return made if tries.holds(made) else None


def _alike(tries: Tries, order: Order, together: Sequence[Possible], at: int) -> tuple[Possible, ...]:
    """One of the mistakes that together explain it, and those at its nodes that explain as much with the rest."""
    one, graph = together[at], tries.seen.reference.graph
    for other in (*together[:at], *together[at + 1 :]):
        again = (made for made in other.fault.at(graph, other.made.nodes) if made.key == other.made.key)
        made = next(again, None)
        further = None if made is None else changed(made)
        if further is None:
            return (one,)
        graph = further
    ready = Tries(tries.seen, tries.clock, tries.again, base=graph)
    found = ready.first(Order(graph, one.made.nodes, order.weights).near)
    tries.tried += ready.tried
    return (one, *(same.possible for same in found if same.possible.made.key != one.made.key))


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
