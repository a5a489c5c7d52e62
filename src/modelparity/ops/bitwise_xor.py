"""Bitwise xor of whole numbers or booleans."""

from __future__ import annotations

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.operator import aligned, operator
from ..graph import Array


@operator()
def bitwise_xor(ar: Arithmetic, x: Array, y: Array) -> Array:
    """z = x xor y, bit by bit

    x (...), y (...) whole numbers or booleans -> z (...), broadcast from the right. Exact.
    Source: ONNX BitwiseXor; checked against torch.bitwise_xor.
    """
    z: Array = np.bitwise_xor(*aligned(x, y))
    return z
