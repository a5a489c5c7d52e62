"""Interleave: arrays joined along an axis, element by element in turn."""

from __future__ import annotations

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.facts import Facts, rank_of
from ..engine.operator import operator
from ..errors import GraphError
from ..graph import Array
from ._reduction import within
from ._sizes import bounded


@operator(plain=True, facts=Facts(rank=rank_of("xs"), moves=("xs",)))
def interleave(ar: Arithmetic, *xs: Array, axis: int) -> Array:
    """y[..., n i + k, ...] = x_k[..., i, ...] along ``axis``, for n arrays counted from 0

    x_k (..., m, ...) of one shape -> y (..., n m, ...). Exact. Raises `GraphError` if shapes differ.
    Source: Core ML MIL ``concat``; checked against numpy, by slices.
    """
    if len({x.shape for x in xs}) != 1:
        raise GraphError("inputs differ in shape", found=", ".join(str(x.shape) for x in xs) or "no inputs")
    (along,) = within(axis, xs[0].ndim)
    shape = xs[0].shape
    bounded(len(xs) * xs[0].size)
    return np.stack(xs, axis=along + 1).reshape(*shape[:along], -1, *shape[along + 1 :])
