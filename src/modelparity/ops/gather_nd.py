"""Gather N-D: slices picked by tuples of indices."""

from __future__ import annotations

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.facts import Facts
from ..engine.operator import not_causal, operator
from ..errors import GraphError
from ..graph import Array
from ._indices import checked


@operator(not_causal("it picks by position"), plain=True, facts=Facts(moves=("x",)))
def gather_nd(
    ar: Arithmetic, x: Array, indices: Array, *, batch_dims: int = 0, bounds: str = "wrap"
) -> Array:
    """y[b..., i...] = x[b..., indices[b..., i..., 0], ..., indices[b..., i..., k - 1]]

    x (b..., n_1, ..., n_k, rest...), indices (b..., i..., k) integers -> y (b..., i..., rest...), with
    ``batch_dims`` axes b. ``bounds`` is "wrap" (negative indices count from the end) or "raise". Exact.
    Raises `GraphError` if batch axes differ, k is too large, or an index is out of range.
    Source: ONNX GatherND, TensorFlow gather_nd; checked against a loop over indices.
    """
    depth = indices.shape[-1] if indices.ndim else -1
    if not 0 <= depth <= x.ndim - batch_dims or not 0 <= batch_dims < max(indices.ndim, 1):
        raise GraphError(
            "indices do not fit the data",
            found=f"{indices.shape} with {batch_dims} batch axes",
            expected=f"at most {x.ndim - batch_dims} indices into {x.shape}",
        )
    batch = x.shape[:batch_dims]
    if indices.shape[:batch_dims] != batch:
        raise GraphError("batch axes differ", found=f"{x.shape} and indices {indices.shape}")
    places, _ = checked(indices, np.array(x.shape[batch_dims : batch_dims + depth], np.int64), bounds)
    # Batch axes index themselves, spread over the axes that the indices add.
    own = [
        np.arange(n).reshape([-1 if a == b else 1 for a in range(indices.ndim - 1)])
        for b, n in enumerate(batch)
    ]
    picks = tuple(places[..., k] for k in range(depth))
    if not own and not picks:
        return np.broadcast_to(x, (*indices.shape[:-1], *x.shape)).copy()
    if not picks:
        shape = (*indices.shape[:-1], *x.shape[batch_dims:])
        spread = x.reshape(*batch, *(1,) * (indices.ndim - 1 - batch_dims), *x.shape[batch_dims:])
        return np.broadcast_to(spread, shape).copy()
    y: Array = x[(*own, *picks)]
    return y
