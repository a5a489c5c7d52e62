"""Resample Fourier: a signal at another rate, by cutting its spectrum off or filling it up with zeros."""

from __future__ import annotations

import math

import numpy as np
import scipy.signal

from ..engine.arithmetic import Arithmetic
from ..engine.facts import Facts, rank_of
from ..engine.operator import operator
from ..graph import Array
from ._rates import anew


@operator(plain=True, facts=Facts(rank=rank_of("x")))
def resample_fourier(ar: Arithmetic, x: Array, rate: Array, *, to: int) -> Array:
    """y[m] = 1/n sum over |k| <= min(n, N) / 2 of c[k] X[k] exp(2 pi i k m / N), X the Fourier transform of x

    x (time n, ...), rate () whole number, in samples a second -> y (N = ceil(n to / rate), ...). c[k] is 1, but 1/2
    where n is even, less than N, and k = -n/2 or n/2, which are one. The signal counts as periodic: its end runs into
    its start. Computed in float64 and rounded once. At the same rate y is x.
    Raises `GraphError` for a rate that is none.
    Source: Fraser, "Interpolation by the FFT revisited", 1989; checked against scipy.signal.resample.
    """
    up, down, count = anew(x, rate, to)
    if up == down or not count:
        return x[:count]
    # A transform and its inverse; 3 log2(n) is how far off each is, as for `fourier`.
    fed = ar.operand(x, terms=2 * int((3 * math.log2(max(len(x), 2))) ** 2)).astype(np.float64, copy=False)
    size = np.sqrt(np.mean(np.square(fed), axis=0, keepdims=True))
    made = scipy.signal.resample(fed, count, axis=0).astype(ar.dtype)
    return ar.rounded(ar.cancelled(made, size))
