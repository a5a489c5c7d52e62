"""Logical not, element by element."""

from __future__ import annotations

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.operator import operator
from ..graph import Array


@operator()
def logical_not(ar: Arithmetic, x: Array) -> Array:
    """z = not x

    x (...) -> z (...) boolean. Numbers count as true unless they are 0. Exact.
    Source: ONNX Not; checked against numpy.logical_not.
    """
    z: Array = np.logical_not(x)
    return z
