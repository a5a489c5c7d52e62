"""Exp2: powers of two."""

from __future__ import annotations

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.operator import operator
from ..graph import Array


@operator()
def exp2(ar: Arithmetic, x: Array) -> Array:
    """y = 2^x

    x (...) -> y (...). One operation.
    Source: IEEE 754-2019, 9.2; checked against torch.exp2.
    """
    return ar.rounded(np.exp2(x))
