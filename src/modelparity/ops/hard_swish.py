"""Hard swish: x times its hard sigmoid."""

from __future__ import annotations

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.operator import operator
from ..graph import Array


@operator()
def hard_swish(ar: Arithmetic, x: Array) -> Array:
    """y = x max(0, min(1, x / 6 + 1 / 2))

    x (...) -> y (...). One operation.
    Source: Howard et al., "Searching for MobileNetV3", 2019; checked against torch.nn.functional.hardswish.
    """
    y = np.clip(ar.operand(x * x.dtype.type(1 / 6)) + x.dtype.type(0.5), 0, 1)
    return ar.rounded(np.multiply(y, x, out=y))
