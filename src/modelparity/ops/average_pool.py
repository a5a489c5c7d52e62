"""Average pooling, channels last."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.facts import Facts, Range, Ranges, rank_of, union
from ..engine.operator import operator
from ..errors import GraphError
from ..graph import Array
from ._sliding import pooling
from ._window import Window, extended, spatial_shape, taps, windows_over


def _range(given: Ranges, attrs: Mapping[str, Any]) -> Range | None:
    counted = [Range(0, 0, quiet=True)] if attrs["count_padding"] else []
    return union([given["x"], *counted])


@operator(pooling, facts=Facts(rank=rank_of("x"), range=_range, windowed=True))
def average_pool(
    ar: Arithmetic,
    x: Array,
    *,
    size: Sequence[int],
    strides: Sequence[int] | None = None,
    padding: Sequence[Sequence[int]] | str | None = None,
    ceil: bool = False,
    count_padding: bool = False,
    dilations: Sequence[int] | None = None,
) -> Array:
    """y[p, c] = (sum over k of x[stride p + dilation k - before, c]) / n[p]

    n counts the places of the window that lie inside the input, or with ``count_padding`` inside the input and
    its padding; places that only ``ceil`` adds beyond them never count.
    x ([batch,] spatial..., channel) -> y ([batch,] spatial'..., channel) with len(size) spatial axes.
    Strides default to ``size``; padding is as `conv` takes it. Floor leaves out a last partial window; ``ceil``
    keeps it if it starts inside the input or the padding before it. The sum accumulates in the carrier; one rounding.
    Raises `GraphError` if a setting does not fit, or a window could lie in padding alone.
    Source: ONNX AveragePool; checked against torch.nn.functional.avg_pool1d, avg_pool2d and avg_pool3d.
    """
    shape = spatial_shape(x, len(size))
    windows = windows_over(shape, size, size if strides is None else strides, padding, dilations, ceil=ceil)
    if any(max(w.before, w.given) >= w.extent for w in windows):
        raise GraphError(
            "padding is as long as the window, which would then see nothing else",
            found=tuple((w.before, w.given) for w in windows),
            expected=f"each less than {tuple(w.extent for w in windows)}",
        )
    views = taps(extended(ar.operand(x, terms=math.prod(size)), windows, 0.0), windows)
    y = next(views).copy()
    for view in views:
        y += view
    for axis, (w, length) in enumerate(zip(windows, shape, strict=True)):
        counts = _counts(w, length, count_padding)
        if (counts != 1).any():  # the number of places is a product over axes
            y /= counts.astype(y.dtype).reshape(-1, *(1,) * (len(windows) - axis))
    return ar.summed(y, math.prod(size))


def _counts(window: Window, length: int, count_padding: bool) -> Array:
    """How many places count along one axis, window by window."""
    starts = np.arange(window.out) * window.stride - window.before
    low, high = (-window.before, length + window.given) if count_padding else (0, length)
    places = starts[:, None] + np.arange(window.size) * window.dilation
    counts: Array = ((places >= low) & (places < high)).sum(axis=1)
    return counts
