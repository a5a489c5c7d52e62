"""Unpack bits: whole numbers that are packed tighter than bytes."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.operator import operator
from ..errors import GraphError
from ..graph import Array


@operator(plain=True)
def unpack_bits(ar: Arithmetic, x: Array, *, bits: int, shape: Sequence[int], signed: bool = False) -> Array:
    """y[i] = the i-th group of ``bits`` bits of x, lowest bits of the lowest byte first

    x (bytes) uint8 -> y of ``shape``, in C order, uint8, or int8 if ``signed`` (two's complement). Exact.
    Raises `GraphError` if x has not as many bytes as ``shape`` needs.
    Source: Core ML MIL ``constexpr_lut_to_dense`` (notes on packing); checked against bit strings.
    """
    count = math.prod(shape)
    if x.ndim != 1 or x.dtype != np.uint8 or not 1 <= bits <= 8 or x.size != -(-count * bits // 8):
        raise GraphError(
            f"{count} numbers of {bits} bits do not fill the bytes",
            found=f"{x.dtype} {x.shape}",
            expected=f"uint8 ({-(-count * bits // 8)},)",
        )
    planes = np.unpackbits(x, count=count * bits, bitorder="little").reshape(count, bits)
    y: Array = np.zeros(count, np.uint8)
    for place in range(bits):
        y |= planes[:, place] << np.uint8(place)
    if signed:  # the sign bit is copied into the bits above it
        y = (y << np.uint8(8 - bits)).view(np.int8) >> np.int8(8 - bits)
    return y.reshape(tuple(shape))
