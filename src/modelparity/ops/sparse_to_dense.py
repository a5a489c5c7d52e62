"""Sparse to dense: the elements that are not zero, put where a mask says."""

from __future__ import annotations

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.operator import operator
from ..errors import GraphError
from ..graph import Array


@operator(plain=True)
def sparse_to_dense(ar: Arithmetic, values: Array, mask: Array) -> Array:
    """y = the next of ``values`` where the mask is not 0, else 0

    values (n), mask (...) with n elements that are not 0, in C order -> y (...). Exact.
    Raises `GraphError` if the mask asks for more or fewer values.
    Source: Core ML MIL ``constexpr_sparse_to_dense``; checked against a loop over elements.
    """
    chosen = mask != 0
    count = int(np.count_nonzero(chosen))
    if values.shape != (count,):
        raise GraphError("the mask does not ask for these values", found=values.shape, expected=(count,))
    y = np.zeros(mask.shape, values.dtype)
    y[chosen] = values
    return y
