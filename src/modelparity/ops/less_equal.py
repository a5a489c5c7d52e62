"""Less equal: a comparison, element by element."""

from __future__ import annotations

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.operator import aligned, operator
from ..graph import Array


@operator()
def less_equal(ar: Arithmetic, x: Array, y: Array) -> Array:
    """z = x <= y

    x (...), y (...), broadcast from the right -> z (...) boolean. Comparing with NaN gives false. Exact.
    Source: ONNX LessEqual; checked against numpy.less_equal.
    """
    x, y = aligned(x, y)
    z: Array = np.less_equal(ar.compared(x, y), y)
    return z
