"""Minimum: the elementwise smaller of two arrays."""

from __future__ import annotations

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.facts import Facts, spanned_by
from ..engine.operator import aligned, operator
from ..graph import Array


@operator(ufunc=np.minimum, facts=Facts(range=spanned_by("x", "other")))
def minimum(ar: Arithmetic, x: Array, other: Array) -> Array:
    """y = min(x, other)

    x (...), other (...) -> y (...), broadcast from the right. Exact; NaN in either gives NaN.
    Source: IEEE 754-2019, 9.6; checked against torch.minimum.
    """
    y: Array = np.minimum(*aligned(x, other))
    return y
