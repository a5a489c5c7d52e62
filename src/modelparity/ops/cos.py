"""Cosine."""

from __future__ import annotations

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.facts import Facts, always
from ..engine.operator import operator
from ..graph import Array


@operator(facts=Facts(range=always(-1, 1)))
def cos(ar: Arithmetic, x: Array) -> Array:
    """y = cos(x)

    x (...) in radians -> y (...), each in [-1, 1].
    Source: DLMF 4.14; checked against torch.cos.
    """
    return ar.rounded(np.cos(x))
