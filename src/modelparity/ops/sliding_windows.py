"""Sliding windows: every stretch of an axis, side by side."""

from __future__ import annotations

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.facts import Facts
from ..engine.operator import operator
from ..errors import GraphError
from ..graph import Array
from ._reduction import within
from ._sizes import bounded


@operator(plain=True, facts=Facts(rank=lambda ranks, attrs: ranks["x"] + 1, moves=("x",), windowed=True))
def sliding_windows(ar: Arithmetic, x: Array, *, axis: int, size: int, stride: int = 1) -> Array:
    """y[..., t, k, ...] = x[..., t * stride + k, ...]

    x (..., n, ...) with n at ``axis`` -> y (..., (n - size) / stride + 1, size, ...), rounded down. Exact.
    Raises `GraphError` if no window fits.
    Source: Core ML MIL ``sliding_windows``; checked against torch.Tensor.unfold.
    """
    (along,) = within(axis, x.ndim)
    if size < 1 or stride < 1 or x.shape[along] < size:
        raise GraphError(
            f"windows of {size} every {stride} do not fit",
            found=x.shape,
            expected=f"at least {size} along {along}",
        )
    bounded(*x.shape[:along], (x.shape[along] - size) // stride + 1, size, *x.shape[along + 1 :])
    views = np.lib.stride_tricks.sliding_window_view(x, size, axis=along)
    picked = views[(slice(None),) * along + (slice(None, None, stride),)]
    return np.moveaxis(picked, -1, along + 1)
