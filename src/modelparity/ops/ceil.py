"""Ceil: the next whole number above."""

from __future__ import annotations

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.operator import operator
from ..graph import Array


@operator()
def ceil(ar: Arithmetic, x: Array) -> Array:
    """y = the least whole number that is not less than x

    x (...) -> y (...). Exact.
    Source: IEEE 754-2019, 5.9; checked against torch.ceil.
    """
    y: Array = np.ceil(ar.whole(x))
    return y
