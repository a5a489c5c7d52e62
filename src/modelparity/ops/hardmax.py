"""Hardmax: 1 where the largest element stands."""

from __future__ import annotations

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.operator import operator, untouched
from ..graph import Array
from ._reduction import place


@operator(untouched(lambda attrs, rank: (attrs.get("axis", -1),)))
def hardmax(ar: Arithmetic, x: Array, *, axis: int = -1) -> Array:
    """y = 1 at the first largest element along ``axis``, else 0

    x (..., n, ...) -> y like x. Exact. Source: ONNX Hardmax; checked against numpy.argmax.
    """
    along = place(axis, x.ndim - 1) + 1
    y = np.zeros_like(x)
    if x.size:
        np.put_along_axis(y, np.expand_dims(ar.leading(x, along).argmax(axis=along), along), 1, axis=along)
    return y
