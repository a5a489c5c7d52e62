"""ELU: the exponential linear unit."""

from __future__ import annotations

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.operator import operator
from ..graph import Array
from ._exponential import exp_less_one


@operator()
def elu(ar: Arithmetic, x: Array, *, alpha: float = 1.0) -> Array:
    """y = x where x > 0, else alpha (exp(x) - 1)

    x (...) -> y (...). Exact where x > 0; elsewhere one operation.
    Source: Clevert, Unterthiner, Hochreiter, "Fast and accurate deep network learning by exponential linear
    units", 2016; checked against torch.nn.functional.elu.
    """
    y = exp_less_one(ar, x)
    if alpha != 1:
        y *= x.dtype.type(alpha)
    y = ar.rounded(y)
    y += np.maximum(x, x.dtype.type(0))  # one of the two is 0; much faster than to choose
    return y
