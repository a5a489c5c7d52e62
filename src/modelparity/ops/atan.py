"""Arctangent."""

from __future__ import annotations

import numpy as np

from ..arithmetic import Arithmetic
from ..graph import Array
from ..operator import operator


@operator()
def atan(ar: Arithmetic, x: Array) -> Array:
    """y = the angle in [-pi/2, pi/2] whose tangent is x

    x (...) -> y (...) in radians.
    Source: DLMF 4.23; checked against torch.atan.
    """
    return ar.rounded(np.arctan(x))
