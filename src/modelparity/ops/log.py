"""Log: the natural logarithm."""

from __future__ import annotations

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.operator import operator
from ..graph import Array


@operator()
def log(ar: Arithmetic, x: Array) -> Array:
    """y = log(x)

    x (...) -> y (...); 0 gives -inf, negative numbers NaN.
    Source: DLMF 4.2.2; checked against torch.log.
    """
    return ar.rounded(np.log(x))
