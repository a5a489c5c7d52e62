"""Arcsine."""

from __future__ import annotations

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.operator import operator
from ..graph import Array


@operator()
def asin(ar: Arithmetic, x: Array) -> Array:
    """y = the angle in [-pi/2, pi/2] whose sine is x

    x (...) in [-1, 1], NaN outside -> y (...) in radians.
    Source: DLMF 4.23; checked against torch.asin.
    """
    return ar.rounded(np.arcsin(x))
