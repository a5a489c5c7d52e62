"""A graph without what takes no part in it, and without transpositions that undo each other.

ONNX has channels first and the core operators have them last, so every convolution stands between two
transpositions. What works element by element between two convolutions is moved in front of the first of them, where
both then cancel out; the values are the same, and no rounding changes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from ....engine.operator import find
from ....graph import Array, Graph, Node

Axes = tuple[int, ...]


def tidied(graph: Graph, unused: Mapping[str, str]) -> Graph:
    """The graph that computes the same outputs by the nodes that they need."""
    constants = dict(graph.constants)
    nodes = _needed(graph.outputs, _Untwister(graph, constants).nodes)
    read = {name for node in nodes for name in node.inputs} | set(graph.outputs)
    idle = {
        name: "only nodes whose results are not used read it" for name in graph.constants if name not in read
    }
    kept = {name: array for name, array in constants.items() if name in read}
    return graph.changed(nodes=tuple(nodes), constants=kept, unused={**unused, **idle})


def _needed(outputs: tuple[str, ...], nodes: list[Node]) -> list[Node]:
    wanted = set(outputs)
    kept = []
    for node in reversed(nodes):
        if wanted & set(node.outputs):
            kept.append(node)
            wanted.update(node.inputs)
    return kept[::-1]


class _Untwister:
    """Goes through the nodes once and moves transpositions behind what works element by element."""

    def __init__(self, graph: Graph, constants: dict[str, Array]) -> None:
        self.constants = constants
        self.outputs = set(graph.outputs)
        self.taken = {spec.name for spec in graph.inputs} | set(constants)
        self.taken.update(name for node in graph.nodes for name in node.outputs)
        #: tensor -> what it is the transpose of, and by which axes.
        self.made: dict[str, tuple[str, Axes]] = {}
        self.same: dict[str, str] = {}
        self.turned: dict[tuple[str, Axes], str] = {}
        self.nodes: list[Node] = []
        # Only in front of another transposition is there anything to gain.
        self.useful = _towards_transpositions(graph)
        for node in graph.nodes:
            inputs = tuple(self.same.get(name, name) for name in node.inputs)
            self._take(node if inputs == node.inputs else replace(node, inputs=inputs))

    def _take(self, node: Node) -> None:
        if node.op == "transpose" and node.attrs.get("axes") is not None:
            self._transposition(node)
        elif node.outputs and node.outputs[0] in self.useful and (found := self._moved(node)) is not None:
            inputs, axes = found
            name = self._fresh(f"{node.outputs[0]}.turned")
            self.nodes.append(replace(node, inputs=inputs, outputs=(name,)))
            self._transposition(
                Node(
                    f"{node.name}.transpose",
                    "transpose",
                    (name,),
                    node.outputs,
                    {"axes": axes},
                    node.origin,
                    node.dtype,
                )
            )
        else:
            self.nodes.append(node)

    def _transposition(self, node: Node) -> None:
        axes = tuple(int(axis) for axis in node.attrs["axes"])
        if min(axes, default=0) < 0:
            axes = tuple(axis % len(axes) for axis in axes)
        if node.inputs[0] in self.made:
            source, before = self.made[node.inputs[0]]
            if len(before) != len(axes):
                self.nodes.append(node)  # which will be refused in the run
                return
            axes = tuple(before[axis] for axis in axes)
            node = replace(node, inputs=(source,), attrs={**node.attrs, "axes": axes})
        if axes == tuple(range(len(axes))) and node.outputs[0] not in self.outputs:
            self.same[node.outputs[0]] = node.inputs[0]
            return
        self.made[node.outputs[0]] = node.inputs[0], axes
        self.nodes.append(node)

    def _moved(self, node: Node) -> tuple[tuple[str, ...], Axes] | None:
        """Inputs from which the node gives its result before the transposition, and the transposition's axes."""
        if not _elementwise(node):
            return None
        found = [self.made.get(name) for name in node.inputs]
        known = [one for one in found if one is not None]
        if not known or any(one[1] != known[0][1] for one in known):
            return None
        axes = known[0][1]
        inputs = []
        for name, one in zip(node.inputs, found, strict=True):
            turned = one[0] if one is not None else self._constant(name, axes)
            if turned is None:
                return None
            inputs.append(turned)
        return tuple(inputs), axes

    def _constant(self, name: str, axes: Axes) -> str | None:
        """A constant as it broadcasts before the transposition; None for what is none, or is too long to be one."""
        array = self.constants.get(name)
        if array is None or array.ndim > len(axes):
            return None
        if array.size == 1:
            return name
        key = (name, axes)
        if key not in self.turned:
            full = array.reshape((1,) * (len(axes) - array.ndim) + array.shape)
            self.turned[key] = self._fresh(f"{name}.turned")
            self.constants[self.turned[key]] = full.transpose(np.argsort(axes))
        return self.turned[key]

    def _fresh(self, wish: str) -> str:
        name, count = wish, 1
        while name in self.taken:
            name, count = f"{wish}_{count}", count + 1
        self.taken.add(name)
        return name


def _towards_transpositions(graph: Graph) -> set[str]:
    """Results that reach a transposition through elementwise nodes alone."""
    useful: set[str] = set()
    for node in reversed(graph.nodes):
        if node.op == "transpose" or (_elementwise(node) and useful & set(node.outputs)):
            useful.update(node.inputs)
    return useful


def _elementwise(node: Node) -> bool:
    """Whether it works element by element, on one array or two; more would be weights, which stay vectors."""
    return 1 <= len(node.inputs) <= 2 and find(node.op).facts.elementwise
