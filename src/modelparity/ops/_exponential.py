"""What the ELU family shares."""

from __future__ import annotations

import numpy as np

from ..arithmetic import ULP, Arithmetic
from ..graph import Array


def exp_less_one(ar: Arithmetic, x: Array) -> Array:
    """exp(x) - 1 for x <= 0, a fresh array that is not yet rounded.

    As runtimes compute it, by a difference: near 0 that costs a unit in the last place of 1, and a perturbed
    run must show it. Half types round once, so there the carrier's own cancellation must not be seen.
    """
    if ar.ulp > ULP["float32"]:
        y: Array = np.expm1(x)
        return y
    y = ar.operand(np.exp(x))
    y -= x.dtype.type(1)
    return y
