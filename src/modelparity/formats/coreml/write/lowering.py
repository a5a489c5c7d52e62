"""Which function writes which operator: one module of `lowerings` a kind of operator, for both forms of the file."""

from __future__ import annotations

from collections.abc import Callable

from ....engine.bound_node import Call
from ...writing.lowering import Lowerings
from .builder import TARGET, Builder
from .layers import NETWORK

#: Emits one node of the graph.
Lowering = Callable[[Builder, Call], None]
#: Marks a function as the one that emits the MIL operations of some operators.
lowers = Lowerings[Lowering](TARGET, f"{__package__}.lowerings")
#: Marks one that writes layers itself. Everything else is what `lowers` emits, as `layers` writes MIL operations.
layered = Lowerings[Lowering](NETWORK, f"{__package__}.lowerings", beneath=lowers)
