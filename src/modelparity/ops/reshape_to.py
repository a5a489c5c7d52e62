"""Reshape to a shape that an array gives."""

from __future__ import annotations

import math

from ..engine.arithmetic import Arithmetic
from ..engine.facts import Facts
from ..engine.operator import operator
from ..errors import GraphError
from ..graph import Array


@operator(plain=True, facts=Facts(moves=("x",)))
def reshape_to(ar: Arithmetic, x: Array, shape: Array, *, zeros: str = "right") -> Array:
    """y has the elements of x in C order

    x (...), shape (rank) integers -> y of that shape. A 0 copies a size of x, counted from the last axis (1 where
    x has no such axis) or with ``zeros`` "left" from the first; it is a size of 0 if ``zeros`` is "literal". One -1
    stands for what is left. Exact. Raises `GraphError` if elements differ in number.
    Source: Core ML MIL ``reshape``, ONNX Reshape; checked against numpy.reshape.
    """
    wanted = [int(n) for n in shape.reshape(-1)]
    if zeros not in ("right", "left", "literal"):
        raise GraphError(f"unknown zeros {zeros!r}", expected="right, left or literal")
    if zeros == "literal":
        sizes = wanted
    elif zeros == "left":
        sizes = [n or (x.shape[at] if at < x.ndim else 1) for at, n in enumerate(wanted)]
    else:
        ahead = len(wanted) - x.ndim
        sizes = [n or (x.shape[at - ahead] if at >= ahead else 1) for at, n in enumerate(wanted)]
    known = math.prod(n for n in sizes if n != -1)
    if sizes.count(-1) == 1 and known:
        sizes[sizes.index(-1)] = x.size // known
    if min(sizes, default=0) < 0 or math.prod(sizes) != x.size:
        raise GraphError(
            "the number of elements differs",
            found=f"{x.size} in {x.shape}",
            expected=f"what fills {tuple(wanted)}",
        )
    return x.reshape(sizes)
