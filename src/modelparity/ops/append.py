"""Append: one element more at the end of a list."""

from __future__ import annotations

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.facts import Facts
from ..engine.operator import not_causal, operator
from ..errors import GraphError
from ..graph import Array


@operator(
    not_causal("the list grows with every turn of a loop"), plain=True, facts=Facts(moves=("x", "value"))
)
def append(ar: Arithmetic, x: Array, value: Array) -> Array:
    """y = x with ``value`` behind its last element

    x (n, ...), value (...) -> y (n + 1, ...); a list without elements may be (0), whatever the elements will be.
    Exact. Raises `GraphError` if elements differ in shape.
    Source: ONNX Loop and Scan, whose scan outputs grow so; checked against numpy.stack.
    """
    if not len(x) and x.ndim == 1:
        y: Array = value[None].copy()
        return y
    if x.shape[1:] != value.shape:
        raise GraphError("elements differ in shape", found=value.shape, expected=x.shape[1:])
    return np.concatenate([x, value[None].astype(x.dtype, copy=False)])
