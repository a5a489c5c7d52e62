"""Bitwise and of whole numbers or booleans."""

from __future__ import annotations

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.operator import aligned, operator
from ..graph import Array


@operator()
def bitwise_and(ar: Arithmetic, x: Array, y: Array) -> Array:
    """z = x and y, bit by bit

    x (...), y (...) whole numbers or booleans -> z (...), broadcast from the right. Exact.
    Source: ONNX BitwiseAnd; checked against torch.bitwise_and.
    """
    z: Array = np.bitwise_and(*aligned(x, y))
    return z
