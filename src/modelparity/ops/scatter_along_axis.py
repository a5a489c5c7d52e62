"""Scatter along axis: one element written for each place of an index array."""

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
def scatter_along_axis(
    ar: Arithmetic,
    x: Array,
    indices: Array,
    updates: Array,
    *,
    axis: int = 0,
    mode: str = "update",
    bounds: str = "wrap",
) -> Array:
    """y = x, then y[..., indices[..., i, ...], ...] = updates[..., i, ...] (mode update), the index at ``axis``

    x (..., n, ...), indices and updates (..., m, ...) of the same rank -> y like x. Other modes add, sub, mul,
    div, max and min combine what stands there with the update, one after the other. ``bounds`` is "wrap"
    (negative indices count from the end), "raise", or "ignore" (updates outside are dropped).
    Raises `GraphError` for shapes that do not fit, an index out of range or an unknown mode.
    Source: ONNX ScatterElements, Core ML MIL ``scatter_along_axis``; checked against torch.scatter_reduce.
    """
    (along,) = within(axis, x.ndim)
    if indices.ndim != x.ndim or updates.shape != indices.shape:
        raise GraphError(
            "shapes do not fit",
            found=f"data {x.shape}, indices {indices.shape}, updates {updates.shape}",
            expected="indices and updates alike, of the rank of the data",
        )
    if any(m > n for a, (m, n) in enumerate(zip(indices.shape, x.shape, strict=True)) if a != along):
        raise GraphError(
            "indices are larger than the data", found=indices.shape, expected=f"within {x.shape}"
        )
    places, meant = checked(indices, x.shape[along], bounds)
    index = list(np.nonzero(meant))  # where each update comes from, and but for the axis goes to
    index[along] = places[meant]
    return scattered(ar, x, tuple(index), updates[meant], mode)
