"""Slice between: a part of an array, its ends and steps given by arrays."""

from __future__ import annotations

from ..engine.arithmetic import Arithmetic
from ..engine.facts import Facts
from ..engine.operator import operator
from ..errors import GraphError
from ..graph import Array
from ._reduction import within_order


@operator(plain=True, facts=Facts(moves=("x",)))
def slice_between(
    ar: Arithmetic,
    x: Array,
    starts: Array,
    ends: Array,
    axes: Array | None = None,
    steps: Array | None = None,
) -> Array:
    """y = x[starts[i] : ends[i] : steps[i]] along axes[i], for each i

    x (...), starts, ends, axes and steps (n) integers -> y (...), a view. Without ``axes`` the first n are meant,
    without ``steps`` every element. Negative ends count from the end of the axis; going backwards, an end before
    the first element is as far as it goes. Exact. Raises `GraphError` if lengths differ or a step is 0.
    Source: ONNX Slice; checked against numpy.
    """
    count = starts.size
    over = within_order(range(count) if axes is None else [int(n) for n in axes.reshape(-1)], x.ndim)
    by = [1] * count if steps is None else [int(n) for n in steps.reshape(-1)]
    if {count, ends.size, len(by)} != {len(over)} or 0 in by:
        raise GraphError(
            "the slice does not fit", found=(count, ends.size, len(over), by), expected="as many of each"
        )
    taken = [slice(None)] * x.ndim
    for axis, start, end, step in zip(over, starts.reshape(-1), ends.reshape(-1), by, strict=True):
        stop = None if step < 0 and end < -x.shape[axis] else int(end)
        taken[axis] = slice(int(start), stop, step)
    return x[tuple(taken)]
