"""Sine."""

from __future__ import annotations

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.facts import Facts, always
from ..engine.operator import operator
from ..graph import Array


@operator(facts=Facts(range=always(-1, 1)))
def sin(ar: Arithmetic, x: Array) -> Array:
    """y = sin(x)

    x (...) in radians -> y (...), each in [-1, 1].
    Source: DLMF 4.14; checked against torch.sin.
    """
    return ar.rounded(np.sin(x))
