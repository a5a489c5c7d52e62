"""The slips that a file may hide, each undone in the graph that was read from it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence

import numpy as np

from ...formats.finding import Finding
from ...graph import Array, Graph, Node
from ..faults import fault, together

#: A graph as it would be without a slip.
Change = Callable[[Graph], Graph]


def changes(finding: Finding, graph: Graph, source: Graph) -> list[tuple[str, Change]]:
    """How to undo what a finding suspects, each with words that say it."""
    layer = finding.name
    if not layer:
        return []
    nodes = [node for node in graph.nodes if node.name.startswith(f"{layer}_")]
    names = {node.name for node in nodes}
    if finding.kind == "transposed":
        return [
            (
                f"with {layer}'s matrix transposed",
                _made("weights-transposed", names, ("weight", "whole weight")),
            )
        ]
    if finding.kind == "kernel-order":
        return [(f"with {layer}'s taps reversed", _made("kernel-flipped", names, ("axis 0",)))]
    if finding.kind == "gate-order":
        return [(f"with {layer}'s gates r and z swapped", _made("gru-gates-swapped", names, ("r and z",)))]
    if finding.kind == "bias-sum":
        return _sums(nodes, graph, source)
    if finding.kind == "activation-lost" and nodes:
        last = {nodes[-1].name}
        return [
            (f"with {made.variant} behind {layer}", _made(made.fault, last, (made.variant,)))
            for made in fault("activation-added").applications(graph)
            if set(made.nodes) == last
        ]
    if finding.kind == "activations-alike":
        return _last_activation(graph)
    return []


def _last_activation(graph: Graph) -> list[tuple[str, Change]]:
    """The last activation of a graph left out, or another one."""
    found = [
        made for id in ("activation-dropped", "activation-swapped") for made in fault(id).applications(graph)
    ]
    last = next(
        (node.name for node in reversed(graph.nodes) if any(node.name in one.nodes for one in found)), None
    )
    ways = [made for made in found if last in made.nodes]
    op = next((node.op for node in graph.nodes if node.name == last), "")
    return [
        (
            f"with {made.variant or 'identity'} for {op} in {last}",
            _made(made.fault, {str(last)}, (made.variant,)),
        )
        for made in ways
    ]


def _made(id: str, names: Collection[str], variants: Collection[str]) -> Change:
    """A fault of the catalogue made at some nodes, in one of these ways: most are undone as they are made."""

    def change(graph: Graph) -> Graph:
        found = [
            made
            for made in fault(id).applications(graph)
            if made.variant in variants and set(made.nodes) <= set(names)
        ]
        return together(found).changed() if found else graph

    return change


def _weights(nodes: Sequence[Node], how: Mapping[str, Callable[[Array, Node], Array]]) -> Change:
    names = {f"{node.name}.{part}": (node, one) for node in nodes for part, one in how.items()}

    def change(graph: Graph) -> Graph:
        changed = dict(graph.constants)
        for name, (node, how_of) in names.items():
            if name in changed:
                changed[name] = how_of(changed[name], node)
        return graph.changed(constants=changed)

    return change


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
