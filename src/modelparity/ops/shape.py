"""Shape: the sizes of an array as an array."""

from __future__ import annotations

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.facts import Facts
from ..engine.operator import operator
from ..graph import Array


@operator(plain=True, facts=Facts(rank=lambda ranks, attrs: 1))
def shape(ar: Arithmetic, x: Array) -> Array:
    """y = the sizes of the axes of x

    x (...) -> y (rank) int32. Exact. Source: ONNX Shape; checked against numpy.shape.
    """
    return np.array(x.shape, np.int32)
