"""Argsort: where the elements in order stand."""

from __future__ import annotations

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.facts import Facts, rank_of
from ..engine.operator import operator
from ..graph import Array
from ._order import ranked
from ._reduction import within


@operator(plain=True, facts=Facts(rank=rank_of("x")))
def argsort(ar: Arithmetic, x: Array, *, axis: int = -1, descending: bool = False) -> Array:
    """x[..., y[..., i, ...], ...] rises (or falls) with i along ``axis``

    x (..., n, ...) -> y (..., n, ...) int32. Equal elements keep their order. Exact.
    Raises `GraphError` if the axis is not there.
    Source: definition; checked against torch.argsort, stable.
    """
    (along,) = within(axis, x.ndim)
    return ranked(x, along, descending=descending).astype(np.int32)
