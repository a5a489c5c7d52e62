"""Scatter: slices written to places that an index array names."""

from __future__ import annotations

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.facts import Facts, rank_of
from ..engine.operator import not_causal, operator
from ..errors import GraphError
from ..graph import Array
from ._indices import checked
from ._reduction import within
from ._scattering import scattered


@operator(not_causal("it writes by position"), plain=True, facts=Facts(rank=rank_of("x")))
def scatter(
    ar: Arithmetic,
    x: Array,
    indices: Array,
    updates: Array,
    *,
    axis: int = 0,
    mode: str = "update",
    bounds: str = "wrap",
) -> Array:
    """y = x, then for each i: y[before..., indices[i], after...] = updates[before..., i, after...] (mode update)

    x (before..., n, after...) with n at ``axis``, indices (i...) integers,
    updates (before..., i..., after...) -> y like x. Other modes add, sub, mul, div, max and min combine what
    stands there with the update, one after the other. ``bounds`` is "wrap" (negative indices count from the end),
    "raise", or "ignore" (updates outside are dropped). Rounded once where updates are combined.
    Raises `GraphError` for shapes that do not fit, an index out of range or an unknown mode.
    Source: Core ML MIL ``scatter``; checked against a loop and torch.index_put.
    """
    (along,) = within(axis, x.ndim)
    expected = (*x.shape[:along], *indices.shape, *x.shape[along + 1 :])
    if updates.shape != expected:
        raise GraphError("updates do not fit", found=updates.shape, expected=expected)
    places, meant = checked(indices, x.shape[along], bounds)
    flat = updates.reshape(*x.shape[:along], indices.size, *x.shape[along + 1 :])
    rows = np.moveaxis(flat, along, 0)[meant.reshape(-1)]
    y = scattered(ar, np.moveaxis(x, along, 0), (places.reshape(-1)[meant.reshape(-1)],), rows, mode)
    return np.moveaxis(y, 0, along)
