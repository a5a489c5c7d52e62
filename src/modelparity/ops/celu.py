"""CELU: ELU whose slope is continuous."""

from __future__ import annotations

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.operator import operator
from ..graph import Array
from ._exponential import exp_less_one


@operator()
def celu(ar: Arithmetic, x: Array, *, alpha: float = 1.0) -> Array:
    """y = x where x > 0, else alpha (exp(x / alpha) - 1)

    x (...) -> y (...). Exact where x > 0; elsewhere one operation.
    Source: Barron, "Continuously differentiable exponential linear units", 2017; checked against
    torch.nn.functional.celu.
    """
    y = exp_less_one(ar, x / x.dtype.type(alpha))
    y *= x.dtype.type(alpha)
    y = ar.rounded(y)
    y += np.maximum(x, x.dtype.type(0))
    return y
