"""Band part: what lies near the diagonal of matrices, zeros elsewhere."""

from __future__ import annotations

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.facts import Facts, rank_of
from ..engine.operator import operator
from ..errors import GraphError
from ..graph import Array


@operator(plain=True, facts=Facts(rank=rank_of("x")))
def band_part(ar: Arithmetic, x: Array, *, lower: int = -1, upper: int = -1) -> Array:
    """y[..., m, n] = x[..., m, n] if m - n <= lower and n - m <= upper else 0

    x (..., row, column) -> y (..., row, column). A negative width keeps all on that side. Exact.
    Raises `GraphError` for fewer than two axes.
    Source: TensorFlow matrix_band_part; checked against numpy.tril and triu.
    """
    if x.ndim < 2:
        raise GraphError("this is no matrix", found=x.shape, expected="(..., row, column)")
    below = np.subtract.outer(np.arange(x.shape[-2]), np.arange(x.shape[-1]))
    kept = ((lower < 0) | (below <= lower)) & ((upper < 0) | (-below <= upper))
    return np.where(kept, x, np.zeros((), x.dtype))
