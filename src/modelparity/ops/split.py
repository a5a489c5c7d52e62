"""Split: an array in parts along an axis."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import accumulate, pairwise

from ..engine.arithmetic import Arithmetic
from ..engine.facts import Facts, rank_of
from ..engine.operator import not_causal, operator
from ..errors import GraphError
from ..graph import Array
from ._reduction import place


@operator(
    not_causal("it cuts an array in parts, which a stream does not follow"),
    facts=Facts(rank=rank_of("x"), moves=("x",)),
)
def split(
    ar: Arithmetic,
    x: Array,
    *,
    axis: int = 0,
    sizes: Sequence[int] | None = None,
    count: int | None = None,
    even: bool = True,
) -> tuple[Array, ...]:
    """y_1, y_2, ... = consecutive parts of x along ``axis``

    x (..., n, ...) -> y_k (..., sizes[k], ...), views; without ``sizes``, ``count`` even parts, of which
    without ``even`` the first ones may be longer by one. Exact.
    Raises `GraphError` if the sizes do not add up to n, or n is no multiple of the parts.
    Source: ONNX Split; checked against numpy.split.
    """
    along = place(axis, x.ndim - 1) + 1
    n = x.shape[along]
    if sizes is None:
        if not count or (even and n % count):
            raise GraphError("does not divide evenly", found=f"{n} in {count} parts")
        sizes = [n // count + (part < n % count) for part in range(count)]
    cuts, end = _cuts(along, tuple(sizes))
    if end != n:
        raise GraphError("sizes do not add up", found=tuple(sizes), expected=f"{n} in all")
    return tuple([x[cut] for cut in cuts])


@lru_cache(maxsize=1024)
def _cuts(along: int, sizes: tuple[int, ...]) -> tuple[list[tuple[slice, ...]], int]:
    """Where to cut, and the sum of the sizes (-1 if one is negative): worked out once for all turns of a loop."""
    if min(sizes, default=0) < 0:
        return [], -1
    ends = list(accumulate(sizes, initial=0))
    before = (slice(None),) * along
    return [(*before, slice(*pair)) for pair in pairwise(ends)], ends[-1]
