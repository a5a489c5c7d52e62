"""Sine."""

from __future__ import annotations

import numpy as np

from ..arithmetic import Arithmetic
from ..graph import Array
from ..operator import operator


@operator()
def sin(ar: Arithmetic, x: Array) -> Array:
    """y = sin(x)

    x (...) in radians -> y (...), each in [-1, 1].
    Source: DLMF 4.14; checked against torch.sin.
    """
    return ar.rounded(np.sin(x))
