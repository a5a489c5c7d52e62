"""Quantize: numbers as whole ones, by a scale and a zero point, for all or block by block."""

from __future__ import annotations

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.operator import operator
from ..graph import Array
from ._element import element
from .dequantize import spread


@operator(plain=True)
def quantize(
    ar: Arithmetic,
    x: Array,
    scale: Array,
    offset: Array | None = None,
    *,
    to: str,
    low: int | None = None,
    high: int | None = None,
) -> Array:
    """y = round(x / scale) + offset, ties to even, held between ``low`` and ``high``

    x (...), scale and offset () or of x's rank, each size a divisor of x's: every scale then serves a block of x
    along that axis -> y (...) of type ``to``. The quotient is rounded as the arithmetic does. For ``to`` "float" y is
    the quotient itself, which is what formats with a fraction are made from.
    Raises `GraphError` if x does not divide into such blocks.
    Source: ONNX QuantizeLinear; checked against onnxruntime and a loop over elements.
    """
    y = ar.rounded(x / spread(scale, x.shape))
    if to == "float":
        return y if offset is None else ar.rounded(y + spread(offset, x.shape).astype(ar.dtype))
    whole = np.rint(ar.whole(y, alone=True).astype(np.float64))
    if offset is not None:
        whole = whole + spread(offset, x.shape)
    kind = np.iinfo(element(ar, to))
    bytes_: Array = np.clip(
        np.nan_to_num(whole), kind.min if low is None else low, kind.max if high is None else high
    ).astype(to)
    return bytes_
