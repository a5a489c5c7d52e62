"""Batched gather: slices picked by an index array of their own in every batch."""

from __future__ import annotations

import math

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.facts import Facts
from ..engine.operator import not_causal, operator
from ..errors import GraphError
from ..graph import Array
from ._indices import checked
from ._reduction import within
from ._sizes import bounded


@operator(not_causal("it picks by position"), plain=True, facts=Facts(moves=("x",), lookup="x"))
def gather_batched(
    ar: Arithmetic, x: Array, indices: Array, *, axis: int = 0, batch_dims: int = 0, bounds: str = "wrap"
) -> Array:
    """y[b..., before..., i..., after...] = x[b..., before..., indices[b..., i...], after...]

    x (b..., before..., n, after...) with n at ``axis``, indices (b..., i...) integers
    -> y (b..., before..., i..., after...), with ``batch_dims`` axes b. ``bounds`` is "wrap" (negative indices
    count from the end) or "raise". Exact.
    Raises `GraphError` if batch axes differ, stand behind ``axis``, or an index is out of range.
    Source: TensorFlow gather with batch_dims; checked against a loop over batches.
    """
    (along,) = within(axis, x.ndim)
    batch = x.shape[:batch_dims]
    if indices.shape[:batch_dims] != batch or along < batch_dims or len(batch) < batch_dims:
        raise GraphError(
            f"{batch_dims} batch axes do not fit",
            found=f"{x.shape} and indices {indices.shape}, axis {along}",
            expected="the same leading axes in both, before the axis",
        )
    places, _ = checked(indices, x.shape[along], bounds)
    count = math.prod(batch)
    shape = (*x.shape[:along], *indices.shape[batch_dims:], *x.shape[along + 1 :])
    bounded(*shape)
    if not count:
        return np.zeros(shape, x.dtype)
    data = x.reshape(count, *x.shape[batch_dims:])
    picks = places.reshape(count, *indices.shape[batch_dims:])
    each = [np.take(one, pick, axis=along - batch_dims) for one, pick in zip(data, picks, strict=True)]
    return np.stack(each).reshape(shape)
