"""Log-softmax: the logarithm of softmax, without its underflow."""

from __future__ import annotations

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.operator import operator, untouched
from ..graph import Array
from ._reduction import reduced


@operator(untouched(lambda attrs, rank: (attrs.get("axis", -1),)))
def log_softmax(ar: Arithmetic, x: Array, *, axis: int = -1) -> Array:
    """y = d - log of sum of exp(d), with d = x - max x, along ``axis``

    x (...) -> y (...), none positive. Rounds d, the exponential, the sum, the logarithm and the difference.
    A row of -inf alone gives NaN.
    Source: ONNX LogSoftmax; checked against torch.log_softmax.
    """
    along = reduced(x, axis)
    y = ar.rounded(x - x.max(axis=along, keepdims=True))
    total = ar.rounded(np.exp(y)).sum(axis=along, keepdims=True)
    total = ar.summed(total, y.size // max(total.size, 1))
    y -= ar.rounded(np.log(total, out=total))
    return ar.rounded(y)
