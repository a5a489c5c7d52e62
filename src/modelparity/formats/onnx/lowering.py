"""Which function writes which operator: lowerings register themselves, one module a kind of operator."""

from __future__ import annotations

from collections.abc import Callable

from ...discovery import Handlers
from ...engine.bound_node import Call
from ...errors import ConversionError
from ...graph import Node
from .builder import Builder

#: Emits the ONNX nodes of one node of the graph.
Lowering = Callable[[Builder, Call], None]

#: Marks a function as the one that writes some operators.
lowers = Handlers[Lowering](f"{__package__}.lowerings")


def lowering(node: Node) -> Lowering:
    """The function that writes ``node``; raises `ConversionError` if there is none."""
    known = lowers.all()
    if node.op in known:
        return known[node.op]
    raise ConversionError(
        f"{node.op} {node.name!r} cannot be written as ONNX: no form of it in ONNX operators is known",
        where=node.origin or None,
        fix="convert with the tools of the framework that it comes from, and hold their file against this one: "
        "modelparity check",
    )
