"""Det: determinants."""

from __future__ import annotations

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.operator import not_causal, operator
from ..errors import GraphError
from ..graph import Array


@operator(not_causal("it takes whole matrices"))
def det(ar: Arithmetic, x: Array) -> Array:
    """y = the determinant of each matrix

    x (..., n, n) -> y (...), through an LU decomposition; one rounding. Raises `GraphError` if x is not square.
    Source: ONNX Det; checked against the sum over permutations.
    """
    if x.ndim < 3 or x.shape[-1] != x.shape[-2]:
        raise GraphError("not square matrices", found=x.shape[1:])
    return ar.rounded(np.asarray(np.linalg.det(ar.operand(x, terms=x.shape[-1]))))
