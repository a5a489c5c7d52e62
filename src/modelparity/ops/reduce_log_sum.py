"""Logarithm of a sum over axes."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.facts import Facts
from ..engine.operator import operator
from ..graph import Array
from ._reduction import reduced, reduced_rank, reduction


@operator(reduction, facts=Facts(rank=reduced_rank))
def reduce_log_sum(
    ar: Arithmetic, x: Array, *, axes: Sequence[int] | int | None = None, keepdims: bool = False
) -> Array:
    """y = log(sum of x over ``axes``)

    x (...) -> y without ``axes``, or with unit axes in their place (``keepdims``); ``None`` reduces all.
    The sum and its logarithm stay in the carrier; one rounding. Whole numbers lose the fraction of the logarithm.
    Source: ONNX ReduceLogSum; checked against torch.
    """
    over = reduced(x, axes)
    x = ar.operand(x, terms=math.prod(x.shape[axis] for axis in over))
    return ar.rounded(
        (np.log(x.sum(axis=over, keepdims=keepdims, dtype=x.dtype))).astype(x.dtype, copy=False)
    )
