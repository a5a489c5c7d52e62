"""Which function writes which operator: lowerings register themselves, one module a kind of operator."""

from __future__ import annotations

from collections.abc import Callable

from ....discovery import Handlers
from ....engine.bound_node import Call
from ....errors import ConversionError
from ....graph import Node
from .chain import Chain

#: Adds the layers of one node to the chain.
Lowering = Callable[[Chain, Call], None]

#: Marks a function as the one that writes some operators.
lowers = Handlers[Lowering](f"{__package__}.lowerings")

#: What RTNeural has in place of operators that people use.
INSTEAD = {
    "silu": "RTNeural has no swish: train with elu, or add a layer type of your own to both sides",
    "gelu": "RTNeural has no gelu: train with elu",
    "add": "RTNeural's models are chains: no branch can be added to another",
    "concat": "RTNeural's models are chains: no branch can join another",
    "max_pool": "RTNeural has no pooling: use a strided conv2d along the features",
    "average_pool": "RTNeural has no pooling: use a strided conv2d along the features",
}


def lowering(node: Node) -> Lowering:
    """The function that writes ``node``; raises `ConversionError` naming the operator that RTNeural lacks."""
    known = lowers.all()
    if node.op in known:
        return known[node.op]
    raise ConversionError(
        f"{node.op} {node.name!r} cannot be written for RTNeural: it has no such layer",
        where=node.origin or None,
        expected=f"one of {', '.join(known)}",
        fix=INSTEAD.get(node.op),
    )
