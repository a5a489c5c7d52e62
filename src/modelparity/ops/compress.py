"""Compress: the elements that a mask chooses, as one run."""

from __future__ import annotations

from ..engine.arithmetic import Arithmetic
from ..engine.facts import Facts
from ..engine.operator import operator
from ..errors import GraphError
from ..graph import Array


@operator(plain=True, facts=Facts(moves=("x",)))
def compress(ar: Arithmetic, x: Array, mask: Array) -> Array:
    """y = the elements of x where the mask is not 0, in C order

    x (...), mask (...) -> y (n). Exact. Raises `GraphError` if the shapes differ.
    Source: ONNX Compress without axis; checked against a loop over elements.
    """
    if x.shape != mask.shape:
        raise GraphError("the mask is not of the data's shape", found=mask.shape, expected=x.shape)
    y: Array = x[mask != 0]
    return y
