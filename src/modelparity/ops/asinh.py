"""Inverse hyperbolic sine."""

from __future__ import annotations

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.operator import operator
from ..graph import Array


@operator()
def asinh(ar: Arithmetic, x: Array) -> Array:
    """y = log(x + sqrt(x^2 + 1))

    x (...) -> y (...). One operation.
    Source: DLMF 4.37.16; checked against torch.asinh.
    """
    return ar.rounded(np.arcsinh(x))
