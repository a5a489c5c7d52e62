"""Resample polyphase: a signal at another rate, by a filter whose taps are a windowed sinc."""

from __future__ import annotations

import numpy as np
import scipy.signal

from ..engine.arithmetic import Arithmetic
from ..engine.facts import Facts, rank_of
from ..engine.operator import operator
from ..errors import GraphError
from ..graph import Array
from ._rates import anew
from ._sizes import bounded


@operator(plain=True, facts=Facts(rank=rank_of("x")))
def resample_polyphase(
    ar: Arithmetic, x: Array, rate: Array, *, to: int, half: int = 10, beta: float = 5.0
) -> Array:
    """y[m] = up sum over i of h[m down - i up + c] x[i], with up = to / g, down = rate / g, g = gcd(to, rate)

    x (time, ...), rate () whole number, in samples a second -> y (ceil(time to / rate), ...). h has 2 c + 1 taps of
    sum 1, c = ``half`` max(up, down): a sinc that ends at the lower of both bands, under a Kaiser window ``beta``.
    Taps are computed in float64 and stored as the arithmetic stores a weight. Outside of x are zeros. At the same
    rate y is x.
    Raises `GraphError` for a rate that is none, or no filter.
    Source: Oppenheim and Schafer, "Discrete-time signal processing", 4.6; checked against
    scipy.signal.resample_poly.
    """
    if half < 1:
        raise GraphError("no filter", found=f"half={half}", expected="samples on either side, at least 1")
    up, down, count = anew(x, rate, to)
    if up == down or not count:
        return x[:count]
    middle = half * max(up, down)
    bounded(2 * middle + 1)
    h = scipy.signal.firwin(2 * middle + 1, 1 / max(up, down), window=("kaiser", beta))
    h = ar.cast(h) * ar.dtype.type(up)
    fed = ar.operand(x, terms=1 + 2 * middle // up)
    lead = -middle % down  # so that the first output falls on a whole step of the filter
    padded = np.concatenate((np.zeros(lead, h.dtype), h))
    first = (middle + lead) // down
    made = scipy.signal.upfirdn(padded, fed, up, down, axis=0)[first : first + count]
    y = np.zeros((count, *x.shape[1:]), ar.dtype)
    y[: len(made)] = made
    return ar.rounded(y)
