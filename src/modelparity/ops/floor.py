"""Floor: the next whole number below."""

from __future__ import annotations

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.operator import operator
from ..graph import Array


@operator()
def floor(ar: Arithmetic, x: Array) -> Array:
    """y = the greatest whole number that is not more than x

    x (...) -> y (...). Exact.
    Source: IEEE 754-2019, 5.9; checked against torch.floor.
    """
    y: Array = np.floor(ar.whole(x))
    return y
