"""Softplus."""

from __future__ import annotations

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.operator import operator
from ..graph import Array


@operator()
def softplus(ar: Arithmetic, x: Array, *, beta: float = 1.0) -> Array:
    """y = log(1 + exp(beta x)) / beta

    x (...) -> y (...), positive. One operation; computed without overflow.
    Source: Dugas et al., "Incorporating second-order functional knowledge for better option pricing", 2000;
    checked against torch.nn.functional.softplus.
    """
    scaled = x if beta == 1 else x * x.dtype.type(beta)
    y = np.exp(-np.abs(scaled))
    y = np.log1p(y, out=y)
    y += np.maximum(scaled, x.dtype.type(0))
    return ar.rounded(y if beta == 1 else y / x.dtype.type(beta))
