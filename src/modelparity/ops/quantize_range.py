"""Quantize range: numbers as bytes by a scale that their own range gives."""

from __future__ import annotations

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.operator import operator
from ..graph import Array


@operator(plain=True)
def quantize_range(ar: Arithmetic, x: Array) -> tuple[Array, Array, Array]:
    """y, scale, zero = bytes, with scale = (max(x, 0) - min(x, 0)) / 255 and zero = round(-min(x, 0) / scale)

    x (...) -> y (...) uint8, scale (), zero () uint8; y = round(x / scale) + zero, ties to even, saturated.
    Source: ONNX DynamicQuantizeLinear; checked against onnxruntime.
    """
    low, high = min(0.0, float(x.min(initial=0))), max(0.0, float(x.max(initial=0)))
    scale = ar.rounded(np.array((high - low) / 255, ar.dtype))
    safe = scale if scale else np.ones((), ar.dtype)
    zero = np.clip(np.rint(-low / safe), 0, 255)
    y = np.clip(np.rint(ar.rounded(x / safe)) + zero, 0, 255)
    return y.astype(np.uint8), scale, np.asarray(zero).astype(np.uint8)
