"""Cosine."""

from __future__ import annotations

import numpy as np

from ..arithmetic import Arithmetic
from ..graph import Array
from ..operator import operator


@operator()
def cos(ar: Arithmetic, x: Array) -> Array:
    """y = cos(x)

    x (...) in radians -> y (...), each in [-1, 1].
    Source: DLMF 4.14; checked against torch.cos.
    """
    return ar.rounded(np.cos(x))
