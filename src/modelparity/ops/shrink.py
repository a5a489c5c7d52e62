"""Shrink: small values to 0, the others moved towards it."""

from __future__ import annotations

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.operator import operator
from ..graph import Array


@operator()
def shrink(ar: Arithmetic, x: Array, *, lambd: float = 0.5, bias: float = 0.0) -> Array:
    """y = x + ``bias`` where x < -``lambd``, x - ``bias`` where x > ``lambd``, else 0

    x (...) -> y (...). Soft shrinkage has one number for both, hard shrinkage a bias of 0. Whole numbers lose the
    fraction. Source: ONNX Shrink; checked against torch.nn.functional.softshrink and hardshrink.
    """
    seen = ar.compared(x, np.zeros_like(x))
    y = np.where(seen < -lambd, x + bias, np.where(seen > lambd, x - bias, 0)).astype(x.dtype)
    return ar.rounded(y)
