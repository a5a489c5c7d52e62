"""Flatten: an array as a matrix."""

from __future__ import annotations

import math

from ..engine.arithmetic import Arithmetic
from ..engine.facts import Facts
from ..engine.operator import operator
from ..errors import GraphError
from ..graph import Array


@operator(plain=True, facts=Facts(rank=lambda ranks, attrs: 2, moves=("x",)))
def flatten(ar: Arithmetic, x: Array, *, axis: int = 1) -> Array:
    """y has the elements of x in C order

    x (before..., after...), ``axis`` of them before -> y (product of before, product of after); negative ones
    count from the end. A view where memory allows. Exact. Raises `GraphError` if the axis is not there.
    Source: ONNX Flatten; checked against numpy.reshape.
    """
    if not -x.ndim <= axis <= x.ndim:
        raise GraphError("axis does not fit", found=axis, expected=f"from {-x.ndim} to {x.ndim}")
    at = axis + x.ndim if axis < 0 else axis
    return x.reshape(math.prod(x.shape[:at]), math.prod(x.shape[at:]))
