"""Scale and shift: a linear function of one number."""

from __future__ import annotations

from ..engine.arithmetic import Arithmetic
from ..engine.operator import operator
from ..graph import Array


@operator()
def scale_shift(ar: Arithmetic, x: Array, *, alpha: float = 1.0, beta: float = 0.0) -> Array:
    """y = alpha x + beta

    x (...) -> y (...); product and sum are rounded. Source: ONNX LSTM (activation Affine); checked against numpy.
    """
    y = ar.rounded(x * x.dtype.type(alpha), inner=True)
    y += x.dtype.type(beta)
    return ar.rounded(y)
