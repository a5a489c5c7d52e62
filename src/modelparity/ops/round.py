"""Round: the nearest whole number."""

from __future__ import annotations

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.operator import operator
from ..graph import Array


@operator()
def round(ar: Arithmetic, x: Array) -> Array:
    """y = the whole number nearest to x; of two as near, the even one

    x (...) -> y (...). Exact.
    Source: IEEE 754-2019, 5.9; checked against torch.round.
    """
    y: Array = np.rint(ar.whole(x))
    return y
