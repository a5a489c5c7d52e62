"""A network whose recurrent layers start by themselves, with their states as inputs and outputs."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ..describe.initial_states import slots
from ..engine.operator import find
from ..engine.run import run
from ..graph import Array, Axis, Graph, Node, TensorSpec
from .reference import Reference


@dataclass(frozen=True)
class Opened:
    """``graph`` with ``states`` {input: output}, which start from ``start`` where it starts by itself."""

    graph: Graph
    states: dict[str, str]
    start: dict[str, Array]

    @property
    def size(self) -> int:
        """How many numbers its states are."""
        return sum(array.size for array in self.start.values())


def opened(ready: Reference) -> Opened | None:
    """The reference's graph with the states of its recurrent layers shown; None where it has none."""
    graph, nodes = ready.graph, []
    found: dict[tuple[str, int], str] = {}  # node and place of the state -> its last value
    for node in graph.nodes:
        if find(node.op).facts.recurrent and not find(node.op).facts.graphs:
            node, finals = _with_last(node)
            found |= {(node.name, place): name for place, name in finals.items()}
        nodes.append(node)
    if not found:
        return None
    wider = graph.changed(nodes=tuple(nodes), source=None)
    seen = {**run(wider, ready.feeds, taps=True), **ready.feeds, **graph.constants}
    inputs: list[TensorSpec] = []
    states: dict[str, str] = {}
    start: dict[str, Array] = {}
    for place, node in enumerate(nodes):
        given = list(node.inputs)
        for (owner, slot), last in found.items():
            if owner != node.name:
                continue
            name = f"{node.name} state {slot}"
            before = given[slot] if slot < len(given) else ""
            given += [""] * (slot + 1 - len(given))
            given[slot] = name
            start[name] = np.asarray(seen[before] if before else np.zeros_like(seen[last]))
            states[name] = last
            axes = tuple(Axis(f"{name} {at}", size) for at, size in enumerate(start[name].shape))
            inputs.append(TensorSpec(name, axes))
        nodes[place] = replace(node, inputs=tuple(given))
    shown = tuple(dict.fromkeys((*graph.outputs, *states.values())))
    made = wider.changed(inputs=(*graph.inputs, *inputs), outputs=shown, nodes=tuple(nodes))
    return Opened(made, states, start)


def _with_last(node: Node) -> tuple[Node, dict[int, str]]:
    """A recurrent node with a name for each of its last states, and {place of the initial one: that name}."""
    outputs, last = list(node.outputs), {}
    for slot, output in slots(node).items():
        if output is None:
            continue
        outputs += [""] * (output + 1 - len(outputs))
        outputs[output] = outputs[output] or f"{node.name} last {output}"
        last[slot] = outputs[output]
    return replace(node, outputs=tuple(outputs)), last
