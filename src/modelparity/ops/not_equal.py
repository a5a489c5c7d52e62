"""Not equal: a comparison, element by element."""

from __future__ import annotations

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.operator import aligned, operator
from ..graph import Array


@operator()
def not_equal(ar: Arithmetic, x: Array, y: Array) -> Array:
    """z = x != y

    x (...), y (...), broadcast from the right -> z (...) boolean. Comparing with NaN gives true. Exact.
    Source: ONNX NotEqual; checked against numpy.not_equal.
    """
    z: Array = np.not_equal(*aligned(x, y))
    return z
