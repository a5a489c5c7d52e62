"""Which function writes which operator: one module of `lowerings` a kind of operator."""

from __future__ import annotations

from collections.abc import Callable

from ....engine.bound_node import Call
from ...writing.lowering import Lowerings
from .chain import TARGET, Chain

#: What RTNeural has in place of operators that people use.
INSTEAD = {
    "silu": "RTNeural has no swish: train with elu, or add a layer type of your own to both sides",
    "gelu": "RTNeural has no gelu: train with elu",
    "add": "RTNeural's models are chains: no branch can be added to another",
    "concat": "RTNeural's models are chains: no branch can join another",
    "max_pool": "RTNeural has no pooling: use a strided conv2d along the features",
    "average_pool": "RTNeural has no pooling: use a strided conv2d along the features",
}

#: Marks a function as the one that adds the layers of some operators to the chain.
lowers = Lowerings[Callable[[Chain, Call], None]](TARGET, f"{__package__}.lowerings", instead=INSTEAD)
