"""GELU: the Gaussian error linear unit."""

from __future__ import annotations

import numpy as np
from scipy import special

from ..engine.arithmetic import Arithmetic
from ..engine.operator import operator
from ..errors import GraphError
from ..graph import Array


@operator()
def gelu(ar: Arithmetic, x: Array, *, approximate: str = "none") -> Array:
    """y = x P(X <= x) for a standard normal X

    x (...) -> y (...). ``approximate="tanh"`` takes (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))) / 2 for the
    probability. Rounds the probability and the product. Raises `GraphError` for another approximation.
    Source: Hendrycks and Gimpel, "Gaussian error linear units", 2016; checked against torch.nn.functional.gelu.
    """
    kind = x.dtype.type
    if approximate == "none":
        share = special.erfc(x * kind(-(0.5**0.5)))
    elif approximate == "tanh":
        share = np.tanh((x + kind(0.044715) * (x * x * x)) * kind((2 / np.pi) ** 0.5)) + 1
    else:
        raise GraphError(f"unknown approximation {approximate!r}", expected="none or tanh")
    # An error of the probability is one of its range: runtimes add 1 to erf, which cancels where x < 0.
    share = ar.rounded(np.multiply(share, kind(0.5), out=share), bounded=True)
    return ar.rounded(np.multiply(share, x, out=share))
