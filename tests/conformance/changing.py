"""How a fault changes a graph: node by node, array by array, or before and after the whole."""

from __future__ import annotations

from collections.abc import Callable, MutableMapping
from dataclasses import replace
from typing import Any

import numpy as np

from modelparity.engine.bound_node import call
from modelparity.graph import Graph, Node

Fault = Callable[[Graph], Graph | None]
Constants = MutableMapping[str, Any]
#: (node, the graph's constants, to add to) -> what stands in its place, or None to keep it.
Change = Callable[[Node, Constants], tuple[Node, ...] | None]
RECURRENT = ("rnn", "lstm", "gru")


def nodewise(graph: Graph, change: Change) -> Graph | None:
    """``graph`` with nodes replaced; ``None`` if no node is."""
    constants, nodes, found = dict(graph.constants), [], False
    for node in graph.nodes:
        new = change(node, constants)
        found = found or new is not None
        nodes += [node] if new is None else new
    return graph.changed(nodes=tuple(nodes), constants=constants, source=None) if found else None


def with_attrs(graph: Graph, ops: tuple[str, ...], **attrs: Any) -> Graph | None:
    """Nodes of ``ops`` with other attributes, as far as they have them; ``None`` if they have these already."""

    def change(node: Node, constants: Constants) -> tuple[Node, ...] | None:
        if node.op not in ops:
            return None
        known = call(node).attrs
        new = {key: value for key, value in attrs.items() if known.get(key, value) != value}
        return (replace(node, attrs={**node.attrs, **new}),) if new else None

    return nodewise(graph, change)


def without(graph: Graph, ops: tuple[str, ...], *parameters: str) -> Graph | None:
    """Nodes of ``ops`` without those optional arrays; ``None`` if none of them holds anything but zeros."""

    def change(node: Node, constants: Constants) -> tuple[Node, ...] | None:
        tensors = call(node).tensors.items() if node.op in ops else ()
        gone = [name for parameter, name in tensors if parameter in parameters]
        if not any(np.any(constants[name]) for name in gone):
            return None
        return (replace(node, inputs=tuple("" if name in gone else name for name in node.inputs)),)

    return nodewise(graph, change)


def with_arrays(
    graph: Graph, ops: tuple[str, ...], parameter: str, change: Callable[[Any], Any]
) -> Graph | None:
    """Nodes of ``ops`` with another array for ``parameter``; ``None`` if no value changes."""

    def each(node: Node, constants: Constants) -> tuple[Node, ...] | None:
        name = call(node).tensors.get(parameter) if node.op in ops else None
        if name not in constants:
            return None
        old = constants[name]
        constants[name] = np.asarray(change(old)).astype(old.dtype)
        return None if np.array_equal(old, constants[name]) else (node,)

    return nodewise(graph, each)


def node_of(op: str, source: str | tuple[str, ...], to: str, **attrs: Any) -> Node:
    """A node named as what it makes."""
    return Node(to, op, (source,) if isinstance(source, str) else source, (to,), attrs)


def shifted(source: str, to: str, *, late: bool) -> tuple[Node, ...]:
    """Nodes that move ``source`` by one frame along its first axis; the frame at the end is shown twice."""
    most, one = f"{to}.most", f"{to}.one"
    cuts = ((0, -1), (0, 1)) if late else ((1, None), (-1, None))
    return (
        *(
            node_of("slice", source, name, starts=(start,), ends=(end,), axes=(0,))
            for name, (start, end) in zip((most, one), cuts, strict=True)
        ),
        node_of("concat", (one, most) if late else (most, one), to, axis=0),
    )


def afterwards(graph: Graph, change: Callable[[str, str], tuple[Node, ...]]) -> Graph:
    """``graph`` with the nodes of ``change(from, to)`` between its result and its output."""
    (output,) = graph.outputs
    raw = f"{output}.raw"
    nodes = [
        replace(node, outputs=tuple(raw if name == output else name for name in node.outputs))
        for node in graph.nodes
    ]
    return graph.changed(nodes=(*nodes, *change(raw, output)), source=None)


def beforehand(graph: Graph, change: Callable[[str, str], tuple[Node, ...]]) -> Graph:
    """``graph`` with the nodes of ``change(from, to)`` between its input and its first nodes."""
    (spec,) = graph.inputs
    used = f"{spec.name}.used"
    nodes = [
        replace(node, inputs=tuple(used if name == spec.name else name for name in node.inputs))
        for node in graph.nodes
    ]
    return graph.changed(nodes=(*change(spec.name, used), *nodes), source=None)


def per_frame(graph: Graph) -> bool:
    """Whether the output's first axis is time: nothing is reduced over it."""
    return not any(node.op.startswith("reduce") for node in graph.nodes)
