"""What range an output's values have, where that follows from the graph: of a sigmoid, a softmax, a tanh."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..engine.bound_node import call
from ..graph import Graph, Node

#: Operator -> the closed range of what it gives, whatever it is given.
BOUNDED = {
    "sigmoid": (0.0, 1.0),
    "softmax": (0.0, 1.0),
    "tanh": (-1.0, 1.0),
    "softsign": (-1.0, 1.0),
    "erf": (-1.0, 1.0),
    "sin": (-1.0, 1.0),
    "cos": (-1.0, 1.0),
}
#: Operators that move values about and change none. What they give has the range of what they are given.
MOVING = (
    "identity",
    "squeeze",
    "expand_dims",
    "reshape",
    "flatten",
    "transpose",
    "slice",
    "split",
    "reverse",
)


def ranges(graph: Graph) -> dict[str, dict[str, Any]]:
    """{output: {"low": number, "high": number}} of the outputs whose range follows from what makes them.

    ``"sum"`` is there besides where the values sum to one: {"axis": axis of the output}.
    """
    makers = {output: node for node in graph.nodes for output in node.outputs}
    found: dict[str, dict[str, Any]] = {}
    for name in graph.outputs:
        path, bounding = _bounding(name, makers)
        if bounding is None:
            continue
        low, high = BOUNDED[bounding.op]
        found[name] = {"low": low, "high": high}
        axis = call(bounding).attrs["axis"] if bounding.op == "softmax" else None
        if isinstance(axis, int) and all(node.op == "identity" for node in path):
            found[name]["sum"] = {"axis": axis}
    return found


def _bounding(name: str, makers: Mapping[str, Node]) -> tuple[list[Node], Node | None]:
    """The node that bounds what is called ``name``, if one does, and those that only move it on the way."""
    path = []
    while (node := makers.get(name)) is not None and node.op in MOVING:
        path.append(node)
        name = node.inputs[0]
    return path, node if node is not None and node.op in BOUNDED else None
