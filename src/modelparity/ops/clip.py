"""Clip: values held between two bounds."""

from __future__ import annotations

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.operator import operator
from ..graph import Array


@operator()
def clip(ar: Arithmetic, x: Array, *, min: float | None = None, max: float | None = None) -> Array:
    """y = min(max(x, ``min``), ``max``)

    x (...) -> y (...); a bound of ``None`` is none, and each is stored as the arithmetic stores a weight. Exact; NaN
    stays NaN. If ``min`` exceeds ``max``, every result is ``max``.
    Source: ONNX Clip; checked against torch.clamp.
    """
    y = x
    if min is not None:
        y = np.maximum(y, ar.cast(np.array(min, np.float64)).astype(x.dtype))
    if max is not None:
        y = np.minimum(y, ar.cast(np.array(max, np.float64)).astype(x.dtype))
    return y
