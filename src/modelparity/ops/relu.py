"""ReLU: the rectified linear unit."""

from __future__ import annotations

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.operator import operator
from ..graph import Array


@operator()
def relu(ar: Arithmetic, x: Array) -> Array:
    """y = max(x, 0)

    x (...) -> y (...); NaN stays NaN. Exact: nothing is rounded.
    Source: Nair and Hinton, "Rectified linear units improve restricted Boltzmann machines", 2010.
    """
    y: Array = np.maximum(x, x.dtype.type(0))
    return y
