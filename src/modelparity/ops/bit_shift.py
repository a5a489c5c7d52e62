"""Bit shift: whole numbers times or divided by powers of two."""

from __future__ import annotations

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.operator import aligned, operator
from ..graph import Array


@operator()
def bit_shift(ar: Arithmetic, x: Array, y: Array, *, left: bool = True) -> Array:
    """z = the bits of x moved left (or right) by y

    x (...), y (...) whole numbers -> z (...), broadcast from the right. Bits that leave the type are lost; the sign
    of a negative number moves in from the left. Exact.
    Source: ONNX BitShift; checked against torch.bitwise_left_shift and bitwise_right_shift.
    """
    x, y = aligned(x, y)
    z: Array = (np.left_shift if left else np.right_shift)(x, y.astype(x.dtype))
    return z
