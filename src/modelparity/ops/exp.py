"""Exp: the natural exponential."""

from __future__ import annotations

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.operator import operator
from ..graph import Array


@operator(ufunc=np.exp)
def exp(ar: Arithmetic, x: Array) -> Array:
    """y = exp(x)

    x (...) -> y (...); overflow gives infinity.
    Source: DLMF 4.2.19; checked against torch.exp.
    """
    return ar.rounded(np.exp(x))
