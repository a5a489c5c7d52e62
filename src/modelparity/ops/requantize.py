"""Requantize: sums of products of bytes brought back to bytes."""

from __future__ import annotations

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.operator import aligned, operator
from ..graph import Array


@operator()
def requantize(
    ar: Arithmetic,
    x: Array,
    one: Array,
    two: Array,
    scale: Array,
    offset: Array,
    *,
    to: str,
    low: int,
    high: int,
) -> Array:
    """y = round(x one two / scale) + offset, ties to even, held between ``low`` and ``high``

    x (...) whole numbers, one and two (scales of what was multiplied), scale and offset (of the result), all
    broadcast from the right -> y (...) of type ``to``.
    Source: ONNX QLinearMatMul and QLinearConv; checked against onnxruntime.
    """
    factor = ar.rounded(np.divide(*aligned(ar.rounded(np.multiply(*aligned(one, two))), scale)))
    y = ar.rounded(np.multiply(*aligned(x.astype(ar.dtype), factor)))
    whole = np.add(*aligned(np.rint(ar.whole(y)), offset))
    result: Array = np.clip(whole, low, high).astype(to)
    return result
