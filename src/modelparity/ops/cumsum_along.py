"""Cumsum along an axis that is an input."""

from __future__ import annotations

from ..engine.arithmetic import Arithmetic
from ..engine.facts import Facts, rank_of
from ..engine.operator import operator
from ..errors import GraphError
from ..graph import Array
from .cumsum import cumsum


@operator(plain=True, facts=Facts(rank=rank_of("x")))
def cumsum_along(
    ar: Arithmetic, x: Array, axis: Array, *, exclusive: bool = False, reverse: bool = False
) -> Array:
    """y = running sums of x along the axis that the only number of ``axis`` says, as `cumsum`

    x (...), axis () or (1) integer -> y (...). Raises `GraphError` if axis is not one number, or not there.
    Source: ONNX CumSum; checked against numpy.cumsum.
    """
    if axis.size != 1:
        raise GraphError("axis is not one number", found=axis.shape)
    along = int(axis.reshape(()))
    y: Array = cumsum(ar, x[None], axis=along, exclusive=exclusive, reverse=reverse)[0]
    return y
