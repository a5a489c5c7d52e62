"""Logarithm of one more, exact near zero."""

from __future__ import annotations

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.operator import operator
from ..graph import Array


@operator()
def log1p(ar: Arithmetic, x: Array) -> Array:
    """y = log(1 + x)

    x (...) -> y (...); -1 gives -inf, less gives NaN. One operation.
    Source: IEEE 754-2019, 9.2 (logp1); checked against torch.log1p.
    """
    return ar.rounded(np.log1p(x))
