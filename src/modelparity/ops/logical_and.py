"""Logical and: a logical operation, element by element."""

from __future__ import annotations

import numpy as np

from ..arithmetic import Arithmetic
from ..graph import Array
from ..operator import aligned, operator


@operator()
def logical_and(ar: Arithmetic, x: Array, y: Array) -> Array:
    """z = x and y

    x (...), y (...), broadcast from the right -> z (...) boolean. Numbers count as true unless they are 0. Exact.
    Source: ONNX And; checked against numpy.logical_and.
    """
    z: Array = np.logical_and(*aligned(x, y))
    return z
