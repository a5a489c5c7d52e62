"""States that a network takes and gives, where they are no more than those of its own recurrent layers."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import numpy as np

from ..describe.initial_states import slots, states_of
from ..describe.shapes import free_axes, zeros
from ..engine.run import run
from ..errors import ModelparityError
from ..graph import Graph, Node


def are_layers(graph: Graph, states: Mapping[str, str]) -> bool:
    """Whether every state {input: output} is taken by layers as they give it: what comes out goes back in as it was.

    Then whoever carries the states of the layers carries these. An output that is made of a last state (half of it,
    another layer's, two of them in another order) is a cache of the network's own.
    """
    if not states:
        return True
    if not set(states) <= states_of(graph):
        return False
    shortened = _through_layers(graph, set(states.values()))
    if shortened is None:
        return False
    feeds = zeros(graph, {name: max(least, 2) for name, least in free_axes(graph).items()})
    count = 0
    for name in states:  # no element is like another, of this state or of another
        feeds[name] = np.arange(count + 1, count + feeds[name].size + 1).reshape(feeds[name].shape) * 1.0
        count += feeds[name].size
    try:
        given = run(shortened, feeds)
    except ModelparityError:
        return False
    return all(
        given[to].shape == feeds[name].shape and bool((given[to] == feeds[name]).all())
        for name, to in states.items()
    )


def without(graph: Graph, outputs: Collection[str]) -> Graph:
    """The graph that does not give these outputs, without the nodes that nothing else needs."""
    left = tuple(name for name in graph.outputs if name not in outputs)
    return graph.changed(outputs=left, nodes=_needed(graph.nodes, left), states={})


def _through_layers(graph: Graph, outputs: Collection[str]) -> Graph | None:
    """The way of states alone: each layer gives the state that it takes; ``None`` where outputs need more."""
    nodes: list[Node] = []
    given = {spec.name for spec in graph.inputs} | set(graph.constants)
    for node in graph.nodes:
        carried = slots(node)
        if not carried:
            nodes.append(node)
            continue
        for place, last in carried.items():
            if last is not None and place < len(node.inputs) and last < len(node.outputs):
                names = node.inputs[place], node.outputs[last]
                if all(names):
                    nodes.append(Node(names[1], "identity", names[:1], names[1:]))
    kept = _needed(nodes, outputs)
    made = given | {name for node in kept for name in node.outputs}
    if not all(name in made for node in kept for name in node.inputs if name):
        return None
    return graph.changed(outputs=tuple(outputs), nodes=kept, states={}) if set(outputs) <= made else None


def _needed(nodes: Collection[Node], outputs: Collection[str]) -> tuple[Node, ...]:
    wanted, kept = set(outputs), []
    for node in reversed(tuple(nodes)):
        if wanted.intersection(node.outputs):
            kept.append(node)
            wanted.update(node.inputs)
    return tuple(reversed(kept))
