"""Exponential less one, exact near zero."""

from __future__ import annotations

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.operator import operator
from ..graph import Array


@operator()
def expm1(ar: Arithmetic, x: Array) -> Array:
    """y = exp(x) - 1

    x (...) -> y (...), each above -1. One operation.
    Source: IEEE 754-2019, 9.2 (expm1); checked against torch.expm1.
    """
    return ar.rounded(np.expm1(x))
