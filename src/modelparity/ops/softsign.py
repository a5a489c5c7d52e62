"""Softsign."""

from __future__ import annotations

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.facts import Facts, always
from ..engine.operator import operator
from ..graph import Array


@operator(facts=Facts(range=always(-1, 1)))
def softsign(ar: Arithmetic, x: Array) -> Array:
    """y = x / (1 + |x|)

    x (...) -> y (...), each in [-1, 1]. One operation; an infinite x gives NaN, as the formula says.
    Source: Turian et al., "Quadratic features and deep architectures for chunking", 2009; checked against
    torch.nn.functional.softsign.
    """
    return ar.rounded(x / (1 + np.abs(x)))
