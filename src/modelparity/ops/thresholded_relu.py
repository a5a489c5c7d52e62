"""Thresholded ReLU: nothing below a threshold."""

from __future__ import annotations

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.operator import operator
from ..graph import Array


@operator()
def thresholded_relu(ar: Arithmetic, x: Array, *, threshold: float = 1.0, inclusive: bool = True) -> Array:
    """y = x where x >= ``threshold`` (not ``inclusive``: where x > ``threshold``), else 0

    x (...) -> y (...). Exact; NaN stays NaN; the threshold is stored as the arithmetic stores a weight.
    Source: Konda, Memisevic, Krueger, "Zero-bias autoencoders and the benefits of co-adapting features", 2015;
    checked against torch.nn.functional.threshold.
    """
    bound = ar.cast(np.array(threshold, np.float64)).astype(x.dtype)
    seen = ar.compared(x, bound.reshape((1,) * x.ndim))
    below = seen < bound if inclusive else seen <= bound
    return np.where(below, x.dtype.type(0), x)
