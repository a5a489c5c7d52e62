"""Bitwise or of whole numbers or booleans."""

from __future__ import annotations

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.operator import aligned, operator
from ..graph import Array


@operator()
def bitwise_or(ar: Arithmetic, x: Array, y: Array) -> Array:
    """z = x or y, bit by bit

    x (...), y (...) whole numbers or booleans -> z (...), broadcast from the right. Exact.
    Source: ONNX BitwiseOr; checked against torch.bitwise_or.
    """
    z: Array = np.bitwise_or(*aligned(x, y))
    return z
