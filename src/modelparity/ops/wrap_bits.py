"""Wrap bits: whole numbers cut to their lowest bits."""

from __future__ import annotations

from ..engine.arithmetic import Arithmetic
from ..engine.operator import operator
from ..graph import Array


@operator()
def wrap_bits(ar: Arithmetic, x: Array, *, bits: int, signed: bool, to: str) -> Array:
    """y = the number that the lowest ``bits`` bits of x say, in two's complement if ``signed``

    x (...) whole numbers -> y (...) of type ``to``, which has room for it. Exact.
    Source: ISO C, 6.3.1.3; checked against numpy's casts for widths that numpy has.
    """
    low = x & ((1 << bits) - 1)
    if signed:
        low = low - ((low >> (bits - 1)) << bits)
    y: Array = low.astype(to)
    return y
