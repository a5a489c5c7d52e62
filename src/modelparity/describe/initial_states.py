"""Which inputs are states: what feeds the first step of something that goes from frame to frame."""

from __future__ import annotations

import inspect

from ..engine.operator import Step, find
from ..graph import Array, Graph, Node


def states_of(graph: Graph) -> set[str]:
    """The inputs that nothing reads but the initial states of recurrent operators and of loops.

    They may be reshaped, cut or transposed on the way.
    """
    known = {spec.name for spec in graph.inputs}
    return {name for name in known if _only_states(graph, name)}


def _only_states(graph: Graph, name: str) -> bool:
    readers = [(node, place) for node in graph.nodes for place, one in enumerate(node.inputs) if one == name]
    return bool(readers) and name not in graph.outputs and all(_starts(graph, *one) for one in readers)


def _starts(graph: Graph, node: Node, place: int) -> bool:
    operator = find(node.op)
    if operator.facts.recurrent:
        return place in slots(node)
    parameters = [*inspect.signature(operator.kernel).parameters][1:]
    moved = place < len(parameters) and parameters[place] in operator.facts.moves
    return moved and all(_only_states(graph, name) for name in node.outputs)


def learned(graph: Graph) -> list[Array]:
    """The initial states that the graph's own weights hold, other than zeros, in the order of its nodes."""
    found = []
    for node in graph.nodes:
        if find(node.op).facts.recurrent and not find(node.op).facts.graphs:
            held = [node.inputs[place] for place in sorted(slots(node)) if place < len(node.inputs)]
            found += [graph.constants[name] for name in held if name in graph.constants]
    return [array for array in found if array.any()]


def slots(node: Node) -> dict[int, int | None]:
    """{place of an initial state of a recurrent node: the output that is its last value}; None where that is open."""
    operator = find(node.op)
    if operator.facts.graphs:
        recurrent = range(operator.facts.given, len(node.inputs)) if operator.facts.recurrent else ()
        return dict.fromkeys(recurrent)
    if not operator.facts.recurrent:
        return {}
    step = operator.streaming([0, *[None] * (len(node.inputs) - 1)], [None] * len(node.inputs), {})
    return dict(step.carry) if isinstance(step, Step) else {}
