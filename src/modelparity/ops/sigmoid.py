"""Sigmoid: the logistic function."""

from __future__ import annotations

import numpy as np

from ..arithmetic import Arithmetic
from ..graph import Array
from ..operator import operator


@operator()
def sigmoid(ar: Arithmetic, x: Array) -> Array:
    """y = 1 / (1 + exp(-x))

    x (...) -> y (...), each in [0, 1]. The rounding of exp, + and / inside counts as one operation.
    Source: IEEE-accurate for every x, as exp overflows to infinity whose reciprocal is 0;
    checked against scipy.special.expit.
    """
    y = np.exp(-x)
    y += 1
    np.reciprocal(y, out=y)
    return ar.rounded(y, bounded=True)
