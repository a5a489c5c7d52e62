"""Floor div: the elementwise quotient, rounded down."""

from __future__ import annotations

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.operator import aligned, operator
from ..graph import Array


@operator()
def floor_div(ar: Arithmetic, x: Array, y: Array) -> Array:
    """z = the greatest whole number that is not more than x / y

    x (...), y (...) -> z (...), broadcast from the right. Whole numbers stay whole (and give 0 where y is 0).
    Source: Knuth, The Art of Computer Programming, 1.2.4; checked against torch.floor_divide.
    """
    return ar.cast(np.floor_divide(*aligned(x, y)))
