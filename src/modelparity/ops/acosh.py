"""Inverse hyperbolic cosine."""

from __future__ import annotations

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.operator import operator
from ..graph import Array


@operator()
def acosh(ar: Arithmetic, x: Array) -> Array:
    """y = log(x + sqrt(x^2 - 1))

    x (...) of at least 1, NaN below -> y (...), each at least 0. One operation.
    Source: DLMF 4.37.19; checked against torch.acosh.
    """
    return ar.rounded(np.arccosh(x))
