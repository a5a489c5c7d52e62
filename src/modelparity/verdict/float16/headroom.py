"""The magnitudes of every tensor, where float16 first fails to hold one, and whether the small ones matter."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping, Sequence

import numpy as np

from ...graph import Array, Graph, Node
from .model import LARGEST, NORMAL, TensorRange


def magnitudes(graph: Graph, values: Mapping[str, Array]) -> tuple[TensorRange, ...]:
    """Of each input and result of floats, in order."""
    found = [
        _of(spec.name, values[spec.name], None)
        for spec in graph.inputs
        if spec.name in values and values[spec.name].dtype.kind == "f"
    ]
    for node in graph.nodes:
        found += [
            _of(name, values[name], node)
            for name in node.outputs
            if name in values and values[name].dtype.kind == "f"
        ]
    return tuple(found)


def _of(name: str, array: Array, node: Node | None) -> TensorRange:
    sizes = np.abs(array[np.isfinite(array)].astype(np.float64))
    largest = float(sizes.max(initial=0.0))
    above = sizes[sizes > 0]
    return TensorRange(
        name,
        node.name if node is not None else "",
        node.op if node is not None else "",
        node.origin if node is not None else "",
        largest,
        float(above.min()) if above.size else 0.0,
        math.log2(LARGEST / largest) if largest else math.inf,
        float((above < NORMAL).mean()) if above.size else 0.0,
    )


def overflowing(graph: Graph, truth: Mapping[str, Array], half: Mapping[str, Array]) -> list[int]:
    """Places of nodes whose result in float16 has values that are not finite where those of the truth are."""
    return [
        place
        for place, node in enumerate(graph.nodes)
        if any(
            name in half
            and half[name].dtype.kind == "f"
            and half[name].shape == truth[name].shape
            and (~np.isfinite(half[name]) & np.isfinite(truth[name])).any()
            for name in node.outputs
        )
    ]


def flushed(graph: Graph, places: Collection[int]) -> Graph:
    """``graph`` with values below 2^-14 made 0 in the results of these nodes."""
    nodes: list[Node] = []
    renamed: dict[str, str] = {}
    for place, node in enumerate(graph.nodes):
        given = tuple(renamed.get(name, name) for name in node.inputs)
        nodes.append(Node(node.name, node.op, given, node.outputs, node.attrs, node.origin, node.dtype))
        for name in node.outputs if place in places else ():
            renamed[name] = f"{name} (flushed)"
            settings = {"lambd": NORMAL, "bias": 0.0}
            nodes.append(Node(renamed[name], "shrink", (name,), (renamed[name],), settings))
    outputs = tuple(renamed.get(name, name) for name in graph.outputs)
    return graph.changed(nodes=tuple(nodes), outputs=outputs, states={}, source=None)


def first_that_matters(places: Sequence[int], agrees: Callable[[Sequence[int]], bool]) -> int | None:
    """The first of these nodes with which flushed ones move an output; None if all of them together do not."""
    if not places or agrees(places):
        return None
    low, high = 0, len(places) - 1
    while low < high:
        middle = (low + high) // 2
        if agrees(places[: middle + 1]):
            low = middle + 1
        else:
            high = middle
    return places[low]
