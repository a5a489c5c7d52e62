"""Sum over axes."""

from __future__ import annotations

import math
from collections.abc import Sequence

from ..engine.arithmetic import Arithmetic
from ..engine.facts import Facts
from ..engine.operator import operator
from ..graph import Array
from ._reduction import reduced, reduced_rank, reduction


@operator(reduction, facts=Facts(rank=reduced_rank))
def reduce_sum(
    ar: Arithmetic, x: Array, *, axes: Sequence[int] | int | None = None, keepdims: bool = False
) -> Array:
    """y = sum of x over ``axes``

    x (...) -> y without ``axes``, or with unit axes in their place (``keepdims``); ``None`` reduces all.
    The sum accumulates in the carrier; one rounding. No elements give 0.
    Source: ONNX ReduceSum; checked against torch.sum.
    """
    over = reduced(x, axes)
    count = math.prod(x.shape[axis] for axis in over)
    return ar.summed(ar.operand(x, terms=count).sum(axis=over, keepdims=keepdims), count)
