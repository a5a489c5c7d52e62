"""From fixed point: whole numbers as shares of a full one, as samples of a sound file are read."""

from __future__ import annotations

import math

from ..engine.arithmetic import Arithmetic
from ..engine.facts import Facts, rank_of
from ..engine.operator import operator
from ..errors import GraphError
from ..graph import Array


@operator(facts=Facts(rank=rank_of("x")))
def from_fixed(ar: Arithmetic, x: Array, *, full: float) -> Array:
    """y = x / full

    x (...) whole numbers, or floats -> y (...) floats. Exact where ``full`` is a power of two, as 32768 for samples
    of 16 bits, else rounded once.
    Raises `GraphError` unless ``full`` is positive.
    Source: definition; checked against soundfile.read.
    """
    if not 0 < full < math.inf:
        raise GraphError("full is not positive", found=full)
    y = x.astype(ar.dtype) / ar.dtype.type(full)
    exact = math.frexp(full)[0] == 0.5 and x.dtype.kind != "f"
    return y if exact else ar.rounded(y)
