"""Mul: the elementwise product of two arrays."""

from __future__ import annotations

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.operator import aligned, operator
from ..graph import Array


@operator(ufunc=np.multiply)
def mul(ar: Arithmetic, x: Array, y: Array) -> Array:
    """z = x y

    x (...), y (...) -> z (...), broadcast from the right. Source: IEEE 754; checked against torch.mul.
    """
    return ar.rounded(np.multiply(*aligned(x, y)))
