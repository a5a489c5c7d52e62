"""L2 norm over axes."""

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
def reduce_l2(
    ar: Arithmetic, x: Array, *, axes: Sequence[int] | int | None = None, keepdims: bool = False
) -> Array:
    """y = sqrt(sum of x^2 over ``axes``)

    x (...) -> y without ``axes``, or with unit axes in their place (``keepdims``); ``None`` reduces all.
    Squares, sum and root stay in the carrier; one rounding. Whole numbers lose the fraction of the root.
    Source: ONNX ReduceL2; checked against torch.linalg.vector_norm.
    """
    over = reduced(x, axes)
    x = ar.operand(x, terms=math.prod(x.shape[axis] for axis in over))
    return ar.rounded(
        (np.sqrt(np.square(x).sum(axis=over, keepdims=keepdims, dtype=x.dtype))).astype(x.dtype, copy=False)
    )
