"""Cumprod: running products."""

from __future__ import annotations

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.operator import operator, untouched
from ..graph import Array
from ._reduction import place


@operator(untouched(lambda attrs, rank: (attrs.get("axis", 0),)))
def cumprod(
    ar: Arithmetic, x: Array, *, axis: int = 0, exclusive: bool = False, reverse: bool = False
) -> Array:
    """y[i] = product of x[j] over j <= i; ``exclusive``: j < i; ``reverse``: j >= i, or j > i

    x (..., n, ...) -> y like x, along ``axis``. Raises `GraphError` if the axis is not there.
    Source: ONNX CumProd; checked against torch.cumprod.
    """
    along = place(axis, x.ndim - 1) + 1
    y = np.flip(x, along) if reverse else x
    if exclusive:
        shifted = np.ones_like(y)
        after, before = [slice(None)] * y.ndim, [slice(None)] * y.ndim
        after[along], before[along] = slice(1, None), slice(None, -1)
        shifted[tuple(after)] = y[tuple(before)]
        y = shifted
    y = ar.summed(np.cumprod(y, axis=along, dtype=x.dtype), x.shape[along])
    return np.flip(y, along) if reverse else y
