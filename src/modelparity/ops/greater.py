"""Greater: a comparison, element by element."""

from __future__ import annotations

import numpy as np

from ..arithmetic import Arithmetic
from ..graph import Array
from ..operator import aligned, operator


@operator()
def greater(ar: Arithmetic, x: Array, y: Array) -> Array:
    """z = x > y

    x (...), y (...), broadcast from the right -> z (...) boolean. Comparing with NaN gives false. Exact.
    Source: ONNX Greater; checked against numpy.greater.
    """
    z: Array = np.greater(*aligned(x, y))
    return z
