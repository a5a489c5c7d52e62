"""Tile: an array laid down several times along its axes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.facts import Facts, rank_of
from ..engine.operator import operator
from ..errors import GraphError
from ..graph import Array
from ._sizes import bounded


@operator(plain=True, facts=Facts(rank=rank_of("x"), moves=("x",)))
def tile(
    ar: Arithmetic, x: Array, counts: Array | None = None, *, repeats: Sequence[int] | None = None
) -> Array:
    """y[i_1, ...] = x[i_1 mod n_1, ...]

    x (n_1, ...), counts (rank) integers, or ``repeats`` -> y (n_1 * counts_1, ...). Exact.
    Raises `GraphError` unless there is one count, not negative, for each axis.
    Source: ONNX Tile; checked against numpy.tile.
    """
    if (counts is None) == (repeats is None):
        raise GraphError("how often is given twice or not at all", expected="the input counts, or repeats")
    times = [int(n) for n in (repeats if counts is None else counts.reshape(-1))]  # type: ignore[union-attr]
    if len(times) != x.ndim or min(times, default=0) < 0:
        raise GraphError("counts do not fit", found=times, expected=f"{x.ndim} of them, not negative")
    bounded(*(n * m for n, m in zip(x.shape, times, strict=True)))
    return np.tile(x, times)
