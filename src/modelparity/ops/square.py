"""Square: each element times itself."""

from __future__ import annotations

import numpy as np

from ..arithmetic import Arithmetic
from ..graph import Array
from ..operator import operator


@operator()
def square(ar: Arithmetic, x: Array) -> Array:
    """y = x x

    x (...) -> y (...). Whole numbers stay whole.
    Source: IEEE 754; checked against torch.square.
    """
    return ar.rounded(np.square(x))
