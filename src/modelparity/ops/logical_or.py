"""Logical or: a logical operation, element by element."""

from __future__ import annotations

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.operator import aligned, operator
from ..graph import Array


@operator()
def logical_or(ar: Arithmetic, x: Array, y: Array) -> Array:
    """z = x or y

    x (...), y (...), broadcast from the right -> z (...) boolean. Numbers count as true unless they are 0. Exact.
    Source: ONNX Or; checked against numpy.logical_or.
    """
    z: Array = np.logical_or(*aligned(x, y))
    return z
