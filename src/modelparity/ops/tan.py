"""Tangent."""

from __future__ import annotations

import numpy as np

from ..arithmetic import Arithmetic
from ..graph import Array
from ..operator import operator


@operator()
def tan(ar: Arithmetic, x: Array) -> Array:
    """y = sin(x) / cos(x)

    x (...) in radians -> y (...). One operation.
    Source: DLMF 4.14.4; checked against torch.tan.
    """
    return ar.rounded(np.tan(x))
