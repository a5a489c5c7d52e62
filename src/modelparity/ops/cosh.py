"""Hyperbolic cosine."""

from __future__ import annotations

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.operator import operator
from ..graph import Array


@operator()
def cosh(ar: Arithmetic, x: Array) -> Array:
    """y = (exp(x) + exp(-x)) / 2

    x (...) -> y (...), each at least 1. One operation.
    Source: DLMF 4.28.2; checked against torch.cosh.
    """
    return ar.rounded(np.cosh(x))
