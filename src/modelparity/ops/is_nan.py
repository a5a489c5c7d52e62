"""Is NaN: which elements are not a number."""

from __future__ import annotations

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.operator import operator
from ..graph import Array


@operator()
def is_nan(ar: Arithmetic, x: Array) -> Array:
    """y = whether x is NaN

    x (...) -> y (...) boolean. Source: IEEE 754; checked against numpy.isnan.
    """
    return np.isnan(x)
