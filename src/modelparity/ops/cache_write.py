"""Cache write: newer frames written into a cache, from a place on that may differ by batch."""

from __future__ import annotations

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.facts import Facts
from ..engine.operator import not_causal, operator
from ..errors import GraphError
from ..graph import Array
from ._reduction import within


@operator(not_causal("it writes by position"), plain=True, facts=Facts(moves=("x", "update")))
def cache_write(
    ar: Arithmetic,
    x: Array,
    update: Array,
    starts: Array | None = None,
    *,
    axis: int = -2,
    circular: bool = False,
) -> Array:
    """y = x, then y[b, ..., starts[b] + i, ...] = update[b, ..., i, ...], the place standing at ``axis``

    x (batch, ..., n, ...), update (batch, ..., m, ...), starts (batch) integers, 0 if left out -> y like x. A
    ``circular`` cache goes on at its beginning. Exact.
    Raises `GraphError` for shapes that do not fit, or frames that lie outside.
    Source: ONNX TensorScatter; checked against a loop over batch and frames.
    """
    (along,) = within(axis, x.ndim)
    rest = [n for k, n in enumerate(x.shape) if k != along]
    if update.ndim != x.ndim or [n for k, n in enumerate(update.shape) if k != along] != rest or along == 0:
        raise GraphError(
            "the update does not fit", found=update.shape, expected=f"{x.shape} but for axis {along}"
        )
    y, count, size = x.copy(), update.shape[along], x.shape[along]
    begins = np.zeros(len(x), np.int64) if starts is None else np.broadcast_to(starts.reshape(-1), len(x))
    for b, begin in enumerate(begins):
        places = int(begin) + np.arange(count)
        if circular:
            places %= max(size, 1)
        elif begin < 0 or begin + count > size:
            raise GraphError(
                "frames outside of the cache", found=f"{begin} to {begin + count}", expected=f"0 to {size}"
            )
        np.moveaxis(y[b], along - 1, 0)[places] = np.moveaxis(update[b], along - 1, 0)
    return y
