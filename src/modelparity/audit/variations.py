"""Legitimate variations: the same function, written as another converter would. None may raise an alarm."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np

from ..describe.shapes import kinds as kinds_of
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


def negated_twice(graph: Graph) -> Graph:
    """Every result of an elementwise operator turned in sign, and back."""
    outputs, nodes = set(graph.outputs), []
    renames: dict[str, str] = {}
    kinds = kinds_of(graph)
    for node in graph.nodes:
        nodes.append(replace(node, inputs=tuple(renames.get(name, name) for name in node.inputs)))
        name = node.outputs[0]
        if (
            name not in outputs
            and find(node.op).facts.elementwise
            and kinds.get(name) == "f"
            and not node.dtype
        ):
            off, renames[name] = f"{name}~off", f"{name}~again"
            nodes.append(Node(f"{node.name}~off", "neg", (name,), (off,)))
            nodes.append(Node(f"{node.name}~again", "neg", (off,), (renames[name],)))
    return graph.changed(nodes=tuple(nodes), source=None)


def reordered(graph: Graph) -> Graph:
    """Nodes in another order in which each still stands behind what it reads: the last that can be is the next."""
    known = {spec.name for spec in graph.inputs} | set(graph.constants) | {""}
    left, nodes = list(graph.nodes), []
    while left:
        at = max(i for i, node in enumerate(left) if known.issuperset(node.inputs))
        nodes.append(left.pop(at))
        known.update(nodes[-1].outputs)
    return graph.changed(nodes=tuple(nodes), source=None)


def biases_apart(graph: Graph) -> Graph:
    """Every dense layer as a product and a sum."""
    nodes: list[Node] = []
    for node in graph.nodes:
        if node.op != "dense" or len(node.inputs) < 3 or not node.inputs[2]:
            nodes.append(node)
            continue
        x, weight, bias = node.inputs
        product = f"{node.outputs[0]}~product"
        nodes.append(replace(node, name=f"{node.name}~product", inputs=(x, weight), outputs=(product,)))
        nodes.append(Node(node.name, "add", (product, bias), node.outputs))
    return graph.changed(nodes=tuple(nodes), source=None)


def weights_turned(graph: Graph) -> Graph:
    """Every matrix of weights stored the other way round, with a node that turns it back."""
    nodes: list[Node] = []
    constants = dict(graph.constants)
    for node in graph.nodes:
        inputs = list(node.inputs)
        for at, name in enumerate(inputs):
            array = graph.constants.get(name)
            if (
                array is None
                or array.ndim != 2
                or array.dtype.kind != "f"
                or find(node.op).facts.cost is None
                or find(node.op).facts.recurrent
            ):
                continue
            turned, back = f"{name}~turned", f"{name}~{node.name}~back"
            constants[turned] = np.ascontiguousarray(array.T)
            nodes.append(Node(f"{node.name}~back{at}", "transpose", (turned,), (back,), {"axes": (1, 0)}))
            inputs[at] = back
        nodes.append(replace(node, inputs=tuple(inputs)))
    used = {name for node in nodes for name in node.inputs} | set(graph.outputs)
    held = {name: array for name, array in constants.items() if name in used}
    return graph.changed(nodes=tuple(nodes), constants=held, source=None)


def unit_axes_between(graph: Graph) -> Graph:
    """Every result of an operator that sums products with an axis of one more in front, and without it again."""
    outputs, nodes = set(graph.outputs), []
    renames: dict[str, str] = {}
    for node in graph.nodes:
        nodes.append(replace(node, inputs=tuple(renames.get(name, name) for name in node.inputs)))
        name = node.outputs[0]
        if name not in outputs and find(node.op).facts.cost is not None:
            wide, renames[name] = f"{name}~wide", f"{name}~flat"
            nodes.append(Node(f"{node.name}~wide", "expand_dims", (name,), (wide,), {"axes": (0,)}))
            nodes.append(Node(f"{node.name}~flat", "squeeze", (wide,), (renames[name],), {"axes": (0,)}))
    return graph.changed(nodes=tuple(nodes), source=None)


VARIATIONS: Mapping[str, Variation] = {
    one.__name__: one
    for one in (
        unchanged,
        renamed,
        identities_between,
        dead_nodes,
        scaled_and_back,
        negated_twice,
        reordered,
        biases_apart,
        weights_turned,
        unit_axes_between,
    )
}
