"""Det: determinants."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.facts import Facts, Shape
from ..engine.operator import not_causal, operator
from ..errors import GraphError
from ..graph import Array


def _cost(shapes: Mapping[str, Shape], attrs: Mapping[str, Any], results: Sequence[Shape]) -> int:
    n = max(shapes["x"][-1], 1)
    return math.prod(shapes["x"]) * (n * n - 1) // (3 * n)  # n (n^2 - 1) / 3 for each elimination


@operator(not_causal("it takes whole matrices"), facts=Facts(cost=_cost))
def det(ar: Arithmetic, x: Array) -> Array:
    """y = the determinant of each matrix

    x (..., n, n) -> y (...), through an LU decomposition; one rounding. Raises `GraphError` if x is not square.
    Source: ONNX Det; checked against the sum over permutations.
    """
    if x.ndim < 3 or x.shape[-1] != x.shape[-2]:
        raise GraphError("not square matrices", found=x.shape[1:])
    return ar.rounded(np.asarray(np.linalg.det(ar.operand(x, terms=x.shape[-1]))))
