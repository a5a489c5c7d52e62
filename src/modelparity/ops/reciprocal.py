"""Reciprocal."""

from __future__ import annotations

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.operator import operator
from ..graph import Array


@operator()
def reciprocal(ar: Arithmetic, x: Array) -> Array:
    """y = 1 / x

    x (...) -> y (...); 0 gives infinity. Correctly rounded.
    Source: IEEE 754-2019, 5.4.1; checked against torch.reciprocal.
    """
    return ar.rounded(np.reciprocal(x))
