"""Leaky ReLU."""

from __future__ import annotations

import numpy as np

from ..arithmetic import Arithmetic
from ..graph import Array
from ..operator import operator


@operator()
def leaky_relu(ar: Arithmetic, x: Array, *, slope: float = 0.01) -> Array:
    """y = x where x >= 0, else slope x

    x (...) -> y (...). Exact where x >= 0.
    Source: Maas, Hannun, Ng, "Rectifier nonlinearities improve neural network acoustic models", 2013; checked
    against torch.nn.functional.leaky_relu.
    """
    y = ar.rounded(x * x.dtype.type(slope))
    np.copyto(y, x, where=x >= 0)
    return y
