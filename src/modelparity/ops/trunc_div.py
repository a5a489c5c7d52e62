"""Trunc div: quotients of which the fraction is dropped."""

from __future__ import annotations

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.operator import aligned, operator
from ..graph import Array


@operator()
def trunc_div(ar: Arithmetic, x: Array, y: Array) -> Array:
    """z = x / y rounded towards 0

    x (...), y (...) -> z (...), broadcast from the right. Whole numbers stay whole (and give 0 where y is 0).
    Source: ISO C, 6.5.5; checked against torch.div with rounding_mode="trunc".
    """
    x, y = aligned(x, y)
    if x.dtype.kind == "f" or y.dtype.kind == "f":
        return ar.rounded(np.trunc(np.divide(x, y)))
    z = np.floor_divide(x, y)
    short = (z < 0) & (z * y != x)
    whole: Array = z + short.astype(z.dtype)
    return whole
