"""Which function writes which operator: lowerings register themselves, one module a kind of operator."""

from __future__ import annotations

import difflib
import importlib
import pkgutil
from collections.abc import Callable
from functools import cache

from ...call import Call
from ...errors import ConversionError
from ...graph import Node
from .builder import Builder

#: Emits the ONNX nodes of one node of the graph.
Lowering = Callable[[Builder, Call], None]

_LOWERINGS: dict[str, Lowering] = {}


def lowers(*ops: str) -> Callable[[Lowering], Lowering]:
    """Mark a function as the one that writes these operators."""

    def mark(function: Lowering) -> Lowering:
        for op in ops:
            _LOWERINGS[op] = function
        return function

    return mark


@cache
def lowerings() -> dict[str, Lowering]:
    """Every operator that can be written -> the function that writes it."""
    from . import lowerings as package

    for module in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"{package.__name__}.{module.name}")
    return dict(sorted(_LOWERINGS.items()))


def lowering(node: Node) -> Lowering:
    """The function that writes ``node``; raises `ConversionError` naming what is near if there is none."""
    known = lowerings()
    if node.op in known:
        return known[node.op]
    near = difflib.get_close_matches(node.op, known, n=3)
    raise ConversionError(
        f"{node.op} {node.name!r} cannot be written as ONNX: no form of it in ONNX operators is known",
        where=node.origin or None,
        expected=f"one of {', '.join(near or known)}",
    )
