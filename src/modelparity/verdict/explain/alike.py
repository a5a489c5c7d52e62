"""Mistakes that are the same on a graph as the one that was found: at its own nodes, and at those beside it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ...graph import Graph
from ..faults import FittedFault, faults
from .order import Possible, changed
from .search import LEAST, Proven, Tries

#: After one is found, such a share of the time that was spent is spent on those beside it, and so many seconds at
#: least; more where its numbers were fitted, since what has a name says more.
SHARE, FITTED = (0.25, LEAST), (1.0, 10 * LEAST)
#: Of a mistake at more nodes than these none is looked for beside it.
FEW = 3


def with_alike(tries: Tries, found: Sequence[Proven]) -> list[Proven]:
    """``found``, and others that explain as much; one whose numbers were fitted stands behind those of a list."""
    if not found or found[0].others or len(found[0].possible.made.nodes) > FEW:
        return list(found)
    first, graph = found[0], tries.seen.reference.graph
    own = set(first.possible.made.nodes)
    beside = _beside(graph, own)
    known = {one.possible.made.key for one in found}
    near = [
        Possible(fault, made)
        for fault in faults()
        if fault.guessed
        for made in fault.at(graph, beside)
        if made.key not in known
    ]
    near.sort(key=lambda one: own.isdisjoint(one.made.nodes))
    same, rest = [], []
    for one in near:
        made = changed(one.made)
        if made is not None and _equal(graph, made, first.graph):
            same.append(Proven(one, made, first.after, first.reduced))
        else:
            rest.append(one)
    fitted = isinstance(first.possible.fault, FittedFault)
    share, least = FITTED if fitted else SHARE
    more = [*same, *tries.besides(found, rest, max(share * tries.clock.worked, least))]
    return [*more, *found] if fitted else [*found, *more]


def _beside(graph: Graph, names: set[str]) -> set[str]:
    """These nodes, those that make what they read, and those that read what they make."""
    own = [node for node in graph.nodes if node.name in names]
    read = {name for node in own for name in node.inputs if name}
    made = {name for node in own for name in node.outputs if name}
    return names | {
        node.name for node in graph.nodes if read.intersection(node.outputs) or made.intersection(node.inputs)
    }


def _equal(graph: Graph, one: Graph, other: Graph) -> bool:
    """Whether two changes of ``graph`` leave the same nodes, with arrays of the same values."""
    if one.outputs != other.outputs or len(one.nodes) != len(other.nodes):
        return False
    for a, b in zip(one.nodes, other.nodes, strict=True):
        said, also = ((n.op, n.inputs, n.outputs, dict(n.attrs)) for n in (a, b))
        if a is not b and said != also:
            return False
    for name in {*one.constants, *other.constants}:
        array, theirs = one.constants.get(name), other.constants.get(name)
        if array is theirs:
            continue
        if array is None or theirs is None or not np.array_equal(array, theirs):
            return False
    return True
