"""P-norm pooling, channels last."""

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
def lp_pool(
    ar: Arithmetic,
    x: Array,
    *,
    size: Sequence[int],
    p: float = 2.0,
    strides: Sequence[int] | None = None,
    padding: Sequence[Sequence[int]] | str | None = None,
    dilations: Sequence[int] | None = None,
    ceil: bool = False,
) -> Array:
    """y[q, c] = (sum over k of |x[stride q + dilation k - before, c]|^p)^(1 / p)

    x ([batch,] spatial..., channel) -> y ([batch,] spatial'..., channel); settings as `max_pool` takes them, padding
    is of zeros. Powers and sum accumulate in the carrier; sum and root are rounded.
    Source: ONNX LpPool; checked against torch.nn.functional.lp_pool2d of numbers that are not negative.
    """
    windows = windows_over(
        spatial_shape(x, len(size)), size, size if strides is None else strides, padding, dilations, ceil=ceil
    )
    count = math.prod(size)
    views = taps(extended(np.abs(ar.operand(x, terms=count)) ** x.dtype.type(p), windows, 0.0), windows)
    y = next(views).copy()
    for view in views:
        y += view
    return ar.rounded(ar.summed(y, count) ** x.dtype.type(1 / p))
