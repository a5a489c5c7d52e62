"""Batch normalisation with stored statistics."""

from __future__ import annotations

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.operator import aligned, onto, operator
from ..graph import Array
from ._statistics import stretched


@operator()
def batch_norm(
    ar: Arithmetic,
    x: Array,
    mean: Array,
    variance: Array,
    gamma: Array | None = None,
    beta: Array | None = None,
    *,
    epsilon: float = 1e-5,
) -> Array:
    """y = (x - mean) / sqrt(variance + epsilon) gamma + beta

    x (..., channel); the others (channel), or anything that broadcasts from the right -> y (...).
    Rounds difference, sum, root, quotient, product and sum. `normalize` takes a stored inverse deviation.
    Source: Ioffe and Szegedy, "Batch normalization", 2015, alg. 2; checked against
    torch.nn.functional.batch_norm.
    """
    root = ar.rounded(np.sqrt(ar.rounded(variance + variance.dtype.type(epsilon))))
    y = ar.rounded(np.subtract(*aligned(x, mean)))
    return stretched(ar, ar.rounded(onto(np.divide, y, root)), gamma, beta)
