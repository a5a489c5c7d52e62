"""A network with some of its nodes in float32 and all others in float16, as converters make it.

A node in float16 is given its weights rounded to float16, and what comes from elsewhere is cast on the way.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from ...engine.rounded_weights import rounded_weights
from ...graph import Array, Graph, Node


def mixed(graph: Graph, kept: Collection[int], floats: Collection[str]) -> Graph:
    """``graph`` for the arithmetic "declared"; ``kept`` are places of nodes, ``floats`` tensors that hold floats."""
    rounded = rounded_weights(graph, "float16").constants
    constants: dict[str, Array] = dict(graph.constants)
    half: dict[str, str] = {}  # tensor -> what it is called in float16
    nodes: list[Node] = []
    for place, node in enumerate(graph.nodes):
        if place in kept:
            nodes.append(replace(node, dtype="float32"))
            continue
        for name in dict.fromkeys(node.inputs):
            if name in half or name not in floats:
                continue
            half[name] = f"{name} (float16)"
            if name in constants:
                constants[half[name]] = rounded[name]
            else:
                nodes.append(
                    Node(half[name], "cast", (name,), (half[name],), {"to": "float"}, dtype="float16")
                )
        given = tuple(half.get(name, name) for name in node.inputs)
        nodes.append(replace(_in_half(node), inputs=given))
        half.update((name, name) for name in node.outputs)
    return graph.changed(nodes=tuple(nodes), constants=constants, native="declared", source=None)


def _in_half(node: Node) -> Node:
    """A node in float16, with graphs among its attributes."""
    inner = {
        key: rounded_weights(value, "float16").changed(nodes=tuple(map(_in_half, value.nodes)))
        for key, value in node.attrs.items()
        if isinstance(value, Graph)
    }
    return replace(node, dtype="float16", attrs={**node.attrs, **inner})
