"""Mish."""

from __future__ import annotations

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.operator import operator
from ..graph import Array


@operator()
def mish(ar: Arithmetic, x: Array) -> Array:
    """y = x tanh(log(1 + exp(x)))

    x (...) -> y (...). One operation; the inner functions compute in the carrier.
    Source: Misra, "Mish: a self regularized non-monotonic activation function", 2020; checked against
    torch.nn.functional.mish.
    """
    inner = np.maximum(x, x.dtype.type(0)) + np.log1p(np.exp(-np.abs(x)))
    return ar.rounded(ar.operand(np.tanh(inner)) * x)
