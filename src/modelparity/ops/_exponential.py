"""What the ELU family shares."""

from __future__ import annotations

import numpy as np

from ..engine.arithmetic import ULP, Arithmetic
from ..graph import Array


def exp_less_one(ar: Arithmetic, x: Array) -> Array:
    """exp(x) - 1 where x < 0, else exactly 0: a fresh array that is not yet rounded.

    As runtimes compute it, by a difference: near 0 that costs a unit in the last place of 1, and a perturbed
    run must show it. Half types round once, so there the carrier's own cancellation must not be seen.
    """
    y: Array = np.minimum(x, x.dtype.type(0))
    if ar.ulp > ULP["float32"]:
        return np.expm1(y, out=y)
    exact = np.exp(y, out=y)
    y = ar.operand(exact)
    perturbed = y is not exact
    y -= x.dtype.type(1)
    if perturbed:
        y *= ~(x > 0)  # the other half is none of this function's errors
    return y
