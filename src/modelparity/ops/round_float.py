"""Round float: numbers brought to a floating-point format of eight bits or fewer."""

from __future__ import annotations

from ..engine.arithmetic import Arithmetic
from ..engine.operator import operator
from ..errors import GraphError
from ..graph import Array
from ._minifloat import FORMATS, POWERS, powers


@operator()
def round_float(
    ar: Arithmetic, x: Array, *, to: str, saturate: bool = True, rounding: str = "nearest"
) -> Array:
    """y = the number of format ``to`` that is nearest to x, ties to even

    x (...) -> y (...). ``to`` is float8e4m3fn, float8e4m3fnuz, float8e5m2, float8e5m2fnuz, float4e2m1, or
    float8e8m0 (powers of two, for which ``rounding`` is nearest, up or down). What is too large becomes the largest
    number (``saturate``), else infinity, or NaN in a format without. The result is exact in every arithmetic.
    Raises `GraphError` for an unknown format or rounding.
    Source: Micikevicius et al., "FP8 formats for deep learning", 2022; ONNX Cast; checked against ml_dtypes.
    """
    if to == POWERS:
        return powers(x, rounding, saturate=saturate).astype(ar.dtype)
    if to not in FORMATS:
        raise GraphError(f"unknown format {to!r}", expected=", ".join((*FORMATS, POWERS)))
    return FORMATS[to].rounded(x, saturate=saturate).astype(ar.dtype)
