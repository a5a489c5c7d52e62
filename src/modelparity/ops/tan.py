"""Tangent."""

from __future__ import annotations

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.operator import operator
from ..graph import Array


@operator()
def tan(ar: Arithmetic, x: Array) -> Array:
    """y = sin(x) / cos(x)

    x (...) in radians -> y (...). One operation.
    Source: DLMF 4.14.4; checked against torch.tan.
    """
    return ar.rounded(np.tan(x))
