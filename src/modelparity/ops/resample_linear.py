"""Resample linear: a signal at another rate, between two samples on the line through them."""

from __future__ import annotations

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.facts import Facts, rank_of
from ..engine.operator import operator
from ..graph import Array
from ._rates import anew


@operator(plain=True, facts=Facts(rank=rank_of("x")))
def resample_linear(ar: Arithmetic, x: Array, rate: Array, *, to: int) -> Array:
    """y[m] = (1 - f) x[k] + f x[k + 1] with k + f = m rate / to, 0 <= f < 1; behind the last sample that one

    x (time, ...), rate () whole number, in samples a second -> y (ceil(time to / rate), ...). Nothing is filtered, so
    that what lies above half the lower rate comes back below it. k and f are quotients of whole numbers, computed in
    float64; y is rounded once.
    Raises `GraphError` for a rate that is none.
    Source: Crochiere and Rabiner, "Multirate digital signal processing", 4.4; checked against numpy.interp.
    """
    up, down, count = anew(x, rate, to)
    if up == down or not count:
        return x[:count]
    at = np.arange(count, dtype=np.int64) * down
    first = at // up
    share = (at % up / up).reshape(-1, *(1,) * (x.ndim - 1))
    wide, last = x.astype(np.float64, copy=False), len(x) - 1
    one, other = wide[np.minimum(first, last)], wide[np.minimum(first + 1, last)]
    made = (one * (1 - share) + other * share).astype(ar.dtype)
    return ar.rounded(ar.cancelled(made, lambda: np.abs(one) * (1 - share) + np.abs(other) * share))
