"""Tanh: the hyperbolic tangent."""

from __future__ import annotations

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.facts import Facts, always
from ..engine.operator import operator
from ..graph import Array


@operator(ufunc=np.tanh, facts=Facts(range=always(-1, 1)))
def tanh(ar: Arithmetic, x: Array) -> Array:
    """y = (exp(x) - exp(-x)) / (exp(x) + exp(-x))

    x (...) -> y (...), each in [-1, 1].
    Source: DLMF 4.28.4; checked against torch.tanh.
    """
    return ar.rounded(np.tanh(x))
