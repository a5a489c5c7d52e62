"""Scaled tanh."""

from __future__ import annotations

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.operator import operator
from ..graph import Array


@operator()
def scaled_tanh(ar: Arithmetic, x: Array, *, alpha: float = 1.7159, beta: float = 2 / 3) -> Array:
    """y = alpha tanh(beta x)

    x (...) -> y (...). Rounds the inner product, the tangent and the outer product.
    Source: LeCun et al., "Efficient BackProp", 1998, 4.4; checked against torch.tanh.
    """
    inner = ar.rounded(x * x.dtype.type(beta))
    return ar.rounded(ar.rounded(np.tanh(inner)) * x.dtype.type(alpha))
