"""Truncation: the whole part, towards zero."""

from __future__ import annotations

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.operator import operator
from ..graph import Array


@operator()
def trunc(ar: Arithmetic, x: Array) -> Array:
    """y = the whole number next to x on the side of zero

    x (...) -> y (...). Exact; whole numbers stay as they are.
    Source: IEEE 754-2019, 5.9 (roundToIntegralTowardZero); checked against torch.trunc.
    """
    return np.trunc(ar.whole(x)) if x.dtype.kind == "f" else x
