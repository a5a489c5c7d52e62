"""Abs: the absolute value."""

from __future__ import annotations

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.operator import operator
from ..graph import Array


@operator()
def abs(ar: Arithmetic, x: Array) -> Array:
    """y = |x|

    x (...) -> y (...). Exact.
    Source: IEEE 754-2019, 5.5.1; checked against torch.abs.
    """
    y: Array = np.abs(x)
    return y
