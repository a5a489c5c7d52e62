"""Mean over axes."""

from __future__ import annotations

import math
from collections.abc import Sequence

from ..engine.arithmetic import Arithmetic
from ..engine.facts import Facts, spanned_by
from ..engine.operator import operator
from ..graph import Array
from ._reduction import reduced, reduced_rank, reduction


@operator(reduction, facts=Facts(rank=reduced_rank, range=spanned_by("x")))
def reduce_mean(
    ar: Arithmetic, x: Array, *, axes: Sequence[int] | int | None = None, keepdims: bool = False
) -> Array:
    """y = (sum of x over ``axes``) / (number of summed elements)

    x (...) -> y without ``axes``, or with unit axes in their place (``keepdims``); ``None`` reduces all.
    The sum accumulates in the carrier; one rounding. No elements give NaN.
    Source: ONNX ReduceMean; checked against torch.mean.
    """
    over = reduced(x, axes)
    count = math.prod(x.shape[axis] for axis in over)
    total = ar.operand(x, terms=count).sum(axis=over, keepdims=keepdims)
    return ar.summed(total / x.dtype.type(count) if count else total * x.dtype.type("nan"), count)
