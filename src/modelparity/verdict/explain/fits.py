"""Mistakes whose numbers stand in no list: fitted to what the candidate has at the place, or at an output."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ..faults import Observation
from ..faults.registry import fitted
from .local import Beside
from .order import Possible
from .search import Proven, Tries

#: Tensors of the candidate that are taken for one of the reference, and further ones of the reference beside it.
MOST, OTHERS = 3, 16


def fits(tries: Tries, beside: Beside | None) -> list[Proven]:
    """What is proven with numbers taken from the candidate, and holds on a second input too; none if none does."""
    return tries.first(_possible(tries, beside))


def _possible(tries: Tries, beside: Beside | None) -> Iterator[Possible]:
    graph = tries.seen.reference.graph
    for seen in _observations(tries, beside):
        for fault in fitted():
            for made in fault.fits(graph, seen):
                yield Possible(fault, made)


def _observations(tries: Tries, beside: Beside | None) -> Iterator[Observation]:
    """What the candidate has where the reference has something else: at the place first, then at each output."""
    reference = tries.seen.reference
    place = None if beside is None else beside.place(reference.graph, tries.left)
    if place is not None:
        # What is followed may be a part of the input: both sides of the observation are of one run.
        nodes = [node for node in reference.graph.nodes if node.name in place.nodes]
        for name in dict.fromkeys(n for node in nodes for n in (*node.outputs, *node.inputs)):
            known = place.known.named.get(name)
            if known is None:
                continue
            others = {one.name: one.values for one in place.known.named.values() if one.name != name}
            alike = [n for n, a in others.items() if a.shape == known.values.shape][:OTHERS]
            squeezed = [size for size in known.values.shape if size != 1]
            odd = [
                a for a in place.followed.odd.values() if [size for size in a.shape if size != 1] == squeezed
            ]
            for array in odd[:MOST]:
                got = np.asarray(array, np.float64).reshape(known.values.shape)
                yield Observation(name, known.values, got, {n: others[n] for n in alike})
    for name, got in tries.seen.outputs.items():
        wanted = np.asarray(reference.truth[name])
        alike = [n for n, a in tries.ready.values.items() if a.shape[1:] == wanted.shape and n != name][
            :OTHERS
        ]
        others = {n: tries.ready.tensor(n)[0] for n in alike}
        yield Observation(name, wanted, np.asarray(got), others)
