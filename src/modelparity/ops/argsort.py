"""Argsort: where the elements in order stand."""

from __future__ import annotations

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.facts import Facts, rank_of
from ..engine.operator import operator, untouched
from ..graph import Array
from ._order import ranked
from ._reduction import reduced


@operator(untouched(lambda attrs, rank: (attrs.get("axis", -1),)), facts=Facts(rank=rank_of("x")))
def argsort(ar: Arithmetic, x: Array, *, axis: int = -1, descending: bool = False) -> Array:
    """x[..., y[..., i, ...], ...] rises (or falls) with i along ``axis``

    x (..., n, ...) -> y (..., n, ...) int32. Equal elements keep their order. Exact.
    Raises `GraphError` if the axis is not there.
    Source: definition; checked against torch.argsort, stable.
    """
    (along,) = reduced(x, axis)
    return ranked(ar.ranked(x, along), along, descending=descending).astype(np.int32)
