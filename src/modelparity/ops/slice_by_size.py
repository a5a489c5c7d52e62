"""Slice by size: a part of an array, from a corner and with sizes that arrays give."""

from __future__ import annotations

from ..engine.arithmetic import Arithmetic
from ..engine.facts import Facts, rank_of
from ..engine.operator import operator
from ..errors import GraphError
from ..graph import Array


@operator(plain=True, facts=Facts(rank=rank_of("x"), moves=("x",)))
def slice_by_size(ar: Arithmetic, x: Array, begin: Array, size: Array) -> Array:
    """y = x[begin[0] : begin[0] + size[0], begin[1] : begin[1] + size[1], ...]

    x (...) of rank r, begin and size (r) integers -> y (size). A negative begin counts from the end, a size of -1
    means all that is left. Exact. Raises `GraphError` if lengths differ or the part is not all inside.
    Source: TensorFlow slice, Core ML MIL ``slice_by_size``; checked against numpy.
    """
    starts, sizes = [int(n) for n in begin.reshape(-1)], [int(n) for n in size.reshape(-1)]
    if len(starts) != x.ndim or len(sizes) != x.ndim:
        raise GraphError(
            "the slice does not fit", found=f"begin {starts}, size {sizes}", expected=f"{x.ndim} of each"
        )
    starts = [start + n if start < 0 else start for start, n in zip(starts, x.shape, strict=True)]
    ends = [n if m == -1 else start + m for start, m, n in zip(starts, sizes, x.shape, strict=True)]
    if any(not 0 <= start <= end <= n for start, end, n in zip(starts, ends, x.shape, strict=True)):
        raise GraphError("the slice is not inside", found=f"{starts} to {ends}", expected=f"within {x.shape}")
    return x[tuple(slice(start, end) for start, end in zip(starts, ends, strict=True))]
