"""Mod: the elementwise remainder, with the sign of the divisor."""

from __future__ import annotations

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.operator import aligned, operator
from ..graph import Array


@operator()
def mod(ar: Arithmetic, x: Array, y: Array) -> Array:
    """z = x - y floor(x / y)

    x (...), y (...) -> z (...), broadcast from the right. Whole numbers stay whole (and give 0 where y is 0).
    Source: Knuth, The Art of Computer Programming, 1.2.4; checked against torch.remainder.
    """
    return ar.rounded(np.remainder(*aligned(x, y)))
