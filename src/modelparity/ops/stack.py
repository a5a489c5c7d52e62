"""Stack: arrays side by side along a new axis."""

from __future__ import annotations

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.facts import Facts
from ..engine.operator import operator
from ..errors import GraphError
from ..graph import Array
from ._reduction import within
from ._sizes import bounded


@operator(plain=True, facts=Facts(rank=lambda ranks, attrs: ranks["xs"] + 1, moves=("xs",)))
def stack(ar: Arithmetic, *xs: Array, axis: int = 0) -> Array:
    """y[..., k, ...] = x_k[...], k running along ``axis`` of y

    x_1 ... x_n (...) of one shape -> y (..., n, ...). Exact. Raises `GraphError` if shapes differ.
    Source: definition; checked against numpy.stack.
    """
    if len({x.shape for x in xs}) != 1:
        raise GraphError("inputs differ in shape", found=", ".join(str(x.shape) for x in xs) or "no inputs")
    bounded(len(xs) * xs[0].size)
    return np.stack(xs, axis=within(axis, xs[0].ndim + 1)[0])
