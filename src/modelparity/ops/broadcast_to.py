"""Broadcast: an array repeated along axes of size one until it has a wanted shape."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.facts import Facts
from ..engine.operator import operator
from ..errors import GraphError
from ..graph import Array
from ._sizes import bounded


@operator(plain=True, facts=Facts(moves=("x",)))
def broadcast_to(
    ar: Arithmetic,
    x: Array,
    like: Array | None = None,
    *,
    shape: Sequence[int] | None = None,
    values: bool = False,
    mutual: bool = False,
) -> Array:
    """y[..., i, ...] = x[..., i or 0, ...]

    x (...) -> y of ``shape``, or of the shape of ``like`` (...), or with ``values`` of the shape that the numbers
    in like (rank) are. Axes align from the right. A view. Exact.
    With ``mutual`` the shape is broadcast with that of x: it may be shorter, and 1 where x is longer.
    Raises `GraphError` if x does not broadcast to it.
    Source: ONNX Expand; checked against numpy.broadcast_to.
    """
    if (shape is None) == (like is None):
        raise GraphError("the shape is not given once", expected="shape or like")
    target = (
        [int(n) for n in like.reshape(-1)]
        if like is not None and values
        else list(
            shape if like is None else like.shape  # type: ignore[arg-type]
        )
    )
    bounded(*target)
    try:
        if mutual:
            target = list(np.broadcast_shapes(tuple(target), x.shape))
            bounded(*target)
        return np.broadcast_to(x, target)
    except ValueError:
        raise GraphError("it does not broadcast", found=x.shape, expected=tuple(target)) from None
