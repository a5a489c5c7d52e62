"""Triangle: a matrix with zeros on one side of a diagonal."""

from __future__ import annotations

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.facts import Facts, rank_of
from ..engine.operator import operator
from ..errors import GraphError
from ..graph import Array


@operator(plain=True, facts=Facts(rank=rank_of("x")))
def triangle(ar: Arithmetic, x: Array, *, diagonal: int = 0, part: str = "lower") -> Array:
    """y[..., m, n] = x[..., m, n] where n - m <= diagonal (``part`` lower) or n - m >= diagonal (upper), else 0

    x (..., row, column) -> y (..., row, column). Exact. Raises `GraphError` for fewer than two axes or another part.
    Source: ONNX Trilu; checked against numpy.tril and numpy.triu.
    """
    if x.ndim < 2 or part not in ("lower", "upper"):
        raise GraphError("no triangle", found=f"{part}, rank {x.ndim}", expected="lower or upper of a matrix")
    return np.tril(x, diagonal) if part == "lower" else np.triu(x, diagonal)
