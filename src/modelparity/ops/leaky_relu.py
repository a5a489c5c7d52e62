"""Leaky ReLU."""

from __future__ import annotations

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.operator import operator
from ..graph import Array

#: A product with a smaller slope is nearer to 0 than x, whatever rounding does to it.
STEEPEST = 0.9


@operator()
def leaky_relu(ar: Arithmetic, x: Array, *, slope: float = 0.01) -> Array:
    """y = x where x >= 0, else slope x

    x (...) -> y (...). Exact where x >= 0.
    Source: Maas, Hannun, Ng, "Rectifier nonlinearities improve neural network acoustic models", 2013; checked
    against torch.nn.functional.leaky_relu.
    """
    if 0 < slope < STEEPEST:  # of two the larger, whatever the sign: half the passes over memory
        y = ar.rounded(x * x.dtype.type(slope))
        return np.maximum(y, x, out=y)
    zero = x.dtype.type(0)
    y = ar.rounded(np.minimum(x, zero) * x.dtype.type(slope))
    y += np.maximum(x, zero)  # one of the two is 0; much faster than to choose
    return y
