"""Greater equal: a comparison, element by element."""

from __future__ import annotations

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.operator import aligned, operator
from ..graph import Array


@operator()
def greater_equal(ar: Arithmetic, x: Array, y: Array) -> Array:
    """z = x >= y

    x (...), y (...), broadcast from the right -> z (...) boolean. Comparing with NaN gives false. Exact.
    Source: ONNX GreaterEqual; checked against numpy.greater_equal.
    """
    x, y = aligned(x, y)
    z: Array = np.greater_equal(ar.compared(x, y), y)
    return z
