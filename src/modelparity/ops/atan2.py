"""Arc tangent of a quotient, in the right quadrant."""

from __future__ import annotations

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.operator import aligned, operator
from ..graph import Array


@operator()
def atan2(ar: Arithmetic, x: Array, y: Array) -> Array:
    """z = the angle in [-pi, pi] of the point (y, x): its tangent is x / y

    x (...), y (...) -> z (...) in radians, broadcast from the right. One operation.
    Source: IEEE 754-2019, 9.2 (atan2); checked against torch.atan2.
    """
    x, y = aligned(x, y)
    side = ar.compared(x, np.zeros_like(x))
    if side is not x:  # half a turn ends where it began: which side of it x is on may go either way
        x = np.where(y < 0, np.copysign(x, side), x)
    return ar.rounded(np.arctan2(x, y))
