"""To fixed point: numbers between -1 and 1 as whole ones of few bits, as sound files keep them."""

from __future__ import annotations

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.facts import Facts, rank_of
from ..engine.operator import operator
from ..errors import GraphError
from ..graph import Array

WAYS = ("down", "nearest", "towards-zero")


@operator(facts=Facts(rank=rank_of("x")))
def to_fixed(ar: Arithmetic, x: Array, *, bits: int = 16, way: str = "down") -> Array:
    """y = clip(floor(rint(2^31 x) / 2^(32 - bits)), -2^(bits - 1), 2^(bits - 1) - 1)

    x (...) -> y (...) whole numbers, int16 for 16 bits and fewer, else int32. ``way`` "nearest" has
    rint(2^(bits - 1) x) instead, "towards-zero" the whole part of it. What was computed and lies next to a whole
    number may go either way.
    Raises `GraphError` for another way, and for bits that are not 2 to 32.
    Source: libsndfile, which writes floats by way of 32 bits; checked against soundfile.write.
    """
    if way not in WAYS or not 2 <= bits <= 32:
        raise GraphError(
            "unknown setting", found=f"{bits} bits, {way}", expected=f"2 to 32 bits, {', '.join(WAYS)}"
        )
    moved = ar.whole(x).astype(np.float64)
    least = -(2.0 ** (bits - 1))
    if way == "down":
        whole = np.floor(np.rint(moved * 2.0**31) * 2.0 ** (bits - 32))
    else:
        whole = (np.rint if way == "nearest" else np.trunc)(moved * -least)
    y: Array = np.clip(np.nan_to_num(whole, nan=0.0), least, -least - 1)
    return y.astype(np.int16 if bits <= 16 else np.int32)
