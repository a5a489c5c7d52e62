"""SELU: the scaled exponential linear unit."""

from __future__ import annotations

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.operator import operator
from ..graph import Array
from ._exponential import exp_less_one

#: Klambauer et al., eq. 14.
ALPHA, GAMMA = 1.6732632423543772, 1.0507009873554805


@operator()
def selu(ar: Arithmetic, x: Array, *, alpha: float = ALPHA, gamma: float = GAMMA) -> Array:
    """y = gamma x where x > 0, else gamma alpha (exp(x) - 1)

    x (...) -> y (...). One operation, with the constants that keep zero mean and unit variance.
    Source: Klambauer et al., "Self-normalizing neural networks", 2017, eq. 2; checked against
    torch.nn.functional.selu.
    """
    kind = x.dtype.type
    y = exp_less_one(ar, x)
    y *= kind(alpha * gamma)
    y += np.maximum(x, kind(0)) * kind(gamma)
    return ar.rounded(y)
