"""What stands inside nodes: operators that are run for others, and graphs among a node's attributes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..graph import Array, Graph, Node
from .operator import find

#: What may hold a graph. Lists of tens of thousands of numbers, as trees have, are not looked through one by one.
HOLDERS = (Graph, Mapping, list, tuple)


def resolved(node: Node) -> Node:
    """The node itself, or the one that it runs if its operator runs another one (such as `by_length`)."""
    runs = find(node.op).facts.runs
    inner = None if runs is None else runs(node)
    return node if inner is None else resolved(inner)


def graphs(node: Node) -> list[Graph]:
    """The graphs among a node's attributes, also where an attribute is a list or a mapping of them."""
    return list(_graphs(node.attrs))


def every_node(
    graph: Graph, given: Mapping[str, Array] | None = None
) -> Iterator[tuple[Node, Mapping[str, Array]]]:
    """Every node, `resolved`, those of inner graphs behind the node that has them.

    Each comes with the constants by the names that it knows them by; inner graphs see the outer constants that they
    are given (``given`` for this graph).
    """
    constants = {**(given or {}), **graph.constants}
    for outer in graph.nodes:
        node = resolved(outer)
        yield node, constants
        passed = node.inputs[find(node.op).facts.given :]
        for inner in graphs(node):
            names = zip(inner.inputs, passed, strict=False)
            yield from every_node(
                inner, {spec.name: constants[name] for spec, name in names if name in constants}
            )


def _graphs(value: Any) -> Iterator[Graph]:
    if isinstance(value, Graph):
        yield value
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from _graphs(one)
    elif isinstance(value, list | tuple) and any(issubclass(kind, HOLDERS) for kind in set(map(type, value))):
        for one in value:
            yield from _graphs(one)
