"""Scatter N-D: slices written to places that tuples of indices name."""

from __future__ import annotations

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.facts import Facts, rank_of
from ..engine.operator import not_causal, operator
from ..errors import GraphError
from ..graph import Array
from ._indices import checked
from ._scattering import scattered


@operator(not_causal("it writes by position"), plain=True, facts=Facts(rank=rank_of("x")))
def scatter_nd(
    ar: Arithmetic, x: Array, indices: Array, updates: Array, *, mode: str = "update", bounds: str = "wrap"
) -> Array:
    """y = x, then for each i: y[indices[i..., 0], ..., indices[i..., k - 1]] = updates[i...] (mode update)

    x (n_1, ..., n_k, rest...), indices (i..., k) integers, updates (i..., rest...) -> y like x. Other modes add,
    sub, mul, div, max and min combine what stands there with the update, one after the other. ``bounds`` is
    "wrap" (negative indices count from the end), "raise", or "ignore" (updates outside are dropped).
    Raises `GraphError` for shapes that do not fit, an index out of range or an unknown mode.
    Source: ONNX ScatterND, TensorFlow tensor_scatter_nd_update; checked against a loop over indices.
    """
    depth = indices.shape[-1] if indices.ndim else 0
    expected = (*indices.shape[:-1], *x.shape[depth:])
    if not 0 < depth <= x.ndim or updates.shape != expected:
        raise GraphError(
            "indices or updates do not fit",
            found=f"data {x.shape}, indices {indices.shape}, updates {updates.shape}",
            expected=f"updates {expected}",
        )
    places, inside = checked(indices, np.array(x.shape[:depth], np.int64), bounds)
    meant = inside.all(axis=-1)
    return scattered(ar, x, tuple(places[meant].T), updates[meant], mode)
