"""Arctangent."""

from __future__ import annotations

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.operator import operator
from ..graph import Array


@operator()
def atan(ar: Arithmetic, x: Array) -> Array:
    """y = the angle in [-pi/2, pi/2] whose tangent is x

    x (...) -> y (...) in radians.
    Source: DLMF 4.23; checked against torch.atan.
    """
    return ar.rounded(np.arctan(x))
