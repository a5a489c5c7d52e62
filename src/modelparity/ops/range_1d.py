"""Range: numbers at even distances."""

from __future__ import annotations

import math

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.operator import operator
from ..errors import GraphError
from ..graph import Array
from ._sizes import bounded


@operator(plain=True)
def range_1d(ar: Arithmetic, start: Array, end: Array, step: Array) -> Array:
    """y[i] = start + i * step, for i from 0 as long as y[i] has not reached ``end``

    start, end, step () of one type -> y (ceil((end - start) / step)). Rounded once.
    Raises `GraphError` if the step is 0, anything is not finite, or the range is absurdly long.
    Source: ONNX Range; checked against numpy.arange.
    """
    first, last, by = (float(a.reshape(-1)[0]) for a in (start, end, step))
    if by == 0 or not all(map(math.isfinite, (first, last, by))):
        raise GraphError("the range never ends", found=f"{first} to {last} by {by}")
    count = max(math.ceil((last - first) / by), 0)
    bounded(count)
    steps = np.arange(count)
    if start.dtype.kind in "iu":
        return (int(first) + steps * int(by)).astype(start.dtype)
    return ar.rounded((first + steps * by).astype(start.dtype))
