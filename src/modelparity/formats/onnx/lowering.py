"""Which function writes which operator: one module of `lowerings` a kind of operator."""

from __future__ import annotations

from collections.abc import Callable

from ...engine.bound_node import Call
from ..writing.lowering import Lowerings
from .builder import TARGET, Builder

#: Marks a function as the one that emits the ONNX nodes of some operators.
lowers = Lowerings[Callable[[Builder, Call], None]](TARGET, f"{__package__}.lowerings")
