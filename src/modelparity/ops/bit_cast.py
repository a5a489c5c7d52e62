"""Bit cast: the same bits as elements of another type."""

from __future__ import annotations

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.operator import operator
from ..errors import GraphError
from ..graph import Array
from ._element import WHOLE

_HELD = {"bfloat16": "uint16", "bool": "uint8"}


@operator()
def bit_cast(ar: Arithmetic, x: Array, *, source: str, to: str) -> Array:
    """y = the bits of x, as an element of type ``source``, read as an element of type ``to``

    x (...) -> y (...). Both types are as wide: float16, bfloat16, float32, float64, bool or a type of whole numbers.
    Floats are brought to ``source`` first. Raises `GraphError` for types of which one is wider.
    Source: ONNX BitCast; checked against numpy.ndarray.view.
    """
    known = {*WHOLE, "bool", "bfloat16", "float16", "float32", "float64"}
    if not {source, to} <= known:
        raise GraphError("unknown element type", found=f"{source} to {to}", expected=", ".join(sorted(known)))
    if np.dtype(_HELD.get(source, source)).itemsize != np.dtype(_HELD.get(to, to)).itemsize:
        raise GraphError("one type is wider than the other", found=f"{source} to {to}")
    if source == "bfloat16":
        high = np.ascontiguousarray(x, np.float32).view(np.uint32) >> np.uint32(16)
        bits: Array = high.astype(np.uint16)
    else:
        bits = np.ascontiguousarray(x, source).view(_HELD.get(source, source))
    if to == "bfloat16":
        wide = bits.view(np.uint16).astype(np.uint32) << np.uint32(16)
        return wide.view(np.float32).astype(ar.dtype)
    y: Array = bits.view(_HELD.get(to, to))
    return y.astype(ar.dtype) if to.startswith("float") else y != 0 if to == "bool" else y
