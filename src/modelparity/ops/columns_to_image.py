"""Columns to image: overlapping blocks summed where they lie."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.operator import operator
from ..errors import GraphError
from ..graph import Array
from ._sizes import bounded


@operator(plain=True)
def columns_to_image(
    ar: Arithmetic,
    x: Array,
    *,
    size: Sequence[int],
    block: Sequence[int],
    strides: Sequence[int],
    dilations: Sequence[int],
    padding: Sequence[Sequence[int]],
) -> Array:
    """y[b, c, stride p + dilation k - before] = sum of x[b, (c, k), p] over places p and k in the block

    x (batch, channel * block, place) -> y (batch, channel, size...). What falls into the padding is lost. The sum
    accumulates in the carrier; one rounding. Raises `GraphError` if sizes do not fit.
    Source: ONNX Col2Im; checked against torch.nn.functional.fold.
    """
    n = len(size)
    if not n == len(block) == len(strides) == len(dilations) == len(padding) or x.ndim != 3 or min(block) < 1:
        raise GraphError("settings do not fit", found=f"{n} axes, x {x.shape}")
    full = [s + sum(p) for s, p in zip(size, padding, strict=True)]
    counts = [
        (f - d * (k - 1) - 1) // s + 1 for f, k, s, d in zip(full, block, strides, dilations, strict=True)
    ]
    if min(counts) < 1 or math.prod(counts) != x.shape[2] or x.shape[1] % math.prod(block):
        raise GraphError(
            "columns do not fit", found=x.shape, expected=f"{math.prod(counts)} places of {tuple(block)}"
        )
    channels = x.shape[1] // math.prod(block)
    columns = x.reshape(x.shape[0], channels, *block, *counts)
    y = np.zeros((x.shape[0], channels, *bounded(*full)), x.dtype)
    for at in np.ndindex(*block):
        seen = [
            slice(k * d, k * d + s * (m - 1) + 1, s)
            for k, d, s, m in zip(at, dilations, strides, counts, strict=True)
        ]
        y[(slice(None), slice(None), *seen)] += columns[(slice(None), slice(None), *at)]
    inside = [slice(p[0], p[0] + s) for p, s in zip(padding, size, strict=True)]
    return ar.summed(np.ascontiguousarray(y[(slice(None), slice(None), *inside)]), math.prod(block))
