"""Sign: -1, 0 or 1."""

from __future__ import annotations

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.operator import operator
from ..graph import Array


@operator()
def sign(ar: Arithmetic, x: Array) -> Array:
    """y = -1 where x < 0, 0 where x = 0, 1 where x > 0

    x (...) -> y (...). Exact; NaN stays NaN.
    Source: ONNX Sign; checked against torch.sign.
    """
    y: Array = np.sign(ar.compared(x, np.zeros_like(x)))
    return y
