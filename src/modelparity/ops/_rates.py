"""Rates of a signal before and after it is sampled anew."""

from __future__ import annotations

import math

from ..errors import GraphError
from ..graph import Array
from ._sizes import bounded

#: The largest rate: more, and a filter alone would be of absurd size.
MOST = 10_000_000


def anew(x: Array, rate: Array, to: int) -> tuple[int, int, int]:
    """(up, down, count) for x (time, ...): up = to / g, down = rate / g, g = gcd(to, rate); ceil(time up / down).

    Raises `GraphError` for a rate that is none, and for more samples than an array may have.
    """
    hertz = int(rate.reshape(-1)[0]) if rate.size == 1 and rate.dtype.kind in "iu" else 0
    if not (0 < hertz <= MOST and 0 < to <= MOST) or x.ndim < 1:
        raise GraphError("no rate", found=f"from {rate} to {to}", expected=f"whole numbers up to {MOST:,}")
    up, down = to // math.gcd(to, hertz), hertz // math.gcd(to, hertz)
    count = -(-len(x) * up // down)
    bounded(count, *x.shape[1:])
    return up, down, count
