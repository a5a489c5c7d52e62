"""Power: the elementwise power of two arrays."""

from __future__ import annotations

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.operator import aligned, operator
from ..graph import Array


@operator()
def power(ar: Arithmetic, x: Array, exponent: Array) -> Array:
    """y = x ^ exponent

    x (...), exponent (...) -> y (...), broadcast from the right; a negative x with a fractional exponent gives NaN.
    Source: IEEE 754-2019, 9.2; checked against torch.pow.
    """
    return ar.rounded(np.power(*aligned(x, exponent)))
