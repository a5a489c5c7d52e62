"""Inverse hyperbolic tangent."""

from __future__ import annotations

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.operator import operator
from ..graph import Array


@operator()
def atanh(ar: Arithmetic, x: Array) -> Array:
    """y = log((1 + x) / (1 - x)) / 2

    x (...) in [-1, 1], NaN outside -> y (...). One operation.
    Source: DLMF 4.37.24; checked against torch.atanh.
    """
    return ar.rounded(np.arctanh(x))
