"""Dequantize: numbers from whole numbers, a scale and a zero point, for all or block by block."""

from __future__ import annotations

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.operator import operator
from ..errors import GraphError
from ..graph import Array


@operator(plain=True)
def dequantize(ar: Arithmetic, x: Array, scale: Array, offset: Array | None = None) -> Array:
    """y = scale (x - offset)

    x (...), scale and offset () or of x's rank, each size a divisor of x's: every scale then serves a block of
    x along that axis -> y (...). The difference is exact for whole numbers; the product is rounded.
    Raises `GraphError` if x does not divide into such blocks.
    Source: Core ML MIL ``dequantize``, ``constexpr_blockwise_shift_scale``, ONNX DequantizeLinear; checked against
    onnxruntime and a loop over elements.
    """
    y = x.astype(ar.dtype)
    if offset is not None:
        y = ar.rounded(y - spread(offset, y.shape).astype(ar.dtype), inner=True)
    return ar.rounded(y * spread(scale, y.shape))


def spread(a: Array, shape: tuple[int, ...]) -> Array:
    """``a`` repeated block by block, so that it broadcasts to ``shape``."""
    if a.ndim == 0:
        return a
    if a.ndim != len(shape) or any(n == 0 or size % n for n, size in zip(a.shape, shape, strict=True)):
        raise GraphError("blocks do not divide the data", found=a.shape, expected=f"divisors of {shape}")
    for axis, (n, size) in enumerate(zip(a.shape, shape, strict=True)):
        if 1 < n < size:
            a = np.repeat(a, size // n, axis)
    return a
