"""Gather along axis: one element picked for each place of an index array."""

from __future__ import annotations

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.facts import Facts, rank_of
from ..engine.operator import not_causal, operator
from ..errors import GraphError
from ..graph import Array
from ._indices import checked
from ._reduction import within


@operator(
    not_causal("it picks by position"), plain=True, facts=Facts(rank=rank_of("x"), moves=("x",), lookup="x")
)
def gather_along_axis(
    ar: Arithmetic, x: Array, indices: Array, *, axis: int = 0, bounds: str = "wrap"
) -> Array:
    """y[..., i, ...] = x[..., indices[..., i, ...], ...], the index standing at ``axis``

    x (..., n, ...), indices (..., m, ...) integers, of the same rank -> y (..., m, ...). Other axes of
    ``indices`` may be shorter than those of x: the rest is not read. ``bounds`` is "wrap" (negative indices count
    from the end) or "raise" (they are errors). Exact.
    Raises `GraphError` if ranks differ or an index is out of range.
    Source: ONNX GatherElements, Core ML MIL ``gather_along_axis``; checked against numpy.take_along_axis.
    """
    if x.ndim != indices.ndim:
        raise GraphError("ranks differ", found=f"{x.shape} and indices {indices.shape}")
    (along,) = within(axis, x.ndim)
    if any(m > n for a, (m, n) in enumerate(zip(indices.shape, x.shape, strict=True)) if a != along):
        raise GraphError(
            "indices are larger than the data", found=indices.shape, expected=f"within {x.shape}"
        )
    places, _ = checked(indices, x.shape[along], bounds)
    part = x[tuple(slice(None) if a == along else slice(m) for a, m in enumerate(indices.shape))]
    return np.take_along_axis(part, places, axis=along)
