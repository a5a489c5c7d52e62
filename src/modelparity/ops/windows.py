"""Windows: overlapping blocks of frames, each flattened."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from ..engine.arithmetic import Arithmetic
from ..engine.facts import Facts, Shape
from ..engine.operator import Step, first_only, operator
from ..errors import GraphError
from ..graph import Array
from ._sizes import bounded


def _streaming(time: int, shape: Shape, attrs: Mapping[str, Any]) -> Step | str:
    if time != 0:
        return "its time axis is not the first"
    return Step(0, extent=attrs["size"], hop=attrs.get("hop", 1))


@operator(first_only(_streaming), facts=Facts(moves=("x",), windowed=True))
def windows(ar: Arithmetic, x: Array, *, size: int, hop: int = 1) -> Array:
    """y[t] = x[hop t : hop t + size], flattened in the order (time, ...)

    x (time, ...) -> y (time', size * rest) with time' = (time - size) // hop + 1. Exact.
    Raises `GraphError` if the input is shorter than one window.
    Source: madmom's segment_axis and StrideLayer; checked by definition.
    """
    if size < 1 or hop < 1:
        raise GraphError("size and hop must be positive", found=f"size {size}, hop {hop}")
    if x.ndim < 2 or x.shape[1] < size:
        raise GraphError(
            "the input is shorter than one window", found=x.shape[1:], expected=f"at least {size} frames"
        )
    bounded((x.shape[1] - size) // hop + 1, size, *x.shape[2:])
    blocks = sliding_window_view(x, size, axis=1)[:, ::hop]  # (lane, time', ..., size)
    y = np.moveaxis(blocks, -1, 2)
    return y.reshape(y.shape[0], y.shape[1], -1)
