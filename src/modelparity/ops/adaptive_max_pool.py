"""Adaptive max pooling: maxima over windows laid so that a wanted number comes out."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.facts import Facts, spanned_by
from ..engine.operator import not_causal, operator
from ..graph import Array
from ._adaptive import adaptive_windows


@operator(not_causal("its windows depend on the length of the whole"), facts=Facts(range=spanned_by("x")))
def adaptive_max_pool(ar: Arithmetic, x: Array, *, sizes: Sequence[int]) -> Array:
    """y[i, c] = max of x[p, c] over floor(i m / n) <= p < ceil((i + 1) m / n), axis by axis

    x ([batch,] spatial..., channel) -> y ([batch,] *sizes, channel), with m places along an axis and n of ``sizes``.
    Exact. Raises `GraphError` if the sizes do not fit or x is empty.
    Source: PyTorch, torch.nn.AdaptiveMaxPool2d; checked against torch.nn.functional.adaptive_max_pool1d to 3d.
    """
    windows = adaptive_windows(x, sizes)
    n = len(sizes)
    lead = x.shape[: x.ndim - 1 - n]
    y = np.empty((*lead, *sizes, x.shape[-1]), x.dtype)
    axes = tuple(range(len(lead), len(lead) + n))
    for place in itertools.product(*(range(size) for size in sizes)):
        window = tuple(each[at] for each, at in zip(windows, place, strict=True))
        here: tuple[Any, ...] = (..., *window, slice(None))
        there: tuple[Any, ...] = (..., *place, slice(None))
        y[there] = x[here].max(axis=axes)
    return y
