"""Unique: the distinct elements, or slices, of an array."""

from __future__ import annotations

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.operator import operator
from ..graph import Array
from ._reduction import within


@operator(plain=True)
def unique(
    ar: Arithmetic, x: Array, *, axis: int | None = None, ordered: bool = True
) -> tuple[Array, Array, Array, Array]:
    """values, first, inverse, counts = the distinct elements, where each stands first, which each of x is, how often

    x (...) -> values (k), first (k), inverse (size of x), counts (k), all but values int64; with ``axis`` the slices
    along it are what is distinct: values (..., k, ...), inverse (n). In rising order, or (not ``ordered``) in the
    order in which they first stand. Exact.
    Source: ONNX Unique; checked against numpy.unique.
    """
    if axis is not None:
        (axis,) = within(axis, x.ndim)
    values, first, inverse, counts = np.unique(
        x, return_index=True, return_inverse=True, return_counts=True, axis=axis
    )
    inverse = inverse.reshape(-1)
    if not ordered:
        order = np.argsort(first, kind="stable")
        rank = np.empty_like(order)
        rank[order] = np.arange(len(order))
        values = np.take(values, order, axis=0 if axis is None else axis)
        first, inverse, counts = first[order], rank[inverse], counts[order]
    return values, first.astype(np.int64), inverse.astype(np.int64), counts.astype(np.int64)
