"""Reciprocal."""

from __future__ import annotations

import numpy as np

from ..arithmetic import Arithmetic
from ..graph import Array
from ..operator import operator


@operator()
def reciprocal(ar: Arithmetic, x: Array) -> Array:
    """y = 1 / x

    x (...) -> y (...); 0 gives infinity. Correctly rounded.
    Source: IEEE 754-2019, 5.4.1; checked against torch.reciprocal.
    """
    return ar.rounded(np.reciprocal(x))
