"""Mistakes that the catalogue does not have: whatever is named for them is named falsely.

None of them was looked at when the catalogue's rules were written, nor may it be.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from hashlib import sha256

import numpy as np

from ..describe.shapes import kinds
from ..engine.operator import find
from ..graph import Array, Graph, Node

#: An array of weights with a mistake.
Spoil = Callable[[Array, np.random.Generator], Array]


def noisy(array: Array, rng: np.random.Generator) -> Array:
    """Noise of a tenth of its own deviation on every element."""
    noise: Array = 0.1 * array.std() * rng.standard_normal(array.shape)
    return array + noise


def shuffled(array: Array, rng: np.random.Generator) -> Array:
    """Its elements in an order by chance."""
    return rng.permutation(array.reshape(-1)).reshape(array.shape)


def cubed(array: Array, rng: np.random.Generator) -> Array:
    """A curve through every element, as of a wrong table of a quantiser."""
    most = np.abs(array).max() or 1.0
    return most * (array / most) ** 3


def smeared(array: Array, rng: np.random.Generator) -> Array:
    """Every element the mean of itself and the next one."""
    flat = array.reshape(-1)
    return ((flat + np.roll(flat, 1)) / 2).reshape(array.shape)


def some_replaced(array: Array, rng: np.random.Generator) -> Array:
    """A twentieth of the elements, and at least two, by others."""
    flat = array.reshape(-1).copy()
    at = rng.choice(flat.size, max(2, flat.size // 20), replace=False)
    flat[at] = array.std() * rng.standard_normal(at.size)
    return flat.reshape(array.shape)


def replaced(array: Array, rng: np.random.Generator) -> Array:
    """Other numbers of the same deviation."""
    other: Array = array.std() * rng.standard_normal(array.shape)
    return other


#: Of one array.
ARRAYS: Mapping[str, Spoil] = {
    one.__name__: one for one in (noisy, shuffled, cubed, smeared, some_replaced, replaced)
}
#: Of two arrays of one shape, and of what a node gives.
AVERAGED, BENT = "averaged", "bent"
FOREIGN = (*ARRAYS, AVERAGED, BENT)


def places(graph: Graph, kind: str) -> Iterator[str]:
    """Names of what can be spoilt so: constants, or nodes.

    No biases, of which whatever is wrong is rightly called another bias; and no two arrays that are the same.
    """
    if kind == BENT:
        inner = {name for node in graph.nodes for name in node.inputs}
        types = kinds(graph)
        yield from (
            node.name
            for node in graph.nodes
            if find(node.op).facts.range is not None
            and find(node.op).facts.elementwise
            and types.get(node.outputs[0]) == "f"
            and node.outputs[0] in inner
        )
        return
    for name, array in graph.constants.items():
        if (
            array.dtype.kind == "f"
            and array.size >= 8
            and sum(size > 1 for size in array.shape) > 1
            and array.std() > 0
            and (kind != AVERAGED or _other(graph, name) is not None)
        ):
            yield name


def _other(graph: Graph, name: str) -> Array | None:
    """Another array of the same shape."""
    own = graph.constants[name]
    others = (array for key, array in graph.constants.items() if key != name and array.shape == own.shape)
    return next((array for array in others if not np.array_equal(array, own)), None)


def spoilt(graph: Graph, kind: str, place: str) -> Graph:
    """The graph with that array, or what that node gives, spoilt, always the same way."""
    if kind == BENT:
        return _bent(graph, place)
    array = graph.constants[place].astype(np.float64)
    other = _other(graph, place) if kind == AVERAGED else None
    if other is not None:
        made = (array + other) / 2
    else:
        rng = np.random.default_rng(list(sha256(f"{kind} {place}".encode()).digest()[:8]))
        made = ARRAYS[kind](array, rng)
    changed = np.asarray(made, graph.constants[place].dtype)
    return graph.changed(constants={**graph.constants, place: changed}, source=None)


def _bent(graph: Graph, place: str) -> Graph:
    """The sine of three times what the node gives."""
    nodes: list[Node] = []
    for node in graph.nodes:
        if node.name != place:
            nodes.append(node)
            continue
        made = node.outputs[0]
        raw, more = f"{made}~raw", f"{made}~more"
        nodes += [
            replace(node, outputs=(raw, *node.outputs[1:])),
            Node(f"{place}~more", "mul", (raw, "~three"), (more,)),
            Node(f"{place}~bent", "sin", (more,), (made,)),
        ]
    constants = {**graph.constants, "~three": np.asarray(np.float32(3))}
    return graph.changed(nodes=tuple(nodes), constants=constants, source=None)
