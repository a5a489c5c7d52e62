"""Sqrt: the square root."""

from __future__ import annotations

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.operator import operator
from ..graph import Array


@operator()
def sqrt(ar: Arithmetic, x: Array) -> Array:
    """y = sqrt(x)

    x (...) -> y (...); negative numbers give NaN. Correctly rounded.
    Source: IEEE 754-2019, 5.4.1; checked against torch.sqrt.
    """
    return ar.rounded(np.sqrt(x))
