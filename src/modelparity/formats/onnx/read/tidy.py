"""A graph without what takes no part in it, and without transpositions that undo each other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ....graph import Graph, Node


def tidied(graph: Graph, unused: Mapping[str, str]) -> Graph:
    """The graph that computes the same outputs by the nodes that they need."""
    nodes = _needed(graph.outputs, _untwisted(graph.nodes, set(graph.outputs)))
    read = {name for node in nodes for name in node.inputs} | set(graph.outputs)
    constants = {name: array for name, array in graph.constants.items() if name in read}
    idle = {
        name: "only nodes read it whose results nobody uses" for name in graph.constants if name not in read
    }
    return graph.changed(nodes=tuple(nodes), constants=constants, unused={**unused, **idle})


def _needed(outputs: tuple[str, ...], nodes: list[Node]) -> list[Node]:
    wanted = set(outputs)
    kept = []
    for node in reversed(nodes):
        if wanted & set(node.outputs):
            kept.append(node)
            wanted.update(node.inputs)
    return kept[::-1]


def _untwisted(nodes: tuple[Node, ...], outputs: set[str]) -> list[Node]:
    """Two transpositions in a row become one, or none."""
    made: dict[str, tuple[str, tuple[int, ...]]] = {}
    same: dict[str, str] = {}
    result = []
    for node in nodes:
        inputs = tuple(same.get(name, name) for name in node.inputs)
        if inputs != node.inputs:
            node = replace(node, inputs=inputs)
        if node.op == "transpose" and node.attrs.get("axes") is not None:
            axes = tuple(int(axis) for axis in node.attrs["axes"])
            if inputs[0] in made:
                source, before = made[inputs[0]]
                axes = tuple(before[axis] for axis in axes)
                node = replace(node, inputs=(source,), attrs={**node.attrs, "axes": axes})
            if axes == tuple(range(len(axes))) and node.outputs[0] not in outputs:
                same[node.outputs[0]] = node.inputs[0]
                continue
            made[node.outputs[0]] = node.inputs[0], axes
        result.append(node)
    return result
