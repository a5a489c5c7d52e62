"""SiLU: the sigmoid-weighted linear unit, also called swish."""

from __future__ import annotations

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.operator import operator
from ..graph import Array
from .sigmoid import sigmoid


@operator()
def silu(ar: Arithmetic, x: Array) -> Array:
    """y = x / (1 + exp(-x))

    x (...) -> y (...). Rounds the sigmoid and the product.
    Source: Elfwing, Uchibe, Doya, "Sigmoid-weighted linear units", 2018; checked against torch.nn.functional.silu.
    """
    y = sigmoid(ar, x)
    return ar.rounded(np.multiply(y, x, out=y))
