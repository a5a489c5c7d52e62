"""Bitwise xor of whole numbers or booleans."""

from __future__ import annotations

import numpy as np

from ..arithmetic import Arithmetic
from ..graph import Array
from ..operator import aligned, operator


@operator()
def bitwise_xor(ar: Arithmetic, x: Array, y: Array) -> Array:
    """z = x xor y, bit by bit

    x (...), y (...) whole numbers or booleans -> z (...), broadcast from the right. Exact.
    Source: ONNX BitwiseXor; checked against torch.bitwise_xor.
    """
    z: Array = np.bitwise_xor(*aligned(x, y))
    return z
