"""Floor: the next whole number below."""

from __future__ import annotations

import numpy as np

from ..arithmetic import Arithmetic
from ..graph import Array
from ..operator import operator


@operator()
def floor(ar: Arithmetic, x: Array) -> Array:
    """y = the greatest whole number that is not more than x

    x (...) -> y (...). Exact.
    Source: IEEE 754-2019, 5.9; checked against torch.floor.
    """
    y: Array = np.floor(x)
    return y
