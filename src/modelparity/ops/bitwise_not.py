"""Bitwise not of whole numbers or booleans."""

from __future__ import annotations

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.operator import operator
from ..graph import Array


@operator()
def bitwise_not(ar: Arithmetic, x: Array) -> Array:
    """y = x with every bit turned

    x (...) whole numbers or booleans -> y (...). Exact. Source: ONNX BitwiseNot; checked against torch.bitwise_not.
    """
    y: Array = np.invert(x)
    return y
