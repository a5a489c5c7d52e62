"""Sum of squares over axes."""

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
def reduce_sum_square(
    ar: Arithmetic, x: Array, *, axes: Sequence[int] | int | None = None, keepdims: bool = False
) -> Array:
    """y = sum of x^2 over ``axes``

    x (...) -> y without ``axes``, or with unit axes in their place (``keepdims``); ``None`` reduces all.
    One rounding: squares and sum accumulate in the carrier.
    Source: ONNX ReduceSumSquare; checked against torch.
    """
    over = reduced(x, axes)
    x = ar.operand(x, terms=math.prod(x.shape[axis] for axis in over))
    return ar.rounded(np.square(x).sum(axis=over, keepdims=keepdims, dtype=x.dtype))
