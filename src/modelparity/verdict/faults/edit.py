"""What a fault does to a graph, as data: it is cheap until it is made, and several edits are made together."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from ...errors import GraphError
from ...graph import Array, Graph, Node

#: What stands in a node's place. The node that goes on doing its work keeps its name.
NodeChange = Callable[[Node], tuple[Node, ...]]
ArrayChange = Callable[[Array], Array]


@dataclass(frozen=True)
class OnResult:
    """A change to the node that makes ``result``: where another fault put nodes behind, the last of those."""

    result: str
    change: NodeChange

    def __call__(self, node: Node) -> tuple[Node, ...]:
        return self.change(node)


@dataclass(frozen=True)
class ArrayEdit:
    """A constant made of ``source``, another one or the same (its value now, if no constant of the graph)."""

    source: str | Array
    change: ArrayChange


@dataclass(frozen=True)
class Edit:
    """``nodes``: first result of a node -> what stands in its place; ``arrays``: constant -> how it is made, in that
    order; ``first`` nodes stand before all others; ``outputs`` are other tensors for the graph's outputs, by name.
    """

    nodes: Mapping[str, NodeChange] = field(default_factory=dict)
    arrays: Mapping[str, ArrayEdit] = field(default_factory=dict)
    first: tuple[Node, ...] = ()

    def __or__(self, other: Edit) -> Edit:
        """This one, then the other, where both change the same node or constant."""
        nodes, arrays = dict(self.nodes), dict(self.arrays)
        for key, change in other.nodes.items():
            nodes[key] = _after(nodes[key], change) if key in nodes else change
        for name, edit in other.arrays.items():
            arrays[name] = _again(arrays[name], edit) if name in arrays else edit
        return Edit(nodes, arrays, (*self.first, *other.first))

    def apply(self, graph: Graph) -> Graph:
        """``graph`` changed; itself it stays as it is, and constants that are not changed are shared.

        Raises `GraphError` if one of several edits took away what another one changes.
        """
        constants: dict[str, Array] = dict(graph.constants)
        for name, edit in self.arrays.items():
            old = graph.constants[edit.source] if isinstance(edit.source, str) else edit.source
            constants[name] = np.asarray(edit.change(old)).astype(old.dtype, copy=False)
        nodes: list[Node] = list(self.first)
        for node in graph.nodes:
            change = self.nodes.get(node.outputs[0]) if node.outputs else None
            nodes += (node,) if change is None else change(node)
        return graph.changed(nodes=tuple(nodes), constants=constants, source=None)


def joined(edits: Sequence[Edit]) -> Edit:
    """All of them, in this order."""
    made = Edit()
    for edit in edits:
        made = made | edit
    return made


def _after(first: NodeChange, second: NodeChange) -> NodeChange:
    def change(node: Node) -> tuple[Node, ...]:
        made = first(node)
        if isinstance(second, OnResult):
            place = next((k for k, one in enumerate(made) if second.result in one.outputs), None)
        else:
            place = next((k for k, one in enumerate(made) if one.name == node.name), None)
        if place is None:
            raise GraphError(f"two faults exclude each other: the one leaves no {node.name!r} to the other")
        return (*made[:place], *second(made[place]), *made[place + 1 :])

    return change


def _again(first: ArrayEdit, second: ArrayEdit) -> ArrayEdit:
    return replace(first, change=lambda array: second.change(first.change(array)))
