"""Rsqrt: the reciprocal square root."""

from __future__ import annotations

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.operator import operator
from ..graph import Array


@operator()
def rsqrt(ar: Arithmetic, x: Array) -> Array:
    """y = 1 / sqrt(x)

    x (...) -> y (...). One operation; 0 gives infinity, less gives NaN.
    Source: IEEE 754-2019, 9.2 (rSqrt); checked against torch.rsqrt.
    """
    return ar.rounded(1 / np.sqrt(x))
