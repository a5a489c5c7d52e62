"""Fmod: the elementwise remainder, with the sign of the dividend."""

from __future__ import annotations

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.operator import aligned, operator
from ..graph import Array


@operator()
def fmod(ar: Arithmetic, x: Array, y: Array) -> Array:
    """z = x - y trunc(x / y)

    x (...), y (...) -> z (...), broadcast from the right. Whole numbers stay whole (and give 0 where y is 0).
    Source: ISO C99, fmod; checked against torch.fmod.
    """
    return ar.rounded(np.fmod(*aligned(x, y)))
