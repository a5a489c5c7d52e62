"""Mel filters: triangular filters, evenly spaced on the mel scale."""

from __future__ import annotations

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.operator import operator
from ..errors import GraphError
from ..graph import Array
from ._sizes import bounded


@operator(plain=True)
def mel_filters(ar: Arithmetic, bins: Array, length: Array, rate: Array, low: Array, high: Array) -> Array:
    """y[k, b] = how much of the spectrum's k-th line falls into filter b

    bins, length, rate, low, high () -> y (length // 2 + 1, bins), for a Fourier transform of ``length`` samples at
    ``rate`` Hz and filters between ``low`` and ``high`` Hz. Filters are triangles of height 1 whose corners
    lie at whole lines, evenly spaced in mel = 2595 log10(1 + f / 700).
    Raises `GraphError` for numbers that make no filters.
    Source: ONNX MelWeightMatrix; checked by a triangle at a time.
    """
    number, size, (hertz, least, most) = (
        int(bins.item()),
        int(length.item()),
        (a.item() for a in (rate, low, high)),
    )
    if number < 1 or size < 2 or hertz <= 0 or not 0 <= least < most:
        found = f"{number} bins, length {size}, rate {hertz}, {least} to {most} Hz"
        raise GraphError("no filters", found=found)
    lines, count = bounded(size // 2 + 1, number)
    ends = 2595 * np.log10(1 + np.array([least, most]) / 700)
    mel = ends[0] + np.arange(count + 2) * ((ends[1] - ends[0]) / (count + 2))
    corners = ((size + 1) * (700 * (10 ** (mel / 2595) - 1)) // hertz).astype(int)
    y = np.zeros((lines, count))
    for b, (left, middle, right) in enumerate(zip(corners, corners[1:], corners[2:], strict=False)):
        rise, fall = np.arange(left, middle + 1), np.arange(middle, right)
        if middle == left:
            y[middle : middle + 1, b] = 1
        else:
            y[rise[rise < lines], b] = ((rise - left) / (middle - left))[rise < lines]
        if right > middle:
            y[fall[fall < lines], b] = ((right - fall) / (right - middle))[fall < lines]
    return ar.rounded(y.astype(ar.dtype))
