"""Split: an array in parts along an axis."""

from __future__ import annotations

from collections.abc import Sequence

from ..arithmetic import Arithmetic
from ..errors import GraphError
from ..graph import Array
from ..operator import operator
from ._reduction import within


@operator(plain=True)
def split(
    ar: Arithmetic, x: Array, *, axis: int = 0, sizes: Sequence[int] | None = None, count: int | None = None
) -> tuple[Array, ...]:
    """y_1, y_2, ... = consecutive parts of x along ``axis``

    x (..., n, ...) -> y_k (..., sizes[k], ...), views; without ``sizes``, ``count`` even parts. Exact.
    Raises `GraphError` if the sizes do not add up to n, or n cannot be divided.
    Source: ONNX Split; checked against numpy.split.
    """
    (along,) = within(axis, x.ndim)
    n = x.shape[along]
    if sizes is None:
        if not count or n % count:
            raise GraphError("cannot be divided evenly", found=f"{n} in {count} parts")
        sizes = [n // count] * count
    if sum(sizes) != n or min(sizes, default=0) < 0:
        raise GraphError("sizes do not add up", found=tuple(sizes), expected=f"{n} in all")
    starts = [sum(sizes[:k]) for k in range(len(sizes))]
    before = (slice(None),) * along
    return tuple(x[(*before, slice(start, start + m))] for start, m in zip(starts, sizes, strict=True))
