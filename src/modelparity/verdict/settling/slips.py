"""The slips that a file may hide, each undone in the graph that was read from it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from ...engine.operator import find
from ...formats.finding import Finding
from ...formats.gates import ordered
from ...graph import Array, Graph, Node

#: A graph as it would be without a slip.
Change = Callable[[Graph], Graph]
#: What exporters lose, to be tried where an activation may be missing, or may be another.
LOST: tuple[tuple[str, Mapping[str, float]], ...] = (
    ("leaky_relu", {"slope": 0.01}),
    ("leaky_relu", {"slope": 0.3}),
    ("leaky_relu", {"slope": 0.1}),
    ("leaky_relu", {"slope": 0.2}),
    ("silu", {}),
    ("gelu", {}),
    ("relu", {}),
    ("tanh", {}),
    ("sigmoid", {}),
    ("elu", {}),
)


def changes(finding: Finding, graph: Graph, source: Graph) -> list[tuple[str, Change]]:
    """How to undo what a finding suspects, each with words that say it."""
    layer = finding.name
    if not layer:
        return []
    nodes = [node for node in graph.nodes if node.name.startswith(f"{layer}_")]
    if finding.kind == "transposed":
        return [(f"with {layer}'s matrix transposed", _weights(nodes, {"kernel": _turned}))]
    if finding.kind == "kernel-order":
        return [(f"with {layer}'s taps reversed", _weights(nodes, {"kernel": lambda a, node: a[::-1]}))]
    if finding.kind == "gate-order":
        parts = dict.fromkeys(("kernel", "recurrent", "bias", "recurrent_bias"), _swapped)
        return [(f"with {layer}'s gates r and z swapped", _weights(nodes, parts))]
    if finding.kind == "bias-sum":
        return _sums(nodes, graph, source)
    if finding.kind == "activation-lost":
        return [(f"with {op} behind {layer}", _inserted(nodes, op, attrs)) for op, attrs in LOST]
    if finding.kind == "activations-alike":
        last = next(
            (node for node in reversed(graph.nodes) if node.op in ("tanh", "relu", "sigmoid", "elu")), None
        )
        if last is None:
            return []
        others = ("identity", "sigmoid", "softmax", "tanh", "relu")
        return [
            (f"with {op} for {last.op} in {last.name}", _instead(last, op)) for op in others if op != last.op
        ]
    return []


def _weights(nodes: Sequence[Node], how: Mapping[str, Callable[[Array, Node], Array]]) -> Change:
    names = {f"{node.name}.{part}": (node, one) for node in nodes for part, one in how.items()}

    def change(graph: Graph) -> Graph:
        changed = dict(graph.constants)
        for name, (node, how_of) in names.items():
            if name in changed:
                changed[name] = how_of(changed[name], node)
        return graph.changed(constants=changed)

    return change


def _turned(array: Array, node: Node) -> Array:
    """The matrix of the file, transposed: gates are brought into the file's order and back."""
    if node.op not in ("gru", "lstm"):
        return np.swapaxes(array, -1, -2)
    ours, theirs = find(node.op).facts.gates, "zrn" if node.op == "gru" else "ifgo"
    return ordered(np.swapaxes(ordered(array, ours, theirs, axis=-1), -1, -2), theirs, ours, axis=-1)


def _swapped(array: Array, node: Node) -> Array:
    return ordered(array, find("gru").facts.gates, "zrn", axis=-1) if node.op == "gru" else array


def _sums(nodes: Sequence[Node], graph: Graph, source: Graph) -> list[tuple[str, Change]]:
    """The bias of the source's LSTM at the same place, where it has one of that size."""
    mine = [node for node in graph.nodes if node.op == "lstm"]
    theirs = [node for node in source.nodes if node.op == "lstm"]
    found = next((node for node in nodes if node.op == "lstm"), None)
    if found is None or len(mine) != len(theirs):
        return []
    other = theirs[mine.index(found)]
    bias = _constant(source, other.inputs[3]) if len(other.inputs) > 3 else None
    if bias is None or bias.shape != graph.constants[f"{found.name}.bias"].shape:
        return []
    words = f"with the sum of both biases in {found.name.partition('_')[0]}"
    return [(words, _weights([found], {"bias": lambda array, node: np.asarray(bias)}))]


def _constant(graph: Graph, name: str) -> Array | None:
    """What a tensor holds if it is a constant, or a sum of constants: readers of formats with two biases add them."""
    if name in graph.constants:
        return graph.constants[name]
    maker = next((node for node in graph.nodes if name in node.outputs), None)
    if maker is None or maker.op != "add":
        return None
    one, two = (_constant(graph, name) for name in maker.inputs)
    return None if one is None or two is None else one + two


def _inserted(nodes: Sequence[Node], op: str, attrs: Mapping[str, float]) -> Change:
    tensor = nodes[-1].outputs[0] if nodes else ""

    def change(graph: Graph) -> Graph:
        new: list[Node] = []
        for node in graph.nodes:
            moved = tuple("suspected" if name == tensor else name for name in node.inputs)
            new.append(replace(node, inputs=moved))
            if tensor in node.outputs:
                new.append(Node("suspected", op, (tensor,), ("suspected",), attrs))
        return graph.changed(nodes=tuple(new))

    return change


def _instead(node: Node, op: str) -> Change:
    def change(graph: Graph) -> Graph:
        return graph.changed(
            nodes=tuple(
                replace(one, op=op, attrs={}) if one.name == node.name else one for one in graph.nodes
            )
        )

    return change
