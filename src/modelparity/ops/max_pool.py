"""Max pooling, channels last."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.facts import Facts, rank_of, spanned_by
from ..engine.operator import operator
from ..errors import GraphError
from ..graph import Array
from ._sliding import pooling
from ._window import extended, spatial_shape, taps, windows_over


@operator(pooling, facts=Facts(rank=rank_of("x"), range=spanned_by("x"), windowed=True))
def max_pool(
    ar: Arithmetic,
    x: Array,
    *,
    size: Sequence[int],
    strides: Sequence[int] | None = None,
    padding: Sequence[Sequence[int]] | str | None = None,
    dilations: Sequence[int] | None = None,
    ceil: bool = False,
) -> Array:
    """y[p, c] = max over k of x[stride p + dilation k - before, c]

    x ([batch,] spatial..., channel) -> y ([batch,] spatial'..., channel) with len(size) spatial axes.
    Strides default to ``size``; padding, as `conv` takes it, counts as -inf. Floor leaves out a last partial
    window; ``ceil`` keeps it if it starts inside the input or the padding before it. Exact; NaN in a window is NaN.
    Raises `GraphError` if a setting does not fit, or a window could lie in padding alone.
    Source: Boureau, Ponce, LeCun, "A theoretical analysis of feature pooling", 2010; ONNX MaxPool; checked
    against torch.nn.functional.max_pool1d, max_pool2d and max_pool3d.
    """
    shape = spatial_shape(x, len(size))
    windows = windows_over(shape, size, size if strides is None else strides, padding, dilations, ceil=ceil)
    if any(max(w.before, w.given) >= w.extent for w in windows):
        raise GraphError(
            "padding is as long as the window, which would then see nothing else",
            found=tuple((w.before, w.given) for w in windows),
            expected=f"each less than {tuple(w.extent for w in windows)}",
        )
    lowest = -np.inf if x.dtype.kind == "f" else np.iinfo(x.dtype).min
    views = taps(extended(x, windows, lowest), windows)
    y = next(views).copy()
    for view in views:
        np.maximum(y, view, out=y)
    return y
