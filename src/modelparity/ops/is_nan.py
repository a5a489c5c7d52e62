"""Is NaN: which elements are not a number."""

from __future__ import annotations

import numpy as np

from ..arithmetic import Arithmetic
from ..graph import Array
from ..operator import operator


@operator()
def is_nan(ar: Arithmetic, x: Array) -> Array:
    """y = whether x is NaN

    x (...) -> y (...) boolean. Source: IEEE 754; checked against numpy.isnan.
    """
    return np.isnan(x)
