"""Square: each element times itself."""

from __future__ import annotations

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.operator import operator
from ..graph import Array


@operator()
def square(ar: Arithmetic, x: Array) -> Array:
    """y = x x

    x (...) -> y (...). Whole numbers stay whole.
    Source: IEEE 754; checked against torch.square.
    """
    return ar.rounded(np.square(x))
