"""Is inf: which elements are infinite."""

from __future__ import annotations

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.operator import operator
from ..graph import Array


@operator()
def is_inf(ar: Arithmetic, x: Array, *, negative: bool = True, positive: bool = True) -> Array:
    """y = whether x is infinity of a sign that counts

    x (...) -> y (...) boolean. Source: IEEE 754, ONNX IsInf; checked against numpy.isinf.
    """
    y: Array = (np.isneginf(x) & negative) | (np.isposinf(x) & positive)
    return y
