"""L1 norm over axes."""

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
def reduce_l1(
    ar: Arithmetic, x: Array, *, axes: Sequence[int] | int | None = None, keepdims: bool = False
) -> Array:
    """y = sum of |x| over ``axes``

    x (...) -> y without ``axes``, or with unit axes in their place (``keepdims``); ``None`` reduces all.
    The sum accumulates in the carrier; one rounding.
    Source: ONNX ReduceL1; checked against torch.linalg.vector_norm.
    """
    over = reduced(x, axes)
    x = ar.operand(x, terms=math.prod(x.shape[axis] for axis in over))
    return ar.rounded(np.abs(x).sum(axis=over, keepdims=keepdims, dtype=x.dtype))
