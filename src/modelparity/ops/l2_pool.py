"""L2 pooling, channels last."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.facts import Facts, rank_of
from ..engine.operator import operator
from ..graph import Array
from ._sliding import pooling
from ._window import extended, spatial_shape, taps, windows_over


@operator(pooling, facts=Facts(rank=rank_of("x"), windowed=True))
def l2_pool(
    ar: Arithmetic,
    x: Array,
    *,
    size: Sequence[int],
    strides: Sequence[int] | None = None,
    padding: Sequence[Sequence[int]] | str | None = None,
    ceil: bool = False,
) -> Array:
    """y[p, c] = sqrt(sum over k of x[stride p + k - before, c]^2)

    x ([batch,] spatial..., channel) -> y ([batch,] spatial'..., channel) with len(size) spatial axes.
    Strides default to ``size``; padding is zeros, as `conv` takes it; ``ceil`` as `max_pool` takes it. Squares, sum
    and root stay in the carrier; one rounding. Raises `GraphError` if a setting does not fit.
    Source: ONNX LpPool with p = 2; checked against torch.nn.functional.lp_pool1d and lp_pool2d.
    """
    shape = spatial_shape(x, len(size))
    windows = windows_over(shape, size, size if strides is None else strides, padding, None, ceil=ceil)
    squares = np.square(ar.operand(x, terms=math.prod(size)))
    views = taps(extended(squares, windows, 0.0), windows)
    y = next(views).copy()
    for view in views:
        y += view
    return ar.rounded(np.sqrt(y, out=y))
