"""Arccosine."""

from __future__ import annotations

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.operator import operator
from ..graph import Array


@operator()
def acos(ar: Arithmetic, x: Array) -> Array:
    """y = the angle in [0, pi] whose cosine is x

    x (...) in [-1, 1], NaN outside -> y (...) in radians.
    Source: DLMF 4.23; checked against torch.acos.
    """
    return ar.rounded(np.arccos(x))
