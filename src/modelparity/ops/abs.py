"""Abs: the absolute value."""

from __future__ import annotations

import numpy as np

from ..arithmetic import Arithmetic
from ..graph import Array
from ..operator import operator


@operator()
def abs(ar: Arithmetic, x: Array) -> Array:
    """y = |x|

    x (...) -> y (...). Exact.
    Source: IEEE 754-2019, 5.5.1; checked against torch.abs.
    """
    y: Array = np.abs(x)
    return y
