"""PReLU: leaky ReLU with learned slopes."""

from __future__ import annotations

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.operator import aligned, operator
from ..graph import Array


@operator()
def prelu(ar: Arithmetic, x: Array, slope: Array) -> Array:
    """y = x where x >= 0, else slope x

    x (...), slope (channel) or anything that broadcasts from the right -> y (...). Exact where x >= 0.
    Source: He et al., "Delving deep into rectifiers", 2015; checked against torch.nn.functional.prelu.
    """
    x, slope = aligned(x, slope)
    zero = x.dtype.type(0)
    y = ar.rounded(np.minimum(x, zero) * slope)
    y += np.maximum(x, zero)  # one of the two is 0; much faster than to choose
    return y
