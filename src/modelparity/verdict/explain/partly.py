"""What takes away a share of a difference that nothing explains: never a cause."""

from __future__ import annotations

import math

from ...graph import Array, Graph
from ..message import digits
from .proof import MUCH
from .search import Tries
from .weights import Weights

#: A share that is worth a word: the difference comes down to so much of it.
SHARE = 1 / 3
#: Nodes whose weights are tried.
MOST = 8


def partly(tries: Tries, candidate: Graph, weights: Weights) -> str:
    """The sentence of what takes most of the difference away, or "": the source's weights, or a mistake."""
    best: tuple[float, str] = (tries.before * SHARE, "")
    if tries.rerun is None or not math.isfinite(tries.before):
        return ""
    graph = tries.seen.reference.graph
    other = {
        one.name: _laid(candidate.constants[one.other], graph.constants[one.name])
        for one in weights.found
        if one.other and not one.there
    }
    asked = 0  # a few runs more, also where time is over: they say where to look
    for node in graph.nodes:
        given = {name: array for name in node.inputs if (array := other.get(name)) is not None}
        if not given or asked >= MOST:
            continue
        asked += 1
        changed = graph.changed(constants={**graph.constants, **given})
        results = next(tries.rerun.run([tries.rerun.change(changed)]))
        after = math.inf if results is None else tries.seen.floors(results)
        if after < best[0]:
            away = f"{digits(tries.before)} times the floor becomes {digits(after)}"
            what = f"with the source's weights at {node.name!r}, {away}"
            rest = ", and something else is wrong" if after > 1 else ""
            best = after, f"{what}: the weights there are not the source's{rest}"
    near, one = tries.best
    if one is not None and near < min(best[0], tries.before / MUCH):
        results = next(tries.rerun.run([tries.rerun.change(one.made.changed())]))
        after = math.inf if results is None else tries.seen.floors(results)
        if after < best[0]:
            left = f"{digits(tries.before)} times the floor becomes {digits(after)}"
            best = after, f"nearest comes that {one.made.text}: {left}, so it is not that, or not that alone"
    return best[1]


def _laid(array: Array, like: Array) -> Array | None:
    """The candidate's array in the reference's shape, where only one way is plain."""
    if array.shape == like.shape:
        return array.astype(like.dtype)
    if array.ndim == 2 and array.T.shape == like.shape:
        return array.T.astype(like.dtype)
    plain = array.ndim != like.ndim and array.size == like.size
    return array.reshape(like.shape).astype(like.dtype) if plain else None
