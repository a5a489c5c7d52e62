"""Log10: the decimal logarithm."""

from __future__ import annotations

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.operator import operator
from ..graph import Array


@operator()
def log10(ar: Arithmetic, x: Array) -> Array:
    """y = log10(x), rounded once, unlike the natural logarithm times a constant

    x (...) -> y (...); 0 gives -inf, negative numbers NaN.
    Source: DLMF 4.2.9; checked against torch.log10.
    """
    return ar.rounded(np.log10(x))
