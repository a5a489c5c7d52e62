"""Legitimate variations: the same function, written as another converter would. None may raise an alarm."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np

from ..engine.operator import find
from ..graph import Graph, Node

#: A graph that computes the same.
Variation = Callable[[Graph], Graph]


def unchanged(graph: Graph) -> Graph:
    """As it is: what differs is only the format."""
    return graph


def renamed(graph: Graph) -> Graph:
    """Every inner tensor and every node under another name."""
    kept = {spec.name for spec in graph.inputs} | set(graph.outputs) | {""}
    names = [name for node in graph.nodes for name in node.outputs]
    names += list(graph.constants)
    new = {name: name if name in kept else f"t{i}" for i, name in enumerate(names)}
    new |= {name: name for name in kept}
    nodes = tuple(
        replace(
            node,
            name=f"n{i}",
            inputs=tuple(new[name] for name in node.inputs),
            outputs=tuple(new[name] for name in node.outputs),
        )
        for i, node in enumerate(graph.nodes)
    )
    constants = {new[name]: array for name, array in graph.constants.items()}
    return graph.changed(nodes=nodes, constants=constants, source=None)


def identities_between(graph: Graph) -> Graph:
    """An identity behind every node, as exporters leave where dropout was."""
    outputs, nodes = set(graph.outputs), []
    renames: dict[str, str] = {}
    for node in graph.nodes:
        nodes.append(replace(node, inputs=tuple(renames.get(name, name) for name in node.inputs)))
        name = node.outputs[0]
        if name not in outputs:
            renames[name] = f"{name}~kept"
            nodes.append(Node(f"{node.name}~identity", "identity", (name,), (renames[name],)))
    return graph.changed(nodes=tuple(nodes), source=None)


def dead_nodes(graph: Graph) -> Graph:
    """Nodes that compute what nothing reads."""
    at = [
        Node(f"{node.name}~dead", "tanh", (node.outputs[0],), (f"{node.outputs[0]}~dead",))
        for node in graph.nodes
        if find(node.op).facts.elementwise
    ]
    return graph.changed(nodes=(*graph.nodes, *at), source=None)


def scaled_and_back(graph: Graph) -> Graph:
    """Every result of an operator that sums products times two and then by one half, which is exact."""
    outputs, nodes = set(graph.outputs), []
    renames: dict[str, str] = {}
    two, half = np.float32(2), np.float32(0.5)
    for node in graph.nodes:
        nodes.append(replace(node, inputs=tuple(renames.get(name, name) for name in node.inputs)))
        name = node.outputs[0]
        if name not in outputs and find(node.op).facts.cost is not None:
            up, renames[name] = f"{name}~twice", f"{name}~back"
            nodes.append(Node(f"{node.name}~twice", "mul", (name, "~two"), (up,)))
            nodes.append(Node(f"{node.name}~back", "mul", (up, "~half"), (renames[name],)))
    constants = {**graph.constants, "~two": np.asarray(two), "~half": np.asarray(half)}
    return graph.changed(nodes=tuple(nodes), constants=constants, source=None)


VARIATIONS: Mapping[str, Variation] = {
    one.__name__: one for one in (unchanged, renamed, identities_between, dead_nodes, scaled_and_back)
}
