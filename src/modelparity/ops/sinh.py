"""Hyperbolic sine."""

from __future__ import annotations

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.operator import operator
from ..graph import Array


@operator()
def sinh(ar: Arithmetic, x: Array) -> Array:
    """y = (exp(x) - exp(-x)) / 2

    x (...) -> y (...). One operation.
    Source: DLMF 4.28.1; checked against torch.sinh.
    """
    return ar.rounded(np.sinh(x))
