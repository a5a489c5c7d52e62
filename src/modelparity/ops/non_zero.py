"""Non-zero: where elements are not zero."""

from __future__ import annotations

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.operator import operator
from ..graph import Array


@operator(plain=True)
def non_zero(ar: Arithmetic, x: Array) -> Array:
    """y = the index tuples at which x is not 0, in C order

    x (...) with r axes -> y (count, r) int32; NaN is not 0. How many there are depends on the values. Exact.
    Source: ONNX NonZero, transposed; checked against numpy.argwhere.
    """
    return np.argwhere(x).astype(np.int32)
